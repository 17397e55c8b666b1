"""What the outside may ask of sweeps: run a strategy over a grid of parameters."""

from typing import Annotated

from pydantic import Field

from fondaco.backtest.capabilities import (
    CAPITAL,
    AccountKind,
    CostTable,
    ExitShare,
    HalfSpread,
    Impact,
    Leverage,
    Parameters,
    Participation,
    Rate,
    StrategyName,
    Symbols,
    YearRate,
    numbers_of,
)
from fondaco.backtest.sweep_result import SweepResult
from fondaco.backtest.sweep_views import view_sweep
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import CashAmount, Day
from fondaco.core.settings import Settings

Values = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,63}=-?[0-9]+(\.[0-9]+)?(,-?[0-9]+(\.[0-9]+)?){0,499}$",
        description="a parameter and its values, e.g. lookback=63,126,252",
    ),
]
Varied = Annotated[
    tuple[Values, ...],
    Field(
        min_length=1,
        max_length=10,
        description="what to vary, each name=number,number; all combinations are run, at most 500",
    ),
]


@capability("backtest.sweep", Effect.WRITE, view=view_sweep, job=SweepResult)
def sweep(
    jobs: Jobs,
    settings: Settings,
    caller: Caller,
    /,
    *,
    strategy: StrategyName,
    vary: Varied,
    from_: Annotated[Day | None, Field(description="first day, e.g. 2000-01-01")] = None,
    to: Annotated[Day | None, Field(description="last day, e.g. 2018-12-31")] = None,
    capital: CashAmount = CAPITAL,
    symbol: Symbols = (),
    parameter: Parameters = (),
    costs: CostTable = None,
    cost_bps: Rate = None,
    half_spread_bps: HalfSpread = 0.0,
    impact: Impact = 0.0,
    participation: Participation = None,
    stop: ExitShare = None,
    target: ExitShare = None,
    trail: ExitShare = None,
    account: AccountKind = "reg_t",
    leverage: Leverage = 1.0,
    borrow_rate: YearRate = 0.0,
    debit_rate: YearRate = 0.0,
    credit_rate: YearRate = 0.0,
) -> Job:
    """Run a strategy over a grid of parameters; every set is counted as a trial.

    The sets are all combinations of the values given. Each is traded by the rules, prices and
    costs of a backtest and listed by its Sharpe ratio, beside what the best of so many trials
    would show by luck alone. The best of many is no forecast. Work goes on as a job.

    Example:
        fondaco backtest sweep momentum --vary lookback=126,252 --from 2010-01-01 --to 2018-12-31
    """
    from fondaco.backtest.asked import asked_of
    from fondaco.backtest.grid import varied_of
    from fondaco.backtest.request import Request  # the strategies that are checked are heavy
    from fondaco.backtest.sweep_asked import sweep_inputs

    asked = asked_of(locals(), settings)
    fixed, who = numbers_of(parameter), caller.actor
    request = Request(
        strategy,
        fixed,
        from_,
        to,
        asked.terms(),
        symbol,
        who,
        leverage,
        surface=caller.surface,
    )
    return jobs.start("backtest.sweep", sweep_inputs(request, varied_of(vary)))
