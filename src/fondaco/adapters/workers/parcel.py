"""What travels to a worker outside this process and back: bytes, whatever carries them."""

import os
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from traceback import format_exception
from typing import Any

from fondaco.core.errors import Unavailable

TRIES_MAX = 2
"""How often an item is begun when workers die under it: a pure function may be run again."""

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an item came to: its result, or the error that it raised."""

    result: Any = None
    error: Exception | None = None


def packed(value: object) -> bytes:
    """Return a value as bytes; what cannot be pickled raises as pickle does."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(parcel: bytes) -> Any:
    """Return the value again. It comes from this desk's own processes alone."""
    return pickle.loads(parcel)  # noqa: S301 - written by `packed` on the other end of our own pipe


def worked(load: Callable[[], tuple[Callable[[Any, Any], Any], Any]], item: bytes) -> bytes:
    """Return the outcome of one item as bytes; an error of any kind is an outcome.

    `load` gives the function and what is shared. An error goes home with the worker's own
    traceback as a note; one that does not survive the way goes home as a RuntimeError in words.
    """
    try:
        function, shared = load()
        return packed(Outcome(function(shared, unpacked(item))))
    except Exception as error:
        error.add_note("In the worker:\n" + "".join(format_exception(error)))
        return _failed(error)


def _failed(error: Exception) -> bytes:
    try:
        parcel = packed(Outcome(error=error))
        unpacked(parcel)
    except Exception:  # its own pickling is at fault, in whatever way: the words still arrive
        told = RuntimeError(f"{type(error).__name__}: {error}")
        told.add_note("\n".join(error.__notes__))
        return packed(Outcome(error=told))
    return parcel


def taken(parcel: bytes) -> Any:
    """Return the result in an outcome; raises the error in it."""
    outcome: Outcome = unpacked(parcel)
    if outcome.error is not None:
        raise outcome.error
    return outcome.result


def died(name: str, how: str) -> Unavailable:
    """Return the error of an item under which one worker after another ended."""
    return Unavailable(
        f"a worker of {name} ended in the middle of its work",
        value=how,
        bound=f"{TRIES_MAX} tries",
        remedy="Memory may have run out: take fewer workers (FONDACO_WORKERS), or smaller work.",
    )


def one_thread_each() -> None:
    """Hold this worker's libraries to one thread: as many workers as cores would fight for them.

    Variables reach libraries that are not loaded yet; one that is loaded is told itself.
    """
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    if "numpy" in sys.modules:
        import threadpoolctl  # type: ignore[import-untyped]

        threadpoolctl.threadpool_limits(1)
