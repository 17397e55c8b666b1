"""kill -9 at random moments: what was acknowledged is there, once, and nothing is half done."""

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable

import pytest
from sqlalchemy import text

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.journal import PostgresJournal

pytestmark = pytest.mark.services

WRITER = """
import os, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.durability import durability
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.stores import stores_on
from fondaco.core.clock import FixedClock
from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Unavailable
from fondaco.core.events import Event
from fondaco.core.journal import Note

NOW = datetime(2019, 6, 28, tzinfo=UTC)

def write(stores, key):
    with stores.database.transaction():
        if stores.requests.claim(key, "hash") is not None:
            return
        number = stores.numbers.next("E")
        stores.entries.add(Entry(number, key, NOW, NOW, "", (
            Posting("assets:paper", "USD", Decimal(1)), Posting("equity:x", "USD", Decimal(-1)))))
        stores.outbox.publish(Event(key, "booked", number, NOW, {}))
        stores.journal.append(Note(NOW, "ada", "cli", "write", "money", {"key": key}, "ok"))
        stores.requests.settle(key, number)

def write_on(life):
    where = sys.argv[1]
    database = (Database(where) if "://" in where else
                Database.embedded(EmbeddedServer(Path(where))))
    stores = stores_on(database, FixedClock(NOW), durability(database))
    for n in range(1_000_000):
        try:
            write(stores, f"{life}-{n}")
        except Unavailable:
            continue  # asked again under another key: the answer to this one was lost
        print(f"{life}-{n}", flush=True)

for line in sys.stdin:  # a life each, forked so that the imports are paid for once
    pid = os.fork()
    if pid == 0:
        write_on(line.strip())
    print(f"pid {pid}", flush=True)
    print("dead", os.waitpid(pid, 0)[1], flush=True)
"""


def hear(writer: "subprocess.Popen[str]", words: list[str], count: int) -> None:
    """Take in what the writer says, `count` lines of it or all up to its death by kill -9."""
    for _ in range(count):
        words.append(writer.stdout.readline().strip())
        if words[-1].startswith("dead"):
            assert words[-1] == "dead 9", "it ended by itself; its words are on standard error"
            return


def kill(words: list[str]) -> None:
    os.kill(next(int(word[4:]) for word in words if word.startswith("pid")), signal.SIGKILL)


def live_and_die(writer: "subprocess.Popen[str]", life: int, chance: random.Random) -> set[str]:
    """Let one process write for a random while, kill it, and return what it had acknowledged."""
    words: list[str] = []
    print(f"life{life}", file=writer.stdin, flush=True)
    hear(writer, words, chance.randint(1, 12) + 1)
    with contextlib.suppress(subprocess.TimeoutExpired):
        writer.wait(timeout=chance.uniform(0, 0.01))
    kill(words)
    hear(writer, words, 1_000_000)
    return {word for word in words if word.startswith("life")}


def kept(database: Database) -> dict[str, list[str]]:
    queries = {
        "entries": "SELECT key FROM entries",
        "requests": "SELECT key FROM requests",
        "events": "SELECT id FROM events",
        "journal": "SELECT inputs ->> 'key' FROM journal",
        "waiting": "SELECT id FROM events JOIN events_waiting ON event_seq = seq",
    }
    with database.connection() as connection:
        found = {name: sorted(connection.scalars(text(query))) for name, query in queries.items()}
        assert connection.scalar(text("SELECT sum(amount) FROM postings")) == 0
        assert connection.scalar(text("SELECT count(*) FROM postings")) == 2 * len(found["entries"])
        last = connection.scalar(text("SELECT last FROM numbers WHERE prefix = 'E'"))
        assert last == len(found["entries"])
    return found


def check(database: Database, acknowledged: set[str]) -> None:
    found = kept(database)
    assert len(set(found["entries"])) == len(found["entries"])
    assert all(keys == found["entries"] for keys in found.values())
    assert acknowledged <= set(found["entries"])
    journal = PostgresJournal(database)
    verified = journal.verify()
    assert (verified.intact, verified.lines) == (True, len(found["entries"]))


def kill_writers(database: Database, writer: "subprocess.Popen[str]", times: int) -> None:
    chance = random.Random(20190628)
    acknowledged: set[str] = set()
    for life in range(times):
        acknowledged |= live_and_die(writer, life, chance)
    assert len(acknowledged) > times
    check(database, acknowledged)


Program = Callable[..., "subprocess.Popen[str]"]


def test_killed_writers_lose_and_double_nothing(
    database: Database, database_url: str, program: Program
) -> None:
    kill_writers(database, program(WRITER, database_url), 10)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_hundred_killed_writers_lose_and_double_nothing(
    database: Database, database_url: str, program: Program
) -> None:
    kill_writers(database, program(WRITER, database_url), 100)


def kill_servers(server: EmbeddedServer, writer: "subprocess.Popen[str]", times: int) -> None:
    from fondaco.adapters.stores.postgres.migrate import migrate

    database = Database.embedded(server)
    migrate(database)
    chance = random.Random(20190628)
    print("life0", file=writer.stdin, flush=True)
    words: list[str] = []
    for _ in range(times):
        hear(writer, words, chance.randint(2, 12))
        os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    hear(writer, words, 5)
    kill(words)
    hear(writer, words, 1_000_000)
    check(database, {word for word in words if word.startswith("life")})
    database.close()


def test_a_killed_server_loses_nothing_and_the_writer_goes_on(
    copied: Callable[..., EmbeddedServer], program: Program
) -> None:
    server = copied()
    kill_servers(server, program(WRITER, server.folder), 2)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_server_killed_thirty_times_loses_nothing(
    copied: Callable[..., EmbeddedServer], program: Program
) -> None:
    server = copied()
    kill_servers(server, program(WRITER, server.folder), 30)
