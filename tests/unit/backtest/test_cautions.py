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
from fondaco.backtest.tape import decisions_of
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.fakes import simulated_instruments
from fondaco.market.panel import Matrix, Panel
from fondaco.research.strategies import strategy_named
from unit.backtest.desk import inputs
from unit.backtest.scene import FREE, panel_of, ran_by_event, tape, terms


def played(panel: Panel, weights: Matrix, capital: int = 1_000) -> Played:
    reel = tape(panel)
    targets, given = decisions_of(reel, weights), terms(capital, FREE)
    swept = sweep_one(reel, targets, given)
    return Played(
        request_of(inputs()),
        strategy_named("momentum"),
        panel,
        simulated_instruments(len(panel.instruments)),
        reel,
        ran_by_event(reel, targets, given)[0],
        swept,
        series_of(reel, panel.sessions, swept),
    )


def said(run: Played, luck: float | None = None, trials: int = 1) -> str:
    return "\n".join(cautions(run, metrics_of(run.series, run.swept), luck, trials))


LONG = [[10.0], [10.0], [11.0], [10.5]]
HALF = np.array([[0.5], [nan], [nan], [nan]])


def test_a_short_position_is_said_with_its_sessions() -> None:
    assert "3 sessions held short positions" in said(played(panel_of(LONG), -HALF))
    assert "short positions" not in said(played(panel_of(LONG), HALF))


def test_cash_below_zero_is_said_with_its_lowest() -> None:
    # 99 shares sized at 10 are bought at 20: 1000 - 1980.
    run = played(panel_of([[10.0], [20.0], [20.0]]), np.array([[1.0], [nan], [nan]]))
    assert "Cash fell to -980.00 USD" in said(run)
    assert "Cash fell" not in said(played(panel_of(LONG), HALF))


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


def test_luck_is_said_only_when_it_would_have_done_as_well() -> None:
    run = played(panel_of(LONG), HALF)
    assert "what the best of 50 trials would show by luck alone" in said(run, 99.0, 50)
    assert "by luck alone" not in said(run, 0.0001, 50)
    assert "by luck alone" not in said(run)


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
    assert words.went_below_zero(Decimal(0), "USD") is None


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
