"""Each caution is said when it holds, with its number, and not otherwise."""

from dataclasses import replace
from decimal import Decimal
from math import nan

import numpy as np
import pytest

from fondaco.backtest import words
from fondaco.backtest.cautions import cautions
from fondaco.backtest.measure import aligned, benchmark_of, metrics_of, months_of, series_of
from fondaco.backtest.play import Played
from fondaco.backtest.request import request_of
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import decisions_of, tape_of
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.fakes import simulated_instruments
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies.library import strategy_named
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.terms import Carry
from unit.backtest.desk import inputs
from unit.backtest.scene import FREE, panel_of, ran_by_event, terms


def played(
    panel: Panel,
    weights: Matrix,
    capital: int = 1_000,
    carry: Carry | None = None,
    actions: Counts = NO_ACTIONS,
) -> Played:
    reel = tape_of(panel, simulated_instruments(len(panel.instruments)), actions=actions)
    given = replace(terms(capital, FREE), carry=carry or Carry())
    targets = decisions_of(reel, weights)
    swept = sweep_one(reel, targets, given)
    return Played(
        replace(request_of(inputs()), terms=given),
        strategy_named("momentum"),
        panel,
        simulated_instruments(len(panel.instruments)),
        reel,
        ran_by_event(reel, targets, given)[0],
        swept,
        series_of(reel, panel.sessions, swept),
    )


def said(run: Played) -> str:
    return "\n".join(cautions(run, metrics_of(run.series)))


LONG = [[10.0], [10.0], [11.0], [10.5]]
HALF = np.array([[0.5], [nan], [nan], [nan]])


def test_a_short_position_is_said_with_its_sessions() -> None:
    assert "3 sessions held short positions, which paid no borrow" in said(
        played(panel_of(LONG), -HALF)
    )
    assert "short positions" not in said(played(panel_of(LONG), HALF))


def test_a_short_that_paid_for_its_shares_is_not_said_to_have_paid_nothing() -> None:
    lent = played(panel_of(LONG), -HALF, carry=Carry(borrow=Decimal("0.03")))
    assert "which paid 3 % a year of borrow" in said(lent)


def test_shares_that_a_split_made_are_not_taken_for_a_short_when_they_are_sold() -> None:
    # 49 at 10 become 98 at 5 before row 2; all of them are sold in row 3.
    panel = panel_of([[10.0], [10.0], [5.0], [5.0], [5.0]])
    weights = np.array([[0.5], [nan], [0.0], [nan], [nan]])
    split = np.array([[2, 0, x.Action.SPLIT, 2, 1]], dtype=np.int64)
    run = played(panel, weights, actions=split)
    assert run.swept.fills[:, x.E_QUANTITY].tolist() == [49, -98]
    assert "short positions" not in said(run)


def test_cash_below_zero_is_said_with_its_lowest() -> None:
    # 99 shares sized at 10 are bought at 20: 1000 - 1980.
    run = played(panel_of([[10.0], [20.0], [20.0]]), np.array([[1.0], [nan], [nan]]))
    assert "Cash fell to -980.00 USD" in said(run)
    assert "the 1 % kept back. No interest was charged." in said(run)
    assert "Cash fell" not in said(played(panel_of(LONG), HALF))


def test_a_debt_that_cost_something_is_said_with_its_rate() -> None:
    panel, all_of_it = panel_of([[10.0], [20.0], [20.0]]), np.array([[1.0], [nan], [nan]])
    run = played(panel, all_of_it, carry=Carry(debit=Decimal("0.075")))
    assert "It paid 7.5 % a year for it." in said(run)


def test_what_the_guardrails_held_back_is_counted() -> None:
    run = played(panel_of(LONG), HALF)
    assert "Guardrails" not in said(run)
    held = replace(run, blocked={"position_size": 12}, not_judged={"event_window": 1_234})
    assert (
        "Guardrails held orders back: position_size 12. "
        "Not judged for want of data: event_window 1,234."
    ) in said(held)


def test_orders_that_never_met_a_bar_are_counted() -> None:
    run = played(panel_of([[10.0], [10.0]]), np.array([[nan], [0.5]]))
    assert "1 order was still working" in said(run)
    two = played(panel_of([[10.0, 10.0]] * 2), np.array([[nan, nan], [0.5, 0.5]]))
    assert "2 orders were still working" in said(two)


def test_a_position_at_an_old_price_is_named() -> None:
    rows = [[10.0, 5.0]] * 3 + [[nan, 5.0]] * words.STALE_SESSIONS
    weights = np.full((len(rows), 2), nan)
    weights[0] = 0.4
    assert "valued at their last close: SIM00." in said(played(panel_of(rows), weights))
    weights[0] = [0.0, 0.4]
    assert "last close" not in said(played(panel_of(rows), weights))


def test_survivors_are_spoken_of_for_bundled_prices_alone() -> None:
    panel = panel_of(LONG)
    assert "were still listed" in said(played(replace(panel, origin=Origin.BUNDLED), HALF))
    assert "were still listed" not in said(played(panel, HALF))


def test_an_account_that_lost_everything_has_no_returns() -> None:
    with pytest.raises(InvalidInput, match=r"lost everything.*2015-01-07"):
        played(panel_of([[10.0], [10.0], [40.0], [40.0]]), -HALF)


def test_five_years_are_not_short() -> None:
    assert words.short_span(252 * 5, 0.4) is None
    assert words.short_span(252 * 5 - 1, 0.4) == (
        "The span is short: 1,259 sessions. Its Sharpe ratio is uncertain by about 0.40 either way "
        "(one standard error)."
    )
    assert words.went_below_zero(Decimal(0), "USD", terms()) is None


def test_an_index_is_aligned_by_day_and_needs_two_closes() -> None:
    days = np.array(["2019-07-01", "2019-07-02", "2019-07-03"], dtype="datetime64[D]")
    closes = aligned(days, days[[0, 2]], np.array([100.0, 121.0]))
    assert np.isnan(closes[1])
    index = benchmark_of("SPX", days, closes)
    assert index is not None
    assert index.total_return == pytest.approx(0.21)
    assert benchmark_of("SPX", days, np.array([nan, 1.0, nan])) is None


def test_months_start_where_the_last_one_ended() -> None:
    days = np.array(["2019-06-28", "2019-07-01", "2019-07-31", "2019-08-01"], dtype="datetime64[D]")
    months = months_of(days, np.array([100.0, 110.0, 121.0, 60.5]))
    assert [(m.year, m.month, round(m.value, 9)) for m in months] == [
        (2019, 6, 0.0),
        (2019, 7, 0.21),
        (2019, 8, -0.5),
    ]
