"""Threads of this process: nothing is copied; for work that lets go of the interpreter's lock."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TypeVar

from fondaco.adapters.workers.ordered import in_order
from fondaco.core.workers import closed

S = TypeVar("S")
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")


class ThreadWorkers:
    """`count` threads. LightGBM, numba's kernels and most of numpy run beside each other on them;
    plain Python does not. Functions share one memory, so that `shared` must really be left alone.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ThreadPoolExecutor | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """What it is called."""
        return f"threads:{self.count}"

    def map(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        """Yield each item's result in order; closing waits for the items in hand."""
        if self._closed:
            raise closed(self.name)
        return self._mapped(partial(function, shared), items)

    def _mapped(self, function: Callable[[I], R], items: Sequence[I]) -> Generator[R, None, None]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.count, "fondaco-worker")
        pool = self._pool
        yield from in_order(
            items, self.count, lambda item: pool.submit(function, item), Future.result, _cancel
        )

    def close(self) -> None:
        """Let the threads go once their items in hand are done."""
        self._closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _cancel(begun: Sequence[Future[R]]) -> None:
    for one in begun:
        one.cancel()
    wait(begun)
