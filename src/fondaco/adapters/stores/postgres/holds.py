"""Locks by name that last as long as a transaction, and one that lasts as long as a process."""

import hashlib
from typing import Any

import psycopg
from sqlalchemy import text

from fondaco.adapters.stores.postgres.database import Database


def lock_number(kind: str, name: str) -> int:
    """Return the number by which PostgreSQL knows a lock: 64 bits of the name's hash."""
    digest = hashlib.sha256(f"{kind}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def hold(database: Database, kind: str, name: str) -> None:
    """Keep other transactions from holding this name until the one that is open ends.

    Raises Unavailable when another holds it for longer than a transaction may.
    """
    with database.connection() as connection:
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": lock_number(kind, name)}
        )


class ProcessLock:
    """A lock by name that one process of the desk holds at a time, as its one worker does.

    It lives on a connection of its own: when the process dies, or loses the database, it is free.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._number = lock_number("process", name)
        self._connection: psycopg.Connection[Any] | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it, without waiting; return whether this process has it."""
        if self.held():
            return True
        connection = self._database.session()
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [self._number]).fetchone()
        if row is None or not row[0]:
            connection.close()
            return False
        self._connection = connection
        return True

    def held(self) -> bool:
        """Return whether this process still has the lock: the database is asked."""
        if self._connection is None:
            return False
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self.release()
        return self._connection is not None

    def release(self) -> None:
        """Give the lock back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
