"""Fixtures that every test may use: a clock, ids, and a real PostgreSQL with an empty database."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from fondaco.core.clock import FixedClock
from fondaco.core.ids import Entropy, Ids

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
TEMPLATE = "fondaco_template"
MEMORY_BYTES_MIN = 2 << 30

# Examples may take as long as a busy machine needs: speed is measured in `bench`, not here.
settings.register_profile(
    "house", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def seeded_entropy(seed: str) -> Entropy:
    """Return a source of bytes that gives the same ones for the same seed."""
    counter = count()

    def entropy(size: int) -> bytes:
        return hashlib.shake_256(f"{seed}/{next(counter)}".encode()).digest(size)

    return entropy


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at the evening of a session, after the close in New York."""
    return FixedClock(NOW)


@pytest.fixture
def ids(clock: FixedClock, request: pytest.FixtureRequest) -> Ids:
    """Identifiers that are the same in every run of this test."""
    return Ids(clock, seeded_entropy(request.node.nodeid))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """An embedded PostgreSQL for this test process, with a migrated template to copy."""
    from fondaco.adapters.stores.postgres.database import Database
    from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
    from fondaco.adapters.stores.postgres.migrate import migrate

    with tempfile.TemporaryDirectory(
        prefix="fondaco-test-", dir=_roomy_memory(), ignore_cleanup_errors=True
    ) as folder:
        server = EmbeddedServer(Path(folder) / "postgres")
        server.ensure_running()
        try:
            database = Database.embedded(server)
            migrate(database)
            database.close()
            with _maintenance(server) as connection:
                connection.execute(f"ALTER DATABASE fondaco RENAME TO {TEMPLATE}")
            yield server
        finally:
            server.stop()


@pytest.fixture
def database_url(postgres_server: Any) -> Iterator[str]:
    """The address of a migrated, empty database that only this test uses."""
    name = f"test_{next(_numbers)}"
    with _maintenance(postgres_server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY WAL_LOG")
    host = postgres_server.parameters()["host"]
    try:
        yield f"postgresql://fondaco@/{name}?host={host}"
    finally:
        with _maintenance(postgres_server) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Any]:
    """A `Database` on a migrated, empty PostgreSQL database of this test's own."""
    from fondaco.adapters.stores.postgres.database import Database

    opened = Database(database_url)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def stores(database: Any, clock: FixedClock) -> Iterator[Any]:
    """All stores of the desk on a migrated, empty database of this test's own."""
    from fondaco.adapters.stores.postgres.durability import durability
    from fondaco.adapters.stores.postgres.stores import stores_on

    opened = stores_on(database, clock, durability(database))
    try:
        yield opened
    finally:
        opened.close()


def _roomy_memory() -> str | None:
    """Return a disk in memory if there is room on one: tests then wait for no real disk."""
    memory = Path("/dev/shm")
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return None
    room = os.statvfs(memory)
    return str(memory) if room.f_bavail * room.f_frsize > MEMORY_BYTES_MIN else None


_numbers = count(1)


def _maintenance(server: Any) -> Any:
    import psycopg  # only tests that need the server pay for it

    return psycopg.connect(**server.parameters("postgres"), autocommit=True)
