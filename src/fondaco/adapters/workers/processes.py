"""Processes of this machine: each a fresh interpreter with its own copy of what is shared."""

import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from fondaco.adapters.workers.ordered import AHEAD_EACH
from fondaco.adapters.workers.parcel import (
    TRIES_MAX,
    died,
    one_thread_each,
    packed,
    taken,
    unpacked,
    worked,
)
from fondaco.core.errors import Conflict
from fondaco.core.workers import closed

LEAVE_SECONDS_MAX = 5.0
"""How long an idle process may take to leave before it is killed."""
JOB, ITEM = b"job", b"item"
"""What the next parcel on a pipe is."""

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class ProcessWorkers:
    """`count` processes, started when first needed (a second or two each, for imports).

    They are spawned, never forked: a fork of a desk with threads and database connections can
    hang. An item whose process dies (killed, or out of memory) is begun once more in a new one.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._closed = False
        self._busy = False
        self._job: _Job | None = None
        self._crew: list[_Worker] = []

    @property
    def name(self) -> str:
        """What it is called."""
        return f"processes:{self.count}"

    def map(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        """Yield each item's result in order; closing kills the processes that are in hand.

        An item goes to a process that waits for one, and results are taken up when the caller asks
        for the next: a process may idle while the caller is busy for longer than an item takes.
        """
        if self._closed:
            raise closed(self.name)
        return self._mapped(function, shared, items)

    def _mapped(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        if self._busy:
            raise Conflict("these workers are at work", value=self.name, remedy="Open others.")
        self._busy = True
        try:
            if self._job is None or not self._job.same(function, shared):
                self._job = _Job(function, shared, packed((function, shared)))
            yield from _Round(self.name, self.count, self._crew, self._job, items).results()
        finally:
            self._busy = False

    def close(self) -> None:
        """Let the processes go; what is in hand is killed."""
        self._closed = True
        self._job = None
        while self._crew:
            self._crew.pop().leave()


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A function with what is shared, and both as they travel."""

    function: Callable[[Any, Any], Any]
    shared: Any
    parcel: bytes

    def same(self, function: Callable[[Any, Any], Any], shared: Any) -> bool:
        return self.function is function and self.shared is shared


class _Worker:
    """One process as its parent sees it: `place` is the item in hand, None when it waits."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.pipe, far = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(far,), daemon=True)
        self.process.start()
        far.close()  # so that its death is the end of the pipe
        self.place: int | None = None
        self._job: _Job | None = None

    def give(self, job: _Job, place: int, item: bytes) -> None:
        """Hand over an item, and the job before it where it is new; raises OSError if it died."""
        self.place = place
        if self._job is not job:
            self.pipe.send_bytes(JOB)
            self.pipe.send_bytes(job.parcel)
            self._job = job
        self.pipe.send_bytes(ITEM)
        self.pipe.send_bytes(item)

    def leave(self, *, lost: bool = False) -> int | None:
        """End the process and return its exit code; in the middle of an item it is killed."""
        self.pipe.close()
        if lost or self.place is None:  # it ends by itself
            self.process.join(LEAVE_SECONDS_MAX)
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        return code


@dataclass(slots=True)
class _Round:
    """One `map`: who has which item, what came back, and how often each was tried."""

    name: str
    count: int
    crew: list[_Worker]
    job: _Job
    items: Sequence[Any]
    next: int = 0
    again: deque[int] = field(default_factory=deque)
    deaths: Counter[int] = field(default_factory=Counter)
    back: dict[int, Callable[[], Any]] = field(default_factory=dict)

    def results(self) -> Generator[Any, None, None]:
        try:
            for place in range(len(self.items)):
                self._hand_out(place)
                while place not in self.back:
                    self._take_in()
                    self._hand_out(place)
                yield self.back.pop(place)()
        finally:
            for worker in self._busy():
                self.crew.remove(worker)
                worker.leave()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self.crew if worker.place is not None]

    def _idle(self) -> _Worker | None:
        """Return a process that waits; a new one where there is room for it, else None."""
        for worker in self.crew:
            if worker.place is None:
                return worker
        if len(self.crew) < self.count:
            self.crew.append(_Worker())
            return self.crew[-1]
        return None

    def _hand_out(self, wanted: int) -> None:
        """Give items to processes that wait, none too far ahead of the one that is wanted."""
        last = min(len(self.items), wanted + AHEAD_EACH * self.count)
        while self.again or self.next < last:
            worker = self._idle()
            if worker is None:
                return
            place = self.again.popleft() if self.again else self.next
            item = packed(self.items[place])
            self.next = max(self.next, place + 1)
            try:
                worker.give(self.job, place, item)
            except OSError:  # it died while it waited
                self._lose(worker, place)

    def _take_in(self) -> None:
        """Wait until a process gives something back, or ends."""
        busy = {worker.pipe: worker for worker in self._busy()}
        for pipe in busy.keys() & set(wait(list(busy))):
            worker = busy[pipe]
            place = worker.place
            assert place is not None
            try:
                self.back[place] = partial(taken, worker.pipe.recv_bytes())
            except (EOFError, OSError):
                self._lose(worker, place)
            else:
                worker.place = None

    def _lose(self, worker: _Worker, place: int) -> None:
        """Let a dead process go, and give its item to another, but not for ever."""
        self.crew.remove(worker)
        code = worker.leave(lost=True)
        self.deaths[place] += 1
        if self.deaths[place] < TRIES_MAX:
            self.again.append(place)
        else:
            how = f"item {place + 1}, exit code {code}"
            self.back[place] = partial(_raise, died(self.name, how))


def _raise(error: Exception) -> None:
    raise error


class _Kept:
    """What a worker was sent, opened at its first use."""

    def __init__(self, parcel: bytes) -> None:
        self._parcel = parcel
        self._value: Any = None

    def __call__(self) -> Any:
        if self._parcel:
            self._value, self._parcel = unpacked(self._parcel), b""
        return self._value


def _serve(pipe: Connection) -> None:
    """Work on items until the pipe ends: what a process does all its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who ends the pipe
    one_thread_each()
    kept = _Kept(b"")
    try:
        while True:
            if pipe.recv_bytes() == JOB:
                kept = _Kept(pipe.recv_bytes())
            else:
                pipe.send_bytes(worked(kept, pipe.recv_bytes()))
    except (EOFError, OSError):  # the parent closed its end, or is gone
        return
