"""Answered requests in PostgreSQL: one key, one effect, whoever sends it and how often."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import requests
from fondaco.core.invoke import Settled


class PostgresRequests:
    """Remembers answers in the transaction of their effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, key: str, body_hash: str) -> Settled | None:
        """Take a key, or return how it was settled.

        The key is unique in the table, so a second transaction waits here until the first has
        ended; if that one was undone, the key is the second one's.
        """
        take = insert(requests).values(key=key, body_hash=body_hash).on_conflict_do_nothing()
        found = select(requests.c.body_hash, requests.c.data).where(requests.c.key == key)
        with self._database.connection() as connection:
            if rows_written(connection, take) == 1:
                return None
            row = connection.execute(found).one()
            return Settled(row.body_hash, row.data)

    def settle(self, key: str, data: Any) -> None:
        """Keep the answer of the key that this transaction claimed."""
        keep = update(requests).where(requests.c.key == key).values(data=data)
        with self._database.connection() as connection:
            if rows_written(connection, keep) != 1:
                raise LookupError(f"request {key!r} was never claimed")
