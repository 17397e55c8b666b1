"""The journal's chain in PostgreSQL: whole under load, and any flipped byte is found."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from fondaco.adapters.stores.postgres import journal as module
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.journal import PostgresJournal
from fondaco.adapters.stores.postgres.read_notes import WAITING_MAX
from fondaco.core.errors import Unavailable
from fondaco.core.journal import Note
from fondaco.core.limits import JOURNAL_BATCH_MAX

pytestmark = pytest.mark.services

NOTE = Note(
    at=datetime(2019, 6, 28, 20, tzinfo=UTC),
    actor="ada",
    surface="cli",
    capability="cards.approve",
    effect="money",
    inputs={"card": "TC-1", "n": 7},
    outcome="ok",
    detail="because",
    request_id="r-1",
)


@pytest.fixture
def journal(database: Database) -> Iterator[PostgresJournal]:
    opened = PostgresJournal(database)
    yield opened
    opened.close()


def tamper(database: Database, statement: str) -> None:
    """Change rows as the database's owner can: with all triggers off."""
    with database.transaction(), database.connection() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        changed = connection.execute(text(statement.replace(":", r"\:"))).rowcount
    assert changed == 1


CHANGES = (
    "seq = 99",
    "at = at + interval '1 microsecond'",
    "actor = 'adb'",
    "surface = 'clj'",
    "capability = 'cards.approvf'",
    "effect = 'monez'",
    'inputs = \'{"card":"TC-2","n":7}\'',
    'inputs = \'{"card":"TC-1","n":7.0}\'',
    "inputs = '{}'",
    "inputs = '[1]'",
    "outcome = 'oj'",
    "detail = 'becausf'",
    "detail = ''",
    "request_id = NULL",
    "request_id = 'r-2'",
    "previous = overlay(previous placing '1' from 64)",
    "hash = overlay(hash placing 'g' from 1)",
    "hash = upper(hash) || ' '",
)


def test_a_change_of_any_part_of_a_line_is_found(
    database: Database, journal: PostgresJournal
) -> None:
    for _ in range(4):
        journal.append(NOTE)
    with database.connection() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT * FROM journal WHERE seq = 2"))
    for change in CHANGES:
        assert journal.verify().intact
        tamper(database, f"UPDATE journal SET {change} WHERE seq = 2")
        found = journal.verify()
        assert (found.intact, found.broken_at) == (False, 2), change
        assert found.reason
        tamper(database, "DELETE FROM journal WHERE seq IN (2, 99)")
        tamper(database, "INSERT INTO journal SELECT * FROM kept")


def test_a_flip_of_any_byte_of_the_text_of_a_line_is_found(
    database: Database, journal: PostgresJournal
) -> None:
    journal.append(NOTE)
    for column in ("actor", "detail", "request_id", "hash", "previous"):
        with database.connection() as connection:
            kept = connection.scalar(text(f"SELECT {column} FROM journal"))
        for place in range(len(kept)):
            flipped = kept[:place] + chr(ord(kept[place]) ^ 1) + kept[place + 1 :]
            tamper(database, f"UPDATE journal SET {column} = '{flipped}'")
            assert journal.verify().broken_at == 1, (column, place)
        tamper(database, f"UPDATE journal SET {column} = '{kept}'")
    assert journal.verify().intact


@pytest.mark.parametrize(("cut", "broken_at"), [("seq = 1", 1), ("seq = 2", 2), ("seq = 3", 3)])
def test_a_missing_line_is_found_also_at_the_end(
    database: Database, journal: PostgresJournal, cut: str, broken_at: int
) -> None:
    for _ in range(3):
        journal.append(NOTE)
    tamper(database, f"DELETE FROM journal WHERE {cut}")
    found = journal.verify()
    assert (found.intact, found.broken_at) == (False, broken_at)


def test_a_line_slipped_in_at_the_end_is_found(
    database: Database, journal: PostgresJournal
) -> None:
    journal.append(NOTE)
    line = journal.lines(limit=1)[0]
    forged = module.chain(2, NOTE, line.hash)
    tamper(
        database,
        "INSERT INTO journal SELECT 2, at, actor, surface, capability, effect, inputs,"
        f" outcome, detail, request_id, hash, '{forged.hash}' FROM journal",
    )
    assert journal.verify().broken_at == 3


def test_a_long_chain_is_verified_a_batch_at_a_time(
    journal: PostgresJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    for number in range(50):
        journal.note_read(replace(NOTE, detail=str(number)))
    found = journal.verify()
    assert (found.lines, found.intact) == (50, True)


def test_writers_at_once_make_one_chain(database: Database, journal: PostgresJournal) -> None:
    def write(actor: str) -> None:
        for number in range(10):
            with database.transaction():
                journal.append(replace(NOTE, actor=actor, detail=str(number)))
            journal.note_read(replace(NOTE, actor=actor, effect="read"))

    threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = journal.verify()
    assert (found.lines, found.intact) == (160, True)


def test_the_end_of_the_chain_is_free_while_a_transaction_works(
    database: Database, journal: PostgresJournal
) -> None:
    with database.transaction():
        journal.append(replace(NOTE, actor="slow"))
        other = threading.Thread(target=journal.append, args=(replace(NOTE, actor="quick"),))
        other.start()
        other.join(timeout=10)
        assert not other.is_alive()
    assert [line.note.actor for line in journal.lines(limit=9)] == ["slow", "quick"]


def test_the_note_of_an_undone_transaction_is_not_kept(
    database: Database, journal: PostgresJournal
) -> None:
    def attempt() -> None:
        with database.transaction():
            journal.append(NOTE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert journal.verify().lines == 0


def test_hostile_text_is_kept_readable_and_verifies(journal: PostgresJournal) -> None:
    words = "nul \x00, lone \ud800, rtl \u202e, é, 漢字, quote ' \" \\"
    inputs: dict[str, Any] = {words: [words, 1e22, float("nan"), 10**40, True, None, {"a": words}]}
    journal.append(replace(NOTE, actor=words, detail=words, inputs=inputs, request_id=words))
    assert journal.verify().intact
    kept = journal.lines(limit=1)[0].note
    assert kept.actor == "nul \ufffd, lone \ufffd, rtl \u202e, é, 漢字, quote ' \" \\"
    assert kept.inputs[kept.actor] == [
        kept.actor,
        "1e+22",
        "nan",
        10**40,
        True,
        None,
        {"a": kept.actor},
    ]


def test_a_time_in_another_zone_verifies(journal: PostgresJournal) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    journal.append(replace(NOTE, at=NOTE.at.astimezone(india)))
    assert journal.verify().intact
    assert journal.lines(limit=1)[0].note.at == NOTE.at


def test_a_full_batch_of_reads_is_written_without_being_asked_for(
    database: Database, journal: PostgresJournal
) -> None:
    for _ in range(JOURNAL_BATCH_MAX):
        journal.note_read(NOTE)
    journal.close()
    with database.connection() as connection:
        assert connection.scalar(text("SELECT count(*) FROM journal")) == JOURNAL_BATCH_MAX


def test_reads_are_refused_when_too_many_wait_for_a_database_that_is_down(tmp_path: Any) -> None:
    journal = PostgresJournal(Database(f"postgresql://fondaco@/none?host={tmp_path}"))
    for _ in range(WAITING_MAX):
        journal.note_read(NOTE)
    with pytest.raises(Unavailable, match="down"):
        journal.note_read(NOTE)
    with pytest.raises(Unavailable, match="down"):
        journal.close()
