"""A full disk and damaged pages: said clearly, nothing lost, and it goes on once there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.entries import PostgresEntries
from fondaco.adapters.stores.postgres.journal import PostgresJournal
from fondaco.adapters.stores.postgres.migrate import migrate
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Unavailable
from fondaco.core.journal import Note

pytestmark = pytest.mark.services

NOW = datetime(2019, 6, 28, tzinfo=UTC)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 160 MiB, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", place],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip(f"SKIPPED LOUDLY: no small disk can be mounted here: {mounted.stderr!r}")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        room = os.statvfs(disk)
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - (1 << 20))
    return ballast


def book(database: Database, number: int) -> None:
    memo = os.urandom(100_000).hex()  # noise, so that it cannot be compressed away
    with database.transaction():
        PostgresEntries(database).add(
            Entry(
                f"E-{number}",
                f"key-{number}",
                NOW,
                NOW,
                memo,
                (
                    Posting("assets:paper", "USD", Decimal(1)),
                    Posting("equity:x", "USD", Decimal(-1)),
                ),
            )
        )
        PostgresJournal(database).append(
            Note(NOW, "ada", "cli", "write", "money", {"key": f"key-{number}"}, "ok")
        )


@pytest.fixture
def cramped(small_disk: Path, stopped_cluster: Path) -> Iterator[EmbeddedServer]:
    """A server whose cluster lies on the small disk."""
    subprocess.run(["cp", "-a", stopped_cluster, small_disk / "postgres"], check=True)
    server = EmbeddedServer(small_disk / "postgres", wait_seconds_max=10)
    yield server
    server.stop()


@pytest.mark.parametrize("log_too", [False, True], ids=["data", "log"])
def test_a_disk_that_fills_up_refuses_writes_and_goes_on_once_there_is_room(
    small_disk: Path, cramped: EmbeddedServer, log_too: bool
) -> None:
    database = Database.embedded(cramped)
    migrate(database)
    ballast, acknowledged, refusals = fill(small_disk), 0, []
    while len(refusals) < 3:
        try:
            if log_too:  # each new file of PostgreSQL's log takes 16 MiB; without it it ends
                with database.connection() as connection:
                    connection.execute(text("SELECT pg_switch_wal()"))
            book(database, acknowledged)
            acknowledged += 1
        except Unavailable as refused:
            refusals.append(refused)
        assert acknowledged < 1_000
    assert "disk of the database is full" in refusals[-1].reason
    assert "Free some space" in (refusals[-1].remedy or "")
    ballast.unlink()
    for number in range(acknowledged, acknowledged + 3):
        book(database, number)
    entries = PostgresEntries(database).entries()
    assert [entry.key for entry in entries] == [f"key-{n}" for n in range(acknowledged + 3)]
    assert PostgresJournal(database).verify().lines == acknowledged + 3
    database.close()


def test_a_byte_flipped_on_the_disk_itself_is_found(copied: Callable[..., EmbeddedServer]) -> None:
    server = copied()
    database = Database.embedded(server)
    migrate(database)
    journal = PostgresJournal(database)
    journal.append(Note(NOW, "ada-on-the-disk", "cli", "write", "money", {}, "ok"))
    with database.connection() as connection:
        place = connection.scalar(text("SELECT pg_relation_filepath('journal')"))
    server.stop()
    page = bytearray((server.data / place).read_bytes())
    page[page.index(b"ada-on-the-disk")] ^= 1
    (server.data / place).write_bytes(page)
    with pytest.raises(Unavailable, match=r"damaged data.*Restore it from a backup"):
        journal.verify()
    database.close()
