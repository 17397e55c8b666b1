"""Values that cannot be true cannot be built."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId
from fondaco.core.orders import Fill, Order, OrderKind, Side
from fondaco.core.prices import Bar, Quote

AT = datetime(2019, 6, 28, 20, tzinfo=UTC)
NAIVE = datetime(2019, 6, 28, 20)  # noqa: DTZ001 - naive on purpose
APPLE = InstrumentId("I-000000000001")
D = Decimal

BAR = Bar(APPLE, date(2019, 6, 28), AT, AT, D(10), D(9), D(11), D(8), D(100))
QUOTE = Quote(APPLE, AT, AT, D("9.99"), D("10.01"), D(100), D(200))
FILL = Fill("x1", "c1", "paper", APPLE, Side.BUY, D(10), D(10), D(1), "USD", AT, AT)
SHARE = Instrument(
    APPLE,
    (
        DatedSymbol("OLD", date(2000, 1, 1), date(2009, 12, 31)),
        DatedSymbol("AAPL", date(2010, 1, 1)),
    ),
    AssetClass.EQUITY,
    "XNAS",
    "USD",
)
BEFORE = AT - timedelta(seconds=1)
NAN, INF = D("NaN"), D("Infinity")


@pytest.mark.parametrize(
    "change",
    [
        {"close": D(0)},
        {"close": D(-1)},
        {"close": NAN},
        {"open": INF},
        {"close": 10.0},
        {"high": D("9.5")},
        {"low": D("9.5")},
        {"close": D(12)},
        {"open": D(7)},
        {"low": D(12)},
        {"volume": D(-1)},
        {"volume": NAN},
        {"known_at": BEFORE},
        {"ts": NAIVE},
        {"known_at": NAIVE},
    ],
    ids=str,
)
def test_an_impossible_bar_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(BAR, **change)


def test_a_bar_may_hold_a_close_alone() -> None:
    closes_only = replace(BAR, open=None, high=None, low=None, volume=None)
    assert closes_only.close == 10


@pytest.mark.parametrize(
    "change",
    [
        {"bid": D("10.02")},
        {"bid": D(0)},
        {"ask": NAN},
        {"bid_size": D(0)},
        {"ask_size": D(-1)},
        {"ask_size": NAN},
        {"known_at": BEFORE},
        {"ts": NAIVE},
    ],
    ids=str,
)
def test_a_crossed_or_empty_quote_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(QUOTE, **change)


def test_a_locked_quote_is_a_quote() -> None:
    assert replace(QUOTE, bid=QUOTE.ask).bid == QUOTE.ask


@pytest.mark.parametrize("quantity", [D(0), D(-1), NAN, INF, 1.0, 1], ids=str)
def test_an_orders_quantity_is_an_exact_number_above_zero(quantity: Any) -> None:
    with pytest.raises(InvalidInput):
        Order("c1", "paper", APPLE, Side.BUY, quantity)
    assert Order("c1", "paper", APPLE, Side.SELL, D("0.5")).kind is OrderKind.MARKET


def test_a_side_has_a_sign() -> None:
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": D(0)},
        {"quantity": NAN},
        {"price": D(0)},
        {"price": INF},
        {"fee": D(-1)},
        {"fee": NAN},
        {"known_at": BEFORE},
        {"ts": NAIVE},
    ],
    ids=str,
)
def test_an_impossible_fill_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(FILL, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"symbols": ()},
        {"tick": D(0)},
        {"lot": D(-1)},
        {"multiplier": NAN},
        {"tick": 0.01},
    ],
    ids=str,
)
def test_an_impossible_instrument_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(SHARE, **change)


def test_a_symbol_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match="ends before it starts"):
        DatedSymbol("AAPL", date(2010, 1, 1), date(2009, 12, 31))


@pytest.mark.parametrize(
    ("day", "symbol"),
    [
        (date(1999, 12, 31), None),
        (date(2000, 1, 1), "OLD"),
        (date(2009, 12, 31), "OLD"),
        (date(2010, 1, 1), "AAPL"),
        (date(2090, 1, 1), "AAPL"),
    ],
)
def test_a_ticker_means_an_instrument_on_its_days(day: date, symbol: str | None) -> None:
    assert SHARE.symbol_on(day) == symbol
    assert SHARE.symbol == "AAPL"


def entry(*amounts: tuple[str, Decimal]) -> Entry:
    postings = tuple(Posting(f"a{i}", c, amount) for i, (c, amount) in enumerate(amounts))
    return Entry("E1", "k1", AT, AT, "memo", postings)


money = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@given(st.lists(st.tuples(st.sampled_from(["USD", "I-x"]), money), min_size=1, max_size=6))
def test_an_entry_exists_only_when_each_commodity_sums_to_zero(
    parts: list[tuple[str, Decimal]],
) -> None:
    for commodity in ("USD", "I-x"):
        parts.append((commodity, -sum((a for c, a in parts if c == commodity), D(0))))
    assert len(entry(*parts).postings) == len(parts)
    for at in range(len(parts)):
        commodity, amount = parts[at]
        for step in (D("0.000001"), D("-0.000001")):
            moved = [*parts[:at], (commodity, amount + step), *parts[at + 1 :]]
            with pytest.raises(InvalidInput, match="does not balance"):
                entry(*moved)


def test_an_entry_with_amounts_far_apart_is_summed_to_the_last_digit() -> None:
    with pytest.raises(InvalidInput, match="does not balance"):
        entry(("USD", D("1E+28")), ("USD", D(1)), ("USD", D("-1E+28")))


def test_an_entry_balances_each_commodity_for_itself() -> None:
    with pytest.raises(InvalidInput, match="does not balance in USD"):
        entry(("USD", D(1)), ("EUR", D(-1)))


@pytest.mark.parametrize("amounts", [(), (("USD", D(0)),), (("USD", NAN), ("USD", NAN))])
def test_an_entry_needs_two_finite_postings(amounts: tuple[tuple[str, Decimal], ...]) -> None:
    with pytest.raises(InvalidInput):
        entry(*amounts)


def test_an_entry_has_times_with_a_zone() -> None:
    for change in ({"ts": NAIVE}, {"known_at": NAIVE}):
        with pytest.raises(InvalidInput, match="timezone"):
            replace(entry(("USD", D(1)), ("USD", D(-1))), **change)
