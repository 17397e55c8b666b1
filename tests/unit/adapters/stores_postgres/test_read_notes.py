"""Notes of reads: written in order, in bounded batches, by a thread that ends when asked."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fondaco.adapters.stores.postgres.read_notes import WAITING_MAX, ReadNotes
from fondaco.core.errors import Unavailable
from fondaco.core.journal import Note
from fondaco.core.limits import JOURNAL_BATCH_MAX

NOTE = Note(datetime(2019, 6, 28, tzinfo=UTC), "ada", "cli", "cards.list", "read", {}, "ok")


class Disk:
    """Takes batches, and fails while the test says that it is full."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Note]] = []
        self.full = False
        self.tried = threading.Event()
        self.written = threading.Event()

    def write(self, notes: Sequence[Note]) -> None:
        self.tried.set()
        if self.full:
            raise Unavailable("the disk is full")
        self.batches.append(notes)
        self.written.set()

    @property
    def details(self) -> list[str]:
        return [note.detail for batch in self.batches for note in batch]


def numbered(count: int) -> list[Note]:
    return [replace(NOTE, detail=str(n)) for n in range(count)]


def test_notes_are_written_in_order_in_batches_that_are_not_too_large() -> None:
    disk = Disk()
    reads = ReadNotes(disk.write, idle_seconds=60)
    for note in numbered(JOURNAL_BATCH_MAX + 10):
        reads.add(note)
    reads.close()
    assert disk.details == [str(n) for n in range(JOURNAL_BATCH_MAX + 10)]
    assert max(len(batch) for batch in disk.batches) <= JOURNAL_BATCH_MAX


def test_a_lonely_note_is_written_when_no_other_comes() -> None:
    disk = Disk()
    reads = ReadNotes(disk.write, idle_seconds=0.001)
    reads.add(NOTE)
    assert disk.written.wait(timeout=20)
    assert disk.details == [""]
    reads.close()


def test_a_full_batch_is_written_without_waiting_for_the_idle_time() -> None:
    disk = Disk()
    reads = ReadNotes(disk.write, idle_seconds=600)
    for note in numbered(JOURNAL_BATCH_MAX):
        reads.add(note)
    assert disk.written.wait(timeout=20)
    reads.close()


def test_what_could_not_be_written_waits_and_keeps_its_order() -> None:
    disk = Disk()
    disk.full = True
    reads = ReadNotes(disk.write, idle_seconds=600)
    for note in numbered(3):
        reads.add(note)
    with pytest.raises(Unavailable):
        reads.flush()
    disk.full = False
    reads.close()
    assert disk.details == ["0", "1", "2"]


def test_the_thread_tries_again_after_a_failure() -> None:
    disk = Disk()
    disk.full = True
    reads = ReadNotes(disk.write, idle_seconds=0.001)
    reads.add(NOTE)
    assert disk.tried.wait(timeout=20)
    disk.full = False
    assert disk.written.wait(timeout=20)
    reads.close()
    assert disk.details == [""]


def test_whoever_adds_to_a_queue_that_is_full_and_stuck_is_told() -> None:
    disk = Disk()
    disk.full = True
    reads = ReadNotes(disk.write, idle_seconds=600)
    for note in numbered(WAITING_MAX):
        reads.add(note)
    with pytest.raises(Unavailable):
        reads.add(NOTE)
    disk.full = False
    reads.close()
    assert len(disk.details) == WAITING_MAX + 1


def test_a_note_after_the_end_is_written_at_once() -> None:
    disk = Disk()
    reads = ReadNotes(disk.write)
    reads.close()
    reads.add(NOTE)
    assert disk.details == [""]
    reads.close()
