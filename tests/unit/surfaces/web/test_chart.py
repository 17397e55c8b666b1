from itertools import pairwise

import pytest

from fondaco.core.view import Chart, Series
from fondaco.surfaces.web.chart import (
    as_line,
    chart_options,
    chart_table,
    has_candles,
    ranges,
    spoken,
)
from fondaco.surfaces.web.palette import DARK

DAYS = tuple(f"2020-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29))
CANDLES = Chart(
    "AAPL",
    ("2020-01-01", "2020-01-02"),
    (
        Series("AAPL", ((1.0, 2.0, 0.5, 2.5), None), "candle"),
        Series("SMA 50", (None, 1.5)),
        Series("Volume", (10.0, 20.0), "bar", 1),
        Series("Drawdown", (0.0, -0.1), "area", 2),
    ),
    "USD",
    "bundled",
)


def _line(count: int) -> Chart:
    days = tuple(
        f"{2000 + at // 336}-{at % 336 // 28 + 1:02d}-{at % 28 + 1:02d}" for at in range(count)
    )
    return Chart("Long", days, (Series("Close", tuple(float(at) for at in range(count))),))


def test_candles_are_handed_on_as_open_close_low_high() -> None:
    first = chart_options(CANDLES, DARK, pixels=400)["series"][0]
    assert first["type"] == "candlestick"
    assert first["data"] == [[1.0, 2.0, 0.5, 2.5], "-"]


def test_each_pane_stands_below_the_last_and_inside_the_chart() -> None:
    grids = chart_options(CANDLES, DARK, pixels=400)["grid"]
    assert len(grids) == 3
    for upper, lower in pairwise(grids):
        assert upper["top"] + upper["height"] < lower["top"]
    assert grids[-1]["top"] + grids[-1]["height"] <= 400
    assert all(grid["height"] > 40 for grid in grids)


def test_the_crosshair_is_one_for_all_panes() -> None:
    options = chart_options(CANDLES, DARK, pixels=400)
    assert options["axisPointer"]["link"] == [{"xAxisIndex": "all"}]
    assert [axis["gridIndex"] for axis in options["xAxis"]] == [0, 1, 2]


def test_a_curve_that_only_falls_is_drawn_as_a_loss() -> None:
    series = chart_options(CANDLES, DARK, pixels=400)["series"]
    assert series[3]["itemStyle"]["color"] == DARK.loss
    assert series[1]["itemStyle"]["color"] != DARK.loss


def test_a_long_chart_can_be_zoomed_from_where_it_is_asked_to_start() -> None:
    options = chart_options(_line(10_000), DARK, pixels=300, start=9_000)
    assert [zoom["startValue"] for zoom in options["dataZoom"]] == [9_000, 9_000]
    assert options["series"][0]["sampling"] == "lttb"
    assert chart_options(_line(20), DARK, pixels=300)["dataZoom"] == []


def test_only_the_uppermost_pane_becomes_logarithmic() -> None:
    axes = chart_options(CANDLES, DARK, pixels=400, log=True)["yAxis"]
    assert [axis["type"] for axis in axes] == ["log", "value", "value"]


def test_one_series_needs_no_legend() -> None:
    assert "legend" not in chart_options(_line(5), DARK, pixels=300)
    assert "legend" in chart_options(CANDLES, DARK, pixels=300)


def test_ranges_start_at_the_first_day_inside_them() -> None:
    found = dict(ranges(DAYS))
    assert DAYS[found["1M"]] == "2020-11-28"  # 31 days before 2020-12-28 is 2020-11-27
    assert "1Y" not in found, "the data is no longer than that"
    assert found["All"] == 0


@pytest.mark.parametrize("x", [(), ("2020-01-01",), ("alpha", "beta")])
def test_an_axis_without_days_has_no_ranges(x: tuple[str, ...]) -> None:
    assert ranges(x) == []


def test_the_table_holds_every_number_of_the_chart() -> None:
    table = chart_table(CANDLES)
    assert [c.title for c in table.columns] == [
        "At",
        "AAPL open",
        "AAPL close",
        "AAPL low",
        "AAPL high",
        "SMA 50",
        "Volume",
        "Drawdown",
    ]
    assert table.rows[0] == ("2020-01-01", 1.0, 2.0, 0.5, 2.5, None, 10.0, 0.0)
    assert table.rows[1][1:5] == (None,) * 4
    assert table.label == "bundled"


def test_candles_become_a_line_of_closes() -> None:
    line = as_line(CANDLES)
    assert line.series[0].values == (2.0, None)
    assert line.series[2] == CANDLES.series[2]
    assert has_candles(CANDLES)
    assert not has_candles(line)


def test_a_screen_reader_is_told_what_the_chart_shows() -> None:
    assert spoken(CANDLES) == (
        "AAPL: AAPL, SMA 50, Volume, Drawdown, 2 points from 2020-01-01 to "
        "2020-01-02. The table shows the numbers."
    )
