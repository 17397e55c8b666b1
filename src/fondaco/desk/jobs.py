"""Long work: written down with the call that asks for it, run by the worker, once."""

import builtins
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any

from pydantic import TypeAdapter

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError
from fondaco.core.events import Event, Outbox
from fondaco.core.ids import Ids
from fondaco.core.jobs import Cancelled, Job, JobState, Progress
from fondaco.core.journal import Journal, Note
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.desk.ports import JobTable, Steps, StoppedError

QUEUED = "job.queued"
REPORT_EVERY = timedelta(seconds=0.25)
"""Progress is written this often at most, and at each new step."""

Transaction = Callable[[], AbstractContextManager[None]]
Runner = Callable[[dict[str, Any], Progress, Steps], Any]
"""Does a job's work: `run(inputs, progress, steps)` gives the result that its capability names."""


class DeskJobs:
    """Starts long work and finds it again, for whichever process asks."""

    def __init__(
        self, table: JobTable, outbox: Outbox, clock: Clock, ids: Ids, transaction: Transaction
    ) -> None:
        self._table = table
        self._outbox = outbox
        self._clock = clock
        self._ids = ids
        self._transaction = transaction

    def start(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Write down that this work is wanted, in the caller's transaction, and return its job."""
        with self._transaction():
            job = self._table.create(capability, inputs)
            self._outbox.publish(
                Event(
                    str(self._ids.new()),
                    QUEUED,
                    job.id,
                    self._clock.now(),
                    {"capability": capability},
                )
            )
        return job

    def status(self, job_id: str) -> Job:
        """Return a job as it stands; raises NotFound."""
        return self._table.get(job_id)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; raises Conflict when it has ended."""
        return self._table.request_cancel(job_id)

    def list(self, *, limit: int) -> builtins.tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        return self._table.list(limit=limit)


class RowProgress:
    """Progress kept in the job's row, where every surface reads it."""

    def __init__(self, table: JobTable, job_id: str, clock: Clock, stopping: Flag) -> None:
        self._table = table
        self._job_id = job_id
        self._clock = clock
        self._stopping = stopping
        self._step: str | None = None
        self._written: datetime | None = None

    def report(self, step: str, done: int, total: int) -> None:
        """Keep how far the work is. Raises Cancelled when a person asked it to stop."""
        if self._stopping.is_set():
            raise StoppedError
        now = self._clock.now()
        fresh = self._written is not None and now - self._written < REPORT_EVERY
        if step == self._step and fresh and done < total:
            return
        self._step, self._written = step, now
        if self._table.progress(self._job_id, step, done, total):
            raise Cancelled("the job was asked to stop", value=self._job_id)


@dataclass(frozen=True, slots=True)
class Work:
    """How one capability's long work is done: its runner, and the type of its result."""

    run: Runner
    result: Callable[[], type]


class JobRunner:
    """Runs one job from its row to its end; broad `except` stands only here, and it journals."""

    def __init__(
        self, table: JobTable, works: Mapping[str, Work], journal: Journal, clock: Clock
    ) -> None:
        self._table = table
        self._works = works
        self._journal = journal
        self._clock = clock
        self.stopping = Flag()

    def run(self, steps: Steps, job_id: str, look: int = 0) -> None:  # noqa: ARG002 - a Workflow
        """Run the job if it has not ended; how it ends stands in its row."""
        if not self._table.begin(job_id):
            return
        job = self._table.get(job_id)
        try:
            data = self._work(job, steps)
        except Cancelled:
            self._table.finish(job_id, JobState.CANCELLED)
        except FondacoError as error:
            self._end_badly(job, error.code, error.message)
        except Exception as error:  # a fault in our own code must end the job, not hang it
            self._end_badly(job, type(error).__name__, f"internal error: {error}")
        else:
            self._table.finish(job_id, JobState.DONE, result=data)

    def give_up(self, job_id: str) -> None:
        """End a job whose work fell too often to be tried again."""
        self._end_badly(
            self._table.get(job_id), "gave_up", "it was cut short too often and is not tried again"
        )

    def _work(self, job: Job, steps: Steps) -> Any:
        if job.capability not in self._works:
            raise FondacoError("no worker knows this kind of job", value=job.capability)
        work = self._works[job.capability]
        progress = RowProgress(self._table, job.id, self._clock, self.stopping)
        progress.report("Starting", 0, 1)
        result = work.run(self._table.inputs(job.id), progress, steps)
        return TypeAdapter(work.result()).dump_python(result, mode="json")

    def _end_badly(self, job: Job, outcome: str, words: str) -> None:
        self._table.finish(job.id, JobState.FAILED, error=words[:REASON_CHARS_MAX])
        self._journal.append(
            Note(
                at=self._clock.now(),
                actor="desk",
                surface="worker",
                capability=job.capability,
                effect="write",
                inputs={"job": job.id},
                outcome=outcome,
                detail=words[:REASON_CHARS_MAX],
            )
        )
