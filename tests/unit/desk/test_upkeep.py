"""What the desk does by the hour: each chore on its own, faults noted, ended when it is told to."""

from collections.abc import Callable
from threading import Event

import pytest

from fondaco.core.clock import FixedClock
from fondaco.core.errors import Unavailable
from fondaco.core.journal import MemoryJournal
from fondaco.desk.upkeep import BEHIND_ROWS_MIN, Chore, Upkeep, tidy_tables
from fondaco.market.fakes import MemoryStore
from unit.market.rows import NOW

CLOCK = FixedClock(NOW)


def _failing(error: Exception) -> Callable[[Callable[[], bool]], object]:
    def do(_: Callable[[], bool]) -> object:
        raise error

    return do


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(Unavailable("the disk is full"), "unavailable"), (ValueError("odd"), "ValueError")],
)
def test_a_chore_that_fails_is_noted_and_the_others_are_done(
    error: Exception, outcome: str
) -> None:
    done: list[str] = []
    journal = MemoryJournal()
    chores = [Chore("first", _failing(error)), Chore("second", lambda _: done.append("second"))]
    Upkeep(chores, journal, CLOCK).once()
    assert done == ["second"]
    (line,) = journal.lines(limit=10)
    assert (line.note.outcome, line.note.inputs) == (outcome, {"chore": "first"})


def test_rounds_come_until_it_is_stopped_and_a_chore_is_told_to_end() -> None:
    came, told = Event(), Event()

    def long(ending: Callable[[], bool]) -> None:
        came.set()
        while not ending():
            told.wait(0.001)
        told.set()

    upkeep = Upkeep([Chore("long", long)], MemoryJournal(), CLOCK, first_seconds=0.0)
    upkeep.start()
    assert came.wait(10)
    upkeep.stop()
    assert told.is_set()


def test_one_that_was_stopped_before_its_first_round_does_nothing() -> None:
    done: list[str] = []
    upkeep = Upkeep([Chore("one", lambda _: done.append("one"))], MemoryJournal(), CLOCK)
    upkeep.start()
    upkeep.stop()
    assert done == []


class Counting(MemoryStore):
    """A store whose tables lack so many rows in their fast copies, and that counts."""

    def __init__(self, lacking: dict[str, int]) -> None:
        super().__init__()
        self.lacking, self.compacted, self.refreshed = lacking, [], []  # type: ignore[var-annotated]

    def compact(self, table: str) -> int:
        self.compacted.append(table)
        return 0

    def behind(self, table: str) -> int:
        return self.lacking.get(table, 0)

    def refresh(self, table: str) -> bool:
        self.refreshed.append(table)
        return True


def test_fast_copies_are_made_anew_where_many_rows_are_missing() -> None:
    store = Counting({"bars_1d": BEHIND_ROWS_MIN, "quotes": BEHIND_ROWS_MIN - 1})
    tidy_tables(store, ("bars_1d", "quotes", "trades"), lambda: False)
    assert store.compacted == ["bars_1d", "quotes", "trades"]
    assert store.refreshed == ["bars_1d"]
    tidy_tables(store, ("news",), lambda: True)
    assert "news" not in store.compacted
