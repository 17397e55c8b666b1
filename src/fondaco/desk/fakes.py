"""Fakes of the desk's ports, kept in memory: for tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from typing import Any, TypeVar

from fondaco.core.clock import Clock
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.events import Event, Handler
from fondaco.core.jobs import Job, JobState
from fondaco.desk.ports import Workflow

T = TypeVar("T")


class MemoryJobTable:
    """Jobs in a dictionary."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._inputs: dict[str, dict[str, Any]] = {}
        self.reports: list[tuple[str, int, int]] = []
        self._asked_to_stop: set[str] = set()

    def create(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Keep a new job."""
        job = Job(f"J-{len(self._jobs) + 1}", capability, JobState.QUEUED, self._clock.now())
        self._jobs[job.id], self._inputs[job.id] = job, inputs
        return job

    def get(self, job_id: str) -> Job:
        """Return a job; raises NotFound."""
        if job_id not in self._jobs:
            raise NotFound("no such job", value=job_id)
        return self._jobs[job_id]

    def inputs(self, job_id: str) -> dict[str, Any]:
        """Return what a job was asked to do."""
        return self._inputs[self.get(job_id).id]

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        return tuple(reversed(self._jobs.values()))[:limit]

    def open(self) -> tuple[Job, ...]:
        """Return the jobs that have not ended."""
        return tuple(job for job in self._jobs.values() if not job.state.final)

    def begin(self, job_id: str) -> bool:
        """Let a job run if it has not ended."""
        if self.get(job_id).state.final:
            return False
        self._jobs[job_id] = replace(self._jobs[job_id], state=JobState.RUNNING)
        return True

    def progress(self, job_id: str, step: str, done: int, total: int) -> bool:
        """Keep how far a job is; return whether it was asked to stop."""
        self.reports.append((step, done, total))
        self._jobs[job_id] = replace(self.get(job_id), step=step, done=done, total=total)
        return job_id in self._asked_to_stop

    def finish(
        self, job_id: str, state: JobState, *, result: Any = None, error: str | None = None
    ) -> Job:
        """Keep how a job ended, once."""
        if not self.get(job_id).state.final:
            self._jobs[job_id] = replace(
                self._jobs[job_id],
                state=state,
                result=result,
                error=error,
                finished_at=self._clock.now(),
            )
        return self._jobs[job_id]

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop; a queued one ends now."""
        job = self.get(job_id)
        if job.state.final:
            raise Conflict(f"job {job_id} has ended", value=job.state)
        self._asked_to_stop.add(job_id)
        return self.finish(job_id, JobState.CANCELLED) if job.state is JobState.QUEUED else job


class SharedLock:
    """A lock that several fakes of one test may hold in turn: `owner` is who has it."""

    def __init__(self, shared: list[object] | None = None) -> None:
        self._shared = [] if shared is None else shared

    def acquire(self) -> bool:
        """Take the lock if it is free or ours."""
        if not self._shared:
            self._shared.append(self)
        return self.held()

    def held(self) -> bool:
        """Return whether it is ours."""
        return self._shared[:1] == [self]

    def release(self) -> None:
        """Give it back if it is ours."""
        if self.held():
            self._shared.clear()

    def lose(self) -> None:
        """Lose it, as when the database is restarted."""
        self._shared.clear()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """How many deliveries were tried."""

    tried: int


class ListedDeliveries:
    """Hands on the events that a test puts in; `rounds` counts, `ran` is set by each round."""

    def __init__(self) -> None:
        self.handlers: dict[str, list[Handler]] = {}
        self.names: list[str] = []
        self.waiting: list[Event] = []
        self.rounds = 0
        self.ran = Flag()
        self.fails_with: Exception | None = None

    def register(self, event_name: str, handler_name: str, handler: Handler) -> None:
        """Remember a handler, whose name is its own."""
        self.names.append(handler_name)
        self.handlers.setdefault(event_name, []).append(handler)

    def run_once(self) -> HandedOn:
        """Hand on all that waits, or fail as the test wants it."""
        self.rounds += 1
        self.ran.set()
        if self.fails_with is not None:
            error, self.fails_with = self.fails_with, None
            raise error
        events, self.waiting = self.waiting, []
        for event in events:
            for handler in self.handlers.get(event.name, ()):
                handler(event)
        return HandedOn(len(events))


@dataclass
class KeptSteps:
    """Steps that remember what they gave, as a durable engine does; `ran` lists what was run."""

    kept: dict[str, Any] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def run(self, name: str, function: Callable[[], T]) -> T:
        """Run a step once."""
        if name not in self.kept:
            self.ran.append(name)
            self.kept[name] = function()
        result: T = self.kept[name]
        return result


@dataclass(frozen=True, slots=True)
class Enqueued:
    """Work that waits in the fake: which, for whom, how late."""

    workflow: str
    key: str
    subject: str
    look: int
    delay_seconds: float


class DirectDurable:
    """Durable work that runs when the test says so, in order; a key is taken once."""

    def __init__(self) -> None:
        self.workflows: dict[str, Workflow] = {}
        self.keys: dict[str, Enqueued] = {}
        self.waiting: list[Enqueued] = []
        self.steps: dict[str, KeptSteps] = {}
        self.given_up: set[str] = set()
        self.running = False

    def start(self, workflows: Mapping[str, Workflow]) -> None:
        """Take the workflows."""
        self.workflows = dict(workflows)
        self.running = True

    def enqueue(
        self, workflow: str, key: str, subject: str, *, look: int = 0, delay_seconds: float = 0.0
    ) -> None:
        """Keep work under its key, once."""
        if key not in self.keys:
            self.keys[key] = Enqueued(workflow, key, subject, look, delay_seconds)
            self.waiting.append(self.keys[key])

    def gave_up(self, key: str) -> bool:
        """Return what the test says."""
        return key in self.given_up

    def stop(self) -> None:
        """Stop."""
        self.running = False

    def run_due(self) -> list[str]:
        """Run what waits without a delay, also what that enqueues; return the keys that ran."""
        ran = []
        while due := [work for work in self.waiting if work.delay_seconds <= 0]:
            work = due[0]
            self.waiting.remove(work)
            self.run(work)
            ran.append(work.key)
        return ran

    def run(self, work: Enqueued) -> None:
        """Run one piece of work, its steps kept under its key."""
        steps = self.steps.setdefault(work.key, KeptSteps())
        self.workflows[work.workflow](steps, work.subject, work.look)
