"""Round trips by hand, long and short, and that nothing is lost between them and what is open."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.trades import (
    Executions,
    RoundTrip,
    round_trips,
    trade_statistics,
)

START = datetime(2019, 7, 1, 20, tzinfo=UTC)
D = Decimal


def _executions(*rows: tuple[str, str, str, str]) -> Executions:
    """Name, signed quantity, price and fee, a day apart."""
    return Executions(
        [START + timedelta(days=n) for n in range(len(rows))],
        [row[0] for row in rows],
        [D(row[1]) for row in rows],
        [D(row[2]) for row in rows],
        [D(row[3]) for row in rows],
    )


def _trips(*profits: str) -> list[RoundTrip]:
    day = timedelta(days=1)
    return [
        RoundTrip("X", START, START + day * (n + 1), D(1), D(100), D(100) + D(p), D(0))
        for n, p in enumerate(profits)
    ]


def test_the_oldest_lot_is_closed_first_and_fees_follow_the_quantity() -> None:
    # Bought 10 at 100 (fee 1) and 10 at 110 (fee 2), sold 15 at 120 (fee 3).
    first, second = round_trips(
        _executions(("A", "10", "100", "1"), ("A", "10", "110", "2"), ("A", "-15", "120", "3"))
    )
    assert (first.quantity, first.price_in, first.price_out) == (D(10), D(100), D(120))
    assert (first.fees, first.profit, first.days) == (D(3), D(197), 2.0)  # 1 + 2 of the 3
    assert (second.quantity, second.fees, second.profit) == (D(5), D(2), D(48))  # half of 2, and 1
    assert second.days == 1.0


def test_a_short_gains_when_it_is_bought_back_lower() -> None:
    (trip,) = round_trips(_executions(("A", "-4", "50", "0.5"), ("A", "4", "45", "0.5")))
    assert (trip.quantity, trip.profit) == (D(-4), D(19))


def test_a_fill_that_turns_a_position_closes_it_and_opens_the_other_side() -> None:
    trips = round_trips(
        _executions(("A", "10", "100", "0"), ("A", "-30", "110", "3"), ("A", "20", "100", "0"))
    )
    assert [(trip.quantity, trip.fees, trip.profit) for trip in trips] == [
        (D(10), D(1), D(99)),
        (D(-20), D(2), D(198)),
    ]


def test_instruments_do_not_close_one_another_and_what_is_open_is_no_trip() -> None:
    assert round_trips(_executions(("A", "1", "10", "0"), ("B", "-1", "10", "0"))) == ()


def test_a_fee_that_does_not_divide_is_not_lost() -> None:
    trips = round_trips(
        _executions(
            ("A", "3", "10", "1"),
            ("A", "-1", "11", "0"),
            ("A", "-1", "11", "0"),
            ("A", "-1", "11", "0"),
        )
    )
    assert [trip.fees for trip in trips] == [D("0.333333"), D("0.333334"), D("0.333333")]
    assert sum(trip.fees for trip in trips) == 1


def test_statistics_by_hand() -> None:
    found = trade_statistics(_trips("30", "10", "-20", "0", "-10", "-30", "50"))
    assert found.trips == 7
    assert found.win_rate == pytest.approx(3 / 7)
    assert found.profit_factor == pytest.approx(90 / 60)
    assert found.expectancy == pytest.approx(30 / 7)
    assert (found.average_win, found.average_loss) == (30.0, -20.0)
    assert found.payoff_ratio == pytest.approx(1.5)
    assert found.holding_days == pytest.approx(4.0)
    assert (found.winning_run, found.losing_run) == (2, 2)


def test_trips_of_one_kind_or_none_have_no_ratio() -> None:
    nothing = trade_statistics([])
    assert nothing.trips == nothing.winning_run == nothing.losing_run == 0
    for name in ("win_rate", "profit_factor", "expectancy", "payoff_ratio", "holding_days"):
        assert isnan(getattr(nothing, name))
    lost, won = trade_statistics(_trips("-1", "-2")), trade_statistics(_trips("1", "2"))
    assert (lost.win_rate, lost.profit_factor, lost.losing_run) == (0.0, 0.0, 2)
    assert isnan(lost.average_win)
    assert isnan(lost.payoff_ratio)
    assert (won.win_rate, won.profit_factor, won.winning_run) == (1.0, inf, 2)


@pytest.mark.parametrize(
    "name",
    [
        "trips",
        "win_rate",
        "profit_factor",
        "expectancy",
        "payoff_ratio",
        "average_win",
        "average_loss",
        "holding_days",
        "winning_run",
        "losing_run",
    ],
)
def test_every_statistic_moves_with_the_trips(name: str) -> None:
    one = trade_statistics(_trips("30", "10", "-20"))
    other = trade_statistics(_trips("40", "-10", "-10", "-60"))
    assert getattr(one, name) != getattr(other, name)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("A", "0", "1", "0"), "cannot be 0"),
        (("A", "1", "0", "0"), "above 0"),
        (("A", "1", "-1", "0"), "above 0"),
        (("A", "1", "1", "-1"), "negative"),
        (("A", "NaN", "1", "0"), "quantity"),
        (("A", "1", "Infinity", "0"), "price"),
    ],
)
def test_a_fill_that_makes_no_sense_is_refused(
    row: tuple[str, str, str, str], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        _executions(row)


def test_columns_that_do_not_fit_or_go_back_in_time_are_refused() -> None:
    one, two = [D(1)], [D(1), D(1)]
    with pytest.raises(InvalidInput, match="one length"):
        Executions([START], ["A"], two, one, one)
    with pytest.raises(InvalidInput, match="order of time"):
        Executions([START, START - timedelta(days=1)], ["A", "A"], two, two, two)


rows = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.integers(-20, 20).filter(bool),
        st.integers(1, 10_000),
        st.integers(0, 1_000),
    ),
    max_size=40,
)


@given(rows)
def test_trips_and_open_lots_hold_every_share_and_every_cent(
    given_rows: Sequence[tuple[str, int, int, int]],
) -> None:
    executions = _executions(
        *((name, str(q), str(D(p) / 100), str(D(f) / 100)) for name, q, p, f in given_rows)
    )
    last = D(77)
    closed = round_trips(executions)
    # Closing all that is left at one price, free of fees, makes every fee and share part of a trip.
    left = {
        name: sum((D(q) for n, q, _, _ in given_rows if n == name), D(0)) for name in ("A", "B")
    }
    ends = [(name, str(-q), str(last), "0") for name, q in left.items() if q]
    whole = round_trips(
        _executions(
            *((n, str(q), str(D(p) / 100), str(D(f) / 100)) for n, q, p, f in given_rows), *ends
        )
    )
    assert [t.profit for t in whole[: len(closed)]] == [t.profit for t in closed]
    cash = sum((-D(q) * D(p) / 100 - D(f) / 100 for _, q, p, f in given_rows), D(0))
    assert sum((trip.profit for trip in whole), D(0)) == cash + sum(left.values(), D(0)) * last
    assert (
        sum((trip.fees for trip in whole), D(0)) == sum((D(f) for *_, f in given_rows), D(0)) / 100
    )
    assert all(trip.closed >= trip.opened and trip.fees >= 0 for trip in whole)
