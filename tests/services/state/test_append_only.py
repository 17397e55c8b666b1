"""What is kept for good cannot be changed, removed or emptied, even by the database's owner."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.schema import APPEND_ONLY_TABLES, metadata
from fondaco.core.errors import Refused

pytestmark = pytest.mark.services

_VALUES = {
    "BIGINTEGER": "1",
    "INTEGER": "1",
    "NUMERIC": "0",
    "TEXT": "'x'",
    "JSONB": "'{}'",
    "JSON": "'{}'",
    "DATETIME": "now()",
    "DOUBLE": "1",
    "BOOLEAN": "true",
    "LARGEBINARY": "''",
    "DATE": "'2019-06-28'",
}
_KEPT_FROM_DELETION = ("journal_head", "cards", "orders")


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """A database with one row in every table that can have one."""
    with database.transaction(), database.connection() as connection:
        for table in metadata.sorted_tables:
            if table.name == "journal_head":
                continue
            columns = [c for c in table.columns if c.identity is None]
            values = ", ".join(_VALUES[type(c.type).__name__.upper()] for c in columns)
            names = ", ".join(f'"{c.name}"' for c in columns)
            connection.execute(text(f"INSERT INTO {table.name} ({names}) VALUES ({values})"))
    return database


def change(database: Database, statement: str) -> Any:
    with database.connection() as connection:
        return connection.execute(text(statement)).rowcount


def test_rows_are_neither_changed_nor_removed(filled: Database) -> None:
    for table in APPEND_ONLY_TABLES:
        column = metadata.tables[table].columns.values()[1].name
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with pytest.raises(Refused, match=f"on {table} is refused"):
                change(filled, statement)
        with filled.connection() as connection:
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 1


def test_rows_that_move_on_are_not_removed(filled: Database) -> None:
    for table in _KEPT_FROM_DELETION:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(Refused, match="is refused"):
                change(filled, statement)


def test_a_table_that_is_not_guarded_can_be_changed(filled: Database) -> None:
    assert change(filled, "DELETE FROM requests") == 1


def test_the_database_itself_refuses_an_entry_off_balance(filled: Database) -> None:
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError, match="is off by 5 USD"), filled.transaction():
        change(filled, "INSERT INTO postings VALUES (1, 2, 'a', 'USD', 7), (1, 3, 'b', 'USD', -2)")
    assert (
        change(filled, "INSERT INTO postings VALUES (1, 2, 'a', 'USD', 7), (1, 3, 'b', 'USD', -7)")
        == 2
    )


def test_a_choice_between_sources_is_kept_for_good(database: Database) -> None:
    change(
        database,
        "INSERT INTO feed_choices (at, kind, market, symbol, source, flagged, body) "
        "VALUES (now(), 'quotes', 'US', 'AAPL', 'live:x', false, '{}')",
    )
    for statement in (
        "UPDATE feed_choices SET source = 'live:y'",
        "DELETE FROM feed_choices",
        "TRUNCATE feed_choices",
    ):
        with pytest.raises(Refused, match="on feed_choices is refused"):
            change(database, statement)
