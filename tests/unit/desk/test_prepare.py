"""Setting the desk up: each step once, recognised when it was done, told as it goes."""

from pathlib import Path
from typing import Any

import pytest

from fondaco.core.errors import FondacoError, NotFound
from fondaco.core.jobs import JobState, Progress
from fondaco.core.settings import Settings
from fondaco.desk.jobs import DeskJobs
from fondaco.desk.prepare import PAID_IN, PAID_IN_AT, prepare
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from unit.desk.house import House, Told


class Setup:
    """A preparation on a desk in memory; what is done is counted."""

    def __init__(self) -> None:
        self.house = House()
        self.entries = MemoryEntries()
        self.books = Books(self.entries, self.house.clock, self.house.ids)
        self.done: list[str] = []
        self.loaded = self.promoted = False
        self.ends: JobState = JobState.DONE
        self.jobs = DeskJobs(
            self.house.table,
            self.house.outbox,
            self.house.clock,
            self.house.ids,
            self.house.transaction,
        )
        self.clock, self.instruments = self.house.clock, self.house.instruments
        self.settings = Settings(home=Path("/nowhere"))
        self.prices = self.ingestor = self.worker = self

    def prepare(self, told: Told) -> None:
        """Set the desk up."""
        prepare(
            self,  # type: ignore[arg-type]
            lambda: self._count("database") or "18.4",
            self._warm,
            self._promote,
            told,
        )

    def _count(self, what: str) -> None:
        self.done.append(what)

    def _warm(self, progress: Progress) -> int:
        progress.report("anything", 3, 6)
        self._count("warm")
        return 6

    def _promote(self, progress: Progress) -> None:
        if not self.promoted:
            progress.report("Ask the gate", 1, 1)
            self._count("promote")
        self.promoted = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.house.prices, name)

    def version(self) -> int:
        """Return whether prices were loaded."""
        return 0 if self.loaded else -1

    def ingest(self, provider: str, _: object, progress: Progress) -> None:
        """Load the prices."""
        progress.report("Reading page 1", 4, 4)
        self._count(f"ingest {provider}")
        self.loaded = True

    def start(self) -> bool:
        """Be the worker: end the job."""
        job = self.house.table.open()[0]
        self._count(f"{job.capability} {self.house.table.inputs(job.id)['as_of']}")
        self.house.table.finish(
            job.id, self.ends, error=None if self.ends is JobState.DONE else "no prices"
        )
        return True


def test_a_fresh_desk_gets_database_prices_kernels_cash_and_a_cycle() -> None:
    setup, told = Setup(), Told()
    setup.prepare(told)
    last_but_one = setup.house.days[-2].isoformat()
    steps = ["database", "ingest bundled", "warm", "promote", f"cycle.run {last_but_one}"]
    assert setup.done == steps
    (entry,) = setup.entries.entries()
    assert entry.ts == PAID_IN_AT
    assert setup.books.cash("paper", "USD") == PAID_IN
    names = list(dict.fromkeys(step for step, _, _ in told.said))
    assert names == [
        "Start the database",
        "Load the bundled prices",
        "Compile the kernels",
        "Pay 100,000 USD into the account paper",
        "Ask the gate",
        f"Run the first cycle, as of {last_but_one} (the last day with a next close)",
    ]


def test_each_step_is_told_done_once_and_last() -> None:
    setup, told = Setup(), Told()
    setup.prepare(told)
    for name in dict.fromkeys(step for step, _, _ in told.said):
        reports = [(done, total) for step, done, total in told.said if step == name]
        assert [0 < total == done for done, total in reports].count(True) == 1
        assert reports[-1] == (1, 1)


def test_a_desk_that_is_set_up_does_nothing_twice() -> None:
    setup = Setup()
    setup.prepare(Told())
    setup.done.clear()
    setup.prepare(Told())
    assert setup.done == ["database", "warm"]
    assert len(setup.entries.entries()) == 1


def test_a_cycle_that_was_cut_short_is_followed_not_started_again() -> None:
    setup = Setup()
    setup.loaded = True
    waiting = setup.jobs.start("cycle.run", {"as_of": "2015-06-01"})
    setup.prepare(Told())
    assert setup.house.table.get(waiting.id).state is JobState.DONE
    assert len(setup.house.table.list(limit=5)) == 1


def test_a_cycle_that_failed_is_tried_again_and_its_error_shown() -> None:
    setup = Setup()
    setup.ends = JobState.FAILED
    with pytest.raises(FondacoError, match="no prices"):
        setup.prepare(Told())
    setup.ends = JobState.DONE
    setup.prepare(Told())
    states = [job.state for job in setup.house.table.list(limit=5)]
    assert states == [JobState.DONE, JobState.FAILED]


def test_cash_that_a_person_paid_in_is_left_as_it_is() -> None:
    setup = Setup()
    setup.books.deposit("paper", PAID_IN / 2, "USD", PAID_IN_AT, "by hand")
    setup.prepare(Told())
    assert setup.books.cash("paper", "USD") == PAID_IN / 2


def test_without_prices_no_day_can_be_chosen() -> None:
    setup = Setup()
    setup.newest = lambda **_: None  # type: ignore[attr-defined]
    with pytest.raises(NotFound, match="no prices"):
        setup.prepare(Told())
