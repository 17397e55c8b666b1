"""What is suggested: the same for the same history, better than chance, spread within a batch."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from fondaco.backtest.tuning.space import Space, space_of
from fondaco.backtest.tuning.study import BATCH, STARTUP, Judged, gives_up, importance, suggest

SPACE = space_of(["a=1..500", "b=0.1..1:log", "c=3,1,2"], {})
Value = Callable[[Mapping[str, float]], float]


def peak(varied: Mapping[str, float]) -> float:
    """Highest, 0.3, at a=200, b=0.3, c=3."""
    away = ((varied["a"] - 200) / 100) ** 2 + float(np.log(varied["b"] / 0.3)) ** 2
    return 0.1 * varied["c"] - away


def study(value: Value, seed: int, batches: int, space: Space = SPACE) -> list[Judged]:
    history: list[Judged] = []
    for batch in range(batches):
        sets = suggest(space, history, BATCH, seed=seed, batch=batch)
        history += [Judged(one, "complete", value(one)) for one in sets]
    return history


def test_the_same_history_and_seed_lead_to_the_same_sets() -> None:
    history = study(peak, 1, 4)
    assert history == study(peak, 1, 4)
    assert history != study(peak, 2, 4)


def test_a_batch_hangs_on_the_history_and_not_on_how_it_came_to_be() -> None:
    # As when a study goes on in another process: nothing but the history is handed over.
    history = study(peak, 1, 5)
    again = suggest(SPACE, history[: 4 * BATCH], BATCH, seed=1, batch=4)
    assert [dict(judged.varied) for judged in history[4 * BATCH :]] == list(again)


def test_other_values_lead_elsewhere() -> None:
    one = study(peak, 1, 6)
    two = study(lambda varied: -peak(varied), 1, 6)
    blind = STARTUP
    assert one[:blind] == [Judged(j.varied, j.state, -(j.value or 0)) for j in two[:blind]]
    assert [j.varied for j in one[blind:]] != [j.varied for j in two[blind:]]


def test_the_search_beats_drawing_at_random() -> None:
    # Power: 64 sets each; the best of the search against the best of as many drawn at random.
    better = 0
    for seed in range(8):
        chance = np.random.default_rng(seed)
        best = max(judged.value or -9.0 for judged in study(peak, seed, 8))
        blind = max(peak({axis.name: axis.draw(chance) for axis in SPACE.axes}) for _ in range(64))
        better += best > blind
    # Binomial: were both the same, 7 or more of 8 would have a chance of 3.5 in 100.
    assert better >= 7


def test_no_set_is_suggested_twice() -> None:
    space = space_of(["a=1..40"], {})
    history = study(lambda varied: -abs(varied["a"] - 20), 1, 6, space)
    assert len(history) == 40
    assert len({judged.varied["a"] for judged in history}) == 40


def test_a_batch_spreads_out() -> None:
    history = study(peak, 1, 8)
    sets = suggest(SPACE, history, BATCH, seed=1, batch=8)
    assert len({SPACE.key(one) for one in sets}) == BATCH


def test_failed_sets_teach_nothing_and_pruned_ones_count_as_poor() -> None:
    history = study(peak, 1, 4)
    failed = [Judged(one.varied, "failed") for one in history]
    # With nothing to learn from, a batch is as blind as with no history, save for repeats.
    assert suggest(SPACE, failed, BATCH, seed=9, batch=1) == suggest(
        SPACE, [], BATCH, seed=9, batch=1
    )
    half = sorted(history, key=lambda judged: judged.value or 0)[: len(history) // 2]
    pruned = [
        Judged(one.varied, "pruned", None, one.value) if one in half else one for one in history
    ]
    assert suggest(SPACE, pruned, BATCH, seed=9, batch=5) != suggest(
        SPACE, failed, BATCH, seed=9, batch=5
    )


@pytest.mark.parametrize(("early", "given_up"), [(-0.1, True), (0.49, True), (0.51, False)])
def test_a_set_below_the_median_of_the_complete_ones_is_given_up(
    early: float, *, given_up: bool
) -> None:
    # 21 complete sets with first parts 0, 0.05, … 1: their median is 0.5.
    history = [Judged({"a": n + 1, "b": 0.5, "c": 1}, "complete", 1.0, n / 20) for n in range(21)]
    assert gives_up(SPACE, history, early) is given_up
    few: Sequence[Judged] = history[: STARTUP - 1]
    assert not gives_up(SPACE, few, early)


@pytest.mark.timeout(180)  # the first call loads a learning library
def test_importance_tells_what_decides() -> None:
    def only_a(varied: Mapping[str, float]) -> float:
        return -abs(varied["a"] - 200)

    chance = np.random.default_rng(4)
    drawn = [{axis.name: axis.draw(chance) for axis in SPACE.axes} for _ in range(200)]
    found = importance(SPACE, [Judged(one, "complete", only_a(one)) for one in drawn])
    assert set(found) == {"a", "b", "c"}
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["a"] > 0.8
    other = importance(SPACE, [Judged(one, "complete", one["b"]) for one in drawn])
    assert other["b"] > 0.8


def test_importance_is_not_told_from_too_little() -> None:
    history = study(peak, 1, 2)
    assert importance(SPACE, history) == {}
    assert (
        importance(
            space_of(["a=1..40"], {}), study(lambda v: v["a"], 1, 4, space_of(["a=1..40"], {}))
        )
        == {}
    )
