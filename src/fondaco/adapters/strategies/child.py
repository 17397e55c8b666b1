"""The child: a process without secrets, files or network that runs a user's strategy.

It is started as a script (`python -I child.py`), shuts itself in, and then forks a worker for each
call. So every call meets the strategy as freshly loaded: nothing that one call kept is there for
the next, and a leak cannot hide behind state. The user's code runs in workers only; a worker has
no pipe but the one for its answer, which is copied on when it is whole.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[3]))

from fondaco.adapters.strategies.confine import REQUIRED, inner_layers, outer_layers

PRELOADED = ("polars", "scipy", "scipy.signal", "scipy.stats", "sklearn", "pandas", "statsmodels")
"""Packages that are loaded once, before the forks, when the user's file names them."""
WITH_FEATURES = "--with-features"
_CHUNK = 1 << 16
_HANDLES_MAX = 128  # more than the child ever opens; closing thousands would take longest of all


def main() -> None:
    """Serve frames from standard input until it ends."""
    requests, answers = os.dup(0), os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    size = os.open("/proc/self/statm", os.O_RDONLY) if sys.platform.startswith("linux") else -1
    if WITH_FEATURES in sys.argv:
        _load_features()
    held = outer_layers()  # before other packages, whose threads would forbid the namespaces
    from fondaco.adapters.strategies.frames import BrokenFrame, pack, unpack
    from fondaco.adapters.strategies.running import answer  # here, so that no worker loads it

    def read(count: int) -> bytes:
        return _read(requests, count)

    try:
        setting, _ = unpack(read)
        if not setting["unconfined"] and any(layer not in held for layer in REQUIRED):
            _write(answers, pack({"error": "unconfined", "layers": held}))
            return
        _preload(setting["names"])
        while True:
            header, body = unpack(read)
            seconds = setting["seconds"] * max(1, len(header.get("panels", ())))
            limits = Limits(seconds, _used(size) + setting["memory"], held)
            _write(answers, _forked(lambda: answer(setting, header, body), limits))  # noqa: B023
    except (BrokenFrame, BrokenPipeError):
        return  # the desk has gone


class Limits:
    """What one worker may take: seconds, bytes of address space, and the layers it is under."""

    def __init__(self, seconds: float, memory: int, held: tuple[str, ...]) -> None:
        self.seconds, self.memory, self.held = seconds, memory, held


def _load_features() -> None:
    """Load the desk's own features: their compiled kernels come from a cache on the disk."""
    from fondaco.research.warm import warm_kernels

    warm_kernels()


def _preload(names: list[str]) -> None:
    import gc
    import importlib

    for name in PRELOADED:
        if name.partition(".")[0] in names:
            try:
                importlib.import_module(name)
            except ImportError:
                continue  # the user's own import of it will say so, with its line
    gc.freeze()  # a collection in a worker would copy every page that it shares


def _forked(work: Callable[[], bytes], limits: Limits) -> bytes:
    """Return the answer of a fresh worker, or a frame that says how it ended."""
    from fondaco.adapters.strategies.frames import pack

    mine, its = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.closerange(3, its)
        os.closerange(its + 1, _HANDLES_MAX)
        _work(work, its, limits)
    os.close(its)
    answer, late = _collect(mine, limits.seconds)
    os.close(mine)
    if late:
        os.kill(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if late or ended == signal.SIGXCPU:
        return pack({"error": "time"})
    if ended:
        return pack({"error": "killed", "signal": ended})
    return answer or pack({"error": "gone", "code": os.WEXITSTATUS(status)})


def _work(work: Callable[[], bytes], pipe: int, limits: Limits) -> None:
    """Be the worker: give up the rest, do the work, answer, and be gone."""
    code = 3
    try:
        inner_layers(limits.held, seconds=limits.seconds, memory=limits.memory)
        _write(pipe, work())
        code = 0
    finally:
        os._exit(code)


def _collect(pipe: int, seconds: float) -> tuple[bytes, bool]:
    """Return all that the worker writes, and whether its time ran out."""
    parts: list[bytes] = []
    end = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return b"", True
        part = os.read(pipe, _CHUNK)
        if not part:
            return b"".join(parts), False
        parts.append(part)


def _used(size: int) -> int:
    """Return the address space that the loaded libraries take already, in bytes."""
    if size < 0:
        return 1 << 33
    os.lseek(size, 0, os.SEEK_SET)
    return int(os.read(size, 256).split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _read(pipe: int, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0:
        part = os.read(pipe, min(count, 1 << 20))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _write(pipe: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe, rest) :]


if __name__ == "__main__":
    main()
