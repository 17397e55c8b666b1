"""Acting on quotes: a wrong first tick fires nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.market.gate.confirm import Bounds, Why, mid_of, usable
from fondaco.market.kinds.prices import QuoteRow
from unit.market.rows import AAA

NOW = datetime(2024, 6, 27, 15, 0, tzinfo=UTC)


def quote(
    second: float, price: float = 100.0, source: str = "live:a", **cells: float | None
) -> QuoteRow:
    """Return a quote around a price, some seconds before or after now."""
    when = NOW + timedelta(seconds=second)
    sides = {"bid": price - 0.01, "ask": price + 0.01, "last": price} | cells
    return QuoteRow(instrument=AAA.id, ts=when, known_at=when, source=source, **sides)


def why(quotes: list[QuoteRow], history: list[QuoteRow] | None = None) -> Why:
    """Return the verdict's reason."""
    return usable(quotes, history or [], now=NOW).why


def test_the_first_tick_of_all_fires_nothing() -> None:
    verdict = usable([quote(0)], [], now=NOW)
    assert (verdict.why, verdict.price, verdict.confirmed) == (Why.UNCONFIRMED, None, False)


def test_a_second_tick_or_a_second_source_confirms_it() -> None:
    second = usable([quote(-1), quote(0)], [], now=NOW)
    assert (second.why, second.price, second.confirmed_by) == (Why.OK, 100.0, "a second tick")
    other = usable([quote(0), quote(-1, 100.1, "live:b")], [], now=NOW)
    assert (other.why, other.confirmed_by) == (Why.OK, "live:b")


def test_the_same_tick_told_twice_is_no_second_one() -> None:
    assert why([quote(0), quote(0)]) is Why.UNCONFIRMED


def test_a_wrong_first_tick_is_not_confirmed_by_a_right_second_one() -> None:
    # Berkshire Hathaway A at 185.10 against 627,400, 2024-06-03 (NYSE).
    assert why([quote(-1, 185.1), quote(0, 627_400.0)]) is Why.UNCONFIRMED


def test_after_a_gap_in_the_feed_the_first_tick_must_be_confirmed_anew() -> None:
    assert why([quote(0)], [quote(-119)]) is Why.OK
    assert why([quote(0)], [quote(-121)]) is Why.UNCONFIRMED


def test_a_far_move_from_the_last_confirmed_price_must_be_confirmed() -> None:
    assert why([quote(0, 102.9)], [quote(-5)]) is Why.OK
    assert why([quote(0, 103.5)], [quote(-5)]) is Why.UNCONFIRMED
    assert why([quote(-1, 103.5), quote(0, 103.6)], [quote(-5)]) is Why.OK


@pytest.mark.parametrize(
    ("reason", "one"),
    [
        (Why.STALE, quote(-31)),
        (Why.CLOCK, quote(6)),
        (Why.CROSSED, quote(0, bid=100.1, ask=100.0)),
        (Why.ONE_SIDED, quote(0, bid=0.0)),
        (Why.ONE_SIDED, quote(0, ask=None)),
        (Why.STUB, quote(0, ask=500.0)),
        (Why.STUB, quote(0, bid=0.01, ask=0.02, last=40.0)),
    ],
)
def test_what_is_no_quote_is_never_acted_on(reason: Why, one: QuoteRow) -> None:
    assert why([one], [quote(-5)]) is reason


def test_no_quote_at_all_is_none() -> None:
    assert why([]) is Why.NONE


@given(
    st.floats(0.01, 1e6),
    st.lists(st.tuples(st.floats(-60, 0), st.floats(0.01, 1e6)), max_size=5),
)
def test_whatever_is_acted_on_was_said_by_two(
    price: float, ticks: list[tuple[float, float]]
) -> None:
    quotes = [quote(second, at, bid=at * 0.999, ask=at * 1.001, last=at) for second, at in ticks]
    quotes.append(quote(0, price, bid=price * 0.999, ask=price * 1.001, last=price))
    verdict = usable(quotes, [], now=NOW, bounds=Bounds())
    if verdict.confirmed:
        newest = max(quotes, key=lambda q: q.ts)
        near = [
            q
            for q in quotes
            if q.ts != newest.ts and abs((mid_of(q) or 0) / (verdict.price or 1) - 1) <= 0.005
        ]
        assert near
