"""The space of a tuning: ranges, steps and values within a strategy's bounds, and draws from it."""

import numpy as np
import pytest

from fondaco.backtest.tuning.space import Axis, space_of, space_of_plain, written
from fondaco.core.errors import InvalidInput
from fondaco.research.strategies.library import STRATEGIES

BOUNDS = STRATEGIES["momentum"].bounds


def axis(text: str) -> Axis:
    return space_of([text], {}, BOUNDS, "momentum").axes[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("lookback=63..504", Axis("lookback", 63, 504, True)),
        ("lookback=63..504:log", Axis("lookback", 63, 504, True, True)),
        ("lookback=63..130:21", Axis("lookback", 63, 126, True, False, (63, 84, 105, 126))),
        ("lookback=252,63,126", Axis("lookback", 63, 252, True, False, (63, 126, 252))),
        ("share=0.1..0.4", Axis("share", 0.1, 0.4)),
        ("share=0.1..0.4:0.1", Axis("share", 0.1, 0.4, False, False, (0.1, 0.2, 0.3, 0.4))),
        ("share=0.1..1", Axis("share", 0.1, 1.0)),
        ("lookback=63.0..126", Axis("lookback", 63, 126, True)),
    ],
)
def test_an_axis_is_what_its_words_say(text: str, wanted: Axis) -> None:
    found = axis(text)
    assert found == wanted
    assert {type(value) for value in (found.low, found.high, *found.values)} == {
        int if wanted.whole else float
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["velocity=1..2"], "no such parameter"),
        (["lookback=1..504"], "lookback .* is out of range"),
        (["lookback=63..5040"], "out of range.*2 to 1260"),
        (["lookback=63.5..126"], "whole numbers"),
        (["lookback=126..63"], "must rise"),
        (["lookback=63..63"], "must rise"),
        (["share=0.1,0.2,0.10"], "given twice"),
        (["share=0.1..0.2:0.3"], "step of share"),
        (["lookback=63..126:0.5"], "step of lookback.*whole"),
        (["share=0.1..0.2:0.000001"], "too many values.*100,001"),
        (["skip=0..20:log"], "starts above zero"),
        (["lookback=63..126", "lookback=200..300"], "varied twice"),
        ([], "needs parameters to vary"),
    ],
)
def test_a_wrong_space_is_refused_with_value_and_bound(given: list[str], words: str) -> None:
    with pytest.raises(InvalidInput, match=f"(?s){words}"):
        space_of(given, {}, BOUNDS, "momentum")


def test_a_fixed_parameter_is_not_varied_too() -> None:
    with pytest.raises(InvalidInput, match="both fixed and varied"):
        space_of(["lookback=63..126"], {"lookback": 63}, BOUNDS)


def test_without_bounds_numbers_are_whole_when_they_are_written_so() -> None:
    space = space_of(["a=1..10", "b=1..10.5", "c=1,2.5"], {})
    assert [one.whole for one in space.axes] == [True, False, False]


def test_the_order_of_axes_changes_nothing_and_plain_json_brings_it_back() -> None:
    one = space_of(["share=0.1..0.4:0.1", "lookback=63..504:log"], {}, BOUNDS)
    assert one == space_of(["lookback=63..504:log", "share=0.1..0.4:0.1"], {}, BOUNDS)
    assert space_of_plain([axis.plain() for axis in one.axes]) == one


def test_sizes_count_the_sets() -> None:
    assert space_of(["lookback=63..504", "share=0.1,0.2"], {}, BOUNDS).size == 442 * 2
    assert space_of(["lookback=63..504", "share=0.1..0.2"], {}, BOUNDS).size is None


def test_corners_hold_the_ends_of_every_axis() -> None:
    corners = list(space_of(["lookback=63..504", "share=0.1,0.2,0.3"], {}, BOUNDS).corners())
    assert [(one["lookback"], one["share"]) for one in corners] == [
        (63, 0.1),
        (63, 0.3),
        (504, 0.1),
        (504, 0.3),
    ]


@pytest.mark.parametrize(
    "text",
    ["lookback=63..504", "lookback=63..504:log", "share=0.05..0.5:log", "share=0.1..0.40001"],
)
def test_draws_and_coordinates_stay_on_the_axis(text: str) -> None:
    one, chance = axis(text), np.random.default_rng(1)
    drawn = [one.draw(chance) for _ in range(500)]
    assert all(one.low <= value <= one.high for value in drawn)
    assert all(one.at(one.coordinate(value)) == value for value in drawn)
    assert {type(value) for value in drawn} == {int if one.whole else float}


def test_a_logarithmic_axis_draws_each_order_of_magnitude_as_often() -> None:
    one, chance = axis("share=0.01..1:log"), np.random.default_rng(2)
    low = sum(one.draw(chance) < 0.1 for _ in range(2_000))
    # Half of them; binomial(2,000, 0.5) has a deviation of 22.4.
    assert abs(low - 1_000) < 4 * 22.4
    even = axis("share=0.01..1")
    assert sum(even.draw(chance) < 0.1 for _ in range(2_000)) < 300


def test_real_numbers_are_tried_to_four_digits() -> None:
    assert axis("share=0.1..0.4").at(0.3124443467854315) == 0.3124
    assert axis("share=0.12349..0.4").at(0.12349001) == 0.1235
    assert axis("share=0.1..0.39996").at(0.39996) == 0.39996  # never beyond the end


def test_untried_sets_are_found_to_the_last() -> None:
    space, chance = (
        space_of(["lookback=60..64", "share=0.1,0.2"], {}, BOUNDS),
        np.random.default_rng(3),
    )
    taken: set[tuple[float | int, ...]] = set()
    for _ in range(10):
        found = space.untried(chance, taken)
        assert found is not None
        assert space.key(found) not in taken
        taken.add(space.key(found))
    assert space.untried(chance, taken) is None


def test_numbers_are_written_as_a_caller_would() -> None:
    assert [written(number) for number in (63, 0.3, 0.00001, -2.5)] == [
        "63",
        "0.3",
        "0.00001",
        "-2.5",
    ]
