"""Ledger entries in PostgreSQL: postings as rows, amounts as exact numbers."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.holds import hold
from fondaco.adapters.stores.postgres.schema import entries, postings
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Conflict, NotFound
from fondaco.ledger.ports import same_entry


class PostgresEntries:
    """Keeps entries for good; the database itself refuses an entry that is off balance."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: Entry) -> bool:
        """Keep an entry by its key; False for a repeat, Conflict for another body."""
        keep = (
            insert(entries)
            .values(
                id=entry.id,
                key=entry.key,
                ts=entry.ts,
                known_at=entry.known_at,
                memo=entry.memo,
                corrects=entry.corrects,
            )
            .on_conflict_do_nothing(index_elements=[entries.c.key])
            .returning(entries.c.seq)
        )
        with self._database.connection() as connection:
            seq = connection.scalar(keep)
            if seq is not None:
                connection.execute(insert(postings), _posting_rows(seq, entry.postings))
                return True
        kept = self.find(entry.key)
        if kept is None or not same_entry(kept, entry):
            raise Conflict(
                "this key was used before for another entry",
                value=entry.key,
                remedy="Book it under a key of its own.",
            )
        return False

    def entries(
        self,
        *,
        account: str | None = None,
        as_of: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Return entries by (ts, booking), oldest first."""
        wanted: list[ColumnElement[bool]] = []
        if account is not None:
            touching = select(postings.c.entry_seq).where(_under(account))
            wanted.append(entries.c.seq.in_(touching))
        if as_of is not None:
            wanted.append(entries.c.known_at <= as_of)
        if until is not None:
            wanted.append(entries.c.ts <= until)
        first = select(entries).where(*wanted).order_by(entries.c.ts, entries.c.seq)
        return self._read(first.limit(limit))

    def find(self, key: str) -> Entry | None:
        """Return the entry with this key, or None."""
        return next(iter(self._read(select(entries).where(entries.c.key == key))), None)

    def get(self, entry_id: str) -> Entry:
        """Return an entry by its id; raises NotFound."""
        found = self._read(select(entries).where(entries.c.id == entry_id))
        if not found:
            raise NotFound(
                "no such entry",
                value=entry_id,
                remedy="`fondaco ledger statement` lists the entries.",
            )
        return found[0]

    def hold(self, account: str) -> None:
        """Keep other transactions from holding this account until the open one ends."""
        hold(self._database, "ledger", account)

    def _read(self, query: "Select[Any]") -> tuple[Entry, ...]:
        head = query.subquery()
        lines = (
            select(head, postings.c.account, postings.c.commodity, postings.c.amount)
            .join(
                postings,
                postings.c.entry_seq == head.c.seq,
            )
            .order_by(head.c.ts, head.c.seq, postings.c.line)
        )
        with self._database.connection() as connection:
            rows = connection.execute(lines).all()
        return tuple(_entry(list(group)) for _, group in groupby(rows, key=lambda row: row.seq))


def _under(account: str) -> ColumnElement[bool]:
    below = postings.c.account.startswith(account + ":", autoescape=True)
    return or_(postings.c.account == account, below)


def _posting_rows(seq: int, given: Sequence[Posting]) -> list[dict[str, Any]]:
    return [
        {
            "entry_seq": seq,
            "line": line,
            "account": p.account,
            "commodity": p.commodity,
            "amount": p.amount,
        }
        for line, p in enumerate(given)
    ]


def _entry(rows: "Sequence[Row[Any]]") -> Entry:
    head = rows[0]
    lines = tuple(Posting(row.account, row.commodity, row.amount) for row in rows)
    return Entry(head.id, head.key, head.ts, head.known_at, head.memo, lines, head.corrects)
