"""What the outside may ask of the trial ledger and of the gate."""

from datetime import UTC, datetime, time
from typing import Annotated

from pydantic import Field

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.core.quantities import Day, RowLimit
from fondaco.research.ports import UserStrategies
from fondaco.research.promotion import OVERRIDE_CHARS_MAX, Ledgers, promote
from fondaco.research.promotion_views import view_promoted, view_promotions
from fondaco.research.trial_ledger import (
    EvidenceStore,
    Kind,
    PaperRecords,
    Promotion,
    PromotionStore,
    Stage,
    TrialStore,
    Which,
)
from fondaco.research.trial_results import Noted, PromotionSheet, TrialSheet
from fondaco.research.trial_views import view_noted, view_trials

_PRINTED = r"^[^\x00-\x1f]+$"
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=_PRINTED,
        description="strategy by name or file, e.g. momentum or mine.py",
    ),
]
Family = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=_PRINTED,
        description="idea that several strategies share, e.g. momentum",
    ),
]
Author = Annotated[
    str, Field(min_length=1, max_length=200, pattern=_PRINTED, description="who made the trial")
]
Made = Annotated[Kind, Field(description="how the trial came about")]
DataVersion = Annotated[int, Field(ge=0, description="version of the market data")]
Content = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{8,64}$",
        description="a trial to mark and show in full: its id, 8 digits or more",
    ),
]
AnnualSharpe = Annotated[
    float, Field(ge=-20, le=20, description="annual Sharpe ratio that it showed, -20 to 20")
]
Sessions = Annotated[int, Field(ge=2, le=100_000, description="sessions that it rests on")]
Note = Annotated[
    str,
    Field(
        min_length=1,
        max_length=REASON_CHARS_MAX,
        pattern=_PRINTED,
        description="what was tried, where and how",
    ),
]
Returns = Annotated[
    str,
    Field(
        min_length=1,
        max_length=18_000,
        description="daily returns as shares, day=return with commas or spaces between, e.g. "
        "2019-06-27=0.004 2019-06-28=-0.0012",
    ),
]
EvidenceId = Annotated[str, Field(pattern=r"^EV-\d{1,12}$", description="evidence id, e.g. EV-3")]
To = Annotated[Stage, Field(description="how far it may come; candidate withdraws it")]
Override = Annotated[
    str,
    Field(
        max_length=OVERRIDE_CHARS_MAX,
        description="why paper is right in spite of the gate, 10 to 500 characters; a person's, "
        "and shown for ever",
    ),
]


@capability("research.trials", Effect.READ, view=view_trials)
def show_trials(
    trials: TrialStore,
    /,
    *,
    strategy: Name | None = None,
    family: Family | None = None,
    author: Author | None = None,
    kind: Made | None = None,
    data_version: DataVersion | None = None,
    chosen: Content | None = None,
    limit: RowLimit = 100,
) -> TrialSheet:
    """Show the trial ledger: every evaluation that anyone made, counted for good.

    The more trials stand behind a result, the more of it is luck. Beside the cloud of their Sharpe
    ratios stands what the best of them would show without any skill. With `chosen`, one trial is
    marked and shown in full: what led to it, and how it stands after paying for the others.

    Example:
        fondaco research trials --strategy momentum
    """
    from fondaco.research.trial_search import search

    which = Which(strategy, family, author, kind, data_version)
    return search(trials, which, chosen=chosen, limit=limit)


@capability("research.note", Effect.WRITE, view=view_noted)
def note_trial(
    trials: TrialStore,
    clock: Clock,
    caller: Caller,
    /,
    *,
    strategy: Name,
    from_: Day,
    to: Day,
    note: Note,
    family: Family | None = None,
    sharpe: AnnualSharpe | None = None,
    sessions: Sessions | None = None,
    returns: Returns | None = None,
) -> Noted:
    """Count an evaluation that was made elsewhere: in a notebook, on paper, with another tool.

    A trial that the ledger does not know of is paid for by nobody. Without its daily returns it
    counts as unlike every other, for ever; with them it counts for what it adds.

    Example:
        fondaco research note my_idea --from 2005-01-03 --to 2018-12-31 --sharpe 0.4 --note "Tried in a notebook"
    """  # noqa: E501 - the example is one command
    from fondaco.research.noted import Told, count_noted

    if from_ > to:
        raise InvalidInput("it ends before it starts", value=to, bound=f"{from_} or later")
    now = clock.now()
    if to > now.date():
        raise InvalidInput("that day has not come", value=to, bound=f"{now.date()} or earlier")
    since, until = (datetime.combine(day, time(), UTC) for day in (from_, to))
    told = Told(
        strategy=strategy,
        family=family or strategy,
        since=since,
        until=until,
        note=note,
        sharpe=sharpe,
        sessions=sessions,
        returns=returns or "",
    )
    return count_noted(trials, told, caller, now)


@capability("research.promote", Effect.WRITE, view=view_promoted)
def promote_strategy(
    trials: TrialStore,
    evidence: EvidenceStore,
    promotions: PromotionStore,
    paper_records: PaperRecords,
    strategies: UserStrategies,
    clock: Clock,
    caller: Caller,
    /,
    *,
    evidence_: EvidenceId,
    to: To,
    override: Override = "",
) -> Promotion:
    """Promote a strategy from candidate to paper, or from paper to live, if the gate lets it.

    The gate asks for a proof that nothing of the future is known, dated costs, unchanged code, a
    span kept back that no trial of the family had touched, a Sharpe ratio that stands after paying
    for every trial, and real prices; for live also for a record on paper. A refusal lists each
    condition that is not met, with its value and bound. `--to candidate` withdraws it. A person may
    override for paper only, and the reason is shown for ever.

    Example:
        fondaco research promote EV-1 --to paper
    """
    ledgers = Ledgers(
        trials=trials,
        evidence=evidence,
        promotions=promotions,
        papers=paper_records,
        strategies=strategies,
        clock=clock,
    )
    return promote(ledgers, caller, evidence_, to, override)


@capability("research.promotions", Effect.READ, view=view_promotions)
def show_promotions(
    promotions: PromotionStore, /, *, strategy: Name | None = None, limit: RowLimit = 100
) -> PromotionSheet:
    """Show which strategies stand on paper or live, by what decision, and every decision before.

    Each with the conditions of the gate as they were found then; an override stays beside it.

    Example:
        fondaco research promotions
    """
    current = tuple(one for one in promotions.current() if strategy in (None, one.strategy))
    rows = promotions.list(strategy=strategy, limit=limit)
    return PromotionSheet(strategy, current, rows)
