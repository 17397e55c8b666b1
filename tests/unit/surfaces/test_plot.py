"""Lines in braille: the shape is that of the numbers."""

from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.view import Chart, Series
from fondaco.surfaces.cli.cloud import cloud_lines
from fondaco.surfaces.cli.plot import BLANK, braille, dotted, plane_of

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


# A braille character has two columns of four dots; which dot is which bit: Unicode 15, chapter 21.1
def test_pairs_are_dots_where_they_lie() -> None:
    corners = [(0.0, 0.0), (0.0, 3.0), (1.0, 0.0), (1.0, 3.0)]
    assert dotted(plane_of(corners, 1, 1), corners) == ["⣉"]
    assert dotted(plane_of([(0.0, 0.0), (10.0, 7.0)], 2, 2), [(10.0, 7.0)]) == ["⠀⠈", "⠀⠀"]


def test_neighbours_on_a_curve_are_joined() -> None:
    ends = [(0.0, 0.0), (1.0, 3.0)]
    assert dotted(plane_of(ends, 1, 1), ends, joined=True) == ["⡜"]
    steep = [(0.0, 0.0), (0.0, 3.0)]
    assert dotted(plane_of(steep, 1, 1), steep, joined=True) == ["⡇"]


def test_pairs_that_are_all_one_lie_in_the_middle() -> None:
    assert dotted(plane_of([(5.0, 5.0)] * 3, 3, 1), [(5.0, 5.0)] * 3) == ["⠀⠄⠀"]


def test_a_cloud_says_its_bounds_and_marks_the_chosen_point_by_another_sign() -> None:
    cloud = Series("Trials", ((0.0, -0.5), (3772.0, 1.5)), "scatter")
    chosen = Series("this trial", ((3772.0, -0.5),), "scatter")
    luck = Series("luck alone", ((0.0, 0.0), (10.0, 2.0)), "area", 1)
    chart = Chart("Trials", (), (cloud, chosen, luck), x_title="Span, sessions")
    lines = cloud_lines(chart, 24, 2)
    assert lines[0].startswith(" 1.5 │")
    assert lines[3].startswith("-0.5 │⡀")
    assert lines[3].endswith("◆")
    assert lines[4].split() == ["└0", "3,772"]
    assert lines[5:7] == [
        "⠶ Trials: 2 points, x 0 to 3,772, y -0.5 to 1.5",
        "◆ this trial: 1 point, x 3,772, y -0.5",
    ]
    assert lines[-1] == "luck alone: 2 points, x 0 to 10, y 0 to 2"
    assert max(map(len, lines[:5])) <= 24


def test_a_single_point_among_curves_is_marked_on_each_of_them() -> None:
    luck = Series("luck alone", ((0.0, 0.0), (10.0, 2.0)), "area")
    chart = Chart(
        "Luck", (), (luck, Series("this trial", ((10.0, 0.0),), "scatter")), x_title="Sharpe ratio"
    )
    lines = cloud_lines(chart, 24, 2)
    assert lines[1].endswith("◆")
    assert lines[2].split() == ["└0", "10"]
    assert lines[3:] == [
        "luck alone: 2 points, x 0 to 10, y 0 to 2",
        "◆ this trial: 1 point, x 10, y 0",
    ]


def test_a_point_that_is_all_there_is_is_no_mark() -> None:
    chart = Chart("Trials", (), (Series("Trials", ((1.0, 2.0),), "scatter"),), x_title="Years")
    assert cloud_lines(chart, 24, 2)[-1] == "⠶ Trials: 1 point, x 1, y 2"


def test_a_cloud_without_points_draws_none() -> None:
    empty = Chart("Trials", (), (Series("Trials", (), "scatter"),), x_title="Span, sessions")
    assert cloud_lines(empty, 40, 4) == ["⠶ Trials: no points"]


@given(
    st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=60),
    st.integers(1, 30),
    st.integers(1, 6),
)
def test_every_plot_of_pairs_fits_and_holds_a_dot_for_each_pair(
    pairs: list[tuple[float, float]], width: int, height: int
) -> None:
    rows = dotted(plane_of(pairs, width, height), pairs)
    assert [len(row) for row in rows] == [width] * height
    drawn = sum((ord(sign) - BLANK).bit_count() for row in rows for sign in row)
    assert 1 <= drawn <= len(set(pairs))
