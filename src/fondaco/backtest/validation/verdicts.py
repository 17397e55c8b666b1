"""The verdicts of a validation: each test against its limit, in words. Pure functions."""

from datetime import date

from fondaco.backtest.validation.result import (
    Bootstrap,
    CrossValidation,
    Holdout,
    Learning,
    Overfitting,
    Permutation,
    State,
    Verdict,
    WalkForward,
)
from fondaco.research.gate import BOUNDS
from fondaco.research.trial_results import Standing

P_MAX = 0.05
Z_MIN = 1.645
"""The one-sided 5 per cent point of the normal."""
LOSS_SHARE_MAX = 0.05
"""Share of the paths that may end below 0."""


def look_ahead(proof: str) -> Verdict:
    """Return the verdict on causality; a strategy that failed it never comes so far."""
    return Verdict("Look-ahead", "PASS", "none found", "none", f"{_capital(proof)}.")


def cross_validated(cross: CrossValidation) -> Verdict:
    """Return the verdict on the paths; not judged where nothing was chosen."""
    value = f"median {cross.median:.2f}, {cross.loss_share * 100:.0f} % below 0"
    limit = f"at most {LOSS_SHARE_MAX * 100:.0f} % of paths below 0"
    state: State = "NOT JUDGED"
    if cross.kind == "paths":
        state = _state(cross.loss_share <= LOSS_SHARE_MAX)
    return Verdict("Cross-validation", state, value, limit, cross.said)


def walked_forward(walk: WalkForward, low: float | None) -> Verdict:
    """Return the verdict on the walk; `low` is the lower end of its ratio's interval at 95 %.

    Not judged where nothing was chosen: then it is a part of the stream that the bootstrap judges.
    """
    ratio = walk.figures.sharpe
    value = "no ratio" if ratio is None else f"Sharpe {ratio:.2f}"
    if low is not None:
        value += f", at 95 % above {low:.2f}"
    state: State = "NOT JUDGED"
    if low is not None:
        state = _state(low > 0.0)
    return Verdict("Walk-forward", state, value, "interval above 0", walk.said)


def resampled_sharpe(bootstrap: Bootstrap) -> Verdict:
    """Return the verdict on the Sharpe ratio's interval."""
    found = bootstrap.ranges[0]
    holds = "holds" if found.low <= 0.0 <= found.high else "does not hold"
    return Verdict(
        "Bootstrap",
        _state(found.low > 0.0),
        f"Sharpe {found.low:.2f} to {found.high:.2f}",
        "interval above 0",
        f"Drawn anew in blocks of {bootstrap.mean_block:.0f} sessions on average, the interval "
        f"of the Sharpe ratio at 95 % {holds} 0.",
    )


def permuted_signals(found: Permutation) -> Verdict:
    """Return the verdict on timing: do positions know the days they are held on."""
    state = _state(found.p_value <= P_MAX)
    return Verdict(
        "Permutation",
        state,
        f"p {found.p_value:.4f}",
        f"p <= {P_MAX:g}",
        f"Its positions earned {found.earned * 100:.2f} % a year before costs; moved in time they "
        f"earn {found.by_chance * 100:.2f} %, give or take {found.error * 100:.2f} %."
        + ("" if state == "PASS" else " What it earned may be drift and not its choice of days."),
    )


def learnt(found: Learning) -> Verdict:
    """Return the verdict on a forecaster: does it rank what it did not learn from."""
    least = Z_MIN * found.error
    return Verdict(
        "Forecaster",
        _state(found.median > least),
        f"rank IC {found.median:.3f}",
        f"above {least:.3f}, {Z_MIN:g} standard errors",
        found.said,
    )


def overfitted_choice(found: Overfitting | None) -> Verdict:
    """Return the verdict on the probability of backtest overfitting."""
    limit = f"<= {BOUNDS.overfit_max:g}"
    if found is None:
        said = "Fewer than two different sets were tried here: nothing was chosen among them."
        return Verdict("Overfitting", "NOT JUDGED", "not defined", limit, said)
    return Verdict(
        "Overfitting",
        _state(found.probability <= BOUNDS.overfit_max),
        f"PBO {found.probability:.2f}",
        limit,
        f"Chosen on half of the past, the best of {found.sets:,} sets came out at or below the "
        f"median of the other half in {found.probability * 100:.0f} % of {found.splits:,} ways, "
        f"and lost money in {found.loss_probability * 100:.0f} %.",
    )


def deflated(standing: Standing) -> Verdict:
    """Return the verdict on the Sharpe ratio after paying for every trial of its family."""
    limit, paid = f">= {BOUNDS.deflated_min:g}", standing.family
    said = (
        f"The probability that its true Sharpe ratio lies above what luck shows in its family's "
        f"{paid.raw:,} trials, which count as {paid.effective:.1f} independent ones."
    )
    if standing.deflated is None:
        return Verdict("Deflated Sharpe", "NOT JUDGED", "not known", limit, said)
    state = _state(standing.deflated >= BOUNDS.deflated_min)
    return Verdict("Deflated Sharpe", state, f"{standing.deflated:.3f}", limit, said)


def track_record(standing: Standing) -> Verdict:
    """Return the verdict on the length of the record."""
    limit = f"<= {standing.sessions:,} sessions"
    needed = standing.track_record
    if needed is None:
        said = "No record, however long, tells a ratio that is not above 0 from luck."
        return Verdict("Track record", "FAIL", "never", limit, said)
    said = (
        f"A Sharpe ratio as high needs {needed:,} sessions to be told from 0 at 95 %, if it is "
        f"the only one that was tried; there are {standing.sessions:,}."
    )
    state = _state(needed <= standing.sessions)
    return Verdict("Track record", state, f"{needed:,} sessions", limit, said)


def held_back(found: Holdout) -> Verdict:
    """Return the verdict on the held-back span: untouched before, and a ratio above 0."""
    ratio = found.figures.sharpe
    shown = "no ratio" if ratio is None else f"Sharpe {ratio:.2f}"
    before = "untouched" if not found.touched else f"touched by {len(found.touched):,} trials"
    passed = ratio is not None and ratio > BOUNDS.holdout_sharpe_above and not found.touched
    return Verdict(
        "Held-back span",
        _state(passed),
        f"{shown}, {before}",
        f"Sharpe above {BOUNDS.holdout_sharpe_above:g}, untouched",
        f"{found.figures.sessions:,} sessions, {found.since} to {found.until}, looked at once, "
        "after everything else.",
    )


def costs_known(costs: str, dated: date | None) -> Verdict:
    """Return the verdict on the costs: whether their figures have a day."""
    if dated is None:
        said = f"{_capital(costs)}. Nobody said on which day these figures were right."
        return Verdict("Costs", "FAIL", "undated", "dated", said)
    return Verdict("Costs", "PASS", dated.isoformat(), "dated", f"{_capital(costs)}.")


def _state(passed: bool) -> State:
    return "PASS" if passed else "FAIL"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
