"""What is said of a validation in words: its parts, its cautions, what it costs to look again."""

from fondaco.backtest.validation.result import (
    CrossValidation,
    Holdout,
    ValidatedSet,
    WalkForward,
)

FELL_SHORT = 0.5
"""A choice that earns less than this share of what it showed is said to have faded."""


def cross_words(count: int, sets: int, splits: int, *, single: bool) -> str:
    """Return what the combinatorial test's ratios are of.

    >>> cross_words(6, 1, 15, single=True)
    'One set was given: nothing is chosen, so the 6 ratios are those of the span cut into 6 blocks.'
    """
    if single:
        return (
            f"One set was given: nothing is chosen, so the {count} ratios are those of the span "
            f"cut into {count} blocks."
        )
    return (
        f"The best of {sets:,} sets was chosen on {splits:,} purged splits; the {count:,} ratios "
        "are of whole histories put together from what was not learnt from."
    )


def walk_words(outside: float | None, inside: float, sets: int) -> str:
    """Return what the walk shows: what was promised, and what came of it."""
    if sets == 1:
        return (
            "One set was given: nothing is chosen, so this is the strategy itself on the sessions "
            "behind the first window."
        )
    came = "no ratio" if outside is None else f"{outside:.2f}"
    return (
        f"The sets chosen showed a Sharpe ratio of {inside:.2f} where they were chosen, and "
        f"{came} in the windows that followed."
    )


def learning_words(paths: int, splits: int, horizon: int, embargo: int) -> str:
    """Return how the forecaster was refitted.

    >>> learning_words(5, 15, 20, 5)[:58]
    'The forecaster was refitted on 15 purged splits, with labe'
    """
    return (
        f"The forecaster was refitted on {splits:,} purged splits, with labels of {horizon} "
        f"sessions and an embargo of {embargo}; its scores make {paths:,} histories that it did "
        "not learn from."
    )


def faded(walk: WalkForward) -> str | None:
    """Return the caution that what was chosen did not last."""
    outside = walk.figures.sharpe
    if len(walk.chosen) < 2 or walk.inside <= 0.0 or outside is None:
        return None
    if outside >= FELL_SHORT * walk.inside:
        return None
    return (
        f"What was chosen did not last: a Sharpe ratio of {walk.inside:.2f} where the sets were "
        f"chosen became {outside:.2f} in the windows that followed."
    )


def few_paths(cross: CrossValidation) -> str | None:
    """Return the caution that the combinatorial test had nothing to choose among."""
    if cross.kind == "paths":
        return None
    return (
        "One set was given, so cross-validation and the walk had nothing to choose among: they "
        "cannot show overfitting by a search made elsewhere. Give the sets that were tried with "
        "--vary."
    )


def was_touched(holdout: Holdout) -> str | None:
    """Return the caution that trials had reached into the held-back span before."""
    count = len(holdout.touched)
    if not count:
        return None
    trials = "1 trial" if count == 1 else f"{count:,} trials"
    return (
        f"The held-back span was not untouched: {trials} of this idea had reached into it before "
        f"({', '.join(one[:12] for one in holdout.touched[:3])}{', ...' if count > 3 else ''}). "
        "Sessions that come after today are the only ones nobody has seen."
    )


def not_run(sets: tuple[ValidatedSet, ...]) -> str | None:
    """Return the caution that some sets could not be run."""
    failed = [one for one in sets if one.fault]
    if not failed:
        return None
    several = "1 set" if len(failed) == 1 else f"{len(failed):,} sets"
    return f"{several} could not be run and counted for nothing: {failed[0].fault}"
