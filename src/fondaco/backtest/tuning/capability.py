"""What the outside may ask of tuning: search a strategy's parameters, honestly."""

from dataclasses import replace
from typing import Annotated, Any, Literal

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
from fondaco.backtest.held import holdout_of
from fondaco.backtest.tuning.result import TuneResult
from fondaco.backtest.tuning.views import view_tune
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.jobs import Job, Jobs
from fondaco.core.quantities import CashAmount, Day
from fondaco.core.settings import Settings
from fondaco.research.ports import UserStrategies

_NAME, _NUMBER = "[a-z][a-z0-9_]{0,63}", r"-?[0-9]+(\.[0-9]+)?"
Ranged = Annotated[
    str,
    Field(
        pattern=rf"^{_NAME}=({_NUMBER}\.\.{_NUMBER}(:(log|{_NUMBER}))?|"
        rf"{_NUMBER}(,{_NUMBER}){{0,499}})$",
        description="a parameter and its range or values: lookback=63..504, lookback=63..504:21, "
        "share=0.05..0.5:log, share=0.1,0.2,0.3",
    ),
]
Space = Annotated[
    tuple[Ranged, ...],
    Field(
        min_length=1,
        max_length=10,
        description="what to vary, each name=low..high, with :step or :log, or name=a,b,c",
    ),
]
Amount = Annotated[
    int, Field(ge=1, le=2_000, description="sets to try, each a trial; 200 for a file of your own")
]
Seed = Annotated[
    int, Field(ge=0, le=2_147_483_647, description="seed: the same one tries the same sets")
]
WalkForward = Annotated[
    str,
    Field(
        pattern=r"^(off|(expanding|rolling):[0-9]{2,5}/[0-9]{1,4})$",
        description="choose by the past and test on what follows: expanding or rolling:sessions to "
        "choose by / sessions tested, e.g. expanding:756/126; off chooses by the whole span",
    ),
]
Holdout = Annotated[
    str,
    Field(
        pattern=r"^(0(\.[0-9]{1,6})?|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
        description="what is kept back at the end: a share up to 0.5, 0 for none, or its first day",
    ),
]
Prune = Annotated[
    Literal["auto", "on", "off"],
    Field(
        description="give up sets that are poor in the first part of the span; auto does where "
        "weights are slow to compute and that part is short"
    ),
]


From = Annotated[Day | None, Field(description="first day, e.g. 2000-01-01")]
To = Annotated[Day | None, Field(description="last day, e.g. 2018-12-31")]
FittedAt = Annotated[
    Day | None,
    Field(description="day on which these cost figures were fitted or measured, 2024-05-31"),
]


@capability("backtest.tune", Effect.WRITE, view=view_tune, job=TuneResult)
def tune(
    jobs: Jobs,
    settings: Settings,
    strategies: UserStrategies,
    caller: Caller,
    /,
    *,
    strategy: Reference,
    vary: Space,
    trials: Amount = 50,
    from_: From = None,
    to: To = None,
    seed: Seed = 7,
    walk_forward: WalkForward = "expanding:756/126",
    holdout: Holdout = "0.2",
    prune: Prune = "auto",
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
) -> Job:
    """Search a strategy's parameters forward in time; every set is counted as a trial.

    Each window's set is chosen by the sessions before it alone, and what it earned after that is
    the figure to expect. The end of the span is kept back and never touched. Work goes on as a
    job; one that was cut short goes on where it stood.

    Example:
        fondaco backtest tune momentum --vary lookback=63..504 --trials 16 --from 2008-01-01
    """
    given = dict(locals())  # every input by its name: there are too many to hand on one by one
    from fondaco.backtest.request import Request  # the strategies that are checked are heavy
    from fondaco.backtest.tuning.asked import tune_inputs

    (name, code), numbers = code_of(strategies, strategy, caller), numbers_of(parameter)
    terms, who = asked_of(given, settings).terms(), caller.actor
    request = Request(name, numbers, from_, to, terms, symbol, who, leverage, code=code)
    request = replace(request, surface=caller.surface)
    return jobs.start("backtest.tune", tune_inputs(request, vary, **_searched(given)))


def _searched(given: dict[str, Any]) -> dict[str, Any]:
    """Return how the space is searched, as `Tuning` has it."""
    kind, _, sessions = given["walk_forward"].partition(":")
    train, _, test = sessions.partition("/")
    return {
        "trials": given["trials"],
        "seed": given["seed"],
        "walk": None if kind == "off" else (kind, int(train), int(test)),
        "holdout": holdout_of(given["holdout"]),
        "prune": None if given["prune"] == "auto" else given["prune"] == "on",
    }
