"""From candidate to paper to live: who may ask, what the gate says, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from fondaco.core.capability import Caller
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused
from fondaco.research.gate import NEVER_OVERRIDDEN, Case, judge, same_strategy
from fondaco.research.ports import UserStrategies
from fondaco.research.trial_ledger import (
    Condition,
    Evidence,
    EvidenceStore,
    PaperRecords,
    Promotion,
    PromotionStore,
    Stage,
    Trial,
    TrialStore,
)

if TYPE_CHECKING:
    from fondaco.research.statistics.sharpe import Shape  # it brings numpy
    from fondaco.research.trial_results import Standing

OVERRIDE_CHARS_MIN = 10
OVERRIDE_CHARS_MAX = 500
PROMOTIONS_READ_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """What a promotion reads and writes."""

    trials: TrialStore
    evidence: EvidenceStore
    promotions: PromotionStore
    papers: PaperRecords
    strategies: UserStrategies
    clock: Clock


def promote(
    ledgers: Ledgers, caller: Caller, evidence_id: str, to: Stage, override: str = ""
) -> Promotion:
    """Promote the strategy of some evidence, or withdraw it, and return the promotion as kept.

    Paper may be asked for by anyone, since the gate is the same for all; live, a withdrawal and an
    override are a person's. An override is a reason of 10 to 500 characters for paper alone; where
    every condition is met it is not needed and not kept. Raises Refused with every condition that
    is not met, its value, bound and remedy; NotFound for unknown evidence; Conflict for a strategy
    that is withdrawn but stands nowhere.
    """
    reason = override.strip()
    evidence = ledgers.evidence.get(evidence_id)
    _may_ask(caller, evidence.strategy, to, reason)
    if to is Stage.CANDIDATE:
        _require_standing(ledgers, evidence.strategy)
        return _keep(ledgers, caller, evidence, to, (), "")
    conditions = judge(case_for(ledgers, evidence, to), to)
    unmet = [condition for condition in conditions if not condition.met]
    if unmet:
        _refuse_unless_overridden(evidence, to, unmet, len(conditions), reason)
    return _keep(ledgers, caller, evidence, to, conditions, reason if unmet else "")


def case_for(ledgers: Ledgers, evidence: Evidence, to: Stage = Stage.PAPER) -> Case:
    """Return all that the gate looks at, as it is now; the paper record only where it is asked."""
    from fondaco.research.standing import standing_of

    trial = ledgers.trials.get(evidence.trial)
    kept = None if evidence.holdout is None else ledgers.trials.get(evidence.holdout)
    history = ledgers.promotions.list(strategy=evidence.strategy, limit=PROMOTIONS_READ_MAX)
    since = _on_paper_since(history, evidence) if to is Stage.LIVE else None
    found = case_of(
        evidence,
        (trial, kept),
        standing_of(ledgers.trials, trial),
        code_now=_found_code(ledgers.strategies, evidence),
        today=ledgers.clock.now().date(),
        touched=_touched(ledgers.trials, evidence, trial, kept),
    )
    return replace(
        found,
        current=history[0] if history else None,
        paper=None if since is None else ledgers.papers.of(evidence.strategy, since),
    )


def case_of(
    evidence: Evidence,
    trials: tuple[Trial, Trial | None],
    standing: "Standing",
    *,
    code_now: str | None,
    today: date,
    touched: Sequence[str] = (),
) -> Case:
    """Return a case for paper from evidence, its searched trial and the one kept back.

    `touched` are further trials that reached into the span kept back, beside the evidence's own.
    """
    trial, kept = trials
    mine = [one for one in trials if one is not None]
    own = all(one.strategy == evidence.strategy and one.code == evidence.code for one in mine)
    contents = dict.fromkeys((*evidence.touched, *touched))
    return Case(
        evidence=evidence,
        standing=standing,
        searched=_shape(trial),
        holdout=None if kept is None else _shape(kept),
        own=own,
        touched=tuple(c for c in contents if c not in {evidence.trial, evidence.holdout}),
        code_now=code_now,
        today=today,
    )


def code_now(strategies: UserStrategies, evidence: Evidence) -> str:
    """Return the hash of the code that a strategy has now; raises NotFound for one that is gone.

    A user's file is read, not opened.
    """
    from fondaco.research.strategies.found import strategy_found
    from fondaco.research.strategies.strategy import code_hash

    return code_hash(strategy_found(strategies, evidence.strategy, evidence.parameters))


def _found_code(strategies: UserStrategies, evidence: Evidence) -> str | None:
    try:
        return code_now(strategies, evidence)
    except (NotFound, InvalidInput):  # the condition on the code says that it cannot be found
        return None


def _shape(trial: Trial) -> "Shape | None":
    import numpy as np

    from fondaco.research.standing import shape_or_none

    return shape_or_none(np.array(trial.returns))


def _touched(
    trials: TrialStore, evidence: Evidence, trial: Trial, kept: Trial | None
) -> tuple[str, ...]:
    """Return the earlier trials that reached into the span kept back, seen with its returns too.

    Before the span was looked at, one that was made on it alone could not be recognised.
    """
    from fondaco.research.alike import Idea, touching
    from fondaco.research.standing import lines_for
    from fondaco.research.trials import line_of

    if kept is None or evidence.holdout_since is None or evidence.holdout_until is None:
        return ()
    lines = lines_for(trials, evidence.family)
    streams = (line_of(trial).stream, line_of(kept).stream)
    known = tuple(stream for stream in streams if stream is not None)
    idea = Idea(evidence.strategy, evidence.family, known)
    since, until = evidence.holdout_since, evidence.holdout_until
    found = touching(lines, idea, since=since, until=until)
    return tuple(line.content for line in found if line.at < kept.at)


def _on_paper_since(history: Sequence[Promotion], evidence: Evidence) -> datetime | None:
    """Return since when a strategy has stood on paper by the gate as it is; newest come first."""
    since = None
    for promotion in history:
        if promotion.stage is Stage.CANDIDATE or promotion.override:
            break
        if not same_strategy(promotion, evidence):
            break
        since = promotion.at
    return since


def _may_ask(caller: Caller, strategy: str, to: Stage, reason: str) -> None:
    who = f"{caller.actor} on {caller.surface}"
    if not caller.person and (reason or to is not Stage.PAPER):
        what = "override the gate" if reason else f"make {strategy} {to.value}"
        raise Refused(
            f"only a person may {what}",
            value=who,
            remedy="Ask the person at the desk to do it in the terminal or on the CLI.",
        )
    if reason and to is not Stage.PAPER:
        raise Refused(
            "the gate can be overridden for paper only, whoever asks",
            value=f"an override for {to.value}",
            remedy="Leave the override out.",
        )
    if reason and not OVERRIDE_CHARS_MIN <= len(reason) <= OVERRIDE_CHARS_MAX:
        raise InvalidInput(
            "an override needs a reason that a reader can understand later",
            value=f"{len(reason)} characters",
            bound=f"{OVERRIDE_CHARS_MIN} to {OVERRIDE_CHARS_MAX} characters",
        )


def _require_standing(ledgers: Ledgers, strategy: str) -> None:
    history = ledgers.promotions.list(strategy=strategy, limit=1)
    if not history or history[0].stage is Stage.CANDIDATE:
        raise Conflict(
            f"{strategy} stands nowhere, so it cannot be withdrawn",
            remedy="`fondaco research promotions` shows what stands where.",
        )


def _refuse_unless_overridden(
    evidence: Evidence, to: Stage, unmet: Sequence[Condition], count: int, reason: str
) -> None:
    fixed = [condition for condition in unmet if condition.name in NEVER_OVERRIDDEN]
    if reason and not fixed:
        return
    head = f"{evidence.strategy} may not be {_words(to)} on {evidence.id}: "
    if reason:
        head += f"{_many(len(fixed))} of {count} cannot be overridden"
        raise Refused(head + _listed(fixed), remedy=_next(evidence, to, blocked=True))
    head += f"{_many(len(unmet))} of {count} not met"
    raise Refused(head + _listed(unmet), remedy=_next(evidence, to, blocked=bool(fixed)))


def _next(evidence: Evidence, to: Stage, *, blocked: bool) -> str:
    # On a line of its own, below the conditions.
    show = "`fondaco research promotions` shows what stands where."
    if to is Stage.LIVE or blocked:
        return f"\nNo override is possible. {show}"
    return (
        f"\nA person may override for paper, and the reason stays beside it for ever: `fondaco "
        f'research promote {evidence.id} --to paper --override "REASON"`.'
    )


def _many(count: int) -> str:
    return "1 condition" if count == 1 else f"{count} conditions"


def _words(stage: Stage) -> str:
    return "on paper" if stage is Stage.PAPER else stage.value


def _listed(conditions: Sequence[Condition]) -> str:
    return "".join(f"\n  {told(condition)}" for condition in conditions)


def told(condition: Condition) -> str:
    """Return a condition in a line: name, value, bound, and for one that is not met its remedy.

    >>> told(Condition("data", False, "simulated", "real", "Use real prices."))
    'data: simulated; needed: real. Use real prices.'
    """
    said = f"{condition.name}: {condition.value}; needed: {condition.bound}."
    return said if condition.met or not condition.remedy else f"{said} {condition.remedy}"


def _keep(
    ledgers: Ledgers,
    caller: Caller,
    evidence: Evidence,
    to: Stage,
    conditions: tuple[Condition, ...],
    override: str,
) -> Promotion:
    promotion = Promotion(
        id="",
        strategy=evidence.strategy,
        family=evidence.family,
        code=evidence.code,
        parameters=evidence.parameters,
        stage=to,
        evidence=evidence.id,
        conditions=conditions,
        override=override,
        author=caller.actor,
        surface=caller.surface,
        at=ledgers.clock.now(),
    )
    return replace(promotion, id=ledgers.promotions.add(promotion))
