"""Every journal: a chain in order, found broken nowhere, newest lines first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fondaco.core.journal import GENESIS, Journal, MemoryJournal, Note

NOTE = Note(
    at=datetime(2019, 6, 28, 20, tzinfo=UTC),
    actor="ada",
    surface="cli",
    capability="cards.approve",
    effect="money",
    inputs={"card": "TC-1"},
    outcome="ok",
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def journal(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryJournal()
        return
    from fondaco.adapters.stores.postgres.journal import PostgresJournal

    opened = PostgresJournal(request.getfixturevalue("database"))
    yield opened
    opened.close()


def test_an_empty_journal_is_intact(journal: Journal) -> None:
    found = journal.verify()
    assert (found.lines, found.intact, found.head) == (0, True, GENESIS)


def test_notes_come_back_newest_first_as_they_were_written(journal: Journal) -> None:
    later = replace(
        NOTE,
        at=NOTE.at + timedelta(microseconds=1),
        request_id="r-1",
        detail="because",
        inputs={"nested": {"list": [1, True, None, "é"]}},
    )
    journal.append(NOTE)
    journal.append(later)
    lines = journal.lines(limit=10)
    assert [line.note for line in lines] == [later, NOTE]
    assert [line.seq for line in lines] == [2, 1]


def test_each_line_is_tied_to_the_one_before(journal: Journal) -> None:
    for _ in range(3):
        journal.append(NOTE)
    third, second, first = journal.lines(limit=3)
    assert first.previous == GENESIS
    assert second.previous == first.hash
    assert third.previous == second.hash


def test_the_notes_of_reads_are_in_the_chain_too(journal: Journal) -> None:
    journal.append(NOTE)
    journal.note_read(replace(NOTE, effect="read"))
    found = journal.verify()
    assert (found.lines, found.intact) == (2, True)
    assert journal.lines(limit=1)[0].note.effect == "read"


def test_a_limit_bounds_the_lines(journal: Journal) -> None:
    for _ in range(5):
        journal.append(NOTE)
    assert [line.seq for line in journal.lines(limit=2)] == [5, 4]
