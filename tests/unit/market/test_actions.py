"""Corporate actions: which of them adjusts a price, and which tickers they change.

The scene of Coca-Cola's 2-for-1 split of 13 August 2012 is told with round prices: 78 before, 39
after. That split was adjusted late, twice or not at all by sources of the time.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.instrument import DatedSymbol, Instrument
from fondaco.market.actions import (
    ADJUSTED,
    CURRENCY,
    IDLE,
    LATER,
    NO_BAR,
    NO_BAR_BEFORE,
    NO_FACTOR,
    OTHER_SOURCE,
    OWN,
    TOO_MUCH,
    judged_actions,
    with_dated_symbols,
)
from fondaco.market.fakes import FixedCalendar, MemoryInstruments, MemoryStore
from fondaco.market.identity import UNDATED
from fondaco.market.kinds import kind_named
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from unit.market.rows import AAA, BBB, CALENDAR, NOW, SESSIONS, bar_rows, page

LONG_AGO = CALENDAR.close(SESSIONS[0]) - timedelta(days=30)
KO = [78.0, 77.0, 39.0, 39.5]
EX = SESSIONS[2]


def act(action: str, ex_date: date, **said: object) -> dict[str, object]:
    """Return a row of `actions`, announced long ago by `simulated` unless said otherwise."""
    row: dict[str, object] = dict.fromkeys(kind_named("actions").table.schema)
    row |= {
        "instrument": AAA.id,
        "ts": datetime.combine(ex_date, datetime.min.time(), tzinfo=NOW.tzinfo),
        "known_at": LONG_AGO,
        "ex_date": ex_date,
        "action": action,
        "currency": "USD" if "amount" in said else None,
        "source": "simulated",
        "ingest_id": "1",
    }
    return row | said


def action_rows(*rows: dict[str, object]) -> pl.DataFrame:
    """Return rows of `actions`."""
    return pl.DataFrame(list(rows), schema=kind_named("actions").table.schema)


def scene(bars: pl.DataFrame, *actions: dict[str, object]) -> Prices:
    """Return prices over bars and actions."""
    store = MemoryStore()
    store.append(BARS, bars, ingest_id="1")
    if actions:
        store.append("actions", action_rows(*actions), ingest_id="1")
    return Prices(store, MemoryInstruments([AAA, BBB]), FixedCalendar)


def closes(prices: Prices, as_of: datetime = NOW, **how: object) -> list[float]:
    """Return the adjusted closes of AAA, from a panel; its adjusted bars must say the same."""
    panel = prices.panel((AAA.id,), as_of=as_of, **how)  # type: ignore[arg-type]
    adjusted = how.get("adjusted", True)
    bars = prices.bars(AAA.id, as_of=as_of, adjusted=adjusted)  # type: ignore[arg-type]
    assert [float(bar.close) for bar in bars] == pytest.approx(panel.close[:, 0].tolist())
    return panel.close[:, 0].tolist()


def why(prices: Prices, as_of: datetime = NOW) -> list[str]:
    """Return why each action of AAA does nothing."""
    return prices.actions(AAA.id, as_of=as_of)["why"].to_list()


# --- a split adjusted late, twice, not at all ---


def test_a_split_that_only_an_action_tells_adjusts_what_came_before() -> None:
    prices = scene(bar_rows(page(AAA, KO)), act("split", EX, factor=0.5))
    assert closes(prices) == [39.0, 38.5, 39.0, 39.5]
    assert closes(prices, CALENDAR.close(SESSIONS[1])) == [78.0, 77.0]
    assert why(prices) == [""]
    assert why(prices, CALENDAR.close(SESSIONS[1])) == [NO_BAR]


def test_a_split_told_late_adjusts_only_from_when_it_was_known() -> None:
    late = CALENDAR.close(SESSIONS[3])
    prices = scene(bar_rows(page(AAA, KO)), act("split", EX, factor=0.5, known_at=late))
    assert closes(prices, late - timedelta(seconds=1)) == [78.0, 77.0, 39.0]
    assert closes(prices, late) == [39.0, 38.5, 39.0, 39.5]


def test_a_split_told_twice_adjusts_once() -> None:
    bars = bar_rows(page(AAA, KO).with_columns(factor=pl.Series([1.0, 1.0, 0.5, 1.0])))
    prices = scene(bars, act("split", EX, factor=0.5))
    assert closes(prices) == [39.0, 38.5, 39.0, 39.5]
    assert why(prices) == [OWN]


def test_a_history_that_its_source_rewrote_is_not_adjusted_again() -> None:
    late = CALENDAR.close(SESSIONS[3]) + timedelta(hours=5)
    first = bar_rows(page(AAA, KO))
    rewritten = bar_rows(page(AAA, [39.0, 38.5])).with_columns(
        known_at=pl.lit(late).cast(first.schema["known_at"])
    )
    prices = scene(pl.concat([first, rewritten]), act("split", EX, factor=0.5))
    assert closes(prices, late - timedelta(hours=1)) == [39.0, 38.5, 39.0, 39.5]
    assert closes(prices, late) == [39.0, 38.5, 39.0, 39.5]
    assert why(prices, late) == [IDLE]


def test_a_split_that_nobody_tells_changes_no_price() -> None:
    assert closes(scene(bar_rows(page(AAA, KO)))) == KO


def test_a_factor_that_a_person_gave_a_freed_bar_stands_before_the_action() -> None:
    bars = bar_rows(page(AAA, KO).with_columns(factor=pl.Series([1.0, 1.0, 0.25, 1.0])))
    assert closes(scene(bars, act("split", EX, factor=0.5)))[0] == 78.0 * 0.25


# --- what a factor is ---


def test_cash_comes_off_the_close_before_it() -> None:
    # Back-adjustment by dividends: CRSP's 1 - D / P(t-1).
    prices = scene(bar_rows(page(AAA, [50.0, 40.0, 39.0])), act("dividend", EX, amount=1.0))
    assert closes(prices) == pytest.approx([50.0 * 0.975, 39.0, 39.0])


def test_a_split_and_cash_of_one_day_multiply_and_cash_of_one_day_adds_up() -> None:
    told = (
        act("split", EX, factor=0.5),
        act("dividend", EX, amount=1.0),
        act("special", EX, amount=3.0),
    )
    prices = scene(bar_rows(page(AAA, [80.0, 80.0, 38.0])), *told)
    # (80 - 1 - 3) / 80 = 0.95, and each share became two.
    assert closes(prices) == pytest.approx([38.0, 38.0, 38.0])


def test_cash_after_a_split_on_days_without_a_bar_is_of_the_new_shares() -> None:
    bars = bar_rows(page(AAA, [80.0, 80.0, 99.0, 99.0, 39.0])).filter(pl.col("close") != 99.0)
    told = (act("split", SESSIONS[2], factor=0.5), act("dividend", SESSIONS[3], amount=1.0))
    # 80 becomes 40, and 1 comes off that.
    assert closes(scene(bars, *told)) == pytest.approx([39.0, 39.0, 39.0])


def test_an_action_on_a_day_without_a_bar_takes_effect_on_the_next_bar() -> None:
    bars = bar_rows(page(AAA, KO)).filter(pl.col("session") != EX)
    prices = scene(bars, act("split", EX, factor=0.5))
    assert closes(prices) == [39.0, 38.5, 39.5]
    assert prices.actions(AAA.id, as_of=NOW)["session"].to_list() == [SESSIONS[3]]


def test_a_stated_factor_goes_before_the_cash_and_cash_without_a_currency_is_the_shares_own() -> (
    None
):
    bars = bar_rows(page(AAA, [50.0, 40.0, 39.0]))
    stated = act("dividend", EX, amount=1.0, factor=0.9)
    assert closes(scene(bars, stated))[1] == 36.0
    assert closes(scene(bars, act("dividend", EX, amount=1.0, currency=None)))[1] == 39.0


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (act("spin_off", EX, symbol="KID"), NO_FACTOR),
        (act("split", EX, amount=2.0), NO_FACTOR),
        (act("split", EX, factor=0.0), NO_FACTOR),
        (act("dividend", EX, amount=1.0, currency="EUR"), CURRENCY),
        (act("dividend", EX, amount=40.0), TOO_MUCH),
        (act("dividend", SESSIONS[0], amount=1.0), NO_BAR_BEFORE),
        (act("dividend", SESSIONS[9], amount=1.0), NO_BAR),
    ],
)
def test_what_is_not_told_is_not_guessed(said: dict[str, object], reason: str) -> None:
    prices = scene(bar_rows(page(AAA, [50.0, 40.0, 39.0])), said)
    assert closes(prices) == [50.0, 40.0, 39.0]
    assert why(prices) == [reason]


def test_a_spin_off_with_a_factor_adjusts_and_a_listing_does_nothing() -> None:
    told = (act("spin_off", EX, factor=0.8), act("listing", SESSIONS[1]))
    prices = scene(bar_rows(page(AAA, [50.0, 40.0, 32.0])), *told)
    assert closes(prices) == [40.0, 32.0, 32.0]


# --- whose actions ---


def test_actions_of_another_source_count_where_the_bars_own_told_none() -> None:
    bars = bar_rows(page(AAA, KO), source="live:nse")
    one = act("split", EX, factor=0.5, source="file:list")
    assert closes(scene(bars, one))[0] == 39.0
    own = act("split", EX, factor=0.55, source="live:nse")
    assert closes(scene(bars, one, own))[0] == pytest.approx(78.0 * 0.55)
    ranked = act("split", EX, factor=0.52, source="live:zzz")
    assert closes(scene(bars, one, ranked))[0] == pytest.approx(78.0 * 0.52)
    assert sorted(why(scene(bars, one, own))) == ["", OTHER_SOURCE]


def test_sources_that_name_different_ex_dates_never_adjust_twice() -> None:
    bars = bar_rows(page(AAA, [50.0, 40.0, 39.0, 39.0]), source="live:nse")
    told = (
        act("dividend", SESSIONS[2], amount=1.0, source="live:nse"),
        act("dividend", SESSIONS[3], amount=1.0, source="file:list"),
    )
    assert closes(scene(bars, *told)) == pytest.approx([48.75, 39.0, 39.0, 39.0])


@pytest.mark.parametrize("source", ["bundled:skfolio", "file:adjusted"])
def test_prices_that_came_adjusted_take_no_actions(source: str) -> None:
    bars = bar_rows(page(AAA, [50.0, 40.0, 39.0]), source=source)
    prices = scene(bars, act("dividend", EX, amount=1.0))
    assert closes(prices) == [50.0, 40.0, 39.0]
    assert why(prices) == [ADJUSTED]


# --- splits only ---


def test_adjusted_for_splits_alone_cash_stays_in_earlier_prices() -> None:
    told = (act("split", EX, factor=0.5), act("dividend", SESSIONS[3], amount=1.0))
    prices = scene(bar_rows(page(AAA, [80.0, 80.0, 40.0, 39.0])), *told)
    assert closes(prices) == pytest.approx([39.0, 39.0, 39.0, 39.0])
    assert closes(prices, adjusted="splits") == [40.0, 40.0, 40.0, 39.0]
    assert closes(prices, adjusted=False) == [80.0, 80.0, 40.0, 39.0]


def test_splits_alone_are_told_from_a_bars_factor_by_the_action_or_by_its_size() -> None:
    bars = bar_rows(
        page(AAA, [80.0, 80.0, 38.0, 37.0]).with_columns(factor=pl.Series([1.0, 1.0, 0.475, 0.97]))
    )
    assert closes(scene(bars), adjusted="splits")[:3] == pytest.approx([38.0, 38.0, 38.0])
    named = scene(bars, act("split", EX, factor=0.5))
    assert closes(named, adjusted="splits")[:3] == [40.0, 40.0, 38.0]
    assert closes(named)[0] == pytest.approx(80.0 * 0.475 * 0.97)


def test_volumes_are_in_shares_after_the_split() -> None:
    bars = bar_rows(page(AAA, KO, volume=[10.0, 20.0, 30.0, 40.0]))
    prices = scene(bars, act("split", EX, factor=0.5))
    panel = prices.panel((AAA.id,), as_of=NOW)
    assert panel.fields["volume"][:, 0].tolist() == [20.0, 40.0, 30.0, 40.0]
    assert prices.average_volume(AAA.id, sessions=4, as_of=NOW) == Decimal("32.5")


def test_a_panel_of_several_is_adjusted_each_by_its_own() -> None:
    bars = pl.concat([bar_rows(page(AAA, KO)), bar_rows(page(BBB, KO))])
    panel = scene(bars, act("split", EX, factor=0.5)).panel((BBB.id, AAA.id), as_of=NOW)
    assert panel.close[0].tolist() == [78.0, 39.0]


# --- what a venue trades on ---


def test_first_bars_tell_the_actions_that_were_known_with_each_bar() -> None:
    prices = scene(bar_rows(page(AAA, KO)), act("split", EX, factor=0.5))
    assert prices.first_bars((AAA.id,), known_by=NOW).fields["factor"][:4, 0].tolist() == [
        1.0, 1.0, 0.5, 1.0,
    ]  # fmt: skip
    more = prices.first_bars((AAA.id,), known_by=NOW, after=CALENDAR.close(SESSIONS[1]))
    assert more.fields["factor"][:2, 0].tolist() == [0.5, 1.0]
    late = act("split", EX, factor=0.5, known_at=CALENDAR.close(EX) + timedelta(seconds=1))
    prices = scene(bar_rows(page(AAA, KO)), late)
    assert prices.first_bars((AAA.id,), known_by=NOW).fields["factor"][:4, 0].tolist() == [1.0] * 4
    judged = judged_actions(
        bar_rows(page(AAA, KO)), action_rows(late), {AAA.id: "USD"}, told_in_time=True
    )
    assert judged["why"].to_list() == [LATER]


def test_first_bars_read_in_parts_pass_over_the_same_late_bar() -> None:
    # The bar of the ex-date became known after the next one: the next one tells the split.
    bars = bar_rows(page(AAA, [78.0, 77.0, 39.0, 39.5])).with_columns(
        known_at=pl.when(pl.col("session") == EX)
        .then(pl.col("known_at") + timedelta(days=9))
        .otherwise("known_at")
    )
    prices = scene(bars, act("split", EX, factor=0.5))
    whole = prices.first_bars((AAA.id,), known_by=NOW).fields["factor"][:4, 0]
    assert np.array_equal(whole, [1.0, 1.0, np.nan, 0.5], equal_nan=True)
    part = prices.first_bars((AAA.id,), known_by=NOW, after=CALENDAR.close(EX))
    assert part.fields["factor"][0, 0] == 0.5


Told = tuple[int, int, str, int]


@st.composite
def _told(draw: st.DrawFn) -> list[Told]:
    one = st.tuples(
        st.integers(0, 7),
        st.integers(-20, 15),
        st.sampled_from(("split", "dividend", "special")),
        st.sampled_from((1, 2)),
    )
    return draw(st.lists(one, max_size=6, unique_by=lambda row: (row[0], row[2])))


def _rows(told: list[Told], until: datetime | None = None) -> list[dict[str, object]]:
    rows = []
    for session, days, action, size in told:
        known_at = CALENDAR.close(SESSIONS[session]) + timedelta(days=days)
        amount = {"factor": 0.5} if action == "split" else {"amount": float(size)}
        if until is None or known_at <= until:
            rows.append(act(action, SESSIONS[session], known_at=known_at, **amount))
    return rows


@given(_told(), st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_what_is_told_later_changes_nothing_that_was_read_before(
    told: list[Told], late: list[int], cut: int
) -> None:
    bars = bar_rows(page(AAA, [100.0, 90.0, 60.0, 55.0, 54.0, 30.0, 31.0, 32.0])).with_columns(
        known_at=pl.col("known_at") + pl.Series(late) * pl.duration(days=1)
    )
    as_of = CALENDAR.close(SESSIONS[0]) + timedelta(days=cut)
    whole = scene(bars, *_rows(told))
    then = scene(bars.filter(pl.col("known_at") <= as_of), *_rows(told, as_of))
    if bars["known_at"].min() <= as_of:  # type: ignore[operator]
        assert closes(whole, as_of) == closes(then, as_of)
    before, after = (
        then.first_bars((AAA.id,), known_by=as_of),
        whole.first_bars((AAA.id,), known_by=NOW),
    )
    rows = len(before.closes_at)
    for name in ("close", "factor"):
        assert np.array_equal(before.fields[name], after.fields[name][:rows], equal_nan=True), name


# --- tickers ---

FACEBOOK = Instrument(
    AAA.id, (DatedSymbol("FB", date(2012, 5, 18)),), AAA.asset_class, "XNAS", "USD"
)
RENAME = act("rename", date(2022, 6, 9), symbol="META")


def _spans(one: Instrument) -> list[tuple[str, date, date | None]]:
    return [(s.symbol, s.start, s.end) for s in one.symbols]


def test_a_rename_ends_one_ticker_and_begins_another() -> None:
    (renamed,) = with_dated_symbols([FACEBOOK], action_rows(RENAME))
    assert _spans(renamed) == [
        ("FB", date(2012, 5, 18), date(2022, 6, 8)),
        ("META", date(2022, 6, 9), None),
    ]
    assert with_dated_symbols([renamed], action_rows(RENAME)) == ()
    assert with_dated_symbols([FACEBOOK], action_rows(act("split", EX, factor=0.5))) == ()


def test_renames_and_a_delisting_follow_each_other_in_time() -> None:
    told = (
        act("delisting", date(2023, 3, 1)),
        act("rename", date(2020, 1, 2), symbol="MID"),
        act("rename", date(2022, 6, 9), symbol="END"),
    )
    (one,) = with_dated_symbols([FACEBOOK], action_rows(*told))
    assert _spans(one) == [
        ("FB", date(2012, 5, 18), date(2020, 1, 1)),
        ("MID", date(2020, 1, 2), date(2022, 6, 8)),
        ("END", date(2022, 6, 9), date(2023, 3, 1)),
    ]


def test_a_ticker_that_the_book_has_undated_learns_when_it_began() -> None:
    undated = Instrument(AAA.id, (DatedSymbol("META", UNDATED),), AAA.asset_class, "XNAS", "USD")
    (one,) = with_dated_symbols([undated], action_rows(RENAME))
    assert _spans(one) == [("META", date(2022, 6, 9), None)]
    assert with_dated_symbols([undated], action_rows(act("rename", date(2022, 6, 9)))) == ()
