"""Waiting with a person: as the worker if nobody else is, until there is something to say."""

from datetime import datetime
from typing import Any

import pytest

from fondaco.core.jobs import Job, JobState
from fondaco.desk.fakes import MemoryJobTable
from fondaco.desk.follow import FollowedJobs, follow_card, follow_job
from fondaco.desk.jobs import DeskJobs
from fondaco.trading.cards import CardState
from unit.desk.house import House


class HandWorker:
    """A worker that does a little each time it is asked to start."""

    def __init__(self, *acts: Any) -> None:
        self.acts = list(acts)
        self.starts = 0

    def start(self) -> bool:
        """Do the next thing."""
        self.starts += 1
        if self.acts:
            self.acts.pop(0)()
        return True


def started() -> tuple[House, Job, MemoryJobTable]:
    """Return a desk with one queued job."""
    house = House()
    return house, house.jobs.start("work", {}), house.table


def test_following_a_job_tells_each_move_and_returns_it_ended() -> None:
    house, job, table = started()
    worker = HandWorker(
        lambda: (
            table.begin(job.id),
            table.progress(job.id, "half", 1, 2),
            table.finish(job.id, JobState.DONE, result=5),
        )
    )
    told: list[JobState] = []
    ended = follow_job(house.jobs, worker, job.id, lambda j: told.append(j.state))
    assert ended.result == 5
    assert told == [JobState.QUEUED, JobState.DONE]


def test_a_job_that_has_ended_needs_no_worker() -> None:
    house, job, table = started()
    table.finish(job.id, JobState.FAILED, error="no")
    worker = HandWorker()
    assert follow_job(house.jobs, worker, job.id, lambda _: None).error == "no"
    assert worker.starts == 0


def test_who_looks_at_an_open_job_becomes_its_worker() -> None:
    house, job, table = started()
    worker = HandWorker()
    jobs = FollowedJobs(house.jobs, lambda: worker)
    assert jobs.status(job.id).state is JobState.QUEUED
    assert worker.starts == 1
    for _ in range(19):
        jobs.status(job.id)
    assert worker.starts == 1  # it is asked again every two seconds, not at every look
    table.finish(job.id, JobState.DONE)
    jobs.status(job.id)
    assert worker.starts == 1


def test_followed_jobs_start_list_and_cancel_like_any() -> None:
    house = House()
    jobs = FollowedJobs(
        DeskJobs(house.table, house.outbox, house.clock, house.ids, house.transaction), HandWorker
    )
    job = jobs.start("work", {})
    assert jobs.list(limit=3) == (job,)
    assert jobs.cancel(job.id).state is JobState.CANCELLED


@pytest.mark.parametrize(("day", "state"), [(-41, CardState.CLOSED), (-1, CardState.WORKING)])
def test_following_a_card_ends_when_its_order_is_filled_or_waits(
    day: int, state: CardState
) -> None:
    house = House()
    house.cycle(house.days[day])
    card = house.approve(house.cards.list()[0])
    worker = HandWorker(lambda: (house.hand_on(), house.durable.run_due()))
    assert follow_card(house.cards, worker, card.id).state is state


def test_following_a_card_gives_up_after_its_time() -> None:
    house = House()
    house.cycle(house.days[-1])
    card = house.approve(house.cards.list()[0])
    found = follow_card(house.cards, HandWorker(), card.id, seconds_max=0.2)
    assert found.state is CardState.APPROVED
    assert isinstance(found.as_of, datetime)
