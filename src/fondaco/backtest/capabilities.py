"""What the outside may ask of backtests: run one, show one, list them."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from fondaco.backtest.ports import BacktestStore
from fondaco.backtest.result import BacktestResult, BacktestSummary
from fondaco.backtest.views import view_backtest, view_backtests
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import BacktestId, BasisPoints, CashAmount, Day, RowLimit, Symbol
from fondaco.core.settings import Settings
from fondaco.trading.cost_model.model import CostModel

StrategyName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="strategy name, e.g. momentum")
]
Setting = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,63}=-?[0-9]+(\.[0-9]+)?$",
        description="a parameter of the strategy, e.g. lookback=126",
    ),
]
Symbols = Annotated[
    tuple[Symbol, ...],
    Field(max_length=1_000, description="symbols to trade; every share when left out"),
]
Parameters = Annotated[
    tuple[Setting, ...],
    Field(max_length=50, description="changed parameters, each name=number, e.g. lookback=126"),
]
CAPITAL = Decimal("100000.00")


@capability("backtest.run", Effect.WRITE, view=view_backtest, job=BacktestResult)
def run(
    jobs: Jobs,
    settings: Settings,
    caller: Caller,
    /,
    *,
    strategy: StrategyName,
    from_: Annotated[Day | None, Field(description="first day, e.g. 2000-01-01")] = None,
    to: Annotated[Day | None, Field(description="last day, e.g. 2018-12-31")] = None,
    capital: CashAmount = CAPITAL,
    cost_bps: Annotated[
        BasisPoints | None,
        Field(description="cost in basis points, 0 to 1000; the desk's own when left out"),
    ] = None,
    symbol: Symbols = (),
    parameter: Parameters = (),
) -> Job:
    """Run a strategy on past prices, with real costs, and count it as a trial.

    The strategy decides at a session's close; its orders fill in the next session by the same
    rules as on paper (docs/explanation/fills.md). Fees are the rate or the desk's minimum fee,
    whichever is more. The report names the data's origin, the fill rule, the costs and the number
    of trials made so far. Work goes on as a job; its result is kept as BT-n.

    Example:
        fondaco backtest run momentum --from 2000-01-01 --to 2018-12-31
    """
    from fondaco.backtest.request import Request, request_of  # the strategies it checks are heavy

    bps = settings.cost_bps if cost_bps is None else cost_bps
    costs = CostModel.flat(Decimal(str(bps)), settings.fee_min)
    request = Request(
        strategy, _numbers(parameter), from_, to, capital, costs, symbol, caller.actor
    )
    return jobs.start("backtest.run", request_of(request.plain()).plain())


@capability("backtest.show", Effect.READ, view=view_backtest)
def show(backtests: BacktestStore, /, *, backtest: BacktestId) -> BacktestResult:
    """Show a backtest: figures, trials, cautions, curves, months and fills.

    Example:
        fondaco backtest show BT-1
    """
    return backtests.get(backtest)


@capability("backtest.list", Effect.READ, view=view_backtests)
def list_backtests(
    backtests: BacktestStore,
    /,
    *,
    strategy: Annotated[
        StrategyName | None, Field(description="only those of this strategy, e.g. momentum")
    ] = None,
    limit: RowLimit = 20,
) -> tuple[BacktestSummary, ...]:
    """List the backtests that were run, newest first.

    Example:
        fondaco backtest list --strategy momentum
    """
    return backtests.list(strategy=strategy, limit=limit)


def _numbers(given: tuple[str, ...]) -> dict[str, Any]:
    """Return name=number pairs as a mapping; a number without a point is whole."""
    pairs = (text.partition("=") for text in given)
    return {name: float(number) if "." in number else int(number) for name, _, number in pairs}
