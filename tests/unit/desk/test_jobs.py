"""Long work: written down once, run once, told how far it is, ended whatever happens."""

from datetime import timedelta
from typing import Any

import pytest

from fondaco.core.clock import SteppedClock
from fondaco.core.errors import Conflict, Refused
from fondaco.core.events import MemoryOutbox
from fondaco.core.ids import Ids
from fondaco.core.jobs import Cancelled, JobState, Progress
from fondaco.core.journal import MemoryJournal
from fondaco.desk.fakes import KeptSteps, MemoryJobTable
from fondaco.desk.jobs import QUEUED, DeskJobs, JobRunner, RowProgress, Work
from fondaco.desk.ports import Steps, StoppedError
from fondaco.desk.results import Retried
from fondaco.trading.fakes import MemoryTransaction
from unit.desk.house import House


class Office:
    """Jobs with one kind of work, which does what the test says."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.table = MemoryJobTable(clock)
        self.outbox = MemoryOutbox()
        self.journal = MemoryJournal()
        self.jobs = DeskJobs(
            self.table,
            self.outbox,
            clock,
            Ids(clock, lambda n: b"\1" * n),
            MemoryTransaction(self.outbox),
        )
        self.act: Any = lambda *_: Retried("done", "well")
        self.runner = JobRunner(
            self.table, {"work": Work(self._act, lambda: Retried)}, self.journal, clock
        )

    def _act(self, inputs: dict[str, Any], progress: Progress, steps: Steps) -> Any:
        return self.act(inputs, progress, steps)


@pytest.fixture
def office() -> Office:
    return Office(House().clock)


def test_starting_writes_the_job_and_its_event_together(office: Office) -> None:
    job = office.jobs.start("work", {"a": 1})
    assert job.state is JobState.QUEUED
    (event,) = office.outbox.events
    assert (event.name, event.subject, event.data) == (QUEUED, job.id, {"capability": "work"})
    assert office.jobs.status(job.id) == job
    assert office.jobs.list(limit=5) == (job,)


def test_a_job_ends_with_the_plain_result_of_its_work(office: Office) -> None:
    job = office.jobs.start("work", {})
    office.runner.run(KeptSteps(), job.id)
    ended = office.jobs.status(job.id)
    assert ended.state is JobState.DONE
    assert ended.result == {"event": "done", "handler": "well"}


def test_a_job_that_has_ended_is_not_run_again(office: Office) -> None:
    job = office.jobs.start("work", {})
    ran: list[int] = []
    office.act = lambda *_: ran.append(1) or Retried("done", "well")
    office.runner.run(KeptSteps(), job.id)
    office.runner.run(KeptSteps(), job.id)
    assert ran == [1]


def test_a_refused_job_fails_with_the_reason_and_is_journalled(office: Office) -> None:
    def refuse(*_: object) -> None:
        raise Refused("the market is closed", remedy="Wait for Monday.")

    office.act = refuse
    job = office.jobs.start("work", {})
    office.runner.run(KeptSteps(), job.id)
    assert office.jobs.status(job.id).state is JobState.FAILED
    assert office.jobs.status(job.id).error == "the market is closed. Wait for Monday."
    (line,) = office.journal.lines(limit=5)
    assert (line.note.outcome, line.note.inputs) == ("refused", {"job": job.id})


def test_a_fault_of_ours_ends_the_job_and_is_said(office: Office) -> None:
    office.act = lambda *_: 1 / 0
    job = office.jobs.start("work", {})
    office.runner.run(KeptSteps(), job.id)
    assert office.jobs.status(job.id).error == "internal error: division by zero"
    assert office.journal.lines(limit=5)[0].note.outcome == "ZeroDivisionError"


def test_work_that_nobody_knows_fails(office: Office) -> None:
    job = office.jobs.start("other", {})
    office.runner.run(KeptSteps(), job.id)
    assert "no worker knows" in str(office.jobs.status(job.id).error)


def test_a_cancelled_job_stops_at_its_next_report(office: Office) -> None:
    job = office.jobs.start("work", {})
    done: list[int] = []

    def act(_: object, progress: Progress, __: object) -> None:
        for number in range(10):
            progress.report(f"part {number}", number, 10)
            done.append(number)
            if number == 2:
                office.jobs.cancel(job.id)

    office.act = act
    office.runner.run(KeptSteps(), job.id)
    assert office.jobs.status(job.id).state is JobState.CANCELLED
    assert done == [0, 1, 2]
    with pytest.raises(Conflict):
        office.jobs.cancel(job.id)


def test_a_queued_job_that_is_cancelled_never_runs(office: Office) -> None:
    job = office.jobs.start("work", {})
    assert office.jobs.cancel(job.id).state is JobState.CANCELLED
    office.act = lambda *_: pytest.fail("it ran")
    office.runner.run(KeptSteps(), job.id)


def test_a_stopped_worker_leaves_the_job_open(office: Office) -> None:
    job = office.jobs.start("work", {})

    def act(_: object, progress: Progress, __: object) -> None:
        office.runner.stopping.set()
        progress.report("more", 1, 2)

    office.act = act
    with pytest.raises(StoppedError):
        office.runner.run(KeptSteps(), job.id)
    assert office.jobs.status(job.id).state is JobState.RUNNING


def test_a_job_that_is_given_up_fails_with_the_reason(office: Office) -> None:
    job = office.jobs.start("work", {})
    office.runner.give_up(job.id)
    assert "too often" in str(office.jobs.status(job.id).error)


def test_progress_is_written_at_each_step_and_a_few_times_a_second_between(office: Office) -> None:
    job = office.jobs.start("work", {})
    progress = RowProgress(office.table, job.id, office.clock, office.runner.stopping)
    for number in range(1, 101):
        progress.report("count", number, 100)
        if number == 50:
            office.clock.advance(timedelta(seconds=1))
    progress.report("next", 0, 5)
    assert office.table.reports == [
        ("count", 1, 100),
        ("count", 51, 100),
        ("count", 100, 100),
        ("next", 0, 5),
    ]


def test_cancelling_is_heard_at_the_next_written_report(office: Office) -> None:
    job = office.jobs.start("work", {})
    office.table.begin(job.id)
    office.jobs.cancel(job.id)
    progress = RowProgress(office.table, job.id, office.clock, office.runner.stopping)
    with pytest.raises(Cancelled):
        progress.report("count", 1, 2)
