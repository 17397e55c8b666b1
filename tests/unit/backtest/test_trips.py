"""The journal: round trips through splits, ends and reasons. Every figure is worked out by hand."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.backtest.detail import Trip
from fondaco.backtest.movements import Movements
from fondaco.backtest.play import Played
from fondaco.backtest.reasons import Reasons, orders_by_id
from fondaco.backtest.trips import trips_of
from fondaco.research.strategies.selection import Selection
from fondaco.research.strategies.strategy import Strategy
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Carry, Exits, Margin
from unit.backtest.played import NAN, panel_of, played_on

SPLIT, DELISTING = int(x.Action.SPLIT), int(x.Action.DELISTING)


def journal(played: Played) -> tuple[Trip, ...]:
    moves = Movements(played)
    return trips_of(moves, Reasons(moves, orders_by_id(moves)))[1]


def test_a_round_trip_has_its_prices_fees_days_and_reasons() -> None:
    panel = panel_of([[100.0], [100.0], [110.0], [120.0]])
    costs = CostModel.flat(Decimal(0), Decimal("1.00"))
    played = played_on(panel, [[0.5], [NAN], [0.0], [NAN]], costs=costs)
    (trip,) = journal(played)
    assert (trip.symbol, trip.quantity) == ("SIM00", Decimal(500))
    assert (trip.price_in, trip.price_out) == (Decimal(100), Decimal(120))
    assert (trip.fees, trip.profit) == (Decimal(2), Decimal(9_998))
    assert (trip.opened, trip.closed) == (panel.sessions[1].item(), panel.sessions[3].item())
    assert trip.days == (trip.closed - trip.opened).days
    assert trip.ended == "new target"
    assert trip.why == "As the test says; 0.0 % to 50.0 % of equity"
    # 500 shares at 110 of 100,000 - 1 + 500 x 10 = 104,999: 52.4 %.
    assert trip.why_out == "As the test says; 52.4 % to 0.0 % of equity"


def test_a_lot_is_one_lot_through_a_split() -> None:
    # 7 for 1 before row 2, as AAPL's of June 2014: the value does not change, the prices do.
    panel = panel_of([[700.0], [700.0], [100.0], [110.0]])
    actions = np.array([[2, 0, SPLIT, 7, 1]])
    (trip,) = journal(played_on(panel, [[1.0], [NAN], [0.0], [NAN]], actions=actions))
    # 142 shares at 700 are 994 at 100, sold at 110.
    assert (trip.quantity, trip.price_in, trip.price_out) == (994, 100, 110)
    assert (trip.profit, trip.restated) == (Decimal(9_940), True)


def test_before_a_split_prices_stay_as_they_were_traded() -> None:
    panel = panel_of([[700.0], [700.0], [770.0], [110.0], [110.0]])
    actions = np.array([[3, 0, SPLIT, 7, 1]])
    (trip,) = journal(played_on(panel, [[1.0], [0.0], [NAN], [NAN], [NAN]], actions=actions))
    assert (trip.quantity, trip.price_in, trip.price_out) == (142, 700, 770)
    assert not trip.restated


def test_what_a_split_leaves_over_is_a_sale_of_its_own() -> None:
    # 333 shares become 499.5: half a share is paid out, the rest sold; no share is left open.
    panel = panel_of([[300.0], [300.0], [200.0], [200.0]])
    actions = np.array([[2, 0, SPLIT, 3, 2]])
    trips = journal(played_on(panel, [[1.0], [NAN], [0.0], [NAN]], actions=actions))
    assert [(trip.quantity, trip.ended) for trip in trips] == [
        (Decimal("0.5"), "fraction paid out"),
        (Decimal(499), "new target"),
    ]
    assert [trip.price_in for trip in trips] == [200, 200]
    assert sum(trip.profit for trip in trips) == 0


def test_a_reverse_split_of_three_closes_its_lot_whole() -> None:
    panel = panel_of([[10.0], [10.0], [30.0], [33.0]])
    actions = np.array([[2, 0, SPLIT, 1, 3]])
    trips = journal(played_on(panel, [[0.1], [NAN], [0.0], [NAN]], actions=actions))
    # 1,000 shares become 333 and a third.
    assert [trip.quantity for trip in trips] == [Decimal("0.333333"), Decimal(333)]
    assert trips[1].profit == Decimal(999)


def test_a_delisting_closes_at_what_it_paid() -> None:
    panel = panel_of([[50.0], [50.0], [40.0], [NAN]])
    actions = np.array([[3, 0, DELISTING, 38_000_000, 0]])
    (trip,) = journal(played_on(panel, [[1.0], [NAN], [NAN], [NAN]], actions=actions))
    assert (trip.ended, trip.price_out, trip.profit) == ("delisting", 38, Decimal(-24_000))
    assert "last worth" in trip.why_out


@pytest.mark.parametrize(
    ("exits", "last", "words", "price"),
    [
        (Exits(target=Decimal("0.1")), 115.0, "target", 115),
        (Exits(stop=Decimal("0.1")), 85.0, "stop", 85),
        (Exits(trail=Decimal("0.1")), 85.0, "trailing stop", 85),
    ],
)
def test_an_exit_says_which_it_was(exits: Exits, last: float, words: str, price: int) -> None:
    panel = panel_of([[100.0], [100.0], [last], [last]])
    (trip,) = journal(played_on(panel, [[0.5], [NAN], [NAN], [NAN]], exits=exits))
    assert (trip.ended, trip.price_out) == (words, price)
    assert trip.why_out == f"the {words} was reached"


def test_a_margin_call_is_said() -> None:
    half = Margin(Decimal("0.5"), Decimal("0.25"), Decimal("0.5"), Decimal("0.3"))
    panel = panel_of([[100.0], [100.0], [60.0], [60.0], [60.0]])
    played = played_on(panel, [[2.0], [NAN], [NAN], [NAN], [NAN]], margin=half, gross_max=2.0)
    assert "margin call" in {trip.ended for trip in journal(played)}


def test_a_short_has_a_quantity_below_zero_and_gains_by_a_fall() -> None:
    panel = panel_of([[100.0], [100.0], [90.0], [80.0]])
    played = played_on(panel, [[-0.5], [NAN], [0.0], [NAN]], carry=Carry(borrow=Decimal("0.01")))
    (trip,) = journal(played)
    assert (trip.quantity, trip.profit) == (Decimal(-500), Decimal(10_000))


def test_a_selection_says_score_and_rank_at_the_deciding_close() -> None:
    scores = np.array([[0.1, 0.3, NAN], [0.5, 0.2, 0.2], [0.1, 0.2, 0.3]])
    panel = panel_of([[10.0] * 3, [11.0] * 3, [12.0] * 3])
    chooser = Selection(lambda _: scores, 0.5, 2)
    strategy = Strategy("s", 1, {}, 0, chooser, selection=chooser)
    weights = [[0.0, 1.0, NAN], [1.0, 0.0, NAN], [NAN] * 3]
    (trip,) = journal(played_on(panel, weights, strategy=strategy))
    assert trip.symbol == "SIM01"
    assert trip.why == "score 0.3, rank 1 of 2; 0.0 % to 100.0 % of equity"
    # Of equal scores the first in the panel ranks first. 10,000 shares sized at 10 cost 11 each.
    assert trip.why_out == "score 0.2, rank 2 of 3; 110.0 % to 0.0 % of equity"


@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.lists(st.floats(0, 0.9), min_size=6, max_size=6),
)
@settings(max_examples=30, deadline=None)
def test_all_that_was_earned_stands_in_the_journal_or_is_still_held(
    new: int, old: int, weights: list[float]
) -> None:
    """Profits of the trips and of a sale at the end are the change of equity, to the cent."""
    closes = [[50.0 + n] for n in range(4)] + [[(54.0 + n) * old / new] for n in range(4)]
    wanted = [[weight] for weight in weights] + [[0.0], [NAN]]
    actions = np.array([[4, 0, SPLIT, new, old]])
    panel = panel_of([[round(close, 2)] for (close,) in closes])
    played = played_on(panel, wanted, actions=actions)
    earned = played.run.equity[-1] - played.run.equity[0]
    assert abs(sum((trip.profit for trip in journal(played)), Decimal(0)) - earned) < Decimal(
        "0.01"
    )


def test_a_day_is_the_session() -> None:
    (trip,) = journal(played_on(panel_of([[1.0], [1.0], [1.0]]), [[0.5], [0.0], [NAN]]))
    assert isinstance(trip.opened, date)
    assert trip.opened.weekday() < 5
