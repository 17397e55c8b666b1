"""The desk's end: start the child, hand it panels, and put its ends into words."""

import ast
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

import numpy as np

from fondaco.adapters.strategies import child
from fondaco.adapters.strategies.confine import REQUIRED
from fondaco.adapters.strategies.frames import (
    BrokenFrame,
    Header,
    pack,
    pack_panels,
    unpack,
)
from fondaco.core.errors import FondacoError, InvalidInput, Refused, Unavailable
from fondaco.market.panel import Matrix, Panel

START_SECONDS_MAX = 30.0
"""Longest wait for the child to load numpy and the packages that the file names."""

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
"""All that the child inherits of an environment: no key, no home, no path."""


_DENIED = ("PermissionError", "BlockingIOError")
"""What a denied call raises in the strategy."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What one call may take: seconds of wall time, and bytes over what the packages take."""

    seconds: float = 10.0
    memory: int = 512 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """What is run: a file's text, or a module; `name` stands in messages."""

    name: str
    text: str | None = None
    module: str | None = None
    function: str = "weights"


class ChildStrategy:
    """A user's strategy in a process of its own; a `research.ports.UserStrategy`."""

    def __init__(
        self,
        source: Source,
        parameters: Mapping[str, float],
        limit: Limit,
        *,
        unconfined: bool = False,
    ) -> None:
        self.name = source.name
        self._source, self._limit = source, limit
        self._setting: dict[str, Any] = {
            "name": source.name,
            "source": source.text,
            "module": source.module,
            "function": source.function,
            "parameters": dict(parameters),
            "names": _packages(source),
            "seconds": limit.seconds,
            "memory": limit.memory,
            "unconfined": unconfined,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.parameters: Mapping[str, float | int] = {}
        self.doc = ""

    def __enter__(self) -> "ChildStrategy":
        try:
            told, _ = self._ask(pack({"describe": True}), START_SECONDS_MAX)
        except BaseException:
            self.close()
            raise
        self.parameters, self.doc = told["parameters"], told["doc"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def weights(self, panel: Panel) -> Matrix:
        """Return the strategy's target weights, (T, N), from a worker that is fresh for them."""
        return self.many((panel,))[0]

    def many(self, panels: Sequence[Panel]) -> list[Matrix]:
        """Return the weights for each panel, in order, all from one fresh worker."""
        shapes = [(len(panel.sessions), len(panel.instruments)) for panel in panels]
        header, body = self._ask(pack_panels(panels), self._limit.seconds * len(panels))
        values = np.frombuffer(body, "<f8", len(body) // 8).astype(np.float64)
        sizes = [rows * width for rows, width in shapes]
        if header.get("weights") != len(panels) or len(values) != sum(sizes):
            raise self._broken()
        parts = np.split(values, np.cumsum(sizes)[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def close(self) -> None:
        """End the child and all its workers."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):  # it may have gone already
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                cast("IO[bytes]", pipe).close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _ask(self, frame: bytes, seconds: float) -> tuple[Header, bytes]:
        process = self._process or self._start()
        end = time.monotonic() + seconds + START_SECONDS_MAX  # the child keeps the finer limit
        try:
            _write(cast("IO[bytes]", process.stdin), frame)
            header, body = unpack(
                lambda count: _read(cast("IO[bytes]", process.stdout), count, end)
            )
        except (BrokenFrame, BrokenPipeError):
            self.close()
            raise self._broken() from None
        if "error" in header:
            raise self._fault(header)
        return header, body

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-I", "-B", str(Path(child.__file__).resolve())]
        if self._source.module is not None or "fondaco" in self._setting["names"]:
            command.append(child.WITH_FEATURES)
        self._folder = tempfile.TemporaryDirectory(prefix="fondaco-strategy-")
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own script and interpreter
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=_ENVIRONMENT,
                cwd=self._folder.name,
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable("no process could be started", value=error.strerror) from error
        _write(cast("IO[bytes]", self._process.stdin), pack(self._setting))
        return self._process

    def _broken(self) -> FondacoError:
        return Unavailable(
            "the process of the strategy ended without an answer",
            value=self.name,
            remedy="Try again; where memory is short, close something or lower the limit.",
        )

    def _fault(self, told: Header) -> FondacoError:
        """Return what the child told as an error that names file, line, bound and remedy."""
        kind, name = told["error"], self.name
        if kind == "exception":
            return _raised(told, name)
        if kind == "unconfined":
            return _unconfined(told)
        words = _words(told, self._limit)
        if kind not in words:
            return self._broken()
        reason, value, bound, remedy = words[kind]
        return InvalidInput(f"{name}: {reason}", value=value, bound=bound, remedy=remedy)


def _raised(told: Header, name: str) -> FondacoError:
    given = told.get("given")
    where = f"{name}, line {told['line']}" if told.get("line") else name
    reason = f"{where}: {told.get('type')}: {told.get('text')}"
    remedy = None
    if told.get("type") in _DENIED:
        remedy = "A strategy may read the panel and compute: no network, files or other processes."
    elif given is not None:
        remedy = f"It was given {given[0]} sessions of {given[1]} instruments."
    return InvalidInput(reason, value=told.get("code") or None, remedy=remedy)


def _unconfined(told: Header) -> FondacoError:
    missing = [layer for layer in REQUIRED if layer not in told.get("layers", ())]
    return Refused(
        "this system cannot shut a strategy in",
        value=f"missing: {', '.join(missing)}",
        bound="Linux 5.13 or later on x86_64 or aarch64, with Landlock and seccomp",
        remedy="For code that you trust with all your files: FONDACO_STRATEGIES_UNCONFINED=true.",
    )


def _words(told: Header, limit: Limit) -> dict[str, tuple[str, object, object, str | None]]:
    """Return, by the kind of ending: reason, value, bound and remedy."""
    return {
        "time": (
            "took too long",
            None,
            f"{limit.seconds:g} seconds a call",
            "Look for an endless loop; compute on whole arrays instead of bar by bar.",
        ),
        "memory": (
            "asked for too much memory",
            None,
            f"{limit.memory >> 20} MiB beside its packages",
            "Keep less at a time, or work on fewer columns.",
        ),
        "shape": (
            "gave weights of the wrong shape",
            tuple(told.get("shape", ())),
            "one row per session, one column per instrument",
            "Return an array like panel.close; NaN means no change.",
        ),
        "dtype": (
            "gave weights that are no numbers",
            told.get("dtype"),
            "floats",
            "Return a numpy array of floats; NaN means no change.",
        ),
        "unusable": (str(told.get("text", "")), None, None, "See docs/how-to/own-strategy.md."),
        "killed": (
            "was ended by the system",
            _signal(told.get("signal")),
            f"{limit.memory >> 20} MiB, {limit.seconds:g} seconds",
            "A library may have asked for more than a strategy is given.",
        ),
        "gone": ("left without an answer", f"exit code {told.get('code')}", None, None),
    }


def _signal(number: Any) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _packages(source: Source) -> list[str]:
    """Return the packages that a file imports, so that they can be loaded before the forks."""
    if source.text is None:
        return []
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # the child says so, with its line
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return sorted(found)


def _write(pipe: IO[bytes], data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(pipe.fileno(), rest) :]


def _read(pipe: IO[bytes], count: int, end: float) -> bytes:
    parts = []
    while count > 0:
        ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
        part = os.read(pipe.fileno(), min(count, 1 << 20)) if ready else b""
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
