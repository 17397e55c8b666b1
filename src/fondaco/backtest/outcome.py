"""What is made of a run that was played: its detail, its tables and its result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest import words
from fondaco.backtest.attributed import attributed_of
from fondaco.backtest.cautions import cautions
from fondaco.backtest.charged import charges_of
from fondaco.backtest.detail import Detail
from fondaco.backtest.happened import happened_of, unfilled_of
from fondaco.backtest.measure import benchmark_of, curve_of, months_of, trades_of
from fondaco.backtest.movements import Movements
from fondaco.backtest.play import Played
from fondaco.backtest.reasons import Reasons, orders_by_id
from fondaco.backtest.records import Tables, records_of
from fondaco.backtest.result import BacktestResult, Metrics
from fondaco.backtest.rolled import WINDOWS, holdings_of, rolling_of
from fondaco.backtest.trips import trips_of
from fondaco.core.ids import content_hash
from fondaco.portfolio.measures.summary import Account, Liquidity, summary
from fondaco.portfolio.measures.table import MEASURES
from fondaco.research.trial_results import Standing
from fondaco.research.trials import Counted
from fondaco.trading.cost_model.units import PPB
from fondaco.trading.costs import MICRO, from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.concession import concession_planes

TRIPS_KEPT_MAX = 2_000
EVENTS_KEPT_MAX = 500


@dataclass(frozen=True, slots=True)
class Index:
    """The index beside a run: its symbol and its closes on the run's days, NaN for none."""

    symbol: str
    closes: NDArray[np.float64]


def detail_of(played: Played, index: Index | None) -> tuple[Detail, Tables]:
    """Return what lies behind a run's figures, and its whole record as tables."""
    moves = Movements(played)
    orders = orders_by_id(moves)
    whole, trips = trips_of(moves, Reasons(moves, orders))
    closes = None if index is None else index.closes
    found = summary(_account(played, closes), trips=whole, liquidity=_liquidity(moves))
    events = happened_of(moves)
    detail = Detail(
        measures={name: getattr(found, name) for name in MEASURES},
        falls=found.worst,
        rolling=tuple(rolling_of(played.series, closes, window) for window in WINDOWS),
        holdings=holdings_of(moves),
        charges=charges_of(moves, orders),
        trips=trips[-TRIPS_KEPT_MAX:],
        trips_all=len(trips),
        attributed=attributed_of(moves),
        events=events[-EVENTS_KEPT_MAX:],
        events_all=len(events),
        unfilled=unfilled_of(moves, orders),
    )
    return detail, records_of(moves, orders, trips, closes)


def result_of(
    played: Played,
    measured: Metrics,
    counted: Counted,
    standing: Standing,
    index: Index | None,
    detail: Detail,
    created_at: datetime,
) -> BacktestResult:
    """Return the result of a run, without an id yet."""
    series, panel, tape, request = played.series, played.panel, played.tape, played.request
    counts = [standing.own.raw, standing.family.raw, standing.desk.raw]
    point: Literal["open", "close"] = "open" if tape.fills_at_open else "close"
    closes = None if index is None else index.closes
    return BacktestResult(
        id="",
        key=content_hash([counted.trial.content, *counts]),
        strategy=played.strategy.name,
        parameters=dict(played.strategy.parameters),
        symbols=tuple(instrument.symbol for instrument in played.book),
        since=series.days[0].item(),
        until=series.days[-1].item(),
        sessions=len(series.days),
        label=panel.origin,
        data_version=panel.version,
        fill_point=point,
        fill_rule=words.fill_rule(point),
        currency=tape.currency,
        capital=request.capital,
        end_equity=from_micros(int(played.swept.record[x.EQUITY, -1])),
        costs=words.cost_words(request.costs, tape.currency),
        metrics=measured,
        benchmark=None if index is None else benchmark_of(index.symbol, series.days, index.closes),
        curve=curve_of(series, closes),
        months=months_of(series.days, series.equity),
        trades=trades_of(tape, played.swept, played.book),
        fills=len(played.swept.fills),
        orders_open=len(played.run.working),
        warnings=cautions(played, measured),
        created_at=created_at,
        detail=detail,
        trial=counted.trial.content,
        standing=standing,
    )


def _account(played: Played, closes: NDArray[np.float64] | None) -> Account:
    series = played.series
    return Account(
        series.days,
        series.equity,
        benchmark=closes,
        positions=series.exposure,
        positions_net=series.equity - series.cash,
        traded=series.traded,
        fees=series.fees,
    )


def _liquidity(moves: Movements) -> Liquidity | None:
    """Return what was traded against the mean volume before it; None where none is known."""
    tape, fills = moves.played.tape, moves.played.swept.fills
    if not tape.has_volume or not len(fills):
        return None
    rows, columns = fills[:, x.E_ROW], fills[:, x.E_COLUMN]
    model = moves.played.request.costs
    planes = concession_planes(model, tape.plane("mark"), tape.plane("volume"))
    price = tape.plane("mark")[rows, columns] / MICRO * moves.rates[rows, columns]
    equity = moves.played.swept.record[x.EQUITY, rows] / MICRO
    return Liquidity(
        np.abs(moves.fill_values) / equity,
        planes[2, rows, columns] * price,
        planes[1, rows, columns] / PPB,
    )
