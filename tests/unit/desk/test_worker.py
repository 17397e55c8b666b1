"""One worker per desk: it takes the lock, hands on events, takes up what was left, and stops."""

from collections.abc import Callable, Iterator
from threading import Event as Flag

import pytest

from fondaco.core.errors import Unavailable
from fondaco.core.events import Event
from fondaco.core.jobs import JobState
from fondaco.desk.fakes import ListedDeliveries, SharedLock
from fondaco.desk.jobs import QUEUED, JobRunner, Work
from fondaco.desk.results import Retried
from fondaco.desk.upkeep import Upkeep
from fondaco.desk.worker import Worker, WorkerParts
from unit.desk.house import House

SECONDS_MAX = 10.0


class Shop:
    """A worker on a desk in memory."""

    def __init__(self, shared: list[object] | None = None) -> None:
        self.house = House()
        self.lock = SharedLock(shared)
        self.deliveries = ListedDeliveries()
        self.runner = JobRunner(
            self.house.table,
            {"work": Work(lambda *_: Retried("a", "b"), lambda: Retried)},
            self.house.journal,
            self.house.clock,
        )
        self.worker = Worker(
            WorkerParts(
                lock=self.lock,
                durable=self.house.durable,
                deliveries=self.deliveries,
                table=self.house.table,
                runner=self.runner,
                life=self.house.life,
                journal=self.house.journal,
                clock=self.house.clock,
                upkeep=Upkeep((), self.house.journal, self.house.clock),
                round_seconds=0.005,
            )
        )


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.worker.stop()


def wait_for(condition: Callable[[], bool], deliveries: ListedDeliveries) -> None:
    """Wait, round by round, until something has come to be."""
    pause = Flag()
    for _ in range(int(SECONDS_MAX / 0.02)):
        if condition():
            return
        deliveries.ran.clear()
        pause.wait(0.02)
    pytest.fail("it did not come to be")


def test_the_first_to_start_is_the_worker_and_the_second_is_not(shop: Shop) -> None:
    other = Shop([shop.lock])
    other.lock._shared = shop.lock._shared
    assert shop.worker.start()
    assert shop.worker.working
    assert not other.worker.start()
    assert not other.worker.working
    assert shop.worker.start()  # asked again, it is still the worker


def test_a_queued_job_is_run_when_its_event_is_handed_on(shop: Shop) -> None:
    job = shop.house.jobs.start("work", {})
    shop.worker.start()
    shop.house.durable.run_due()
    assert shop.house.table.get(job.id).state is JobState.DONE
    later = shop.house.jobs.start("work", {})
    shop.deliveries.waiting.append(
        next(e for e in shop.house.outbox.events if e.subject == later.id)
    )
    wait_for(lambda: later.id in shop.house.durable.keys, shop.deliveries)


def test_what_a_dead_process_left_is_taken_up_at_the_start(shop: Shop) -> None:
    job = shop.house.jobs.start("work", {})
    shop.house.table.begin(job.id)
    shop.worker.start()
    assert shop.house.durable.run_due() == [job.id]
    assert shop.house.table.get(job.id).state is JobState.DONE


def test_a_job_that_fell_too_often_is_given_up(shop: Shop) -> None:
    job = shop.house.jobs.start("work", {})
    shop.house.durable.given_up.add(job.id)
    shop.worker.start()
    assert shop.house.table.get(job.id).state is JobState.FAILED


def test_an_event_of_a_card_reaches_its_life(shop: Shop) -> None:
    shop.house.cycle(shop.house.days[-1])
    card = shop.house.cards.list()[0]
    shop.worker.start()
    shop.house.durable.keys.clear()
    shop.deliveries.waiting.append(
        Event("e-1", "card.proposed", card.id, shop.house.clock.now(), {})
    )
    wait_for(lambda: f"{card.id}/end" in shop.house.durable.keys, shop.deliveries)


def test_a_fault_of_the_round_is_journalled_and_the_next_round_runs(shop: Shop) -> None:
    shop.deliveries.fails_with = Unavailable("the database is down")
    shop.worker.start()
    wait_for(lambda: shop.deliveries.rounds > 2, shop.deliveries)
    noted = [line.note.outcome for line in shop.house.journal.lines(limit=5)]
    assert noted == ["unavailable"]
    shop.deliveries.fails_with = ZeroDivisionError("ours")
    wait_for(lambda: len(shop.house.journal.lines(limit=5)) == 2, shop.deliveries)


def test_a_stopped_worker_gives_the_lock_back_and_stops_durable_work(shop: Shop) -> None:
    shop.worker.start()
    shop.worker.stop()
    assert not shop.worker.working
    assert not shop.lock.held()
    assert not shop.house.durable.running
    assert shop.runner.stopping.is_set()


def test_a_worker_that_lost_its_lock_stops_and_takes_its_turn_again(shop: Shop) -> None:
    shop.worker.start()
    other = SharedLock()
    shop.lock._shared[:] = [other]
    wait_for(lambda: not shop.house.durable.running, shop.deliveries)
    assert not shop.worker.working
    shop.lock.lose()
    wait_for(lambda: shop.worker.working, shop.deliveries)


def test_a_server_waits_for_its_turn(shop: Shop) -> None:
    other = SharedLock()
    shop.lock._shared[:] = [other]
    shop.worker.wait_for_turn()
    assert not shop.worker.working
    shop.lock._shared.clear()
    wait_for(lambda: shop.worker.working, shop.deliveries)


def test_a_worker_whose_durable_work_cannot_start_gives_the_lock_back(shop: Shop) -> None:
    def fail(_: object) -> None:
        raise Unavailable("no database")

    shop.house.durable.start = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        shop.worker.start()
    assert not shop.lock.held()


def test_the_worker_listens_to_jobs_and_cards(shop: Shop) -> None:
    assert set(shop.deliveries.handlers) == {
        QUEUED,
        "card.proposed",
        "card.blocked",
        "card.approved",
    }


def test_upkeep_goes_on_where_the_worker_is_and_ends_with_it() -> None:
    shop = Shop()
    seen: list[str] = []
    upkeep = shop.worker._parts.upkeep
    upkeep.start = lambda: seen.append("start")  # type: ignore[method-assign]
    upkeep.stop = lambda: seen.append("stop")  # type: ignore[method-assign]
    shop.worker.start()
    assert seen == ["start"]
    shop.worker.stop()
    assert seen == ["start", "stop"]
