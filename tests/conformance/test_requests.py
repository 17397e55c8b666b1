"""Every memory of requests: a key is claimed once and then gives its answer."""

from typing import Any

import pytest

from fondaco.core.fakes import MemoryRequests
from fondaco.core.invoke import Requests


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def requests(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryRequests()
    from fondaco.adapters.stores.postgres.requests import PostgresRequests

    return PostgresRequests(request.getfixturevalue("database"))


def test_a_new_key_is_the_callers(requests: Requests) -> None:
    assert requests.claim("ada/cards.approve/1", "hash") is None


def test_a_settled_key_gives_the_hash_of_what_was_asked_and_the_answer(requests: Requests) -> None:
    answer = {"id": "TC-1", "weight": 0.1, "at": None, "text": "nul \x00 and é", "big": 1e300}
    requests.claim("k", "hash")
    requests.settle("k", answer)
    settled = requests.claim("k", "another hash")
    assert settled is not None
    assert settled.body_hash == "hash"
    assert settled.data == answer
    assert list(settled.data) == list(answer)


def test_keys_do_not_touch_each_other(requests: Requests) -> None:
    requests.claim("one", "a")
    requests.settle("one", 1)
    assert requests.claim("two", "a") is None


def test_settling_a_key_that_nobody_claimed_is_a_programmers_error(requests: Requests) -> None:
    with pytest.raises(LookupError):
        requests.settle("never", 1)
