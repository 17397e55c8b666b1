"""The simulated provider: the same bytes for the same question; spans and kinds that agree."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest

from fondaco.adapters.providers.simulated import Simulated
from fondaco.adapters.providers.simulated_daily import path_through
from fondaco.adapters.providers.simulated_kinds import STOCK
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.kinds import KINDS
from fondaco.market.ports import Ask
from unit.adapters.providers.simulated_cases import NOW, history, parsed, rows

DAY = date(2024, 6, 26)
SHORT = date(2024, 5, 1)
INSIDE = {"bars_intraday", "quotes", "trades", "depth"}


def _first(kind: str) -> tuple[str, ...]:
    return STOCK[kind].names[:2]


def test_every_kind_there_is_can_be_asked_for() -> None:
    assert STOCK.keys() == {"bars_1d", *KINDS}


@pytest.mark.parametrize("kind", STOCK)
def test_the_same_question_gets_the_same_bytes_and_another_seed_other_ones(kind: str) -> None:
    since = DAY if kind in {*INSIDE, "chains"} else None
    ask = Ask(since, DAY, {}, kind, _first(kind))
    other = Ask(since, DAY, {"seed": "8"}, kind, _first(kind))
    provider = Simulated(FixedClock(NOW))
    first = [raw.body for raw in provider.ask(ask)]
    assert first == [raw.body for raw in Simulated(FixedClock(NOW)).ask(ask)]
    assert all(json.loads(body)["simulated"].startswith("made up") for body in first)
    if kind not in {"classifications"}:
        told = [json.loads(raw.body)["rows"] for raw in provider.ask(other)]
        assert told != [json.loads(body)["rows"] for body in first]


@pytest.mark.parametrize("kind", STOCK)
def test_what_was_known_earlier_is_part_of_what_is_known_later(kind: str) -> None:
    early = datetime(2024, 6, 27, 16, 30, tzinfo=UTC)
    since = DAY if kind in {*INSIDE, "chains"} else None
    ask = Ask(since, None, {}, kind, _first(kind))
    before, after = (
        {json.dumps(row) for raw in Simulated(FixedClock(now)).ask(ask)
         for row in json.loads(raw.body)["rows"]}
        for now in (early, NOW)
    )  # fmt: skip
    assert before
    assert before <= after


@pytest.mark.parametrize("symbol", ["SIM00", "SIM10", "SIM11", "SIMX", "SIMF", "SIM-USD"])
def test_a_longer_path_starts_with_the_shorter_one(symbol: str) -> None:
    short, long = path_through(7, symbol, 2021), path_through(7, symbol, 2029)
    count = len(short.sessions)
    assert long.sessions[:count] == short.sessions
    for name in ("opens", "closes", "factors"):
        assert (getattr(long, name)[:count] == getattr(short, name)).all()


@pytest.mark.parametrize("kind", [kind for kind in STOCK if kind != "bars_1d"])
def test_no_row_of_any_kind_was_known_only_later(kind: str) -> None:
    early = datetime(2024, 6, 26, 16, 30, 30, tzinfo=UTC)
    told = rows(kind, *_first(kind), since=DAY if kind in INSIDE else None, now=early)
    assert told["known_at"].null_count() == 0
    latest = told["known_at"].max()
    assert isinstance(latest, datetime)
    assert latest <= early


def test_no_row_is_from_after_the_moment_of_asking() -> None:
    noon = datetime(2024, 6, 26, 16, 30, 30, tzinfo=UTC)
    bars = rows("bars_intraday", "SIM00", since=DAY, now=noon)
    assert bars["ts"].max() == datetime(2024, 6, 26, 16, 30, tzinfo=UTC)
    assert rows("bars_1d", "SIM00", since=SHORT, now=noon)["session"].max() == date(2024, 6, 25)
    (quote,) = rows("quotes", "SIM00", now=noon).to_dicts()
    assert quote["ts"] == bars["ts"].max()


@pytest.mark.parametrize("symbol", ["SIM00", "SIM08", "SIMX", "SIMF", "SIM-USD"])
def test_minutes_add_up_to_the_daily_bar_on_whole_and_short_sessions(symbol: str) -> None:
    for day in (DAY, date(2023, 11, 24)):  # the day after Thanksgiving ends at 13:00
        (daily,) = rows("bars_1d", symbol, since=day, until=day).to_dicts()
        minute = rows("bars_intraday", symbol, since=day, until=day)
        if symbol == "SIM-USD":  # a bar is stamped by its close: the last one by midnight
            last = rows("bars_intraday", symbol, since=day, until=day + timedelta(days=1))
            end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
            begin = end - timedelta(days=1)
            minute = last.filter((pl.col("ts") > begin) & (pl.col("ts") <= end))
        assert minute.height == (1_440 if symbol == "SIM-USD" else 390 if day == DAY else 210)
        assert daily["open"] == minute["open"][0]
        assert daily["high"] == minute["high"].max()
        assert daily["low"] == minute["low"].min()
        assert daily["close"] == minute["close"][-1]
        assert daily["volume"] == minute["volume"].sum()


def test_longer_bars_trades_quotes_and_books_agree_with_the_minutes() -> None:
    ask = {"since": DAY, "until": DAY}
    minute = rows("bars_intraday", "SIM02", **ask)
    half_hours = rows("bars_intraday", "SIM02", seconds="1800", **ask)
    assert half_hours["volume"].to_list() == [
        minute["volume"][n : n + 30].sum() for n in range(0, 390, 30)
    ]
    trades = rows("trades", "SIM02", **ask).with_columns(
        end=pl.col("ts").dt.truncate("1m") + timedelta(minutes=1)
    )
    made = trades.group_by("end", maintain_order=True).agg(
        open=pl.col("price").first(),
        high=pl.col("price").max(),
        low=pl.col("price").min(),
        close=pl.col("price").last(),
        volume=pl.col("size").sum(),
    )
    assert made.rename({"end": "ts"}).equals(minute.select(made.columns[1:]).insert_column(
        0, minute["ts"]
    ))  # fmt: skip
    quotes = rows("quotes", "SIM02", **ask)
    assert (quotes["last"] == minute["close"]).all()
    assert ((quotes["bid"] < quotes["last"]) & (quotes["last"] < quotes["ask"])).all()
    best = rows("depth", "SIM02", **ask).filter(pl.col("level") == 1)
    for side in ("bid", "ask"):
        assert best.filter(pl.col("side") == side)["price"].to_list() == quotes[side].to_list()


def test_a_u_shape_lies_over_the_volume_of_a_session() -> None:
    minute = rows("bars_intraday", "SIM01", since=date(2024, 6, 3), until=DAY)
    hour = minute.group_by(pl.col("ts").dt.hour()).agg(pl.col("volume").mean()).sort("ts")
    volumes = dict(hour.rows())
    assert volumes[13] > 1.5 * volumes[16]
    assert volumes[19] > 1.2 * volumes[16]


def test_instruments_carry_the_tickers_that_are_known_and_answer_to_both() -> None:
    ask = Ask(SHORT, DAY, {}, symbols=("SIM8X",))
    (one,) = parsed(ask)
    (renamed,) = one.instruments
    (same,) = parsed(Ask(SHORT, DAY, {}, symbols=("SIM08",)))
    assert same.bars.equals(one.bars)
    assert [s.symbol for s in renamed.symbols] == ["SIM08", "SIM8X"]
    before = datetime(2020, 1, 10, 22, tzinfo=UTC)
    (early,) = parsed(Ask(date(2020, 1, 2), None, {}, symbols=("SIM08",)), before)
    assert [s.symbol for s in early.instruments[0].symbols] == ["SIM08"]
    assert early.instruments[0].id == renamed.id


def test_other_seeds_and_faults_are_other_sources() -> None:
    told = [
        rows("bars_1d", "SIM00", since=DAY, until=DAY, **options)["source"].item()
        for options in ({}, {"seed": "7"}, {"seed": "9"}, {"seed": "9", "faults": "true"})
    ]
    assert told == ["simulated", "simulated", "simulated:seed-9", "simulated:seed-9-faults"]


def test_shares_move_together_by_their_market_and_sector() -> None:
    bars = history().filter(pl.col("symbol").is_in(["SIM00", "SIM04", "SIM01"]))
    before = pl.col("close").shift(1).over("symbol") * pl.col("factor")
    bars = bars.with_columns(move=(pl.col("close") / before).log())
    wide = bars.pivot("symbol", index="session", values="move").drop_nulls()
    same, other = (wide.select(pl.corr("SIM00", n)).item() for n in ("SIM04", "SIM01"))
    assert same > 0.3
    assert other > 0.2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"colour": "red"}, "no such option"),
        ({"seed": "-1"}, "no seed"),
        ({"seed": "9" * 30}, "no seed"),
        ({"faults": "yes"}, "planted or not"),
    ],
)
def test_an_option_that_means_nothing_is_refused(options: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        Simulated(FixedClock(NOW)).ask(Ask(options=options))


def test_unknown_names_kinds_lengths_and_spans_are_refused() -> None:
    provider = Simulated(FixedClock(NOW))
    with pytest.raises(NotFound, match="no bars_1d of this name"):
        provider.ask(Ask(symbols=("AAPL",)))
    with pytest.raises(NotFound):
        provider.ask(Ask(kind="weather"))
    with pytest.raises(InvalidInput, match="this length"):
        provider.ask(Ask(kind="bars_intraday", options={"seconds": "7"}))
    with pytest.raises(InvalidInput, match="too long"):
        provider.ask(Ask(date(2020, 1, 1), kind="trades"))
    with pytest.raises(InvalidInput, match="ends before"):
        provider.ask(Ask(DAY, SHORT))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("simulated"),
        lambda data: data.update(kind="news"),
        lambda data: data.update(seed=8),
        lambda data: data.update(columns=["instrument"]),
        lambda data: data.update(instruments=[{}]),
        lambda data: data.update(rows=None),
    ],
)
def test_an_answer_that_was_changed_is_useless_as_a_whole(change: object) -> None:
    provider, ask = Simulated(FixedClock(NOW)), Ask(DAY, DAY, {}, symbols=("SIM00",))
    (raw,) = provider.ask(ask)
    data = json.loads(raw.body)
    change(data)  # type: ignore[operator]
    bad = type(raw)(raw.provider, raw.name, json.dumps(data).encode(), NOW, raw.digest)
    found = provider.parse(bad, ask)
    assert (found.bars.height, [f.rule for f in found.faults]) == (0, ["answer"])


def test_a_cell_that_was_changed_is_a_fault_at_its_row() -> None:
    provider, ask = Simulated(FixedClock(NOW)), Ask(DAY, None, {}, symbols=("SIM00",))
    (raw,) = provider.ask(ask)
    data = json.loads(raw.body)
    data["rows"][1][2] = "12.5"
    bad = type(raw)(raw.provider, raw.name, json.dumps(data).encode(), NOW, raw.digest)
    found = provider.parse(bad, ask)
    assert [(f.rule, f.where) for f in found.faults] == [("unreadable", "bars_1d SIM00 row 2")]
    assert found.bars.height == len(data["rows"]) - 1


def test_a_share_that_is_not_listed_yet_has_no_row_and_no_fault() -> None:
    (found,) = parsed(Ask(date(2019, 1, 2), date(2019, 2, 1), {}, symbols=("SIM11",)))
    assert found.bars.is_empty()


def test_prices_never_jump_without_a_factor() -> None:
    for _, series in history().group_by("symbol"):
        closes, factors = series["close"].to_list(), series["factor"].to_list()
        for (before, after), factor in zip(pairwise(closes), factors[1:], strict=True):
            assert abs(after / (before * factor) - 1) < 0.4
