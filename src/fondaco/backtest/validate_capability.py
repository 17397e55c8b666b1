"""What the outside may ask of validations: every test of a strategy in one call."""

from typing import Annotated

from pydantic import Field

from fondaco.backtest.asked import Asked
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
from fondaco.backtest.sweep_capability import Values
from fondaco.backtest.validate_result import ValidationResult
from fondaco.backtest.validate_views import view_validation
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
WalkKind = Annotated[
    str,
    Field(
        pattern=r"^(rolling|expanding|anchored)$",
        description="walk-forward: rolling, expanding or anchored",
    ),
]
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
    from_: Annotated[Day | None, Field(description="first day, e.g. 2005-06-01")] = None,
    to: Annotated[Day | None, Field(description="last day, e.g. 2022-12-28")] = None,
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
    walk: WalkKind = "rolling",
    walk_train: Annotated[
        int, Field(ge=63, le=5_040, description="sessions a walk learns from, 63 to 5040")
    ] = 756,
    walk_test: Annotated[
        int, Field(ge=21, le=1_260, description="sessions of a walk's test, 21 to 1260")
    ] = 126,
    walk_anchor: Annotated[
        Day | None, Field(description="day from which an anchored walk learns, e.g. 2008-01-02")
    ] = None,
    groups: Annotated[
        int, Field(ge=2, le=20, description="groups of the combinatorial test, 2 to 20")
    ] = 6,
    test_groups: Annotated[
        int, Field(ge=1, le=10, description="groups tested at a time, 1 to 10")
    ] = 2,
    draws: Annotated[
        int, Field(ge=500, le=20_000, description="draws of each resampling, 500 to 20000")
    ] = 2_000,
    seed: Annotated[
        int, Field(ge=0, le=2**32 - 1, description="seed of all chance, a whole number")
    ] = 7,
) -> Job:
    """Validate a strategy: every test of it in one call, and the evidence that the gate asks for.

    Look-ahead proof, purged cross-validation, walk-forward, bootstrap, trade order, permutation,
    overfitting, deflation; last, once, the span that was held back. Every set run is a trial. Give
    with --vary what was tried beside it. Evidence is kept as EV-n. Work goes on as a job.

    Example:
        fondaco backtest validate momentum --from 2005-06-01 --costs US_ZERO_COMMISSION
    """
    from fondaco.backtest.grid import varied_of
    from fondaco.backtest.request import Request  # the strategies that are checked are heavy
    from fondaco.backtest.validate_asked import plan_of, validate_inputs

    asked = Asked(
        capital=capital,
        costs=costs,
        cost_bps=settings.cost_bps if cost_bps is None else cost_bps,
        fee_min=settings.fee_min,
        half_spread_bps=half_spread_bps,
        impact=impact,
        participation=participation,
        stop=stop,
        target=target,
        trail=trail,
        account=account,
        borrow_rate=borrow_rate,
        debit_rate=debit_rate,
        credit_rate=credit_rate,
        costs_fitted_at=costs_fitted_at,
    )
    plan = plan_of(
        {
            "vary": varied_of(vary),
            "holdout": holdout,
            "walk": walk,
            "walk_train": walk_train,
            "walk_test": walk_test,
            "walk_anchor": walk_anchor,
            "groups": groups,
            "test_groups": test_groups,
            "draws": draws,
            "seed": seed,
        }
    )
    name, code = code_of(strategies, strategy, caller)
    request = Request(
        name,
        numbers_of(parameter),
        from_,
        to,
        asked.terms(),
        symbol,
        caller.actor,
        leverage,
        code=code,
        surface=caller.surface,
    )
    return jobs.start("backtest.validate", validate_inputs(request, plan))
