"""The stand-ins behave as their ports say."""

import pytest

from fondaco.core.capability import Catalogue
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.fakes import FAKE_NOW, FakeHouse, MemoryJobs
from fondaco.core.jobs import JobState
from fondaco.core.journal import Note

NOTE = Note(FAKE_NOW, "ann", "test", "toy.do", "write", {}, "ok")


def test_jobs_are_found_listed_newest_first_and_cancelled_once() -> None:
    jobs = MemoryJobs()
    first, second = jobs.start("toy.do", {"a": 1}), jobs.start("toy.do", {})
    assert jobs.list(limit=1) == (second,)
    assert jobs.inputs[first.id] == {"a": 1}
    assert jobs.cancel(first.id).state is JobState.CANCELLED
    with pytest.raises(Conflict):
        jobs.cancel(first.id)
    with pytest.raises(NotFound):
        jobs.status("J-9")


def test_a_transaction_that_fails_leaves_everything_as_it_was_an_inner_one_joins() -> None:
    house = FakeHouse(Catalogue({}), numbers=_Numbers())
    with house.transaction():
        house.numbers.all.append(1)
        house.journal.append(NOTE)
    with pytest.raises(ZeroDivisionError):
        _fail_inside(house)
    assert house.numbers.all == [1]
    assert len(house.journal.lines(limit=9)) == 1
    assert house.jobs.list(limit=9) == ()
    with pytest.raises(AttributeError):
        _ = house.nothing


def _fail_inside(house: FakeHouse) -> None:
    with house.transaction():
        with house.transaction():
            house.numbers.all.append(2)
            house.journal.append(NOTE)
        house.jobs.start("toy.do", {})
        raise ZeroDivisionError


class _Numbers:
    def __init__(self) -> None:
        self.all: list[int] = []
