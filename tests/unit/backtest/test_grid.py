"""The sets of a sweep: every combination once, and no more than may be tried."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.backtest.grid import SETS_MAX, grid_of, varied_of
from fondaco.core.errors import InvalidInput

VALUES = st.lists(st.integers(1, 10**6), min_size=1, max_size=8, unique=True)


@given(VALUES, VALUES)
def test_every_combination_stands_in_the_grid_once(first: list[int], second: list[int]) -> None:
    sets = grid_of({"skip": 1}, {"a": first, "b": second})
    assert [(one["a"], one["b"]) for one in sets] == list(product(first, second))
    assert all(one["skip"] == 1 for one in sets)


def test_five_hundred_sets_are_tried_and_not_one_more() -> None:
    assert len(grid_of({}, {"a": range(SETS_MAX)})) == 500
    with pytest.raises(InvalidInput, match=r"too many sets.*501.*at most 500"):
        grid_of({}, {"a": range(SETS_MAX + 1)})
    with pytest.raises(InvalidInput, match=r"1,000,000,000"):
        grid_of({}, {name: range(1_000) for name in "abc"})


def test_a_whole_number_stays_whole() -> None:
    found = varied_of(["lookback=63,126", "share=0.1,1.0", "shift=-2"])
    assert found == {"lookback": (63, 126), "share": (0.1, 1.0), "shift": (-2,)}
    kinds = {name: {type(one) for one in values} for name, values in found.items()}
    assert kinds == {"lookback": {int}, "share": {float}, "shift": {int}}


@pytest.mark.parametrize(
    ("fixed", "varied", "words"),
    [
        ({}, {}, "--vary lookback=63,126,252"),
        ({}, {"a": ()}, "needs values.*a"),
        ({"a": 1}, {"a": (2, 3)}, "both fixed and varied.*a"),
        ({}, {"a": (2, 2.0)}, "given twice.*2,2.0"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(
    fixed: dict[str, int], varied: dict[str, tuple[int, ...]], words: str
) -> None:
    with pytest.raises(InvalidInput, match=f"(?s){words}"):
        grid_of(fixed, varied)


def test_a_parameter_is_varied_once() -> None:
    with pytest.raises(InvalidInput, match=r"varied twice.*lookback"):
        varied_of(["lookback=1,2", "lookback=3"])
