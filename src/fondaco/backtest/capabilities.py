"""What the outside may ask of backtests: run one, show one, list them."""

from decimal import Decimal
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import Field

from fondaco.backtest.asked import asked_of
from fondaco.backtest.ports import BacktestStore
from fondaco.backtest.result import BacktestResult, BacktestSummary
from fondaco.backtest.views import view_backtest, view_backtests
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import BacktestId, BasisPoints, CashAmount, Day, RowLimit, Symbol
from fondaco.core.settings import Settings
from fondaco.research.ports import UserStrategies

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
Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_000,
        pattern=r"^[^\x00-\x1f]+$",
        description="a built-in strategy, or a file of your own, e.g. my_strategy.py",
    ),
]
TERMINAL = "cli"
CAPITAL = Decimal("100000.00")
CostTable = Annotated[
    str | None,
    Field(
        pattern=r"^[A-Z][A-Z0-9_]{0,63}$",
        description="dated rate table, e.g. US_IBKR_FIXED; a flat rate when left out",
    ),
]
Rate = Annotated[
    BasisPoints | None,
    Field(description="flat cost in basis points, 0 to 1000; the desk's own when left out"),
]
HalfSpread = Annotated[
    float, Field(ge=0, le=1_000, description="half the spread that takers give up, basis points")
]
Impact = Annotated[
    float,
    Field(
        ge=0,
        le=10,
        description="square-root impact: this times daily volatility times the root of the "
        "order's share of an average day's volume",
    ),
]
Participation = Annotated[
    float | None,
    Field(gt=0, le=1, description="largest share of a bar's volume that orders take, e.g. 0.05"),
]
ExitShare = Annotated[
    float | None, Field(gt=0, lt=1, description="exit at this share from the entry, e.g. 0.05")
]
AccountKind = Annotated[
    Literal["reg_t", "cash", "unlimited"],
    Field(description="margin: Regulation T, paid in full, or none asked for"),
]
Leverage = Annotated[
    float, Field(gt=0, le=4, description="most that weights may add up to without signs, to 4")
]
YearRate = Annotated[float, Field(ge=0, le=1, description="rate a year as a share, e.g. 0.03")]
OnOff = Annotated[
    Literal["off", "on"],
    Field(description="hold every order against the desk's guardrails, and leave out what fails"),
]


@capability("backtest.run", Effect.WRITE, view=view_backtest, job=BacktestResult)
def run(
    jobs: Jobs,
    settings: Settings,
    strategies: UserStrategies,
    caller: Caller,
    /,
    *,
    strategy: Reference,
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
    guardrails: OnOff = "off",
) -> Job:
    """Run a strategy on past prices, with real costs, and count it as a trial.

    Orders decided at a close fill in the next session, at its prices and by the rules of paper
    (docs/explanation/fills.md). A file of your own runs confined. The result is kept as BT-n.

    Example:
        fondaco backtest run momentum --from 2000-01-01 --to 2018-12-31
    """
    from fondaco.backtest.request import Request, request_of  # the strategies it checks are heavy

    asked = asked_of(locals(), settings)
    numbers, guarded = numbers_of(parameter), guardrails == "on"
    name, code = code_of(strategies, strategy, caller)
    request = Request(
        name,
        numbers,
        from_,
        to,
        asked.terms(),
        symbol,
        caller.actor,
        leverage,
        guarded,
        code,
        caller.surface,
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


def code_of(strategies: UserStrategies, reference: str, caller: Caller) -> tuple[str, str | None]:
    """Return a strategy's name, and the source of a user's file, None for a built-in.

    Only the command line of the machine may name any path; from elsewhere a file lies in the
    strategies folder.
    """
    if not reference.endswith(".py"):
        return reference, None
    source = strategies.read(reference, anywhere=caller.surface == TERMINAL)
    return PurePath(reference).name, source


def numbers_of(given: tuple[str, ...]) -> dict[str, Any]:
    """Return name=number pairs as a mapping; a number without a point is whole."""
    pairs = (text.partition("=") for text in given)
    return {name: float(number) if "." in number else int(number) for name, _, number in pairs}
