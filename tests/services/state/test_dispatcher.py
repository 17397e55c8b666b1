"""Events are handed on at least once, in order, retried with back-off, and parked in sight."""

import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.dispatcher import Dispatcher, Handed
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.outbox import PostgresOutbox
from fondaco.adapters.stores.postgres.schema import deliveries
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import NotFound
from fondaco.core.events import Event
from fondaco.core.limits import EVENT_ATTEMPTS_MAX

pytestmark = pytest.mark.services

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
"""Where the `clock` fixture stands."""


class Desk:
    """An outbox and a dispatcher under a clock that the test moves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SteppedClock(NOW)
        self.outbox = PostgresOutbox(database, self.clock)
        self.dispatcher = Dispatcher(database, self.clock)
        self.seen: list[str] = []
        self.fail: set[str] = set()

    def handle(self, event: Event) -> None:
        self.seen.append(event.id)
        if event.id in self.fail:
            raise ValueError(f"cannot do {event.id}")

    def publish(self, *ids: str, subject: str = "", name: str = "card.filled") -> None:
        for event_id in ids:
            self.outbox.publish(Event(event_id, name, subject or event_id, NOW, {"n": "1.50"}))

    def wait_for_the_dead(self) -> None:
        """Wait until the server has noticed that a process is gone and let go of its rows."""
        with self.database.transaction(), self.database.connection() as connection:
            connection.execute(select(deliveries).with_for_update()).all()

    def pass_seconds(self, seconds: float) -> Handed:
        self.clock.advance(timedelta(seconds=seconds))
        return self.dispatcher.run_once()


@pytest.fixture
def desk(database: Database) -> Desk:
    made = Desk(database)
    made.dispatcher.register("card.filled", "book", made.handle)
    return made


def test_an_event_reaches_each_of_its_handlers_once(desk: Desk) -> None:
    others: list[Event] = []
    desk.dispatcher.register("card.filled", "tell", others.append)
    desk.dispatcher.register("card.closed", "never", others.append)
    desk.publish("e-1", "e-2")
    assert desk.dispatcher.run_once() == Handed(done=4)
    assert desk.dispatcher.run_once() == Handed()
    assert desk.seen == ["e-1", "e-2"]
    assert others == [Event(i, "card.filled", i, NOW, {"n": "1.50"}) for i in ("e-1", "e-2")]


def test_an_undone_event_reaches_nobody(desk: Desk) -> None:
    def attempt() -> None:
        with desk.database.transaction():
            desk.publish("e-1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        attempt()
    assert desk.dispatcher.run_once() == Handed()


def test_a_failed_handler_is_retried_after_a_back_off_that_doubles(desk: Desk) -> None:
    desk.publish("e-1")
    desk.fail.add("e-1")
    assert desk.dispatcher.run_once() == Handed(failed=1)
    assert desk.pass_seconds(1.9) == Handed()
    assert desk.pass_seconds(0.1) == Handed(failed=1)
    assert desk.pass_seconds(3.9) == Handed()
    desk.fail.clear()
    assert desk.pass_seconds(0.1) == Handed(done=1)
    assert desk.seen == ["e-1"] * 3
    assert desk.outbox.parked() == ()


def test_what_a_failed_handler_wrote_is_undone(desk: Desk) -> None:
    numbers = Numbers(desk.database)

    def half(event: Event) -> None:
        numbers.next("A")
        raise ValueError("half way")

    desk.dispatcher.register("card.closed", "half", half)
    desk.publish("e-1", name="card.closed")
    assert desk.dispatcher.run_once() == Handed(failed=1)
    assert numbers.next("A") == "A-1"


def test_a_delivery_that_fails_as_often_as_it_may_is_parked_in_sight(desk: Desk) -> None:
    desk.publish("e-1")
    desk.fail.add("e-1")
    ends = [desk.pass_seconds(300) for _ in range(EVENT_ATTEMPTS_MAX + 2)]
    assert ends.count(Handed(failed=1)) == EVENT_ATTEMPTS_MAX - 1
    assert ends[EVENT_ATTEMPTS_MAX - 1] == Handed(parked=1)
    assert len(desk.seen) == EVENT_ATTEMPTS_MAX
    parked = desk.outbox.parked()
    assert [(p.event.id, p.handler, p.attempts, p.error) for p in parked] == [
        ("e-1", "book", EVENT_ATTEMPTS_MAX, "ValueError: cannot do e-1")
    ]
    assert parked[0].parked_at == NOW + timedelta(seconds=300 * EVENT_ATTEMPTS_MAX)


def test_a_parked_delivery_can_be_put_back_in_line(desk: Desk) -> None:
    desk.publish("e-1")
    desk.fail.add("e-1")
    for _ in range(EVENT_ATTEMPTS_MAX):
        desk.pass_seconds(300)
    desk.fail.clear()
    desk.outbox.retry("e-1", "book")
    assert desk.outbox.parked() == ()
    assert desk.dispatcher.run_once() == Handed(done=1)
    with pytest.raises(NotFound):
        desk.outbox.retry("e-1", "book")


def test_a_later_event_of_the_same_subject_waits_for_an_earlier_one(desk: Desk) -> None:
    desk.publish("e-1", "e-2", subject="TC-1")
    desk.publish("e-3", subject="TC-2")
    desk.fail.add("e-1")
    assert desk.dispatcher.run_once() == Handed(done=1, failed=1)
    assert desk.seen == ["e-1", "e-3"]
    desk.fail.clear()
    assert desk.pass_seconds(2) == Handed(done=2)
    assert desk.seen == ["e-1", "e-3", "e-1", "e-2"]


def test_a_round_is_bounded(desk: Desk) -> None:
    desk.publish("e-1", "e-2", "e-3")
    assert desk.dispatcher.run_once(limit=2) == Handed(done=2)
    assert desk.dispatcher.run_once(limit=2) == Handed(done=1)


def test_dispatchers_at_once_hand_each_event_on_once(desk: Desk) -> None:
    desk.publish(*[f"e-{n:03}" for n in range(40)])
    desk.dispatcher.run_once(limit=0)

    def work() -> None:
        while desk.dispatcher.run_once().tried:
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(desk.seen) == [f"e-{n:03}" for n in range(40)]


def test_a_handler_name_is_used_once(desk: Desk) -> None:
    with pytest.raises(ValueError, match="twice"):
        desk.dispatcher.register("card.closed", "book", desk.handle)


DEADLY = """
import os, signal, sys
from datetime import datetime
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.dispatcher import Dispatcher
from fondaco.core.clock import FixedClock
dispatcher = Dispatcher(Database(sys.argv[1]), FixedClock(datetime.fromisoformat(sys.argv[2])))
dispatcher.register("card.filled", "book", lambda event: os.kill(os.getpid(), signal.SIGKILL))
dispatcher.run_once()
"""


def test_an_event_whose_handler_died_with_its_process_is_handed_on_again(
    desk: Desk, database_url: str, program: Callable[..., "subprocess.Popen[str]"]
) -> None:
    desk.publish("e-1")
    assert program(DEADLY, database_url, NOW.isoformat()).wait() == -9
    desk.wait_for_the_dead()
    assert desk.dispatcher.run_once() == Handed()
    assert desk.pass_seconds(2) == Handed(done=1)
    assert desk.seen == ["e-1"]


def test_an_event_that_kills_every_process_is_parked_at_last(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    program: Callable[..., "subprocess.Popen[str]"],
) -> None:
    from fondaco.adapters.stores.postgres import dispatcher as module

    monkeypatch.setattr(module, "EVENT_ATTEMPTS_MAX", 1)
    desk.publish("e-1")
    program(DEADLY, database_url, NOW.isoformat()).wait()
    desk.wait_for_the_dead()
    assert desk.pass_seconds(2) == Handed(parked=1)
    assert desk.seen == []
    assert desk.outbox.parked()[0].error == "the process ended while it was handled"


def test_an_event_that_arrives_while_another_process_sorts_waits_for_the_next_round(
    desk: Desk, database_url: str
) -> None:
    from fondaco.adapters.stores.postgres.holds import hold

    other = Database(database_url)
    desk.publish("e-1")
    with other.transaction():
        hold(other, "events", "fan-out")
        assert desk.dispatcher.run_once() == Handed()
    assert desk.dispatcher.run_once() == Handed(done=1)
    other.close()
