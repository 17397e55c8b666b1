"""Waiting with a person: for a job or a card, as the worker if nobody else is."""

from collections.abc import Callable
from threading import Event as Flag
from typing import Any, Protocol

from fondaco.core.jobs import Job, Jobs
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.ports import CardStore

POLL_SECONDS = 0.1
WORKER_EVERY_POLLS = 20
CARD_SECONDS_MAX = 120.0
UNSETTLED = (CardState.APPROVED, CardState.SENT, CardState.UNKNOWN)
"""States that a card passes through; in any other there is nothing to wait for now."""


class OneWorker(Protocol):
    """The desk's worker, as far as one who waits needs it."""

    def start(self) -> bool:
        """Become the worker if nobody is; return whether this process is it now."""
        ...


def follow_job(jobs: Jobs, worker: OneWorker, job_id: str, tell: Callable[[Job], None]) -> Job:
    """Wait until a job has ended and return it; `tell` hears of it whenever it has moved.

    Raises NotFound.
    """
    pause, polls, last = Flag(), 0, None
    while True:
        job = jobs.status(job_id)
        if job != last:
            tell(job)
            last = job
        if job.state.final:
            return job
        if polls % WORKER_EVERY_POLLS == 0:
            worker.start()
        polls += 1
        pause.wait(POLL_SECONDS)


def follow_card(
    cards: CardStore, worker: OneWorker, card_id: str, *, seconds_max: float = CARD_SECONDS_MAX
) -> TradeCard:
    """Wait until an approved card has its order filled, refused or waiting for its session.

    Returns the card as it stands then, or after `seconds_max`, whatever it is. Raises NotFound.
    """
    pause = Flag()
    for polls in range(int(seconds_max / POLL_SECONDS)):
        if cards.get(card_id).state not in UNSETTLED:
            break
        if polls % WORKER_EVERY_POLLS == 0:
            worker.start()
        pause.wait(POLL_SECONDS)
    return cards.get(card_id)


class FollowedJobs:
    """Jobs for a process that has no server beside it: whoever waits for a job becomes its worker.

    Where another process is the worker, this one only looks.
    """

    def __init__(self, jobs: Jobs, worker: Callable[[], OneWorker]) -> None:
        self._jobs = jobs
        self._worker = worker
        self._looks = 0

    def start(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Write down that this work is wanted and return its job."""
        return self._jobs.start(capability, inputs)

    def status(self, job_id: str) -> Job:
        """Return a job as it stands; while it is open, become the worker if nobody is."""
        job = self._jobs.status(job_id)
        if not job.state.final:
            if self._looks % WORKER_EVERY_POLLS == 0:
                self._worker().start()
            self._looks += 1
        return job

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; raises Conflict when it has ended."""
        return self._jobs.cancel(job_id)

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        return self._jobs.list(limit=limit)
