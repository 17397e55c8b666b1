"""Walking forward: the past of a window alone decides what is tried and chosen there."""

from math import sqrt

import numpy as np
import pytest

from fondaco.backtest.tuning.walk import Windows, ratios, walked, window_means, windows_of
from fondaco.core.errors import InvalidInput
from fondaco.research.validation.choose import choose_and_score
from fondaco.research.validation.walk import Walk


def noise(seed: int, rows: int, sets: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (rows, sets))


def test_windows_are_cut_as_worked_by_hand() -> None:
    # Ten returns, four to choose by, one held back, three to test: tests 5-7 and 8-9.
    cut = windows_of(10, ("expanding", 4, 3))
    assert [train.tolist() for train in cut.trains] == [
        [0, 1, 2, 3],
        [0, 1, 2, 3, 4, 5, 6],
        list(range(10)),
    ]
    assert [test.tolist() for test in cut.tests] == [[5, 6, 7], [8, 9]]
    rolling = windows_of(10, ("rolling", 4, 3))
    assert [train.tolist() for train in rolling.trains] == [
        [0, 1, 2, 3],
        [3, 4, 5, 6],
        [6, 7, 8, 9],
    ]
    assert (cut.count, cut.first_part) == (2, 4)


def test_without_a_walk_every_row_decides() -> None:
    cut = windows_of(30, None)
    assert (cut.count, cut.first_part) == (0, 10)
    assert cut.trains[0].tolist() == list(range(30))
    streams = noise(1, 30, 5)
    found = walked(streams, [0] * 5, cut)
    # Sharpe (1994): mean over deviation.
    by_hand = [column.mean() / column.std(ddof=1) for column in streams.T]
    assert found.next == int(np.argmax(by_hand))
    assert (len(found.choices), len(found.rows)) == (0, 0)
    assert window_means(streams, [0] * 5, cut) == [None] * 5


@pytest.mark.parametrize(
    ("rows", "walk"), [(5, None), (10, ("expanding", 9, 3)), (10, ("rolling", 10, 1))]
)
def test_too_few_rows_are_refused(rows: int, walk: tuple[str, int, int] | None) -> None:
    with pytest.raises(InvalidInput, match="too short"):
        windows_of(rows, walk)  # type: ignore[arg-type]


def test_batches_move_from_the_first_window_to_the_time_after_the_span() -> None:
    cut = Windows(100, (np.arange(1),) * 9, (np.arange(1),) * 8)
    assert [cut.of_batch(batch, 7) for batch in range(7)] == [0, 0, 0, 2, 4, 6, 8]
    assert [cut.of_batch(batch, 3) for batch in range(3)] == [0, 0, 0]
    for batches in (1, 2, 4, 50):
        found = [cut.of_batch(batch, batches) for batch in range(batches)]
        assert found == sorted(found)
        assert found[0] == 0
        assert found[-1] <= 8


def test_with_all_sets_known_from_the_start_it_is_a_plain_walk() -> None:
    streams = noise(2, 200, 7)
    found = walked(streams, [0] * 7, windows_of(200, ("expanding", 60, 30)))
    plain = choose_and_score(streams, Walk(60, 30, kind="expanding", horizon=1))
    assert list(found.choices) == plain.choices.tolist()
    assert found.rows.tolist() == plain.rows.tolist()
    assert found.returns.tolist() == plain.paths[0, plain.rows].tolist()


def test_a_set_is_not_chosen_before_it_was_proposed() -> None:
    streams = noise(3, 200, 3)
    streams[:, 2] += 0.05  # by far the best, but proposed at window 2
    cut = windows_of(200, ("expanding", 60, 30))
    found = walked(streams, [0, 0, 2], cut)
    assert all(choice in (0, 1) for choice in found.choices[:2])
    assert found.choices[2:] == (2,) * (cut.count - 2)
    assert found.next == 2


def test_where_nothing_was_proposed_yet_nothing_is_earned() -> None:
    cut = windows_of(200, ("expanding", 60, 30))
    found = walked(noise(4, 200, 1), [1], cut)
    assert found.choices[0] is None
    first = len(cut.tests[0])
    assert found.returns[:first].tolist() == [0.0] * first
    assert (found.returns[first:] != 0).all()


def test_what_comes_after_a_window_changes_no_choice_up_to_it() -> None:
    cut = windows_of(200, ("expanding", 60, 30))
    streams = noise(5, 200, 9)
    before = walked(streams, [0] * 9, cut)
    changed = streams.copy()
    changed[cut.tests[1][0] :] = noise(6, 200, 9)[cut.tests[1][0] :]
    after = walked(changed, [0] * 9, cut)
    assert after.choices[:2] == before.choices[:2]
    first = len(cut.tests[0])
    assert after.returns[:first].tolist() == before.returns[:first].tolist()
    assert after.choices[2:] != before.choices[2:]


def test_on_noise_choosing_earns_nothing_and_hindsight_seems_to() -> None:
    # Null: 40 studies of 20 sets without skill; one ratio over 440 sessions has an error of 0.76.
    cut = windows_of(567, ("expanding", 126, 63))
    out, best = [], []
    for seed in range(40):
        streams = noise(seed, 567, 20)
        found = walked(streams, [0] * 20, cut)
        out.append(found.returns.mean() / found.returns.std(ddof=1) * sqrt(252))
        best.append(ratios(streams, found.rows).max())
    assert abs(np.mean(out)) < 2.6 * 0.76 / sqrt(40)
    assert np.mean(best) > 1.0


def test_a_set_with_skill_is_chosen_out_of_sample() -> None:
    # Power: one of 20 has a true ratio of 2.5 a year, 0.157 a session.
    cut = windows_of(1_260, ("expanding", 252, 126))
    earned = []
    for seed in range(10):
        streams = noise(seed, 1_260, 20)
        streams[:, 13] += 0.00157
        earned.append(np.mean([choice == 13 for choice in walked(streams, [0] * 20, cut).choices]))
    assert np.mean(earned) > 0.7


def test_the_mean_of_tested_windows_begins_where_a_set_was_proposed() -> None:
    cut = windows_of(200, ("expanding", 60, 30))
    streams = noise(7, 200, 3)
    found = window_means(streams, [0, 3, cut.count], cut)
    by_hand = [
        [part.mean() / part.std(ddof=1) * sqrt(252) for part in (streams[t, k] for t in cut.tests)]
        for k in (0, 1)
    ]
    assert found[0] == pytest.approx(np.mean(by_hand[0]))
    assert found[1] == pytest.approx(np.mean(by_hand[1][3:]))
    assert found[2] is None


def test_a_window_of_one_return_has_no_ratio_and_is_left_out() -> None:
    cut = windows_of(92, ("expanding", 60, 30))
    assert [len(test) for test in cut.tests] == [30, 1]
    streams = noise(8, 92, 2)
    found = window_means(streams, [0, 1], cut)
    assert found[0] == pytest.approx(ratios(streams, cut.tests[0])[0])
    assert found[1] is None
