"""What the outside may ask of validations: every test of a strategy in one call."""

from typing import Annotated

from pydantic import Field

from fondaco.backtest.asked import asked_of
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
    Reference,
    Symbols,
    YearRate,
    code_of,
    numbers_of,
)
from fondaco.backtest.request import Request
from fondaco.backtest.sweep_capability import Values
from fondaco.backtest.validation.result import ValidationResult
from fondaco.backtest.validation.views import view_validation
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import CashAmount, Day
from fondaco.core.settings import Settings
from fondaco.research.ports import UserStrategies

Varied = Annotated[
    tuple[Values, ...],
    Field(
        max_length=10,
        description="sets that were tried beside it, each name=number,number; all combinations, "
        "at most 100",
    ),
]
HeldBack = Annotated[
    str | None,
    Field(
        pattern=r"^(0?\.[0-9]{1,6}|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
        description="what is held back: a share from 0.05 to 0.5, or its first day; the newest "
        "fifth when left out",
    ),
]
Walked = Annotated[
    str,
    Field(
        pattern=r"^((rolling|expanding):[0-9]{2,4}/[0-9]{2,4}"
        r"|anchored:[0-9]{2,4}/[0-9]{2,4}:[0-9]{4}-[0-9]{2}-[0-9]{2})$",
        description="walk-forward: kind:train/test in sessions, rolling or expanding, or "
        "anchored:756/126:2008-01-02",
    ),
]
Folds = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,2}/[0-9]{1,2}$",
        description="combinatorial test: groups of sessions / groups tested at a time, e.g. 6/2",
    ),
]
Draws = Annotated[int, Field(ge=500, le=20_000, description="draws of each resampling, to 20000")]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, description="seed of all chance, a whole number")]
From = Annotated[Day | None, Field(description="first day, e.g. 2005-06-01")]
To = Annotated[Day | None, Field(description="last day, e.g. 2022-12-28")]
FittedAt = Annotated[
    Day | None,
    Field(description="day on which these cost figures were fitted or measured, 2024-05-31"),
]


@capability("backtest.validate", Effect.WRITE, view=view_validation, job=ValidationResult)
def validate(
    jobs: Jobs,
    settings: Settings,
    strategies: UserStrategies,
    caller: Caller,
    /,
    *,
    strategy: Reference,
    vary: Varied = (),
    from_: From = None,
    to: To = None,
    holdout: HeldBack = None,
    capital: CashAmount = CAPITAL,
    symbol: Symbols = (),
    parameter: Parameters = (),
    costs: CostTable = None,
    costs_fitted_at: FittedAt = None,
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
    walk: Walked = "rolling:756/126",
    folds: Folds = "6/2",
    draws: Draws = 2_000,
    seed: Seed = 7,
) -> Job:
    """Validate a strategy: every test of it in one call, and the evidence that the gate asks for.

    Look-ahead proof, purged cross-validation, walk-forward, bootstrap, trade order, permutation,
    overfitting, deflation; last, once, the span that was held back. Every set run is a trial. Give
    with --vary what was tried beside it. Evidence is kept as EV-n. Work goes on as a job.

    Example:
        fondaco backtest validate momentum --from 2005-06-01 --costs US_ZERO_COMMISSION
    """
    given = dict(locals())  # every input by its name: there are too many to hand on one by one
    from fondaco.backtest.validation.asked import validate_inputs  # the strategies are heavy

    name, code = code_of(strategies, strategy, caller)
    request = Request(
        name,
        numbers_of(parameter),
        from_,
        to,
        asked_of(given, settings).terms(),
        symbol,
        caller.actor,
        leverage,
        code=code,
        surface=caller.surface,
    )
    return jobs.start("backtest.validate", validate_inputs(request, given))
