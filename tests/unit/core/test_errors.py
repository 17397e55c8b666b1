"""Errors give value, bound, reason and remedy, in one shape."""

import pytest

from fondaco.core.errors import (
    Conflict,
    ErrorBody,
    FondacoError,
    InvalidInput,
    NotFound,
    Refused,
    Unavailable,
    told,
)
from fondaco.core.events import Event, MemoryOutbox
from fondaco.core.fakes import FAKE_NOW


def test_a_message_is_one_sentence_and_the_remedy() -> None:
    error = InvalidInput("the price is too high.", value=7, bound="<= 5", remedy="Ask for less.")
    assert str(error) == "the price is too high; value: 7; allowed: <= 5. Ask for less."
    assert error.body() == ErrorBody(
        "invalid_input", str(error), "the price is too high.", "7", "<= 5", "Ask for less."
    )


def test_what_is_not_known_is_left_out() -> None:
    assert str(Refused("no")) == "no."
    assert str(Refused("no", value=0)) == "no; value: 0."
    assert str(Refused("which one?")) == "which one?"


def test_an_unforeseen_error_is_told_by_its_kind_alone() -> None:
    body = told(KeyError("hunter2"))
    assert body.code == "failed"
    assert "KeyError" in body.message
    assert "hunter2" not in str(body)
    assert told(Refused("no")) == Refused("no").body()


@pytest.mark.parametrize(
    ("kind", "code", "exit_code", "status"),
    [
        (FondacoError, "failed", 1, 500),
        (InvalidInput, "invalid_input", 2, 422),
        (NotFound, "not_found", 1, 404),
        (Refused, "refused", 1, 403),
        (Conflict, "conflict", 1, 409),
        (Unavailable, "unavailable", 3, 503),
    ],
)
def test_each_kind_has_its_code_exit_and_status(
    kind: type[FondacoError], code: str, exit_code: int, status: int
) -> None:
    assert (kind.code, kind.exit_code, kind.http_status) == (code, exit_code, status)


def test_the_memory_outbox_keeps_events_and_knows_no_parked_ones() -> None:
    outbox = MemoryOutbox()
    event = Event("1", "card.approved", "TC-1", FAKE_NOW, {})
    outbox.publish(event)
    assert outbox.events == [event]
    assert outbox.parked() == ()
    with pytest.raises(NotFound):
        outbox.retry("1", "book")
