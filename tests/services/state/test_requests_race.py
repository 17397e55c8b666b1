"""One request key, one effect: however many send it at once, and whatever the first does."""

import threading
from typing import Any

import pytest

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.requests import PostgresRequests

pytestmark = pytest.mark.services


def test_sixty_four_threads_with_one_key_have_one_effect(database: Database) -> None:
    requests, numbers = PostgresRequests(database), Numbers(database)
    answers: list[Any] = []
    together = threading.Barrier(64, timeout=30)

    def send() -> None:
        together.wait()
        with database.transaction():
            settled = requests.claim("ada/ledger.deposit/r-1", "hash")
            if settled is None:
                requests.settle("ada/ledger.deposit/r-1", numbers.next("E"))
                settled = requests.claim("ada/ledger.deposit/r-1", "hash")
        answers.append(settled and settled.data)

    threads = [threading.Thread(target=send) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["E-1"] * 64
    assert numbers.next("E") == "E-2"


def test_a_key_whose_transaction_was_undone_is_the_next_ones(database: Database) -> None:
    requests = PostgresRequests(database)
    claimed, undo = threading.Event(), threading.Event()
    seen: list[Any] = []

    def first() -> None:
        try:
            with database.transaction():
                requests.claim("k", "hash")
                claimed.set()
                undo.wait(20)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    def second() -> None:
        with database.transaction():
            seen.append(requests.claim("k", "hash"))
            requests.settle("k", "second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert claimed.wait(20)
    threads[1].start()
    undo.set()
    for thread in threads:
        thread.join()
    settled = requests.claim("k", "hash")
    assert seen == [None]
    assert settled is not None
    assert settled.data == "second"


def test_numbers_taken_at_once_have_no_gap_and_no_repeat(database: Database) -> None:
    numbers, taken = Numbers(database), []

    def take() -> None:
        taken.extend(numbers.next("TC") for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"TC-{n}" for n in range(1, 81))
