"""Search and history as the outside asks for them, through the door's own validation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from fondaco.core.capability import Capability
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import price_capabilities as module
from fondaco.market.kind_rows import KindRows
from fondaco.market.kinds import kind_named
from fondaco.market.price_results import History, InstrumentList
from unit.market.rows import AAA, BBB, CALENDAR, NOW, SESSIONS, Desk, page, share

CLOSES = [10.0, 10.2, 50.0, 10.1]


def ask(desk: Desk, function: Any, **raw: Any) -> Any:
    """Validate the inputs as the door does and call the capability."""
    cap: Capability = function.__capability__
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    house = {
        "prices": desk.prices,
        "kind_rows": KindRows(desk.store),
        "instruments": desk.book,
        "clock": desk.clock,
    }
    result = cap.function(*(house[need] for need in cap.needs), **given)
    return cap.output.validate_python(cap.output.dump_python(result, mode="json"))


@pytest.fixture
def desk() -> Desk:
    """A desk with two shares, one of them with a jump in quarantine."""
    desk = Desk()
    desk.take(
        page(AAA, CLOSES),
        page(
            BBB, [5.0, 5.1], open=[5.0, 5.0], high=[5.2, 5.2], low=[4.9, 4.9], volume=[100.0, 200.0]
        ),
    )
    return desk


def _drawn(function: Any, result: Any) -> str:
    return plain(function.__capability__.view(result))


def test_bars_come_as_known_with_their_origin(desk: Desk) -> None:
    found: History = ask(desk, module.show_history, symbol="AAA")
    assert [float(bar.close) for bar in found.bars] == [10.0, 10.2, 10.1]
    assert (found.origin.value, found.symbol, found.currency) == ("simulated", "AAA", "USD")
    assert len(ask(desk, module.show_history, symbol="AAA", limit=1).bars) == 1
    early = ask(desk, module.show_history, symbol="AAA", as_of=SESSIONS[0].isoformat())
    assert [bar.session for bar in early.bars] == [SESSIONS[0]]
    moment = CALENDAR.close(SESSIONS[1]) - timedelta(seconds=1)
    assert len(ask(desk, module.show_history, symbol="AAA", as_of=moment.isoformat()).bars) == 1
    span = ask(
        desk,
        module.show_history,
        symbol="AAA",
        since=SESSIONS[1].isoformat(),
        until=SESSIONS[1].isoformat(),
    )
    assert [bar.session for bar in span.bars] == [SESSIONS[1]]


def test_bars_that_cannot_be_shown_say_why(desk: Desk) -> None:
    with pytest.raises(NotFound, match="Near symbols: AAA"):
        ask(desk, module.show_history, symbol="AAAA")
    with pytest.raises(NotFound, match="no bars of this symbol"):
        ask(desk, module.show_history, symbol="AAA", as_of="2023-12-29")
    with pytest.raises(InvalidInput, match="has not come"):
        ask(desk, module.show_history, symbol="AAA", as_of=(NOW.date() + timedelta(1)).isoformat())
    with pytest.raises(InvalidInput, match="has not come"):
        ask(desk, module.show_history, symbol="AAA", as_of=(NOW + timedelta(hours=1)).isoformat())
    with pytest.raises(InvalidInput):
        ask(desk, module.show_history, symbol="not a symbol")


def test_bars_are_drawn_as_a_chart_and_a_table_with_the_label(desk: Desk) -> None:
    line, table = module.show_history.__capability__.view(  # type: ignore[attr-defined]
        ask(desk, module.show_history, symbol="AAA")
    )
    assert (line.series[0].kind, line.label, table.label) == ("line", "simulated", "simulated")
    assert [c.title for c in table.columns] == ["Session", "Close", "Known at"]
    assert table.rows[0][0] == SESSIONS[3]
    candles, table = module.show_history.__capability__.view(  # type: ignore[attr-defined]
        ask(desk, module.show_history, symbol="BBB")
    )
    assert [series.kind for series in candles.series] == ["candle", "bar"]
    assert candles.series[0].values[0] == (5.0, 5.0, 4.9, 5.2)  # open, close, low, high
    assert [c.title for c in table.columns] == [
        "Session",
        "Open",
        "High",
        "Low",
        "Close",
        "Volume",
        "Known at",
    ]


def test_instruments_are_listed_and_found_by_part_of_a_name(desk: Desk) -> None:
    every: InstrumentList = ask(desk, module.search)
    assert [i.symbol for i in every.instruments] == ["AAA", "BBB"]
    some = ask(desk, module.search, match="bbb comp")
    assert [i.symbol for i in some.instruments] == ["BBB"]
    first = ask(desk, module.search, limit=1)
    assert (first.total, len(first.instruments)) == (2, 1)
    assert "Instruments (1 of 2)" in _drawn(module.search, first)
    assert "AAA 1900-01-01 to now" in _drawn(module.search, every)
    nothing = ask(desk, module.search, match="zzz")
    assert "fondaco market ingest bundled" in _drawn(module.search, nothing)


def test_an_old_view_is_adjusted_with_the_factors_known_then() -> None:
    desk = Desk()
    desk.take(page(AAA, [100.0, 102.0, 51.5, 52.0], factor=[1.0, 1.0, 0.5, 1.0]))
    raw = ask(desk, module.show_history, symbol="AAA")
    assert [float(b.close) for b in raw.bars] == [100.0, 102.0, 51.5, 52.0]
    now = ask(desk, module.show_history, symbol="AAA", adjusted=True)
    assert [float(b.close) for b in now.bars] == [50.0, 51.0, 51.5, 52.0]
    assert "adjusted" in _drawn(module.show_history, now)
    cut = ask(desk, module.show_history, symbol="AAA", adjusted=True, until=SESSIONS[1].isoformat())
    assert [float(b.close) for b in cut.bars] == [50.0, 51.0]
    before = ask(
        desk, module.show_history, symbol="AAA", adjusted=True, as_of=SESSIONS[1].isoformat()
    )
    assert [float(b.close) for b in before.bars] == [100.0, 102.0]


def _minutes(desk: Desk, closes: list[float], *, last_final: bool = True) -> None:
    start = datetime(2024, 6, 3, 13, 30, tzinfo=UTC)
    rows = [
        {
            "instrument": AAA.id,
            "seconds": 60,
            "ts": start + timedelta(minutes=n + 1),
            "known_at": start + timedelta(minutes=n + 1),
            "open": close - 0.1,
            "high": close + 0.2,
            "low": close - 0.2,
            "close": close,
            "volume": 10.0,
            "trades": 1,
            "final": last_final or n + 1 < len(closes),
            "source": "simulated",
        }
        for n, close in enumerate(closes)
    ]
    spec = kind_named("bars_intraday")
    frame = spec.frame(rows).drop("where").with_columns(ingest_id=pl.lit("1"))
    desk.store.append("bars_intraday", frame, ingest_id="1")


def test_five_minutes_are_put_together_from_minutes_and_an_open_end_says_so(desk: Desk) -> None:
    _minutes(desk, [1.0, 2.0, 3.0, 2.5, 2.2, 4.0, 5.0])
    found: History = ask(desk, module.show_history, symbol="AAA", interval="5m")
    first, second = found.bars
    assert (float(first.open or 0), float(first.close), float(first.volume or 0)) == (
        0.9,
        2.2,
        50.0,
    )
    assert (float(first.high or 0), float(first.low or 0), first.final) == (3.2, 0.8, True)
    assert (first.ts, second.ts) == (
        datetime(2024, 6, 3, 13, 35, tzinfo=UTC),
        datetime(2024, 6, 3, 13, 40, tzinfo=UTC),
    )
    assert not second.final, "two of five minutes have gone by"
    words = _drawn(module.show_history, found)
    assert "Closed at" in words
    assert "5m bars of AAA" in words


def test_a_minute_that_has_not_ended_is_not_final(desk: Desk) -> None:
    _minutes(desk, [1.0, 2.0], last_final=False)
    found = ask(desk, module.show_history, symbol="AAA", interval="1m")
    assert [b.final for b in found.bars] == [True, False]


def test_minutes_known_later_are_not_seen_before(desk: Desk) -> None:
    _minutes(desk, [1.0, 2.0, 3.0])
    early = ask(
        desk, module.show_history, symbol="AAA", interval="1m", as_of="2024-06-03T13:32:00Z"
    )
    assert [float(b.close) for b in early.bars] == [1.0, 2.0]
    with pytest.raises(NotFound, match="no bars"):
        ask(desk, module.show_history, symbol="BBB", interval="1m")


def test_a_ticker_is_what_it_was_on_the_day() -> None:
    desk = Desk()
    old = share("FB", date(1999, 9, 1), date(2002, 5, 31))
    new = share("FB", date(2012, 5, 18))
    desk.take(page(old, [1.0]), page(new, [2.0]), instruments=(old, new))
    then = ask(desk, module.search, match="FB", on="2001-01-02")
    assert [i.instrument for i in then.instruments] == [old.id]
    assert {i.instrument for i in ask(desk, module.search, match="FB").instruments} == {
        old.id,
        new.id,
    }


def test_what_begins_with_the_words_comes_first_and_a_class_narrows() -> None:
    desk = Desk()
    names = [share("XAB"), share("ABX"), share("AB")]
    desk.take(*(page(one, [1.0]) for one in names), instruments=names)
    found = ask(desk, module.search, match="ab")
    assert [i.symbol for i in found.instruments] == ["AB", "ABX", "XAB"]
    assert ask(desk, module.search, match="ab", asset_class="crypto").total == 0
    assert ask(desk, module.search, sector="energy").total == 0
