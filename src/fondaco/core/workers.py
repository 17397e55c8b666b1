"""Workers: one pure function over many items, on threads, processes or machines.

What is done does not depend on who does it: the same results, in the items' order, however many
workers there are. So a function takes its chance from its item (a seed in it), never from a worker.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from fondaco.core.errors import Unavailable

S = TypeVar("S")
"""What all items share: read and never changed."""
I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
"""What one item gives."""


class Workers(Protocol):
    """Runs a function over items; who is handed one never asks what is behind it."""

    @property
    def name(self) -> str:
        """What it is called in settings: serial, threads:2, processes:4, ray."""
        ...

    @property
    def count(self) -> int:
        """How many items are worked on at a time, 1 or more."""
        ...

    def map(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        """Yield `function(shared, item)` of each item, in the items' order.

        Nothing starts before the first result is asked for, and no more than a few items for each
        worker are begun ahead of what was taken. What an item raises is raised at its place, as it
        was, and no later item is begun. Closing the generator (`contextlib.closing`) cancels what
        has not begun; an item in hand is waited for, or killed with its process.

        For workers outside this process, `function` is at the top of a module, and `shared`, items,
        results and errors can be pickled; `shared` travels once to each worker, and not again while
        the next calls hand in the very same object. Items are few and costly: milliseconds each at
        least. One `map` of these workers runs at a time. Raises Unavailable where a worker died
        and the item could not be done by another, and after `close`.
        """
        ...

    def close(self) -> None:
        """Let the workers go; never hangs, and closing again does nothing."""
        ...


class SerialWorkers:
    """One item after another in the caller's own thread: the default, and the fake in tests."""

    def __init__(self) -> None:
        self._closed = False

    @property
    def name(self) -> str:
        """What it is called."""
        return "serial"

    @property
    def count(self) -> int:
        """One."""
        return 1

    def map(
        self, function: Callable[[S, I], R], shared: S, items: Sequence[I]
    ) -> Generator[R, None, None]:
        """Yield each item's result, each worked out when it is asked for.

        >>> list(SerialWorkers().map(pow, 2, [3, 4]))
        [8, 16]
        """
        if self._closed:
            raise closed(self.name)
        return (function(shared, item) for item in items)

    def close(self) -> None:
        """Take no more items."""
        self._closed = True


def closed(name: str) -> Unavailable:
    """Return the error of asking workers that were let go."""
    return Unavailable(
        "these workers were closed", value=name, remedy="Open new ones for further work."
    )
