"""Long work: it returns at once as a job that can be watched, cancelled and found again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from fondaco.core.errors import FondacoError


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Job:
    """Long work in hand. `result` is the plain JSON of the capability's own result, when done."""

    id: str
    capability: str
    state: JobState
    started_at: datetime
    step: str = ""
    done: int = 0
    total: int = 0
    finished_at: datetime | None = None
    result: Any = None
    error: str | None = None


class Cancelled(FondacoError):
    """A person asked for the job to stop; raised at its next progress report."""

    code = "cancelled"
    http_status = 409


class Progress(Protocol):
    """How long work says how far it is. Reporting raises Cancelled when it was asked to stop."""

    def report(self, step: str, done: int, total: int) -> None:
        """Say what is being done, and how much of it is."""
        ...


class Silent:
    """A progress that tells nobody."""

    def report(self, step: str, done: int, total: int) -> None:
        """Do nothing."""


class Jobs(Protocol):
    """Starts long work and finds it again."""

    def start(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Write down that this work is wanted and return its job at once.

        `inputs` is plain JSON. The desk's worker runs it with the function registered for the
        capability's name; it survives kill -9 and is not run twice.
        """
        ...

    def status(self, job_id: str) -> Job:
        """Return a job as it stands; raises NotFound."""
        ...

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; raises Conflict when it has ended."""
        ...

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        ...
