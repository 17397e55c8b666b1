"""The market floor: market data with its providers, by the names that others ask for.

The market's part of the composition root; `kept.py` has the desk's state, `app.py` the services
that trade on both.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from fondaco.catalogue import PROVIDERS
from fondaco.kept import Kept

if TYPE_CHECKING:
    from fondaco.adapters.calendars.exchange import ExchangeCalendars
    from fondaco.adapters.providers.directory import Directory
    from fondaco.adapters.stores.delta.store import DeltaStore
    from fondaco.adapters.stores.raw.archive import FolderArchive
    from fondaco.adapters.system.keys import DeskSecrets
    from fondaco.core.ids import Ids
    from fondaco.market.book import SymbolBook
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
    def secrets(self) -> "DeskSecrets":
        """Keys of providers, from the environment or the system's keyring."""
        from fondaco.adapters.system.keys import DeskSecrets

        return DeskSecrets()

    @cached_property
    def providers(self) -> "Directory":
        """Where market data comes from."""
        from fondaco.adapters.providers.directory import Directory

        return Directory(PROVIDERS, self.clock, self.secrets)

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
