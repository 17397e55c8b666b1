"""Opening the desk's state: in a folder or on a server, refused where it would not be safe."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.stores import Stores, open_stores
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.facts import Fact, Source
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.core.journal import Note
from fondaco.core.orders import Order, Side
from fondaco.trading.ports import VenueOrder
from unit.research.trial_scene import trial_of

pytestmark = pytest.mark.services

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
"""Where the `clock` fixture stands."""


def test_a_data_folder_gets_a_server_and_a_schema(
    copied: Callable[..., EmbeddedServer], clock: FixedClock
) -> None:
    home = copied().folder.parent
    first = open_stores(home, clock)
    first.journal.note_read(Note(NOW, "ada", "cli", "cards.list", "read", {}, "ok"))
    assert first.numbers.next("TC") == "TC-1"
    first.close()
    second = open_stores(home, clock)
    assert second.numbers.next("TC") == "TC-2"
    assert second.journal.verify().lines == 1
    assert second.durability.data_checksums == "on"
    assert second.durability.version.startswith("18")
    second.close()


def test_a_url_uses_that_server(database_url: str, clock: FixedClock) -> None:
    stores = open_stores(database_url, clock)
    assert stores.numbers.next("TC") == "TC-1"
    assert stores.worker_lock.acquire()
    stores.close()


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(
    database_url: str, clock: FixedClock, setting: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET {setting} = off")
    with pytest.raises(Unavailable, match=rf"{setting} is off.*{setting} = on"):
        open_stores(database_url, clock)


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_an_embedded_server_that_was_made_unsafe_is_refused(
    copied: Callable[..., EmbeddedServer], clock: FixedClock, setting: str
) -> None:
    server = copied()
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write(f"\n{setting} = off\n")
    with pytest.raises(Unavailable, match=f"{setting} is off"):
        open_stores(server.folder.parent, clock)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///desk.db",
        "mysql://ada:secret@host/desk",
        "nonsense",
        "postgresql://ada:secret@host:port/desk",
    ],
)
def test_an_address_that_is_not_postgresqls_is_refused_without_showing_it(
    clock: FixedClock, url: str
) -> None:
    with pytest.raises(InvalidInput, match="FONDACO_DATABASE_URL") as caught:
        open_stores(url, clock)
    assert "secret" not in str(caught.value)


def test_closing_writes_what_waits_even_twice(stores: Stores) -> None:
    stores.journal.note_read(Note(NOW, "ada", "cli", "cards.list", "read", {}, "ok"))
    stores.close()
    stores.close()
    assert stores.journal.verify().lines == 1


def test_a_fact_that_was_tampered_with_is_refused(stores: Stores, database_url: str) -> None:
    fact = Fact("close", Decimal("10.50"), "USD", NOW, Source("bars_1d", ("I-a",)))
    stores.facts.add((fact,))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE facts SET body = jsonb_set(body, '{value}', '\"10.51\"')")
    with pytest.raises(Unavailable, match="no longer matches its id"):
        stores.facts.get(fact.id)


@pytest.mark.parametrize(
    "changes", [{"metrics": {"sharpe": float("nan")}}, {"returns": (0.1, float("inf"))}]
)
def test_a_trial_with_something_that_is_not_a_number_is_refused(
    stores: Stores, changes: dict[str, Any]
) -> None:
    trial = trial_of((0.1, 0.2), "hash")
    with pytest.raises(InvalidInput, match="not a number"):
        stores.trials.add(replace(trial, **changes))
    assert stores.trials.count() == 0


def test_a_forecast_with_something_that_is_not_a_number_is_refused(stores: Stores) -> None:
    good = Forecast(InstrumentId("I-a"), NOW, 20, 0.5, 0.2, 0.8, "rank", NOW)
    with pytest.raises(InvalidInput, match="not a number"):
        stores.forecasts.add((good, replace(good, score=float("nan"))))
    assert stores.forecasts.list() == ()
    stores.forecasts.add((good,))
    with pytest.raises(InvalidInput, match="not a number"):
        stores.forecasts.realise("rank", InstrumentId("I-a"), NOW, float("inf"))


def test_the_venue_remembers_an_order_that_the_desk_forgot(stores: Stores) -> None:
    order = Order("c-1", "paper", InstrumentId("I-a"), Side.BUY, Decimal(5))

    def crash() -> None:
        with stores.database.transaction():
            stores.venue_book.keep(VenueOrder(order, NOW, NOW))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert stores.venue_book.find("c-1") == VenueOrder(order, NOW, NOW)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(Unavailable, match="cannot be used"):
        open_stores(tmp_path / "home", clock)
