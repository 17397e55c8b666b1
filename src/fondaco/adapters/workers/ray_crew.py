"""The workers of a Ray cluster: actors, each with one item in hand at most.

Not Ray's tasks: one that is taken back (`ray.cancel`) at the moment at which it is sent ends the
whole process that sent it ("Tried to complete task that was not pending", Ray 2.60). An actor is
killed without such a race.
"""

import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fondaco.adapters.workers.parcel import (
    TRIES_MAX,
    died,
    one_thread_each,
    taken,
    unpacked,
    worked,
)
from fondaco.core.errors import Unavailable


@dataclass(slots=True, eq=False)
class Begun:
    """An item that was begun: waiting for a worker, in hand, or done with its outcome."""

    kept: Any
    item: bytes
    tries: int = 0
    outcome: bytes | Unavailable | None = None


class Crew:
    """Up to `count` workers of a cluster, started when there is something for them to do.

    A worker holds `cpus` cores of the cluster's account until it leaves.
    """

    def __init__(self, ray: Any, name: str, count: int, cpus: int) -> None:
        self._ray, self._name, self._count = ray, name, count
        self._new = ray.remote(num_cpus=cpus, max_restarts=0, max_task_retries=0)(_Worker).remote
        self._idle: list[Any] = []
        self._busy: dict[Any, tuple[Any, Begun]] = {}
        self._waiting: deque[Begun] = deque()

    def begin(self, kept: Any, item: bytes) -> Begun:
        """Take an item on; `kept` is where the function and what is shared lie in the store."""
        begun = Begun(kept, item)
        self._waiting.append(begun)
        self._hand_out()
        return begun

    def finish(self, begun: Begun) -> Any:
        """Wait for an item's result; raises what the item raised, Unavailable when it kills."""
        while begun.outcome is None:
            (done, *_), _ = self._ray.wait(list(self._busy), num_returns=1)
            self._take_up(done)
            self._hand_out()
        if isinstance(begun.outcome, Unavailable):
            raise begun.outcome
        return taken(begun.outcome)

    def drop(self, begun: Sequence[Begun]) -> None:
        """Forget items: those that wait are not begun, and workers that have one are killed."""
        self._waiting = deque(one for one in self._waiting if one not in begun)
        for done, (worker, one) in list(self._busy.items()):
            if one in begun:
                del self._busy[done]
                self._ray.kill(worker)

    def leave(self) -> None:
        """Let every worker go; what is in hand is killed. One that ended has none left."""
        if not self._ray.is_initialized():
            self._idle, self._busy, self._waiting = [], {}, deque()
            return
        self.drop([*self._waiting, *(one for _, one in self._busy.values())])
        self.rest()

    def rest(self) -> None:
        """Let the workers go that have nothing in hand."""
        while self._idle:
            self._ray.kill(self._idle.pop())

    def _hand_out(self) -> None:
        while self._waiting and len(self._busy) < self._count:
            worker = self._idle.pop() if self._idle else self._new()
            begun = self._waiting.popleft()
            begun.tries += 1
            self._busy[worker.work.remote([begun.kept], begun.item)] = worker, begun

    def _take_up(self, done: Any) -> None:
        worker, begun = self._busy.pop(done)
        try:
            begun.outcome = self._ray.get(done)
        except self._ray.exceptions.RayError as error:  # the item's own error is in the outcome
            self._ray.kill(worker)
            if begun.tries < TRIES_MAX:
                self._waiting.appendleft(begun)
            else:
                begun.outcome = died(self._name, f"{type(error).__name__}: {first_line(error)}")
        else:
            self._idle.append(worker)


class _Worker:
    """What runs in a process of the cluster."""

    def __init__(self) -> None:
        one_thread_each()

    def work(self, kept: list[Any], item: bytes) -> bytes:
        """Work on an item; the place in the store comes in a list, to be opened here."""
        return worked(lambda: _opened(kept[0]), item)


@lru_cache(maxsize=1)
def _opened(kept: Any) -> Any:
    import ray

    path, parcel = ray.get(kept)
    sys.path.extend(place for place in path if place not in sys.path)
    return unpacked(parcel)


def first_line(error: Exception) -> str:
    """Return the first line of an error's words, 200 characters at most."""
    return str(error).strip().partition("\n")[0][:200]
