"""Every outbox: it takes events, and says that nothing is parked when nothing failed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fondaco.core.events import Event, MemoryOutbox, Outbox

EVENT = Event("e-1", "card.filled", "TC-1", datetime(2019, 6, 28, tzinfo=UTC), {"price": "10.50"})


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def outbox(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryOutbox()
    from fondaco.adapters.stores.postgres.outbox import PostgresOutbox

    return PostgresOutbox(request.getfixturevalue("database"), request.getfixturevalue("clock"))


def test_an_event_can_be_published_and_nothing_is_parked(outbox: Outbox) -> None:
    outbox.publish(EVENT)
    assert outbox.parked() == ()
