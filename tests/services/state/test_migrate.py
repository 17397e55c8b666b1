"""The schema: made once whoever starts first, as the queries expect it, never downgraded."""

import re
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from fondaco.adapters.pace.tables import metadata as shared
from fondaco.adapters.stores.postgres import migrate as module
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.migrate import HEAD, migrate, schema_version
from fondaco.adapters.stores.postgres.orders import PostgresOrders
from fondaco.adapters.stores.postgres.schema import APPEND_ONLY_TABLES, metadata
from fondaco.adapters.stores.postgres.trials import PostgresTrials
from fondaco.adapters.stores.postgres.venue_book import PostgresVenueBook
from fondaco.core.errors import Refused
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Order, Side
from fondaco.research.trial_ledger import Kind, Trial
from fondaco.trading.ports import VenueOrder

pytestmark = pytest.mark.services


@pytest.fixture
def empty_url(postgres_server: Any) -> Iterator[str]:
    """The address of a database without any table."""
    with psycopg.connect(**postgres_server.parameters("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS empty WITH (FORCE)")
        connection.execute("CREATE DATABASE empty")
    yield f"postgresql://fondaco@/empty?host={postgres_server.parameters()['host']}"
    with psycopg.connect(**postgres_server.parameters("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def test_an_empty_database_is_brought_to_the_newest_schema(empty_url: str) -> None:
    database = Database(empty_url)
    assert migrate(database) == ""
    assert migrate(database) == HEAD
    with database.connection() as connection:
        assert schema_version(connection) == HEAD
    database.close()


def test_processes_that_start_at_once_migrate_once(
    empty_url: str, program: Callable[..., "subprocess.Popen[str]"]
) -> None:
    code = """
import sys
from fondaco.adapters.stores.postgres import migrate as module
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.migrate import migrate
print(repr(migrate(Database(sys.argv[1]))))
"""
    found = [p.communicate() for p in [program(code, empty_url) for _ in range(2)]]
    assert sorted(out for out, _ in found) == ["''\n", f"'{HEAD}'\n"], found


def upgrade(connection: Any, revision: str) -> None:
    """Bring an empty database to an older schema."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def test_orders_that_the_first_schema_kept_are_read_as_they_were(empty_url: str) -> None:
    database = Database(empty_url)
    with database.transaction(), database.connection() as connection:
        upgrade(connection, "0001")
        row = "'c-1', 'paper', 'I-a', 'buy', 10, 'market'"
        connection.execute(
            text(
                "INSERT INTO venue_orders (client_id, account, instrument, side, quantity, kind, "
                f"decided_at, placed_at) VALUES ({row}, now(), now())"
            )
        )
        connection.execute(
            text(
                "INSERT INTO orders (client_id, account, instrument, side, quantity, kind, card, "
                "state, decided_at, written_at, filled, note) "
                f"VALUES ({row}, 'TC-1', 'WORKING', now(), now(), 0, '')"
            )
        )
    assert migrate(database) == "0001"
    order = Order("c-1", "paper", InstrumentId("I-a"), Side.BUY, Decimal(10))
    (sent,) = PostgresVenueBook(database).since("paper", 0)
    assert isinstance(sent, VenueOrder)
    assert (sent.order, sent.terms, sent.refused) == (order, {}, "")
    record = PostgresOrders(database).get("c-1")
    assert (record.order, record.quantity, record.restated) == (order, Decimal(10), None)
    database.close()


def test_trials_that_the_second_schema_kept_are_read_as_they_were_without_a_stream(
    empty_url: str,
) -> None:
    returns = (0.1, -5e-324, 1 / 3, -0.0, 1.7976931348623157e308)
    moments = {
        "at": datetime(2019, 6, 28, 20, 0, 0, 123456, tzinfo=UTC),
        "since": datetime(2000, 1, 3, 21, tzinfo=UTC),
        "until": datetime(2018, 12, 31, 21, tzinfo=UTC),
    }
    database = Database(empty_url)
    with database.transaction(), database.connection() as connection:
        upgrade(connection, "0002")
        for content, kept in (("a" * 64, list(returns)), ("b" * 64, [])):
            connection.execute(
                text(
                    "INSERT INTO trials (content, strategy, parameters, author, at, data_version, "
                    "since, until, metrics, returns) VALUES (:content, 'momentum', "
                    "'{\"lookback\": 252}', 'ada', :at, 3, :since, :until, '{\"sharpe\": 0.5}', "
                    "CAST(:returns AS double precision[]))"
                ),
                {"content": content, "returns": kept, **moments},
            )
    assert migrate(database) == "0002"
    trials = PostgresTrials(database)
    empty, full = trials.list()
    wanted = Trial(
        content="a" * 64,
        strategy="momentum",
        family="momentum",
        parameters={"lookback": 252},
        author="ada",
        surface="",
        kind=Kind.BACKTEST,
        code="",
        data_version=3,
        instruments=0,
        label=None,
        costs="",
        costs_dated=None,
        metrics={"sharpe": 0.5},
        days=(),
        returns=returns,
        **moments,
    )
    assert full == wanted
    # Equal numbers may differ in their last bit: 0 and -0 do.
    assert struct.pack("5d", *full.returns) == struct.pack("5d", *returns)
    assert empty == replace(wanted, content="b" * 64, returns=())
    assert [line.stream for line in trials.lines(limit=9)] == [None, None]
    assert trials.add(replace(wanted, content="c" * 64))
    assert not trials.add(wanted)
    database.close()


def test_a_newer_schema_is_refused_with_both_versions(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(Refused, match=rf"schema 0999; allowed: schema {HEAD} or older"):
        migrate(database)


def test_the_migrations_make_what_the_queries_name(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [metadata, shared]) == []


def test_every_table_that_is_kept_for_good_is_guarded(database: Database) -> None:
    query = text(
        "SELECT event_object_table, event_manipulation FROM "
        "information_schema.triggers WHERE trigger_name ~ '_kept$'"
    )
    with database.connection() as connection:
        guarded = {tuple(row) for row in connection.execute(query)}
    wanted = {(table, event) for table in APPEND_ONLY_TABLES for event in ("UPDATE", "DELETE")}
    assert wanted <= guarded
    assert all(re.fullmatch(r"\w+", table) for table, _ in guarded)
