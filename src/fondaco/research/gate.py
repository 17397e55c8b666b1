"""The gate: what must hold of a strategy before it may stand on paper, and before it may be live.

Pure: a case in, conditions out, always all of them and in one order. Nothing here is a setting: no
surface, flag or environment passes round it.
"""

from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import TYPE_CHECKING

from fondaco.core.instrument import Origin
from fondaco.research.trial_ledger import Condition, Evidence, PaperRecord, Promotion, Stage
from fondaco.research.trial_results import Counts, Standing
from fondaco.research.trial_words import counted_words, share_words

if TYPE_CHECKING:
    # It brings numpy, and this module stands on `--help`'s way.
    from fondaco.research.statistics.sharpe import Shape

PROOF = "look-ahead proof"
COSTS = "cost model"
CODE = "code unchanged"
HOLDOUT = "out-of-sample span"
UNTOUCHED = "out-of-sample span untouched"
HOLDOUT_SHARPE = "out-of-sample Sharpe ratio"
DEFLATED = "deflated Sharpe ratio, family"
DEFLATED_DESK = "deflated Sharpe ratio, desk"
OVERFIT = "probability of overfitting"
LABEL = "data"
ON_PAPER = "stands on paper"
PAPER_SESSIONS = "sessions on paper"
PAPER_FILLS = "fills on paper"
PAPER_SHARPE = "Sharpe ratio on paper"
NEVER_OVERRIDDEN = frozenset({CODE, LABEL})
"""What no reason outweighs: without them the evidence is not of this strategy, or of no market."""
TOUCHED_SHOWN_MAX = 3
_YEAR = sqrt(252)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The bounds of the gate, each with its reason.

    `deflated_min`: the level at which Bailey and Lopez de Prado (2014) call a ratio real; over the
    family, since those trials were made to find this one. `deflated_desk_min`: a desk asks many
    questions, and each may be answered by luck; 0.90 over all of its trials keeps the best of any
    number of luckless ones out in 19 of 20 cases and more, without making one person pay in full
    for another's search. `overfit_max`: at 0.5 the best set falls behind the median as often as
    not (Bailey et al. 2017). `holdout_sessions_min`: one year. `cost_age_days_max`: three years;
    commissions and spreads do not stay. `paper_sessions_min` and `paper_fills_min`: a quarter, and
    enough fills for a mean cost. `paper_distance_min`: the one-sided 5 per cent point of the normal
    that a paper record may not fall below.
    """

    deflated_min: float = 0.95
    deflated_desk_min: float = 0.90
    overfit_max: float = 0.5
    holdout_sessions_min: int = 252
    holdout_sharpe_above: float = 0.0
    cost_age_days_max: int = 1_095
    paper_sessions_min: int = 63
    paper_fills_min: int = 20
    paper_distance_min: float = -1.645


BOUNDS = Bounds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that the gate looks at.

    `standing` is that of the evidence's searched trial now, not when the evidence was found: later
    trials of the family count too. `searched` and `holdout` are the shapes of the returns on the
    span that was searched and on the one kept back, None where there are none that vary. `own` says
    that both trials are of this strategy and this code. `touched` are the trials of its family that
    had reached into the span kept back before. `code_now` is None where the strategy cannot be
    found any more. `current` is the promotion in force, `paper` what was done on paper since the
    gate first let it stand there as it is.
    """

    evidence: Evidence
    standing: Standing
    searched: "Shape | None"
    holdout: "Shape | None"
    own: bool
    touched: tuple[str, ...]
    code_now: str | None
    today: date
    current: Promotion | None = None
    paper: PaperRecord | None = None


def judge(case: Case, stage: Stage, bounds: Bounds = BOUNDS) -> tuple[Condition, ...]:
    """Return every condition of a stage, met or not, always in one order; none for a candidate.

    Live asks for all that paper asks for, again and now, and for the record on paper.
    """
    if stage is Stage.CANDIDATE:
        return ()
    found = (
        _proof(case),
        _costs(case, bounds),
        _code(case),
        _holdout_length(case, bounds),
        _holdout_untouched(case),
        _holdout_sharpe(case, bounds),
        _deflated(case, bounds),
        _deflated_desk(case, bounds),
        _overfit(case, bounds),
        _label(case),
    )
    return found if stage is Stage.PAPER else (*found, *_live(case, bounds))


def _proof(case: Case) -> Condition:
    proof, name = case.evidence.proof, case.evidence.strategy
    return Condition(
        PROOF,
        bool(proof),
        proof or "not proved",
        "shown to know nothing of the future",
        f"`fondaco strategies check {name}` names the bar that it knew.",
    )


def _costs(case: Case, bounds: Bounds) -> Condition:
    costs, dated = case.evidence.costs, case.evidence.costs_dated
    bound = f"a cost model with its date, at most {bounds.cost_age_days_max:,} days old"
    remedy = "Validate again with a dated rate table (`--costs`) or with `--costs-fitted-at`."
    if dated is None:
        return Condition(
            COSTS, met=False, value=f"{costs}, without a date", bound=bound, remedy=remedy
        )
    age = (case.today - dated).days
    value = f"{costs}, as of {dated.isoformat()}"
    return Condition(COSTS, age <= bounds.cost_age_days_max, value, bound, remedy)


def _code(case: Case) -> Condition:
    then, now = case.evidence.code, case.code_now
    remedy = "Validate it again: evidence holds for the code that it was found with."
    if now is None:
        value = "the strategy cannot be found"
    elif now != then:
        value = f"{now[:12]} now, {then[:12]} then"
    elif not case.own:
        value = "the evidence's trials are of another strategy or code"
    else:
        value = f"{then[:12]}, unchanged"
    return Condition(CODE, now == then and case.own, value, "the code of the evidence", remedy)


def _holdout_length(case: Case, bounds: Bounds) -> Condition:
    sessions = 0 if case.holdout is None else case.holdout.sessions
    since, until = case.evidence.holdout_since, case.evidence.holdout_until
    span = "none that trades" if not sessions else f"{sessions:,} sessions, {since} to {until}"
    return Condition(
        HOLDOUT,
        sessions >= bounds.holdout_sessions_min,
        span,
        f"at least {bounds.holdout_sessions_min:,} sessions kept back",
        "Validate with a longer span kept back (`--holdout`), or wait for more sessions.",
    )


def _holdout_untouched(case: Case) -> Condition:
    count = len(case.touched)
    there = case.evidence.holdout is not None
    shown = ", ".join(content[:12] for content in case.touched[:TOUCHED_SHOWN_MAX])
    more = f" and {count - TOUCHED_SHOWN_MAX:,} more" if count > TOUCHED_SHOWN_MAX else ""
    seen = f"reached into by {count:,} earlier: {shown}{more}"
    value = "there is none" if not there else seen if count else "reached into by none"
    return Condition(
        UNTOUCHED,
        there and not count,
        value,
        "no earlier trial of its family or of a twin",
        "What was looked at cannot be unseen: wait for sessions that no trial of the family had, "
        "and keep those back.",
    )


def _holdout_sharpe(case: Case, bounds: Bounds) -> Condition:
    ratio = None if case.holdout is None else case.holdout.sharpe * _YEAR
    return Condition(
        HOLDOUT_SHARPE,
        ratio is not None and ratio > bounds.holdout_sharpe_above,
        "not defined" if ratio is None else f"{ratio:.2f}",
        f"above {bounds.holdout_sharpe_above:.2f}",
        "It did not earn on what it had not seen: look for why before trying another set.",
    )


def _deflated(case: Case, bounds: Bounds) -> Condition:
    return _probability(
        DEFLATED, case.standing.deflated, case.standing.family, bounds.deflated_min, "its family's"
    )


def _deflated_desk(case: Case, bounds: Bounds) -> Condition:
    found, least = case.standing.deflated_desk, bounds.deflated_desk_min
    return _probability(DEFLATED_DESK, found, case.standing.desk, least, "the desk's")


def _probability(
    name: str, found: float | None, counts: Counts, least: float, whose: str
) -> Condition:
    over = f"over {whose} {counted_words(counts)}"
    return Condition(
        name,
        found is not None and found >= least,
        f"not defined {over}" if found is None else f"{share_words(found)} {over}",
        f"at least {share_words(least)}",
        "More sessions raise it, further trials lower it.",
    )


def _overfit(case: Case, bounds: Bounds) -> Condition:
    standing, evidence = case.standing, case.evidence
    known = [p for p in (standing.overfit, evidence.overfit) if p is not None]
    bound = f"at most {share_words(bounds.overfit_max)}"
    remedy = "Validate with `--vary` over the sets that were tried, on the same sessions."
    if known:
        worst, sets = max(known), max(standing.overfit_sets, evidence.overfit_sets)
        met = all(p <= bounds.overfit_max for p in known)
        value = f"{share_words(worst)} over {sets:,} sets"
        return Condition(OVERFIT, met, value, bound, "Try fewer sets, or longer spans.")
    if standing.overfit_sets == 1 and not standing.overfit_left_out:
        return Condition(
            OVERFIT, met=True, value="not defined: one set was ever tried", bound=bound
        )
    others = f"{standing.overfit_left_out:,} trials of its family on other sessions"
    return Condition(OVERFIT, met=False, value=f"not known: {others}", bound=bound, remedy=remedy)


def _label(case: Case) -> Condition:
    label = case.evidence.label
    return Condition(
        LABEL,
        label is not Origin.SIMULATED,
        label.value,
        "bundled, file or live",
        "Simulated prices prove that code runs, nothing else: validate on real ones.",
    )


def _live(case: Case, bounds: Bounds) -> tuple[Condition, ...]:
    return (
        _stands_on_paper(case),
        _paper_length(case, bounds),
        _paper_fills(case, bounds),
        _paper_sharpe(case, bounds),
    )


def same_strategy(promotion: Promotion, evidence: Evidence) -> bool:
    """Return whether a promotion is of the code and the parameters of some evidence."""
    return (
        promotion.strategy == evidence.strategy
        and promotion.code == evidence.code
        and promotion.parameters == evidence.parameters
    )


def _stands_on_paper(case: Case) -> Condition:
    current = case.current
    met = False
    if current is None or current.stage is Stage.CANDIDATE:
        value = "it does not stand on paper"
    elif current.override:
        value = f"by {current.id}, an override of {current.author}"
    elif not same_strategy(current, case.evidence):
        value = f"by {current.id}, with other parameters or other code"
    else:
        value, met = f"by {current.id}, since {current.at.date().isoformat()}", True
    return Condition(
        ON_PAPER,
        met,
        value,
        "by the gate, with this code and these parameters",
        f"`fondaco research promote {case.evidence.id} --to paper` comes first.",
    )


def _paper_length(case: Case, bounds: Bounds) -> Condition:
    sessions = 0 if case.paper is None else case.paper.sessions
    least = bounds.paper_sessions_min
    remedy = "Let it trade on paper for longer."
    bound = f"at least {least:,} sessions"
    return Condition(PAPER_SESSIONS, sessions >= least, f"{sessions:,} sessions", bound, remedy)


def _paper_fills(case: Case, bounds: Bounds) -> Condition:
    fills = 0 if case.paper is None else case.paper.fills
    slippage = None if case.paper is None else case.paper.slippage_bps
    cost = "" if slippage is None else f", {slippage:+.1f} bp from the cards' prices"
    least = bounds.paper_fills_min
    remedy = "Approve its cards on paper, so that what it costs to trade is known."
    bound = f"at least {least:,} fills"
    return Condition(PAPER_FILLS, fills >= least, f"{fills:,} fills{cost}", bound, remedy)


def _paper_sharpe(case: Case, bounds: Bounds) -> Condition:
    found = paper_distance(case)
    least = bounds.paper_distance_min
    ratio = None if case.paper is None else case.paper.sharpe
    said = "not defined" if ratio is None else f"Sharpe ratio {ratio:.2f}"
    return Condition(
        PAPER_SHARPE,
        found is not None and found >= least,
        said if found is None else f"{said}, {found:+.2f} errors from the backtest's",
        f"at least {least:+.3f} errors",
        "It earns less on paper than it was measured to: look at its fills and its data.",
    )


def paper_distance(case: Case) -> float | None:
    """Return by how many standard errors the paper ratio lies above the backtest's, or None.

    (s_paper - s_backtest) / sqrt(e_paper^2 + e_backtest^2), per session, each error as in
    `sharpe_error`: the two records share no day. None where either has no ratio.
    """
    import numpy as np

    from fondaco.core.errors import InvalidInput
    from fondaco.research.statistics.sharpe import shape_of, sharpe_error

    if case.paper is None or case.searched is None:
        return None
    try:
        paper = shape_of(np.array(case.paper.returns))
    except InvalidInput:  # too few, or none that moved: `_paper_sharpe` says so
        return None
    error = sqrt(sharpe_error(paper) ** 2 + sharpe_error(case.searched) ** 2)
    return None if error <= 0.0 else (paper.sharpe - case.searched.sharpe) / error
