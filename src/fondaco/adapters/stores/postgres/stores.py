"""Opens the desk's state: one call for the composition root."""

from dataclasses import dataclass
from pathlib import Path

from fondaco.adapters.stores.postgres.backtests import PostgresBacktests
from fondaco.adapters.stores.postgres.cards import PostgresCards
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.dispatcher import Dispatcher
from fondaco.adapters.stores.postgres.durability import Durability, durability
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.adapters.stores.postgres.entries import PostgresEntries
from fondaco.adapters.stores.postgres.facts import PostgresFacts
from fondaco.adapters.stores.postgres.forecasts import PostgresForecasts
from fondaco.adapters.stores.postgres.holds import ProcessLock
from fondaco.adapters.stores.postgres.jobs import JobTable
from fondaco.adapters.stores.postgres.journal import PostgresJournal
from fondaco.adapters.stores.postgres.migrate import migrate
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.orders import PostgresOrders
from fondaco.adapters.stores.postgres.outbox import PostgresOutbox
from fondaco.adapters.stores.postgres.promotions import PostgresEvidence, PostgresPromotions
from fondaco.adapters.stores.postgres.requests import PostgresRequests
from fondaco.adapters.stores.postgres.trials import PostgresTrials
from fondaco.adapters.stores.postgres.tuner import PostgresTunings
from fondaco.adapters.stores.postgres.venue_book import PostgresVenueBook
from fondaco.core.clock import Clock

FOLDER = "postgres"
"""Where the embedded server lives inside the data folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that the desk keeps, on one database."""

    database: Database
    journal: PostgresJournal
    requests: PostgresRequests
    outbox: PostgresOutbox
    dispatcher: Dispatcher
    entries: PostgresEntries
    cards: PostgresCards
    orders: PostgresOrders
    venue_book: PostgresVenueBook
    trials: PostgresTrials
    evidence: PostgresEvidence
    promotions: PostgresPromotions
    tunings: PostgresTunings
    forecasts: PostgresForecasts
    facts: PostgresFacts
    numbers: Numbers
    jobs: JobTable
    backtests: PostgresBacktests
    worker_lock: ProcessLock
    durability: Durability

    def close(self) -> None:
        """Write the notes of reads that wait, and give back all connections."""
        try:
            self.journal.close()
        finally:
            self.worker_lock.release()
            self.database.close()


def open_stores(where: Path | str, clock: Clock) -> Stores:
    """Open the desk's state: in a data folder (Path), or on a server (its URL as text).

    Starts the embedded server if it is down, brings the schema up to date, and checks that what
    the server acknowledges is durable. Raises Unavailable, Refused or InvalidInput, each saying
    what to do.
    """
    if isinstance(where, Path):
        database = Database.embedded(EmbeddedServer(where / FOLDER))
    else:
        database = Database(where)
    try:
        migrate(database)
        promises = durability(database)
    except BaseException:
        database.close()
        raise
    return stores_on(database, clock, promises)


def stores_on(database: Database, clock: Clock, promises: Durability) -> Stores:
    """Return the stores on a database that is ready."""
    numbers = Numbers(database)
    return Stores(
        database=database,
        journal=PostgresJournal(database),
        requests=PostgresRequests(database),
        outbox=PostgresOutbox(database, clock),
        dispatcher=Dispatcher(database, clock),
        entries=PostgresEntries(database),
        cards=PostgresCards(database, numbers),
        orders=PostgresOrders(database),
        venue_book=PostgresVenueBook(database),
        trials=PostgresTrials(database),
        evidence=PostgresEvidence(database, numbers),
        promotions=PostgresPromotions(database, numbers),
        tunings=PostgresTunings(database),
        forecasts=PostgresForecasts(database),
        facts=PostgresFacts(database),
        numbers=numbers,
        jobs=JobTable(database, numbers, clock),
        backtests=PostgresBacktests(database, numbers),
        worker_lock=ProcessLock(database, "worker"),
        durability=promises,
    )
