"""Charts of pairs: two axes of numbers, a shape for each series, every number in the table."""

from fondaco.core.view import Chart, Series
from fondaco.surfaces.web.chart import chart_options, chart_table, ranges, spoken
from fondaco.surfaces.web.cloud import DENSE_FROM, can_be_log
from fondaco.surfaces.web.palette import DARK, LIGHT

TRIALS = Series("Trials", ((252.0, -0.4), None, (3772.0, 1.1234567891)), "scatter")
CHOSEN = Series("this trial", ((1260.0, 0.9),), "scatter")
LUCK = Series("luck alone", ((252.0, 2.0), (3772.0, 0.5)), "area")
CHART = Chart(
    "Trials", (), (TRIALS, CHOSEN, LUCK), "Sharpe ratio", "bundled", x_title="Span, sessions"
)


def _many(count: int) -> Chart:
    pairs = tuple((float(at), float(at % 7)) for at in range(count))
    return Chart("Many", (), (Series("Trials", pairs, "scatter"),), x_title="Span, sessions")


def test_both_axes_hold_numbers_and_x_has_its_name() -> None:
    options = chart_options(CHART, DARK, pixels=300)
    assert [axis["type"] for axis in options["xAxis"]] == ["value"]
    assert [axis["type"] for axis in options["yAxis"]] == ["value"]
    assert options["xAxis"][0]["name"] == "Span, sessions"
    assert options["tooltip"]["trigger"] == "item"
    assert len(options["points"]) == 5


def test_pairs_are_handed_on_to_what_each_axis_can_show() -> None:
    data = chart_options(CHART, DARK, pixels=300)["series"][0]["data"]
    assert data == [[252.0, -0.4], None, [3772.0, 1.123457]]  # seven digits of 3772 and of 1.1


def test_a_marked_point_differs_by_shape_by_size_and_by_colour_and_carries_its_name() -> None:
    for colours in (DARK, LIGHT):
        cloud, mark, _ = chart_options(CHART, colours, pixels=300)["series"]
        assert cloud["symbol"] != mark["symbol"]
        assert cloud["symbolSize"] < mark["symbolSize"]
        assert cloud["itemStyle"]["color"] != mark["itemStyle"]["color"]
        assert mark["label"] | {"show": True, "formatter": "{a}"} == mark["label"]
        assert mark["z"] > cloud.get("z", 2)  # 2 is where ECharts draws a series


def test_a_mark_looks_the_same_on_every_chart_and_like_no_series() -> None:
    other = Series("one trial", ((0.0, 1.0),))
    luck = Chart("Luck", (), (LUCK, other, CHOSEN), "Density", x_title="Sharpe ratio")
    here = chart_options(CHART, DARK, pixels=300)["series"][1]
    there = chart_options(luck, DARK, pixels=300)["series"][2]
    assert [here[key] for key in ("symbol", "symbolSize", "itemStyle")] == [
        there[key] for key in ("symbol", "symbolSize", "itemStyle")
    ]
    assert here["itemStyle"]["color"] not in DARK.lines


def test_the_only_point_of_a_chart_is_no_mark() -> None:
    alone = Chart("Trials", (), (CHOSEN,), x_title="Span, sessions")
    assert "label" not in chart_options(alone, DARK, pixels=300)["series"][0]


def test_a_curve_beside_a_cloud_is_a_line_of_pairs_whose_values_can_be_read() -> None:
    luck = chart_options(CHART, DARK, pixels=300)["series"][2]
    assert (luck["type"], luck["data"]) == ("line", [[252.0, 2.0], [3772.0, 0.5]])
    assert luck["areaStyle"]["opacity"] > 0
    assert luck["encode"]["tooltip"] == [0, 1]


def test_curves_of_pairs_without_a_cloud_share_one_crosshair() -> None:
    curves = Chart("Luck", (), (LUCK,), "Density", x_title="Sharpe ratio")
    assert chart_options(curves, DARK, pixels=300)["tooltip"]["trigger"] == "axis"


def test_a_cloud_is_zoomed_by_the_wheel_and_a_dense_one_by_a_bar_too() -> None:
    few = chart_options(_many(DENSE_FROM - 1), DARK, pixels=300)["dataZoom"]
    many = chart_options(_many(DENSE_FROM), DARK, pixels=300)["dataZoom"]
    assert [zoom["type"] for zoom in few] == ["inside", "inside"]
    assert [zoom["type"] for zoom in many] == ["inside", "inside", "slider"]
    assert all(zoom["filterMode"] == "none" for zoom in many)


def test_a_dense_cloud_is_drawn_smaller_and_paler() -> None:
    thin = chart_options(_many(DENSE_FROM - 1), DARK, pixels=300)["series"][0]
    dense = chart_options(_many(DENSE_FROM), DARK, pixels=300)["series"][0]
    assert dense["symbolSize"] < thin["symbolSize"]
    assert dense["itemStyle"]["opacity"] < thin["itemStyle"]["opacity"]


def test_panes_of_pairs_below_each_other_share_one_x() -> None:
    lower = Series("luck alone", ((0.0, 1.0), (9_000.0, 2.0)), "line", 1)
    chart = Chart("Trials", (), (TRIALS, lower), x_title="Span, sessions")
    axes = chart_options(chart, DARK, pixels=400)["xAxis"]
    assert [(axis["min"], axis["max"]) for axis in axes] == [(0.0, 9_000.0)] * 2
    assert [axis["name"] for axis in axes] == ["", "Span, sessions"]


def test_the_table_of_a_cloud_has_a_row_for_each_pair_with_its_series() -> None:
    table = chart_table(CHART)
    assert [c.title for c in table.columns] == ["Span, sessions", "Sharpe ratio", "Series"]
    assert table.rows == (
        (252.0, -0.4, "Trials"),
        (3772.0, 1.1234567891, "Trials"),
        (1260.0, 0.9, "this trial"),
        (252.0, 2.0, "luck alone"),
        (3772.0, 0.5, "luck alone"),
    )
    assert table.label == "bundled"


def test_a_logarithm_is_offered_only_where_every_y_has_one() -> None:
    assert not can_be_log(CHART)
    assert can_be_log(Chart("Luck", (), (LUCK,), x_title="Sharpe ratio"))
    assert can_be_log(Chart("Equity", ("2019-06-28",), (Series("desk", (-1.0,)),)))


def test_a_cloud_has_no_ranges_of_days_and_says_its_reach_to_a_screen_reader() -> None:
    assert ranges(CHART.x) == []
    assert spoken(CHART) == (
        "Trials: Trials, this trial, luck alone; Span, sessions: 252 to 3,772, 5 points. "
        "The table shows the numbers."
    )
