"""The journal in PostgreSQL: one chain of hashes, whose end is locked only while it is extended."""

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.read_notes import ReadNotes
from fondaco.adapters.stores.postgres.schema import journal, journal_head
from fondaco.core.clock import utc
from fondaco.core.journal import (
    Head,
    Line,
    Note,
    Verification,
    chain,
    redact,
    storable,
    verify_lines,
)

ROWS_AT_ONCE = 2_000
_NOTE_FIELDS = tuple(field.name for field in fields(Note))


class PostgresJournal:
    """Keeps notes as a chain. `close` writes the notes of reads that still wait.

    A note of a write is written at the very end of its transaction, so that the end of the chain,
    which only one transaction at a time can extend, is held for a moment and not for the work.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads = ReadNotes(self._write_reads)

    def append(self, note: Note) -> None:
        """Write a note with the transaction that is open, or in one of its own."""
        with self._database.connection():
            self._database.before_commit(partial(_extend, notes=(_storable(note),)))

    def note_read(self, note: Note) -> None:
        """Take the note of a read; it is written with others a moment later.

        Raises Unavailable when too many wait because the database is down.
        """
        self._reads.add(_storable(note))

    def flush(self) -> None:
        """Write the notes of reads that wait, now."""
        self._reads.flush()

    def close(self) -> None:
        """Write what waits and take no time of anyone afterwards."""
        self._reads.close()

    def lines(self, *, limit: int) -> tuple[Line, ...]:
        """Return the latest lines, newest first."""
        self.flush()
        latest = select(journal).order_by(journal.c.seq.desc())
        with self._database.connection() as connection:
            rows = connection.execute(latest.limit(limit))
            return tuple(_line(row) for row in rows)

    def verify(self) -> Verification:
        """Walk the whole chain, a few thousand rows at a time, and compare its end with the head.

        Every byte of a line is under its hash, each hash is under the next, and the head tells
        whether lines are missing at the end.
        """
        self.flush()
        with self._database.apart() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            head = connection.execute(select(journal_head.c.seq, journal_head.c.hash)).one()
            in_order = select(journal).order_by(journal.c.seq)
            batches = {"yield_per": ROWS_AT_ONCE}
            with connection.execute(in_order, execution_options=batches) as rows:
                return verify_lines((_line(row) for row in rows), Head(head.seq, head.hash))

    def _write_reads(self, notes: Sequence[Note]) -> None:
        with self._database.apart() as connection:
            _extend(connection, notes)


def _extend(connection: Connection, notes: Sequence[Note]) -> None:
    """Add notes to the end of the chain; it stays locked until the transaction ends."""
    head = select(journal_head.c.seq, journal_head.c.hash).with_for_update()
    seq, previous = connection.execute(head).one()
    lines = []
    for place, note in enumerate(notes, start=seq + 1):
        lines.append(chain(place, note, previous))
        previous = lines[-1].hash
    connection.execute(insert(journal), [_row(line) for line in lines])
    connection.execute(update(journal_head).values(seq=seq + len(lines), hash=previous))


def _row(line: Line) -> dict[str, Any]:
    note = {name: getattr(line.note, name) for name in _NOTE_FIELDS}
    return {"seq": line.seq, **note, "previous": line.previous, "hash": line.hash}


def _line(row: "Row[Any]") -> Line:
    note = Note(**{name: getattr(row, name) for name in _NOTE_FIELDS})
    return Line(row.seq, note, row.previous, row.hash)


def _storable(note: Note) -> Note:
    """Return the note in the form in which it can be read back to the last byte.

    PostgreSQL holds no NUL and no lone surrogate, forgets how a JSON number was written (so one
    that is not whole becomes text), and gives times back in UTC.
    """
    words = {
        name: storable(getattr(note, name))
        for name in ("actor", "surface", "capability", "effect", "outcome", "detail")
    }
    request_id = None if note.request_id is None else storable(note.request_id)
    return replace(
        note, at=utc(note.at), inputs=redact(note.inputs), request_id=request_id, **words
    )
