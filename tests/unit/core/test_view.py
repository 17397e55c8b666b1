"""What a cell says, and how a job is drawn."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fondaco.core.capability import Capability, Effect, capability
from fondaco.core.errors import InvalidInput
from fondaco.core.fakes import FAKE_NOW
from fondaco.core.job_view import job_card, view_job
from fondaco.core.jobs import Cancelled, Job, JobState, Silent
from fondaco.core.view import (
    Block,
    Cell,
    Chart,
    Column,
    Mark,
    Series,
    Text,
    Tone,
    bounds,
    extent,
    happened,
    reach,
    show,
)


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        (Column("a"), None, "–"),
        (Column("a"), "x", "x"),
        (Column("a"), True, "yes"),
        (Column("a"), False, "no"),
        (Column("a", "day"), date(2019, 6, 28), "2019-06-28"),
        (Column("a", "time"), datetime(2019, 6, 28, 20, 5, tzinfo=UTC), "2019-06-28 20:05 UTC"),
        (Column("a", "money"), Decimal("-1234.5"), "-1,234.50"),
        (Column("a", "money", signed=True), Decimal("1234.5"), "+1,234.50"),
        (Column("a", "number"), 1234567, "1,234,567"),
        (Column("a", "number", signed=True), 5, "+5"),
        (Column("a", "number", digits=4), 0.5, "0.5000"),
        (Column("a", "percent"), 0.12345, "12.35 %"),
        (Column("a", "percent", signed=True), Decimal("-0.5"), "-50.00 %"),
        (Column("a", "money"), -0.001, "0.00"),
        (Column("a", "percent", signed=True), -0.00001, "+0.00 %"),
        (Column("a", "money"), float("nan"), "–"),
        (Column("a", "percent"), Decimal("Infinity"), "–"),
        (Column("a", "id"), 17, "17"),
    ],
)
def test_a_cell_says(column: Column, cell: Cell, words: str) -> None:
    assert show(column, cell) == words


@dataclass(frozen=True)
class Counted:
    total: int


@capability("till.count", Effect.WRITE, view=lambda r: [Text(f"{r.total} coins")], job=Counted)
def count() -> Job:
    """Count."""
    return JOB


JOB = Job("J-1", "till.count", JobState.RUNNING, FAKE_NOW, "coins", 3, 9)
CAP: Capability = count.__capability__  # type: ignore[attr-defined]


def test_a_running_job_says_how_far_it_is_and_how_to_find_it() -> None:
    [card] = view_job(JOB, CAP)
    assert card == job_card(JOB)
    assert ("Progress", "3 of 9") in card.fields  # type: ignore[union-attr]
    assert "fondaco jobs status J-1" in card.footer  # type: ignore[union-attr]


def test_a_failed_job_says_why_and_a_finished_one_shows_its_result() -> None:
    failed = Job("J-1", "till.count", JobState.FAILED, FAKE_NOW, error="no coins")
    card = job_card(failed)
    assert ("Error", "no coins") in card.fields
    assert (card.chips[0].tone, card.footer) == (Tone.BAD, "")
    done: list[Block] = view_job(
        Job("J-1", "till.count", JobState.DONE, FAKE_NOW, result={"total": 7}), CAP
    )
    assert done == [Text("7 coins")]


@pytest.mark.parametrize("state", JobState)
def test_done_failed_and_cancelled_are_final(state: JobState) -> None:
    assert state.final == (state.value in {"done", "failed", "cancelled"})


def test_a_cancelled_job_raises_its_own_error_and_silence_is_kept() -> None:
    Silent().report("step", 1, 2)
    assert Cancelled("stopped").body().code == "cancelled"


CLOUD = Series("Trials", ((5.0, 0.4), None, (15.0, 1.1)), "scatter")
MARK = Series("this trial", ((10.0, 0.9),), "scatter")
LUCK = Series("luck alone", ((5.0, 0.6), (15.0, 0.3)), "area")


def test_a_chart_of_pairs_says_how_far_each_axis_goes() -> None:
    chart = Chart("Trials", (), (CLOUD, MARK, LUCK), x_title="Span, years")
    assert chart.paired
    assert chart.points == 5
    assert reach(chart) == "Span, years: 5 to 15, 5 points"
    assert extent(CLOUD) == "2 points, x 5 to 15, y 0.4 to 1.1"
    assert extent(MARK) == "1 point, x 10, y 0.9"
    assert extent(Series("none", (None,), "scatter")) == "no points"


def test_numbers_that_are_nothing_beside_the_largest_are_said_to_be_nothing() -> None:
    assert bounds((-1e-12, 1.97412)) == ("0", "1.974")
    assert bounds((0.000123456, 0.0004)) == ("0.0001235", "0.0004")
    assert bounds((-13976.2, 5.25)) == ("-13,976", "5")
    assert bounds((0.0, 0.0)) == ("0", "0")


def test_a_chart_over_days_has_their_points_and_may_be_empty() -> None:
    chart = Chart("Equity", ("2019-06-27", "2019-06-28"), (Series("desk", (1.0, float("nan"))),))
    assert not chart.paired
    assert (chart.points, reach(chart)) == (2, "2019-06-27 to 2019-06-28, 2 points")
    empty = Chart("Equity", (), (Series("desk", ()),))
    assert not empty.paired
    assert reach(empty) == "no points"
    assert reach(Chart("Trials", (), (Series("Trials", (), "scatter"),), x_title="Span")) == (
        "no points"
    )


@pytest.mark.parametrize(
    "value", [(float("nan"), 1.0), (1.0, float("inf")), (1.0, 2.0, 0.5, 2.5), 1.0]
)
def test_a_point_that_is_no_pair_of_finite_numbers_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match=r"point 1 of the series 'Trials'.*both finite"):
        Chart("Trials", (), (Series("Trials", ((1.0, 1.0), value), "scatter"),), x_title="Span")


def test_a_curve_beside_a_cloud_takes_pairs_alone() -> None:
    with pytest.raises(InvalidInput, match="point 0 of the series 'luck'"):
        Chart("Trials", (), (CLOUD, Series("luck", (0.5, 0.4))), x_title="Span")
    with pytest.raises(InvalidInput, match="'count' cannot stand in a chart of pairs"):
        Chart("Trials", (), (CLOUD, Series("count", ((1.0, 2.0),), "bar")), x_title="Span")


def test_a_cloud_has_no_categories_and_names_its_x() -> None:
    with pytest.raises(InvalidInput, match="names its x"):
        Chart("Trials", (), (CLOUD,))
    with pytest.raises(InvalidInput, match="1 categories"):
        Chart("Trials", ("2019-06-28",), (CLOUD,), x_title="Span")


def test_a_mark_stands_on_a_point_of_its_chart() -> None:
    with pytest.raises(InvalidInput, match=r"stands on no point.*2019-06-30"):
        Chart("A", ("2019-06-28",), (), marks=(Mark("2019-06-30", "E", "earnings"),))
    cloud = (Series("Trials", ((5.0, 0.4),), "scatter"),)
    with pytest.raises(InvalidInput, match="stands on no point"):
        Chart("T", (), cloud, x_title="Span", marks=(Mark("5", "E", "earnings"),))
    assert happened(Chart("A", ("2019-06-28",), ())) == ""
