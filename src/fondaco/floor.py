"""The market floor: market data with its providers, by the names that others ask for.

The market's part of the composition root; `kept.py` has the desk's state, `app.py` the services
that trade on both.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from fondaco.catalogue import PROVIDERS
from fondaco.kept import Kept

if TYPE_CHECKING:
    from fondaco.adapters.caches.redis import RedisCache
    from fondaco.adapters.calendars.exchange import ExchangeCalendars
    from fondaco.adapters.pace.logs import PostgresQueryLog
    from fondaco.adapters.providers.directory import Directory
    from fondaco.adapters.stores.delta.store import DeltaStore
    from fondaco.adapters.stores.raw.archive import FolderArchive
    from fondaco.adapters.system.keys import DeskSecrets
    from fondaco.core.ids import Ids
    from fondaco.market.book import SymbolBook
    from fondaco.market.feed.budget import Pacer, PaceStore
    from fondaco.market.feed.feed import Feed
    from fondaco.market.feed.ports import HealthStore
    from fondaco.market.feed.routes import Routes
    from fondaco.market.feeding import DeskFeed
    from fondaco.market.gate.records import Records
    from fondaco.market.ingest import Ingestor
    from fondaco.market.kind_rows import KindRows
    from fondaco.market.lineage import Lineage
    from fondaco.market.prices import Prices


class MarketFloor(Kept):
    """What was known of instruments and their prices, and where it comes from."""

    @cached_property
    def ids(self) -> "Ids":
        """Identifiers from the clock and the machine's chance."""
        from fondaco.adapters.system.entropy import system_entropy
        from fondaco.core.ids import Ids

        return Ids(self.clock, system_entropy)

    @cached_property
    def store(self) -> "DeltaStore":
        """Market data in the data folder."""
        from fondaco.adapters.stores.delta.store import DeltaStore

        return DeltaStore(self.settings.home / "market")

    @cached_property
    def calendars(self) -> "ExchangeCalendars":
        """Exchange calendars."""
        from fondaco.adapters.calendars.exchange import ExchangeCalendars

        return ExchangeCalendars(self.settings.home / "calendars")

    @cached_property
    def instruments(self) -> "SymbolBook":
        """The dated symbol book."""
        from fondaco.market.book import SymbolBook

        return SymbolBook(self.store)

    @cached_property
    def prices(self) -> "Prices":
        """Panels and bars, as of a time."""
        from fondaco.market.prices import Prices

        return Prices(self.store, self.instruments, self.calendars)

    @cached_property
    def kind_rows(self) -> "KindRows":
        """Rows of every kind of data, as of a time."""
        from fondaco.market.kind_rows import KindRows

        return KindRows(self.store)

    @cached_property
    def archive(self) -> "FolderArchive":
        """Raw answers as they came, in the data folder."""
        from fondaco.adapters.stores.raw.archive import FolderArchive

        return FolderArchive(self.settings.home / "raw")

    @cached_property
    def provider_keys(self) -> "DeskSecrets":
        """Keys of providers, from the environment or the system's keyring."""
        from fondaco.adapters.system.keys import DeskSecrets

        return DeskSecrets()

    @cached_property
    def providers(self) -> "Directory":
        """Where market data comes from."""
        from fondaco.adapters.providers.directory import Directory

        return Directory(PROVIDERS, self.clock, self.provider_keys, lambda: self.pacer)

    @cached_property
    def ingestor(self) -> "Ingestor":
        """The road by which market data comes in."""
        from fondaco.market.ingest import Ingestor

        return Ingestor(
            self.store,
            self.archive,
            self.instruments,
            self.calendars,
            self.providers,
            self.clock,
            self.ids,
        )

    @cached_property
    def lineage(self) -> "Lineage":
        """From rows of the store to raw answers."""
        from fondaco.market.lineage import Lineage

        return Lineage(self.store, self.archive, self.providers, self.instruments.known_as)

    @cached_property
    def ingest_log(self) -> "Records":
        """What was asked of whom, and when."""
        from fondaco.market.gate.records import Records

        return Records(self.store)

    @cached_property
    def provider_pace(self) -> "PaceStore":
        """How often each provider was asked, by all processes of this desk."""
        from fondaco.adapters.pace.postgres import PostgresPaceStore

        return PostgresPaceStore(self.stores.database.apart)

    @cached_property
    def provider_health(self) -> "HealthStore":
        """How each provider fares, for all processes of this desk."""
        from fondaco.adapters.pace.postgres import PostgresHealthStore

        return PostgresHealthStore(self.stores.database.apart)

    @cached_property
    def pacer(self) -> "Pacer":
        """What every call to a provider asks first."""
        from fondaco.market.feed.budget import Pacer

        url = self.settings.redis_url
        if url is None:
            return Pacer(self.provider_pace, self.clock)
        from fondaco.adapters.pace.redis import RedisPaceStore

        return Pacer(RedisPaceStore(url.get_secret_value()), self.clock, days=self.provider_pace)

    @cached_property
    def sources(self) -> "Feed":
        """The freshest there is of anything: caches first, then sources in their order."""
        from fondaco.adapters.pace.logs import PostgresChoices
        from fondaco.market.feed.feed import Feed
        from fondaco.market.feed.fetching import Fetching
        from fondaco.market.feed.hybrid import Hybrid
        from fondaco.market.feed.memory import MemoryCache
        from fondaco.market.feed.sourcing import Sources
        from fondaco.market.feed.tiers import Tiers
        from fondaco.market.feeding import CalendarHours, IngestorIntake, StoreKept

        hours, apart = CalendarHours(self.calendars), self.stores.database.apart
        intake = IngestorIntake(self.ingestor, self.instruments, self.clock)
        sources = Sources(
            self.clock, intake, self.routes, self.provider_health, self.pacer, self.providers.lacks
        )
        tiers = Tiers(
            self.clock,
            MemoryCache(Hybrid(self.settings.cache_mb << 20)),
            self._shared_cache(),
            StoreKept(self.store, self.instruments, hours, self.clock),
        )
        fetching = Fetching(self.clock, sources, tiers, hours, PostgresChoices(apart))
        return Feed(self.clock, tiers, fetching, self.query_log)

    @cached_property
    def routes(self) -> "Routes":
        """Which sources are asked, in which order; made-up data is never among them."""
        from fondaco.core.instrument import Origin
        from fondaco.market.feed.routes import Routes, parse_routes

        live = [sheet for sheet in self.providers.sheets() if sheet.origin is Origin.LIVE]
        return Routes(live, parse_routes(self.settings.routes))

    @cached_property
    def feed(self) -> "DeskFeed":
        """The feed as capabilities ask it."""
        from fondaco.market.feeding import DeskFeed

        return DeskFeed(self.sources)

    def metrics(self) -> str:
        """Return what the feed's caches are worth, as Prometheus reads it."""
        from fondaco.adapters.caches.metrics import metrics_text

        return metrics_text(self.sources.report())

    @cached_property
    def query_log(self) -> "PostgresQueryLog":
        """What was asked of the feed, for warming."""
        from fondaco.adapters.pace.logs import PostgresQueryLog

        return PostgresQueryLog(self.stores.database.apart)

    def _shared_cache(self) -> "RedisCache | None":
        url = self.settings.redis_url
        if url is None:
            return None
        from fondaco.adapters.caches.redis import RedisCache

        return RedisCache(url.get_secret_value())
