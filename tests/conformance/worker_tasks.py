"""Functions that workers run in tests: at the top of a module, so that any process finds them."""

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from fondaco.core.errors import InvalidInput


def scaled(shared: int, item: int) -> int:
    """Return the product."""
    return shared * item


def drawn(shared: int, seed: int) -> list[float]:
    """Return draws that hang on the item's seed alone."""
    found: list[float] = np.random.default_rng(seed).normal(size=shared).tolist()
    return found


def refused_at(shared: int, item: int) -> int:
    """Refuse one item, with every part of an error."""
    if item == shared:
        raise InvalidInput("too odd", value=item, bound="even", remedy="Add one.")
    return item


class Stubborn(Exception):
    """An error that cannot be built again from what pickle keeps of it."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def stubborn(shared: str, item: int) -> int:
    """Raise what cannot travel."""
    raise Stubborn(shared, str(item))


def noted(shared: Path, item: int) -> int:
    """Leave a mark that the item was begun."""
    (shared / str(item)).touch()
    return item


def dies_once(shared: Path, item: int) -> int:
    """Kill the worker's own process the first time that item 2 is begun."""
    mark = shared / f"died-{item}"
    if item == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item * 10


def dies(shared: int, item: int) -> int:
    """Kill the worker's own process at one item, each time."""
    if item == shared:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def dozes_at(shared: tuple[Path, int], item: int) -> int:
    """Stay for ever at every item from one on."""
    folder, first = shared
    (folder / str(item)).touch()
    if item >= first:
        threading.Event().wait()
    return item


@dataclass
class Opened:
    """A value that leaves a line each time it is opened in a process."""

    folder: Path
    numbers: Any

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        with (self.folder / str(os.getpid())).open("a") as file:
            file.write("opened\n")


def summed(shared: Opened, item: int) -> float:
    """Return a number that hangs on the shared value and the item."""
    return float(shared.numbers.sum()) + item


def doubled(shared: int, item: Any) -> Any:
    """Return an array that is as large as the item."""
    return item * shared


def process_id(_: None, item: int) -> int:
    """Return the process that works on it."""
    return os.getpid()


def blas_threads(_: None, item: int) -> set[int]:
    """Return how many threads the libraries of linear algebra would take."""
    np.ones((4, 4)) @ np.ones((4, 4))
    return {one["num_threads"] for one in threadpool_info()}
