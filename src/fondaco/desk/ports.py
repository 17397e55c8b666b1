"""What the desk needs of the world: a table of jobs, a lock, deliveries, durable steps."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from fondaco.core.events import Handler
from fondaco.core.jobs import Job, JobState
from fondaco.desk.results import Overview
from fondaco.market.lineage_values import LineageReport

T = TypeVar("T")


class Account(Protocol):
    """The account of this desk, as people look at it."""

    def overview(self) -> Overview:
        """Return what it holds and what that is worth now."""
        ...


class NumberOrigins(Protocol):
    """Leads from what people see to raw bytes; `desk.lineage.DeskLineage` is one."""

    def of_fact(self, fact_id: str, *, limit: int) -> LineageReport:
        """Return where a fact comes from; raises NotFound."""
        ...

    def of_card(self, card_id: str, *, limit: int) -> LineageReport:
        """Return where every number behind a card comes from; raises NotFound."""
        ...

    def of_row(
        self, symbol: str, table: str, day: date | None, as_of: datetime, *, limit: int
    ) -> LineageReport:
        """Return where the newest rows of a symbol come from, as known at a time."""
        ...


class JobTable(Protocol):
    """Where jobs stand. A job that has ended never changes again."""

    def create(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Write down that this work is wanted, in the transaction that is open."""
        ...

    def get(self, job_id: str) -> Job:
        """Return a job as it stands; raises NotFound."""
        ...

    def inputs(self, job_id: str) -> dict[str, Any]:
        """Return what a job was asked to do; raises NotFound."""
        ...

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        ...

    def open(self) -> tuple[Job, ...]:
        """Return the jobs that have not ended, oldest first."""
        ...

    def begin(self, job_id: str) -> bool:
        """Say that a job runs; False when it has ended and must not run."""
        ...

    def progress(self, job_id: str, step: str, done: int, total: int) -> bool:
        """Keep how far a job is, at once; return whether it was asked to stop."""
        ...

    def finish(
        self, job_id: str, state: JobState, *, result: Any = None, error: str | None = None
    ) -> Job:
        """Keep how a job ended, once."""
        ...

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop; raises NotFound, or Conflict when it has ended."""
        ...


class WorkerLock(Protocol):
    """A lock that one process of the desk holds at a time; it is free when that process dies."""

    def acquire(self) -> bool:
        """Take the lock if nobody has it; return whether this process has it."""
        ...

    def held(self) -> bool:
        """Return whether this process still has the lock."""
        ...

    def release(self) -> None:
        """Give the lock back."""
        ...


class Deliveries(Protocol):
    """Hands events of the outbox to handlers, at least once."""

    def register(self, event_name: str, handler_name: str, handler: Handler) -> None:
        """Have a handler called for events of a name."""
        ...

    def run_once(self) -> Any:
        """Hand on what is due now; the answer's `tried` counts the deliveries."""
        ...


class Steps(Protocol):
    """The steps of durable work: one that is done is not done again after a crash.

    A step that is cut short runs again, so what it does must be idempotent.
    """

    def run(self, name: str, function: Callable[[], T]) -> T:
        """Run a step and keep what it gives, or give what was kept. It gives plain JSON."""
        ...


Workflow = Callable[[Steps, str, int], None]
"""Durable work on a subject: `workflow(steps, subject id, how often it was looked at before)`."""


class Durable(Protocol):
    """Runs workflows so that each ends, whatever happens to the process."""

    def start(self, workflows: Mapping[str, Workflow]) -> None:
        """Begin to run what is enqueued; what a dead process left is taken up again."""
        ...

    def enqueue(
        self, workflow: str, key: str, subject: str, *, look: int = 0, delay_seconds: float = 0.0
    ) -> None:
        """Have a workflow run once for this key, from now on durably; the same key changes nothing.

        Those of one subject run one after the other.
        """
        ...

    def gave_up(self, key: str) -> bool:
        """Return whether the work of a key has ended without being done: it fell too often."""
        ...

    def stop(self) -> None:
        """Stop running; what is not finished goes on at the next start."""
        ...


class StoppedError(BaseException):
    """The worker is being stopped; the work goes on where it was at the next start.

    Not an Exception, so that no handler of errors takes it for one.
    """


Observer = Callable[[str], None]
"""Told of each point that durable work passes (`propose before`, `propose after`); for tests."""


def unobserved(point: str) -> None:
    """Tell nobody."""
