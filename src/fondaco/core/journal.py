"""The journal: every call through the door, as an append-only chain of hashes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fondaco.core.clock import utc
from fondaco.core.ids import content_hash
from fondaco.core.limits import INPUT_DEPTH_MAX

GENESIS = "0" * 64
SECRET_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "authorization",
    "credential",
    "cookie",
)
HIDDEN = "[hidden]"
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^@\s]+@")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and lone surrogates: no database takes them


@dataclass(frozen=True, slots=True)
class Note:
    """What one call was: who asked for what through which surface, and how it ended."""

    at: datetime
    actor: str
    surface: str
    capability: str
    effect: str
    inputs: dict[str, Any]
    outcome: str
    detail: str = ""
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A note with its place in the chain."""

    seq: int
    note: Note
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """How long the chain is and how it ends, kept apart from the lines."""

    lines: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of the whole chain found. `broken_at` is the first line that does not fit."""

    lines: int
    intact: bool
    head: str
    broken_at: int | None = None
    reason: str = ""


class Journal(Protocol):
    """Keeps notes. `append` joins the open transaction; `note_read` may wait for a batch."""

    def append(self, note: Note) -> None:
        """Write a note in the current transaction, or in one of its own."""
        ...

    def note_read(self, note: Note) -> None:
        """Take the note of a read; it is written with others, off the hot path."""
        ...

    def lines(self, *, limit: int) -> tuple[Line, ...]:
        """Return the latest lines, newest first."""
        ...

    def verify(self) -> Verification:
        """Walk the whole chain and say whether every byte is as it was written."""
        ...


def line_hash(seq: int, note: Note, previous: str) -> str:
    """Return the SHA-256 that binds a note to its place and to all before it."""
    return content_hash(
        [
            seq,
            utc(note.at).isoformat(),
            note.actor,
            note.surface,
            note.capability,
            note.effect,
            note.inputs,
            note.outcome,
            note.detail,
            note.request_id,
            previous,
        ]
    )


def chain(seq: int, note: Note, previous: str) -> Line:
    """Return the note as the line that follows the hash `previous`."""
    return Line(seq, note, previous, line_hash(seq, note, previous))


def verify_lines(lines: Iterable[Line], head: Head | None = None) -> Verification:
    """Check lines in order: numbers without a gap, each hash right and tied to the last.

    Lines cut off at the end leave a chain that is whole in itself: only `head` shows them.
    """
    previous, count = GENESIS, 0
    for line in lines:
        count += 1
        reason = ""
        if line.seq != count:
            reason = f"line {count} is missing or out of order (found {line.seq})"
        elif line.previous != previous:
            reason = "it is not tied to the line before it"
        elif line_hash(line.seq, line.note, line.previous) != line.hash:
            reason = "its content does not match its hash"
        if reason:
            return Verification(count, False, previous, count, reason)
        previous = line.hash
    if head is not None and head != Head(count, previous):
        reason = f"the chain ends after line {count}, but {head.lines} lines were written"
        return Verification(count, False, previous, count + 1, reason)
    return Verification(count, True, previous)


def redact(data: Any, _depth: int = 0) -> Any:
    """Return plain data that may be kept: secrets hidden at any depth, every text storable.

    >>> redact({"symbol": "AAPL", "api_key": "x", "url": "postgresql://ann:pw@host/desk"})
    {'symbol': 'AAPL', 'api_key': '[hidden]', 'url': 'postgresql://ann:[hidden]@host/desk'}
    """
    if data is None or isinstance(data, int | bool):
        return data
    if isinstance(data, dict | list | tuple) and _depth >= INPUT_DEPTH_MAX:
        return "[nested too deeply]"
    if isinstance(data, dict):
        return {
            storable(str(k)): HIDDEN if is_secret(str(k)) else redact(v, _depth + 1)
            for k, v in data.items()
        }
    if isinstance(data, list | tuple):
        return [redact(item, _depth + 1) for item in data]
    return storable(str(data))


def storable(text: str) -> str:
    """Return a text without URL passwords and without what no database can hold."""
    return _UNSTORABLE.sub("\ufffd", _URL_PASSWORD.sub(rf"\1{HIDDEN}@", text))


def is_secret(key: str) -> bool:
    """Return whether a key's name says that its value is a secret."""
    return any(word in key.lower().replace("-", "_") for word in SECRET_WORDS)


class MemoryJournal:
    """A journal in memory, for tests."""

    def __init__(self) -> None:
        self._lines: list[Line] = []

    def append(self, note: Note) -> None:
        """Chain the note at once."""
        previous = self._lines[-1].hash if self._lines else GENESIS
        self._lines.append(chain(len(self._lines) + 1, note, previous))

    def note_read(self, note: Note) -> None:
        """Chain the note at once."""
        self.append(note)

    def lines(self, *, limit: int) -> tuple[Line, ...]:
        """Return the latest lines, newest first."""
        return tuple(reversed(self._lines[-limit:]))

    def verify(self) -> Verification:
        """Walk the chain."""
        return verify_lines(self._lines)
