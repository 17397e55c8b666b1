"""Transactions: all or nothing, joined by whatever runs inside, clear when the database cannot."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from fondaco.adapters.stores.postgres import database as module
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.holds import ProcessLock, hold
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.core.errors import InvalidInput, Unavailable

pytestmark = pytest.mark.services

CUT_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
    "datname = current_database() AND pid <> pg_backend_pid()"
)


def last(database: Database, prefix: str) -> int:
    with database.connection() as connection:
        query = text("SELECT last FROM numbers WHERE prefix = :prefix")
        return connection.scalar(query, {"prefix": prefix}) or 0


def test_what_a_failed_transaction_did_is_undone(database: Database) -> None:
    numbers = Numbers(database)

    def attempt() -> None:
        with database.transaction():
            numbers.next("A")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert last(database, "A") == 0


def test_what_runs_inside_joins_and_is_undone_with_the_rest(database: Database) -> None:
    numbers = Numbers(database)

    def attempt() -> None:
        with database.transaction():
            with database.transaction():
                numbers.next("A")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert last(database, "A") == 0


def test_an_inner_part_that_fails_is_undone_alone(database: Database) -> None:
    numbers = Numbers(database)

    def part() -> None:
        with database.transaction(), database.connection() as connection:
            numbers.next("B")
            connection.execute(text("SELECT no_such_column"))

    with database.transaction():
        numbers.next("A")
        with pytest.raises(ProgrammingError):
            part()
        numbers.next("A")
    assert (last(database, "A"), last(database, "B")) == (2, 0)


def test_others_see_nothing_before_the_end(database: Database) -> None:
    seen = []
    with database.transaction():
        Numbers(database).next("A")
        reader = threading.Thread(target=lambda: seen.append(last(database, "A")))
        reader.start()
        reader.join()
    assert seen == [0]
    assert last(database, "A") == 1


def test_two_tasks_of_one_thread_have_transactions_of_their_own(database: Database) -> None:
    async def take(prefix: str, other: asyncio.Event, mine: asyncio.Event) -> None:
        with database.transaction():
            Numbers(database).next(prefix)
            mine.set()
            await other.wait()
            if prefix == "B":
                raise ZeroDivisionError

    async def both() -> list[Any]:
        one, two = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(
            take("A", one, two), take("B", two, one), return_exceptions=True
        )

    asyncio.run(both())
    assert (last(database, "A"), last(database, "B")) == (1, 0)


def test_a_connection_apart_commits_whatever_becomes_of_the_rest(database: Database) -> None:
    def attempt() -> None:
        with database.transaction():
            with database.apart():
                Numbers(database).next("A")
            assert last(database, "A") == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert last(database, "A") == 1


def test_hooks_run_last_and_only_for_what_is_kept(database: Database) -> None:
    ran: list[str] = []

    def undone() -> None:
        with database.transaction():
            database.before_commit(lambda _: ran.append("undone"))
            raise ZeroDivisionError

    with database.transaction():
        database.before_commit(lambda _: ran.append("kept"))
        with pytest.raises(ZeroDivisionError):
            undone()
        with database.transaction():
            database.before_commit(lambda _: ran.append("inner"))
        assert ran == []
    assert ran == ["kept", "inner"]
    with pytest.raises(ZeroDivisionError):
        undone()
    assert ran == ["kept", "inner"]


def test_a_hook_that_fails_undoes_the_transaction(database: Database) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError

    def attempt() -> None:
        with database.transaction():
            Numbers(database).next("A")
            database.before_commit(fail)

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert last(database, "A") == 0


def test_a_hook_outside_a_transaction_is_a_programmers_error(database: Database) -> None:
    with pytest.raises(RuntimeError):
        database.before_commit(lambda _: None)


def test_times_come_back_in_utc_to_the_microsecond(database: Database) -> None:
    given = datetime(2019, 6, 28, 23, 0, 0, 123457, tzinfo=timezone(timedelta(hours=5.5)))
    with database.connection() as connection:
        found = connection.scalar(text("SELECT CAST(:at AS timestamptz)"), {"at": given})
    assert found.isoformat() == given.astimezone(UTC).isoformat()


def test_a_cut_connection_is_reported_and_the_next_call_works(database: Database) -> None:
    def attempt() -> None:
        with database.transaction():
            Numbers(database).next("A")
            with database.apart() as other:
                other.execute(CUT_OTHERS)
            Numbers(database).next("A")

    with pytest.raises(Unavailable, match="down or cut the connection"):
        attempt()
    assert last(database, "A") == 0
    assert Numbers(database).next("A") == "A-1"


def test_connections_cut_while_idle_are_not_noticed(database: Database) -> None:
    assert Numbers(database).next("A") == "A-1"
    with database.apart() as other:
        other.execute(CUT_OTHERS)
    assert Numbers(database).next("A") == "A-2"


def test_a_statement_that_takes_too_long_is_stopped(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CALL_SECONDS_MAX", 0.05)
    database = Database(database_url)
    with pytest.raises(Unavailable, match="took too long"), database.connection() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    database.close()


def test_a_lock_held_too_long_is_reported(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS_MAX", 0.05)
    impatient = Database(database_url)
    with database.transaction():
        hold(database, "orders", "paper")
        hold(impatient, "orders", "another account")
        with pytest.raises(Unavailable, match="too long"):
            hold(impatient, "orders", "paper")
    hold(impatient, "orders", "paper")
    impatient.close()


def test_when_every_connection_is_in_use_the_next_caller_is_told(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_SECONDS_MAX", 0.05)
    monkeypatch.setattr(module, "CONNECTIONS_MAX", module.CONNECTIONS_KEPT)
    database = Database(database_url)
    contexts = [contextvars.Context() for _ in range(module.CONNECTIONS_KEPT)]
    blocks = [database.transaction() for _ in contexts]
    for context, block in zip(contexts, blocks, strict=True):
        context.run(block.__enter__)
    with pytest.raises(Unavailable, match="every connection"):
        Numbers(database).next("A")
    with database.apart() as own:
        assert own.scalar(text("SELECT 1")) == 1
    for context, block in zip(contexts, blocks, strict=True):
        context.run(block.__exit__, None, None, None)
    database.close()


def test_a_deadlock_undoes_one_side_and_says_so(database: Database) -> None:
    numbers = Numbers(database)
    met = threading.Barrier(2, timeout=20)
    ends: list[str] = []

    def take(first: str, second: str) -> None:
        try:
            with database.transaction():
                numbers.next(first)
                met.wait()
                numbers.next(second)
            ends.append("kept")
        except Unavailable as error:
            ends.append(error.reason)

    threads = [threading.Thread(target=take, args=pair) for pair in (("A", "B"), ("B", "A"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["kept", "two changes waited for each other, so this one was undone"]
    assert (last(database, "A"), last(database, "B")) == (1, 1)


@pytest.mark.parametrize("words", ["nul \x00", "lone surrogate \ud800"])
def test_text_that_cannot_be_kept_is_refused(database: Database, words: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be kept"):
        Numbers(database).next(words)


def test_a_database_that_is_down_is_reported_without_its_password(tmp_path: Any) -> None:
    database = Database(f"postgresql://fondaco:very-secret@/fondaco?host={tmp_path}")
    with pytest.raises(Unavailable) as caught, database.transaction():
        raise AssertionError("never reached")
    assert "very-secret" not in str(caught.value)
    assert "down" in caught.value.reason
    assert "fondaco doctor" in (caught.value.remedy or "")
    with pytest.raises(Unavailable):
        ProcessLock(database, "worker").acquire()


def test_a_database_that_does_not_exist_is_named(database_url: str) -> None:
    database = Database(database_url.replace("/test_", "/none_"))
    with pytest.raises(Unavailable, match="does not exist"), database.transaction():
        raise AssertionError("never reached")


def test_an_embedded_server_that_died_is_started_again_by_the_next_call(
    copied: Callable[..., EmbeddedServer],
) -> None:
    server = copied()
    database = Database.embedded(server)
    for _ in range(2):
        with database.connection() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
        server.stop()
    database.close()


def test_one_process_at_a_time_holds_a_process_lock(database: Database, database_url: str) -> None:
    other = Database(database_url)
    mine, theirs = ProcessLock(database, "worker"), ProcessLock(other, "worker")
    assert mine.acquire()
    assert mine.acquire()
    assert not theirs.acquire()
    assert not theirs.held()
    another = ProcessLock(other, "another name")
    assert another.acquire()
    another.release()
    mine.release()
    assert theirs.acquire()
    assert not mine.acquire()
    theirs.release()


def test_a_process_lock_is_lost_with_its_connection(database: Database) -> None:
    lock = ProcessLock(database, "worker")
    lock.acquire()
    with database.connection() as connection:
        connection.execute(CUT_OTHERS)
    assert not lock.held()
    assert lock.acquire()
    lock.release()
