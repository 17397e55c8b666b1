"""Lines in braille: the shape is that of the numbers."""

from hypothesis import given
from hypothesis import strategies as st

from fondaco.surfaces.cli.plot import BLANK, braille

DOTS_OF_TOP_ROW = 0x01 | 0x08
DOTS_OF_BOTTOM_ROW = 0x40 | 0x80


def test_a_rise_is_drawn_from_the_bottom_left_to_the_top_right() -> None:
    assert braille([0, 1, 2, 3], 2, 1) == ["⡠⠊"]


def test_a_fall_and_a_jump_are_joined_by_vertical_lines() -> None:
    assert braille([3, 0], 1, 1) == ["⢱"]
    assert braille([0, 3], 1, 1) == ["⡸"]


def test_a_line_without_movement_lies_in_the_middle() -> None:
    assert braille([5, 5, 5, 5], 2, 1) == ["⠤⠤"]


def test_where_there_is_no_number_nothing_is_drawn_and_nothing_joined() -> None:
    [row] = braille([0, None, None, 3], 2, 1)
    assert row == "⡀⠈"
    assert braille([None, None], 2, 1) == []
    assert braille([], 2, 1) == []


@given(
    st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=200),
    st.integers(1, 40),
    st.integers(1, 6),
)
def test_a_plot_fits_and_touches_top_and_bottom(
    numbers: list[float | None], width: int, height: int
) -> None:
    rows = braille(numbers, width, height)
    if not rows:
        return
    assert len(rows) == height
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) <= width
    known = {v for v in numbers if v is not None}
    if len(known) > 1 and len(numbers) <= 2 * width and max(known) - min(known) > 1e-300:
        assert any((ord(sign) - BLANK) & DOTS_OF_TOP_ROW for sign in rows[0])
        assert any((ord(sign) - BLANK) & DOTS_OF_BOTTOM_ROW for sign in rows[-1])
