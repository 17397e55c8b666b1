"""What a cell says, and how a job is drawn."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fondaco.core.capability import Capability, Effect, capability
from fondaco.core.fakes import FAKE_NOW
from fondaco.core.job_view import job_card, view_job
from fondaco.core.jobs import Cancelled, Job, JobState, Silent
from fondaco.core.view import Block, Cell, Column, Text, Tone, show


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
