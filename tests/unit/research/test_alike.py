"""Look-alikes: an idea under another name is the same idea."""

from datetime import timedelta
from math import sqrt

import numpy as np
import pytest

from fondaco.research.alike import Idea, alike_to, correlations_with, touching
from fondaco.research.standing import RawCounts
from fondaco.research.trial_ledger import Kind, Line, Trial
from fondaco.research.trials import line_of
from unit.research.trial_scene import noise, standing_in, trial_of


def idea_of(trial: Trial) -> Idea:
    stream = line_of(trial).stream
    assert stream is not None
    return Idea(trial.strategy, trial.family, (stream,))


def like(series: np.ndarray, rho: float, seed: int = 9) -> np.ndarray:
    """Return a series that correlates with another by exactly rho."""
    one = (series - series.mean()) / series.std()
    other = noise(seed, len(series))[:, 0]
    other = other - other.mean() - one * (one @ (other - other.mean())) / len(one)
    return np.asarray(rho * one + sqrt(1.0 - rho * rho) * other / other.std())


def names(lines: tuple[Line, ...]) -> set[str]:
    return {line.strategy for line in lines}


def test_a_renamed_copy_is_known_at_any_leverage_and_a_stranger_is_not() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    others = [
        trial_of(np.array(mine.returns), "b", strategy="renamed.py"),
        trial_of(3.0 * np.array(mine.returns), "c", strategy="levered.py"),
        trial_of(-np.array(mine.returns), "d", strategy="reversed.py"),
        trial_of(noise(2, 300)[:, 0], "e", strategy="stranger.py"),
    ]
    found = alike_to([line_of(one) for one in others], idea_of(mine)).look_alikes
    assert names(found) == {"renamed.py", "levered.py"}


def test_the_bound_lies_at_a_correlation_of_four_fifths() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    series = np.array(mine.returns)
    others = [trial_of(like(series, rho), f"{rho}", strategy=f"{rho}") for rho in (0.79, 0.81)]
    assert names(alike_to([line_of(one) for one in others], idea_of(mine)).look_alikes) == {"0.81"}


def test_fewer_than_sixty_common_days_say_nothing() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    series = np.array(mine.returns)
    lines = [
        line_of(trial_of(series[-days:], f"{days}", strategy=f"{days}", first=300 - days))
        for days in (59, 60)
    ]
    assert names(alike_to(lines, idea_of(mine)).look_alikes) == {"60"}


def test_the_correlation_is_that_of_numpy_over_the_common_days() -> None:
    both = noise(3, 200, 2, 0.5)
    mine, other = trial_of(both[:150, 0]), trial_of(both[50:, 1], "b", first=50)
    stream = line_of(mine).stream
    assert stream is not None
    (found,) = correlations_with(stream, [line_of(other).stream])
    assert found == pytest.approx(np.corrcoef(both[50:150].T)[0, 1], rel=1e-12)


def test_a_stream_that_does_not_vary_is_like_nothing() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    flat = trial_of(np.full(300, 0.001), "b", strategy="flat")
    assert alike_to([line_of(flat)], idea_of(mine)).look_alikes == ()


def test_renaming_buys_no_fresh_count() -> None:
    returns = noise(4, 500, 20)
    best = int(returns.mean(axis=0).argmax())
    first = [trial_of(column, f"{n}") for n, column in enumerate(returns.T)]
    renamed = [
        trial_of(column, f"new {n}", strategy="new.py") for n, column in enumerate(returns.T)
    ]
    honest = standing_in(first, best)
    # The one that looked best is taken to a new name, as if it had been the only one.
    taken = standing_in([renamed[best], *first], 0, RawCounts(1, 1, 21))
    assert (taken.own.raw, taken.alike, taken.family.raw) == (1, 20, 21)
    # An exact copy adds no luck: the bill is that of the twenty.
    assert taken.family.effective == pytest.approx(honest.family.effective, abs=0.1)
    assert taken.deflated == pytest.approx(honest.deflated, abs=0.005)
    # And who searches again by the new name pays for both.
    again = standing_in([*renamed, *first], best, RawCounts(20, 20, 40))
    assert (again.alike, again.family.raw) == (20, 40)


def test_a_look_alike_that_is_no_twin_counts_alone() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    series = np.array(mine.returns)
    others = [
        trial_of(like(series, 0.9), "b", strategy="cousin.py"),
        trial_of(noise(2, 300)[:, 0], "c", strategy="cousin.py"),
        trial_of(like(series, 0.96), "d", strategy="twin.py"),
        trial_of(noise(3, 300)[:, 0], "e", strategy="twin.py"),
    ]
    found = alike_to([line_of(one) for one in others], idea_of(mine))
    assert [line.content for line in found.look_alikes] == [others[n].content for n in (0, 2, 3)]
    assert [line.content for line in found.twins] == [others[n].content for n in (2, 3)]


def test_only_twins_are_sets_of_the_same_choice() -> None:
    mine = trial_of(noise(1, 400)[:, 0])
    series = np.array(mine.returns)
    cousin = trial_of(like(series, 0.9), "b", strategy="cousin.py")
    twin = trial_of(like(series, 0.96), "c", strategy="twin.py")
    assert standing_in([mine, cousin], 0, RawCounts(1, 1, 2)).overfit is None
    found = standing_in([mine, cousin, twin], 0, RawCounts(1, 1, 3))
    assert (found.alike, found.family.raw, found.overfit_sets) == (2, 3, 2)
    assert found.overfit is not None


def test_what_touches_a_span_is_told_by_name_by_likeness_and_by_a_twins_name() -> None:
    mine = trial_of(noise(1, 300)[:, 0])
    series = np.array(mine.returns)
    since, until = (mine.until.date() + timedelta(days) for days in (1, 100))
    trials = [
        trial_of(noise(2, 50)[:, 0], "own", first=300),
        trial_of(np.append(series, noise(3, 50)[:, 0]), "like", strategy="like.py"),
        trial_of(np.append(like(series, 0.9), [0.0] * 9), "cousin", strategy="cousin.py"),
        trial_of(series, "before", strategy="twin.py"),
        trial_of(noise(4, 90)[:, 0], "twin", strategy="twin.py", first=310, kind=Kind.HOLDOUT),
        trial_of(noise(5, 400)[:, 0], "stranger", strategy="stranger.py"),
        trial_of((), "noted", until=mine.until + timedelta(5)),
        trial_of(noise(6, 50)[:, 0], "later", first=401),
    ]
    found = touching([line_of(one) for one in trials], idea_of(mine), since=since, until=until)
    wanted = [trials[n].content for n in (0, 1, 4, 6)]
    assert [line.content for line in found] == wanted
