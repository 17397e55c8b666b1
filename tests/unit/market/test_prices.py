"""Prices: panels, last and next bars, as they were known at a time."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.instrument import AssetClass, Origin
from fondaco.market.adjust import adjustment
from fondaco.market.book import instrument_rows
from fondaco.market.fakes import FixedCalendar, MemoryInstruments, MemoryStore
from fondaco.market.ports import Newest
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS, INSTRUMENTS
from unit.market.rows import AAA, BBB, CALENDAR, NOW, SESSIONS, Desk, bar_rows, page, share

INDEX = share("IDX")
OHLC = {
    "open": [9.0, 10.0, 11.0],
    "high": [10.5, 11.5, 12.5],
    "low": [8.5, 9.5, 10.5],
    "volume": [100.0, 200.0, 300.0],
}
CLOSES = [10.0, 11.0, 12.0]


def _prices(*rows: pl.DataFrame) -> Prices:
    store = MemoryStore()
    for number, part in enumerate(rows):
        store.append(BARS, part.with_columns(ingest_id=pl.lit(str(number))), ingest_id=str(number))
    return Prices(store, MemoryInstruments([AAA, BBB]), FixedCalendar)


def test_a_panel_holds_what_was_known_and_nothing_later() -> None:
    late = page(AAA, [99.0], first=1, known_at=CALENDAR.close(SESSIONS[5]))
    prices = _prices(bar_rows(page(AAA, CLOSES)), bar_rows(late))
    panel = prices.panel((AAA.id,), as_of=CALENDAR.close(SESSIONS[1]))
    assert panel.close[:, 0].tolist() == [10.0, 11.0]
    assert panel.sessions.tolist() == list(SESSIONS[:2])
    later = prices.panel((AAA.id,), as_of=NOW)
    assert later.close[:, 0].tolist() == [10.0, 99.0, 12.0]


@given(
    st.integers(0, 20), st.lists(st.sampled_from([1.0, 0.5, 0.25, 2.0]), min_size=21, max_size=21)
)
@settings(max_examples=40, deadline=None)
def test_cutting_off_the_future_never_changes_the_past_of_a_panel(
    rows: int, factors: list[float]
) -> None:
    whole = page(AAA, [100.0 + n for n in range(21)]).with_columns(factor=pl.Series(factors))
    as_of = CALENDAR.close(SESSIONS[rows])
    seen = _prices(bar_rows(whole)).panel((AAA.id,), as_of=as_of)
    alone = _prices(bar_rows(whole[: rows + 1])).panel((AAA.id,), as_of=as_of)
    assert np.array_equal(seen.close, alone.close)


def test_prices_are_adjusted_by_later_factors_and_volume_the_other_way() -> None:
    rows = page(AAA, [100.0, 50.0, 25.0], volume=[10.0, 20.0, 40.0]).with_columns(
        factor=pl.Series([1.0, 0.5, 0.5])
    )
    prices = _prices(bar_rows(rows))
    panel = prices.panel((AAA.id,), as_of=NOW)
    assert panel.close[:, 0].tolist() == [25.0, 25.0, 25.0]
    assert panel.fields["volume"][:, 0].tolist() == [40.0, 40.0, 40.0]
    before = prices.panel((AAA.id,), as_of=CALENDAR.close(SESSIONS[1]))
    assert before.close[:, 0].tolist() == [50.0, 50.0]
    cut = prices.panel((AAA.id,), as_of=NOW, until=SESSIONS[1])
    assert cut.close[:, 0].tolist() == [25.0, 25.0]


def test_a_missing_bar_is_no_number_and_columns_come_as_asked() -> None:
    prices = _prices(bar_rows(page(AAA, CLOSES)), bar_rows(page(BBB, [5.0], first=1)))
    panel = prices.panel((BBB.id, AAA.id), as_of=NOW)
    assert panel.instruments == (BBB.id, AAA.id)
    assert np.isnan(panel.close[[0, 2], 0]).all()
    assert panel.close[1].tolist() == [5.0, 11.0]


def test_opens_are_there_only_when_every_bar_has_one() -> None:
    full = bar_rows(page(AAA, CLOSES, **OHLC))
    assert _prices(full).panel((AAA.id,), as_of=NOW).has_opens
    closes_only = _prices(full, bar_rows(page(BBB, CLOSES)))
    panel = closes_only.panel((AAA.id, BBB.id), as_of=NOW)
    assert not panel.has_opens
    assert set(panel.fields) == {"close", "volume"}
    assert closes_only.panel((AAA.id,), as_of=NOW).has_opens


def test_only_the_fields_asked_for_come_and_an_unknown_one_is_refused() -> None:
    prices = _prices(bar_rows(page(AAA, CLOSES, **OHLC)))
    assert set(prices.panel((AAA.id,), as_of=NOW, fields=("open",)).fields) == {"close", "open"}
    with pytest.raises(InvalidInput, match="no such field"):
        prices.panel((AAA.id,), as_of=NOW, fields=("bid",))


def test_none_means_every_share_by_symbol_and_no_index() -> None:
    index = INDEX.__class__(INDEX.id, INDEX.symbols, AssetClass.INDEX, "XNYS", "USD")
    store = MemoryStore()
    for number, who in enumerate((BBB, AAA, index)):
        store.append(BARS, bar_rows(page(who, CLOSES)), ingest_id=str(number))
    prices = Prices(store, MemoryInstruments([index, BBB, AAA]), FixedCalendar)
    assert prices.panel(as_of=NOW).instruments == (AAA.id, BBB.id)
    assert prices.latest(as_of=NOW) == CALENDAR.close(SESSIONS[2])


def test_nothing_known_is_not_found() -> None:
    with pytest.raises(NotFound, match="no bars"):
        _prices().panel(as_of=NOW)
    prices = _prices(bar_rows(page(AAA, CLOSES)))
    with pytest.raises(NotFound, match="no bars"):
        prices.panel((AAA.id,), as_of=CALENDAR.close(SESSIONS[0]) - timedelta(seconds=1))
    assert prices.last_bar(BBB.id, as_of=NOW) is None
    assert prices.origin(BBB.id, as_of=NOW) is None
    assert _prices().latest(as_of=NOW) is None
    assert _prices().newest(as_of=NOW) is None
    assert _prices().version() == -1


def _two_sources() -> Prices:
    """Give AAA and BBB from a bundle that reaches further, AAA also from a file."""
    return _prices(
        bar_rows(page(AAA, [10.0] * 5), source="bundled"),
        bar_rows(page(BBB, [20.0] * 5), source="bundled"),
        bar_rows(page(AAA, [11.0] * 3), source="file"),
    )


def test_the_source_that_reaches_furthest_is_read_and_among_equals_the_persons_own() -> None:
    prices = _two_sources()
    far = prices.panel((AAA.id,), as_of=NOW)
    assert (far.origin, far.close[0, 0]) == (Origin.BUNDLED, 10.0)
    near = prices.panel((AAA.id,), as_of=CALENDAR.close(SESSIONS[2]))
    assert (near.origin, near.close[0, 0]) == (Origin.FILE, 11.0)
    span = prices.panel((AAA.id,), as_of=NOW, until=SESSIONS[2])
    assert span.origin is Origin.FILE
    named = prices.panel((AAA.id,), as_of=CALENDAR.close(SESSIONS[2]), origin=Origin.BUNDLED)
    assert named.origin is Origin.BUNDLED
    assert prices.origin(AAA.id, as_of=CALENDAR.close(SESSIONS[2])) is Origin.FILE


def test_one_panel_never_mixes_sources() -> None:
    prices = _two_sources()
    both = prices.panel((AAA.id, BBB.id), as_of=CALENDAR.close(SESSIONS[2]))
    assert both.origin is Origin.BUNDLED
    assert both.close[0].tolist() == [10.0, 20.0]
    apart = _prices(
        bar_rows(page(AAA, CLOSES), source="file"), bar_rows(page(BBB, CLOSES), source="bundled")
    )
    with pytest.raises(Refused, match="no single source") as caught:
        apart.panel((AAA.id, BBB.id), as_of=NOW)
    assert "file has 1 of 2" in caught.value.message
    assert apart.panel(as_of=NOW).instruments == (AAA.id,)


def test_the_last_bar_is_raw_exact_and_known() -> None:
    rows = page(AAA, [125.674, 63.119999], **{k: v[:2] for k, v in OHLC.items()}).with_columns(
        open=pl.Series([125.0, 63.0]),
        high=pl.Series([126.0, 64.0]),
        low=pl.Series([124.0, 62.0]),
        factor=pl.Series([1.0, 0.5]),
    )
    prices = _prices(bar_rows(rows))
    first = prices.last_bar(AAA.id, as_of=CALENDAR.close(SESSIONS[0]))
    last = prices.last_bar(AAA.id, as_of=NOW)
    assert first is not None
    assert last is not None
    assert (first.close, first.volume) == (Decimal("125.674"), Decimal("100.0"))
    assert (last.session, last.close) == (SESSIONS[1], Decimal("63.119999"))
    assert last.ts == last.known_at == CALENDAR.close(SESSIONS[1])


def test_first_bars_keep_the_form_in_which_each_bar_was_first_known() -> None:
    prices = _prices(bar_rows(page(AAA, [10.0, 11.0])))
    whole = prices.first_bars((AAA.id,), known_by=NOW)
    assert whole.fields["close"][:, 0].tolist() == [10.0, 11.0]
    assert whole.closes_at.tolist() == [
        CALENDAR.close(day).replace(tzinfo=None) for day in SESSIONS[:2]
    ]
    assert whole.opens_at.tolist() == [
        CALENDAR.open(day).replace(tzinfo=None) for day in SESSIONS[:2]
    ]
    assert whole.next_open == CALENDAR.open(SESSIONS[2])


def test_a_revision_never_reaches_the_first_bars() -> None:
    first = bar_rows(page(AAA, [10.0, 11.0]))
    close = CALENDAR.close(SESSIONS[1])
    revised = first.filter(pl.col("close") == 11.0).with_columns(
        close=12.0, known_at=pl.lit(close + timedelta(hours=3)).cast(first.schema["known_at"])
    )
    prices = _prices(first, revised)
    last = prices.last_bar(AAA.id, as_of=NOW)
    assert last is not None
    assert last.close == 12
    assert prices.first_bars((AAA.id,), known_by=NOW).fields["close"][:, 0].tolist() == [10.0, 11.0]


def test_first_bars_hold_what_was_known_and_what_closed_later_than_asked() -> None:
    prices = _prices(bar_rows(page(AAA, [10.0, 11.0, 12.0])))
    close = CALENDAR.close(SESSIONS[1])
    before = prices.first_bars((AAA.id,), known_by=close - timedelta(seconds=1))
    assert before.fields["close"][:, 0].tolist() == [10.0]
    more = prices.first_bars((AAA.id,), known_by=NOW, after=close)
    assert more.fields["close"][:, 0].tolist() == [12.0]
    none = prices.first_bars((AAA.id,), known_by=close, after=close)
    assert (len(none.closes_at), none.next_open) == (0, CALENDAR.open(SESSIONS[2]))


def test_a_session_without_a_bar_is_a_row_and_a_late_bar_is_passed_over() -> None:
    rows = bar_rows(page(AAA, [10.0, 11.0, 12.0, 13.0]))
    late = CALENDAR.close(SESSIONS[5])
    kind = rows.schema["known_at"]
    rows = rows.with_columns(
        known_at=pl.when(pl.col("close") == 11.0)
        .then(pl.lit(late).cast(kind))
        .otherwise(pl.col("known_at"))
    ).filter(pl.col("close") != 12.0)
    for known_by in (CALENDAR.close(SESSIONS[3]), NOW):
        found = _prices(rows).first_bars((AAA.id,), known_by=known_by)
        closes = found.fields["close"][:, 0]
        assert closes[[0, 3]].tolist() == [10.0, 13.0]
        assert np.isnan(closes[1:3]).all()
        third = CALENDAR.close(SESSIONS[3]).replace(tzinfo=None)
        assert found.known_at.tolist()[1:] == [third] * 3


def test_first_bars_come_from_the_source_that_was_seen_at_each_decision() -> None:
    two = _prices(
        bar_rows(page(AAA, [10.0] * 9), source="bundled"),
        bar_rows(page(AAA, [11.0] * 4), source="file"),
    )
    early, late = CALENDAR.close(SESSIONS[2]), CALENDAR.close(SESSIONS[6])
    seen = two.last_bar(AAA.id, as_of=early)
    assert seen is not None
    assert seen.close == 11
    found = two.first_bars((AAA.id,), known_by=NOW, decided=(early, late))
    assert found.mixed
    assert found.fields["close"][:4, 0].tolist() == [11.0] * 4
    assert found.fields["close"][7:, 0].tolist() == [10.0] * 2


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(1, 99)),
        min_size=1,
        max_size=10,
        unique_by=lambda row: (row[0], row[1]),
    ),
    st.integers(0, 14),
)
@settings(deadline=None)
def test_what_first_bars_told_they_tell_again_when_more_is_known(
    given_rows: list[tuple[int, int, int]], cut: int
) -> None:
    rows = pl.concat(
        bar_rows(page(AAA, [float(price)], first=session)).with_columns(
            known_at=pl.col("known_at") + pl.duration(days=late)
        )
        for session, late, price in given_rows
    )
    prices, moment = _prices(rows), CALENDAR.close(SESSIONS[0]) + timedelta(days=cut)
    before, after = (prices.first_bars((AAA.id,), known_by=at) for at in (moment, NOW))
    count = len(before.closes_at)
    assert np.array_equal(before.closes_at, after.closes_at[:count])
    assert np.array_equal(before.known_at, after.known_at[:count])
    for name, values in before.fields.items():
        assert np.array_equal(values, after.fields[name][:count], equal_nan=True)


def test_average_volume_is_in_shares_of_the_last_bar() -> None:
    rows = page(AAA, [100.0, 50.0, 50.0], volume=[10.0, 20.0, 30.0]).with_columns(
        factor=pl.Series([1.0, 0.5, 1.0])
    )
    prices = _prices(bar_rows(rows), bar_rows(page(BBB, CLOSES)))
    assert prices.average_volume(AAA.id, sessions=3, as_of=NOW) == Decimal("23.33")
    assert prices.average_volume(AAA.id, sessions=2, as_of=NOW) == Decimal("25.0")
    assert prices.average_volume(AAA.id, sessions=4, as_of=NOW) is None
    assert prices.average_volume(BBB.id, sessions=2, as_of=NOW) is None
    with pytest.raises(InvalidInput):
        prices.average_volume(AAA.id, sessions=0, as_of=NOW)


def test_a_span_of_raw_bars_comes_oldest_first() -> None:
    prices = _prices(bar_rows(page(AAA, CLOSES, **OHLC)))
    bars = prices.bars(AAA.id, as_of=NOW, since=SESSIONS[1], until=SESSIONS[2])
    assert [(b.session, b.open, b.close) for b in bars] == [
        (SESSIONS[1], Decimal("10.0"), Decimal("11.0")),
        (SESSIONS[2], Decimal("11.0"), Decimal("12.0")),
    ]


@given(st.lists(st.floats(0.1, 3.0), min_size=1, max_size=12))
def test_the_adjustment_of_a_row_is_that_of_the_next_times_its_factor(
    factors: list[float],
) -> None:
    scale = adjustment(np.array(factors).reshape(-1, 1))[:, 0]
    assert scale[-1] == 1.0
    for n in range(len(factors) - 1):
        assert scale[n] == pytest.approx(scale[n + 1] * factors[n + 1])


def test_an_instrument_of_another_process_is_seen_at_once() -> None:
    desk = Desk()
    assert desk.book.all() == ()
    rows = instrument_rows([AAA], source="file", ingest_id="1", known_at=NOW)
    desk.store.append(INSTRUMENTS, rows, ingest_id="1")
    assert desk.book.get(AAA.id) == AAA


def test_the_newest_close_says_its_venue_and_label() -> None:
    made_up = bar_rows(page(BBB, [1.0] * 6), source="simulated")
    found = _prices(bar_rows(page(AAA, CLOSES), source="bundled"), made_up).newest(as_of=NOW)
    assert found == Newest(CALENDAR.close(SESSIONS[2]), AAA.venue, Origin.BUNDLED)
