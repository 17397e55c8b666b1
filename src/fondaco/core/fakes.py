"""Stand-ins of the core ports, kept in memory: for tests of every floor."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fondaco.core.capability import Catalogue
from fondaco.core.clock import Clock, FixedClock
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.invoke import Settled
from fondaco.core.jobs import Job, JobState
from fondaco.core.journal import MemoryJournal

FAKE_NOW = datetime(2019, 6, 28, 20, 0, tzinfo=UTC)


class MemoryRequests:
    """Answered requests in memory; `claimed` shows which keys were asked for."""

    def __init__(self) -> None:
        self.settled: dict[str, Settled] = {}
        self.claimed: dict[str, str] = {}

    def claim(self, key: str, body_hash: str) -> Settled | None:
        """Return how the key was settled, or take it."""
        if key not in self.settled:
            self.claimed[key] = body_hash
        return self.settled.get(key)

    def settle(self, key: str, data: Any) -> None:
        """Keep the answer of a claimed key."""
        self.settled[key] = Settled(self.claimed[key], data)


class MemoryJobs:
    """Jobs that move only when the test says so."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.inputs: dict[str, dict[str, Any]] = {}

    def start(self, capability: str, inputs: dict[str, Any]) -> Job:
        """Queue a job; its id counts up from J-1."""
        job = Job(f"J-{len(self.jobs) + 1}", capability, JobState.QUEUED, FAKE_NOW)
        self.jobs[job.id] = job
        self.inputs[job.id] = inputs
        return job

    def move(self, job_id: str, **changes: Any) -> None:
        """Let a job be as the test wants it next."""
        self.jobs[job_id] = replace(self.jobs[job_id], **changes)

    def status(self, job_id: str) -> Job:
        """Return a job; raises NotFound."""
        if job_id not in self.jobs:
            raise NotFound("no such job", value=job_id, remedy="`fondaco jobs list` shows all.")
        return self.jobs[job_id]

    def cancel(self, job_id: str) -> Job:
        """Cancel a job at once; raises Conflict when it has ended."""
        if self.status(job_id).state.final:
            raise Conflict("the job has ended", value=job_id)
        self.move(job_id, state=JobState.CANCELLED, finished_at=FAKE_NOW)
        return self.jobs[job_id]

    def list(self, *, limit: int) -> tuple[Job, ...]:
        """Return the latest jobs, newest first."""
        return tuple(reversed(self.jobs.values()))[:limit]


class FakeHouse:
    """A house with a transaction that really rolls back what is in its parts.

    `parts` are further attributes that capabilities need, by name.
    """

    def __init__(self, catalogue: Catalogue, *, clock: Clock | None = None, **parts: Any) -> None:
        self.catalogue = catalogue
        self.clock: Clock = clock or FixedClock(FAKE_NOW)
        self.journal = MemoryJournal()
        self.requests = MemoryRequests()
        self.jobs = MemoryJobs()
        self._parts = parts
        self._open = False

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_parts", {}):
            return self._parts[name]
        raise AttributeError(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all or nothing of what happens inside; an inner one joins the outer."""
        if self._open:
            yield
            return
        kept = [self.journal, self.requests, self.jobs, *self._parts.values()]
        before = [copy.deepcopy(vars(part)) for part in kept]
        self._open = True
        try:
            yield
        except BaseException:
            for part, state in zip(kept, before, strict=True):
                _restore(vars(part), state)
            raise
        finally:
            self._open = False


def _restore(now: dict[str, Any], before: Mapping[str, Any]) -> None:
    now.clear()
    now.update(before)
