"""What the outside may ask of tuning: search a strategy's parameters, honestly."""

from datetime import date
from typing import Annotated, Literal

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
    Reference,
    Symbols,
    YearRate,
    code_of,
    numbers_of,
)
from fondaco.backtest.tune_result import TuneResult
from fondaco.backtest.tune_views import view_tune
from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.errors import InvalidInput
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
Forward = Annotated[
    Literal["on", "off"],
    Field(description="choose by the past and test on what follows; off chooses by the whole span"),
]
Kind = Annotated[
    Literal["expanding", "rolling"],
    Field(description="choose by all sessions before a window, or by the latest ones"),
]
Train = Annotated[
    int, Field(ge=21, le=12_600, description="sessions to choose by, at least, e.g. 756")
]
Test = Annotated[int, Field(ge=5, le=2_520, description="sessions of a tested window, e.g. 126")]
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
    from_: Annotated[Day | None, Field(description="first day, e.g. 2000-01-01")] = None,
    to: Annotated[Day | None, Field(description="last day, e.g. 2018-12-31")] = None,
    seed: Seed = 7,
    walk_forward: Forward = "on",
    walk: Kind = "expanding",
    train: Train = 756,
    test: Test = 126,
    holdout: Holdout = "0.2",
    prune: Prune = "auto",
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
    """Search a strategy's parameters forward in time; every set is counted as a trial.

    Each window's set is chosen by the sessions before it alone, and what it earned after that is
    the figure to expect. The end of the span is kept back and never touched. Work goes on as a
    job; one that was cut short goes on where it stood.

    Example:
        fondaco backtest tune momentum --vary lookback=63..504 --trials 16 --from 2008-01-01
    """
    from fondaco.backtest.asked import Asked
    from fondaco.backtest.request import Request  # the strategies that are checked are heavy
    from fondaco.backtest.tune_asked import tune_inputs

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
        costs_fitted_at=settings.cost_fitted_at if costs is None and cost_bps is None else None,
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
    inputs = tune_inputs(
        request,
        vary,
        trials=trials,
        seed=seed,
        walk=(walk, train, test) if walk_forward == "on" else None,
        holdout=holdout_of(holdout),
        prune=None if prune == "auto" else prune == "on",
    )
    return jobs.start("backtest.tune", inputs)


def holdout_of(text: str) -> float | date:
    """Return a share, or the day that is meant; raises InvalidInput for a day that is none.

    >>> holdout_of("0.2"), holdout_of("2016-01-04")
    (0.2, datetime.date(2016, 1, 4))
    """
    if "-" not in text:
        return float(text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "there is no such day", value=text, bound="e.g. 2016-01-04", remedy=f"It is: {error}."
        ) from error
