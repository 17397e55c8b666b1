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


def test_the_next_bar_is_of_the_first_session_that_opened_afterwards() -> None:
    prices = _prices(bar_rows(page(AAA, CLOSES)))

    def session_after(moment: object) -> object:
        bar = prices.next_bar(AAA.id, after=moment, known_by=NOW)  # type: ignore[arg-type]
        return bar and bar.session

    opened, closed = CALENDAR.open(SESSIONS[1]), CALENDAR.close(SESSIONS[1])
    assert session_after(CALENDAR.close(SESSIONS[0])) == SESSIONS[1]
    assert session_after(opened) == SESSIONS[1]
    assert session_after(opened + timedelta(seconds=1)) == SESSIONS[2]
    assert session_after(closed) == SESSIONS[2]
    assert session_after(CALENDAR.close(SESSIONS[2])) is None


def test_the_next_bar_must_be_known_and_of_the_source_that_was_seen() -> None:
    prices = _prices(bar_rows(page(AAA, CLOSES)))
    close = CALENDAR.close(SESSIONS[1])
    before = close - timedelta(seconds=1)
    assert prices.next_bar(AAA.id, after=CALENDAR.close(SESSIONS[0]), known_by=before) is None
    assert prices.next_bar(AAA.id, after=CALENDAR.close(SESSIONS[0]), known_by=close) is not None
    two = _prices(
        bar_rows(page(AAA, [10.0] * 9), source="bundled"),
        bar_rows(page(AAA, [11.0] * 4), source="file"),
    )
    seen = two.last_bar(AAA.id, as_of=CALENDAR.close(SESSIONS[2]))
    bar = two.next_bar(AAA.id, after=CALENDAR.close(SESSIONS[2]), known_by=NOW)
    assert seen is not None
    assert bar is not None
    assert seen.close == bar.close == Decimal("11.0")


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
