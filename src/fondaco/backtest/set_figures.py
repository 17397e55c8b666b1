"""How one set of parameters fared, as sweeps and tunings list it."""

from fondaco.backtest.play import Played
from fondaco.backtest.result import Metrics
from fondaco.backtest.sweep_result import SetFigures
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator import layout as x


def figures_of(played: Played, measured: Metrics) -> SetFigures:
    """Return the figures that sets are compared by."""
    return SetFigures(
        measured.cagr,
        measured.vol_annual,
        measured.sharpe,
        measured.max_drawdown.depth,
        measured.turnover_annual,
        from_micros(int(played.swept.record[x.EQUITY, -1])),
    )
