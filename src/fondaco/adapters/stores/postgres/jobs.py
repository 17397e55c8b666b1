"""The table of long work: what was asked, how far it is, how it ended."""

from typing import Any

from sqlalchemy import Row, case, insert, literal, select, update

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.schema import jobs
from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.jobs import Job, JobState
from fondaco.core.limits import REASON_CHARS_MAX

_OPEN = (JobState.QUEUED, JobState.RUNNING)


class JobTable:
    """Keeps jobs; the desk's worker moves them. A job that has ended never changes again."""

    def __init__(self, database: Database, numbers: Numbers, clock: Clock) -> None:
        self._database = database
        self._numbers = numbers
        self._clock = clock

    def create(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Write down that this work is wanted, in the transaction that is open."""
        job = Job(self._numbers.next("J"), capability, JobState.QUEUED, self._clock.now())
        with self._database.connection() as connection:
            connection.execute(
                insert(jobs).values(
                    id=job.id,
                    capability=capability,
                    inputs=inputs,
                    state=job.state,
                    step="",
                    done=0,
                    total=0,
                    started_at=job.started_at,
                )
            )
        return job

    def get(self, job_id: str) -> Job:
        """Return a job as it stands; raises NotFound."""
        return _job(self._row(job_id))

    def inputs(self, job_id: str) -> dict[str, Any]:
        """Return what a job was asked to do; raises NotFound."""
        inputs: dict[str, Any] = self._row(job_id).inputs
        return inputs

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        query = select(jobs).order_by(jobs.c.seq.desc()).limit(limit)
        with self._database.connection() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def open(self) -> tuple[Job, ...]:
        """Return the jobs that have not ended, oldest first: what a new worker takes up."""
        query = select(jobs).where(jobs.c.state.in_(_OPEN)).order_by(jobs.c.seq)
        with self._database.connection() as connection:
            return tuple(_job(row) for row in connection.execute(query))

    def begin(self, job_id: str) -> bool:
        """Say that a job runs; False when it has ended, as by a cancel, and must not run."""
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(_OPEN))
            .values(state=JobState.RUNNING)
        )
        with self._database.connection() as connection:
            return rows_written(connection, change) == 1

    def progress(self, job_id: str, step: str, done: int, total: int) -> bool:
        """Keep how far a job is, at once; return whether it was asked to stop.

        It is a transaction of its own, so that others see it while the work's own is open.
        """
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(_OPEN))
            .values(step=step, done=done, total=total)
            .returning(jobs.c.cancel_requested)
        )
        with self._database.apart() as connection:
            return bool(connection.scalar(change))

    def finish(
        self, job_id: str, state: JobState, *, result: Any = None, error: str | None = None
    ) -> Job:
        """Keep how a job ended, once; one that has ended stays as it is."""
        if not state.final:
            raise ValueError(f"a job cannot end as {state}")
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(_OPEN))
            .values(
                state=state,
                result=result,
                finished_at=self._clock.now(),
                error=None if error is None else error[:REASON_CHARS_MAX],
            )
        )
        with self._database.connection() as connection:
            connection.execute(change)
        return self.get(job_id)

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop: a queued one ends now, a running one at its next report.

        Raises NotFound, or Conflict when it has ended.
        """
        queued = jobs.c.state == JobState.QUEUED
        change = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(_OPEN))
            .values(
                cancel_requested=True,
                state=case((queued, JobState.CANCELLED.value), else_=jobs.c.state),
                finished_at=case((queued, literal(self._clock.now(), jobs.c.finished_at.type))),
            )
        )
        with self._database.connection() as connection:
            changed = rows_written(connection, change)
        job = self.get(job_id)
        if changed != 1:
            raise Conflict(f"job {job_id} has ended", value=job.state, bound="queued or running")
        return job

    def cancel_requested(self, job_id: str) -> bool:
        """Return whether a job was asked to stop; raises NotFound."""
        return bool(self._row(job_id).cancel_requested)

    def _row(self, job_id: str) -> "Row[Any]":
        with self._database.connection() as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
        if row is None:
            raise NotFound("no such job", value=job_id, remedy="`fondaco jobs list` shows all.")
        return row


def _job(row: "Row[Any]") -> Job:
    return Job(
        row.id,
        row.capability,
        JobState(row.state),
        row.started_at,
        row.step,
        row.done,
        row.total,
        row.finished_at,
        row.result,
        row.error,
    )
