"""Events: facts about the desk, written in the transaction of the change, handed on later."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from fondaco.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `subject` is the id of what it happened to."""

    id: str
    name: str
    subject: str
    at: datetime
    data: dict[str, Any]


Handler = Callable[[Event], None]
"""A handler may be called more than once with the same event and must not mind."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A delivery that failed as often as it may; it waits for a person."""

    event: Event
    handler: str
    attempts: int
    error: str
    parked_at: datetime


class Outbox(Protocol):
    """Where events wait. `publish` joins the transaction that is open."""

    def publish(self, event: Event) -> None:
        """Write an event in the current transaction."""
        ...

    def parked(self) -> tuple[Parked, ...]:
        """Return the deliveries that gave up."""
        ...

    def retry(self, event_id: str, handler: str) -> None:
        """Put a parked delivery back in line; raises NotFound."""
        ...


class MemoryOutbox:
    """An outbox in memory, for tests: it keeps what was published."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, event: Event) -> None:
        """Keep the event."""
        self.events.append(event)

    def parked(self) -> tuple[Parked, ...]:
        """Return nothing: nothing is delivered, so nothing fails."""
        return ()

    def retry(self, event_id: str, handler: str) -> None:
        """Raise NotFound: nothing is ever parked."""
        raise NotFound("no such parked delivery", value=f"{event_id} of {handler}")
