"""What the desk keeps: its stores, each by the name that capabilities and services ask for.

The state's half of the composition root; `app.py` has the services that work on it.
"""

from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fondaco.adapters.stores.postgres.stores import Stores
    from fondaco.adapters.stores.reports.folder import FolderReports
    from fondaco.adapters.strategies.folder import FolderStrategies
    from fondaco.backtest.ports import BacktestStore
    from fondaco.backtest.tuning.ports import TuningStore
    from fondaco.core.clock import Clock
    from fondaco.core.events import Outbox
    from fondaco.core.facts import FactStore
    from fondaco.core.invoke import Requests
    from fondaco.core.journal import Journal
    from fondaco.core.settings import Settings
    from fondaco.research.ports import ForecastStore
    from fondaco.research.trial_ledger import EvidenceStore, PromotionStore, TrialStore
    from fondaco.trading.ports import CardStore, OrderStore


class Kept:
    """The desk's state, opened when it is first asked for."""

    def __init__(self, settings: "Settings", clock: "Clock | None") -> None:
        self.settings = settings
        self._clock = clock

    @cached_property
    def clock(self) -> "Clock":
        """The desk's clock."""
        from fondaco.adapters.system.clock import SystemClock

        return self._clock or SystemClock()

    @cached_property
    def stores(self) -> "Stores":
        """The desk's state in PostgreSQL, opened and brought up to date."""
        from fondaco.adapters.stores.postgres.stores import open_stores

        url = self.settings.database_url
        where = self.settings.home if url is None else url.get_secret_value()
        return open_stores(where, self.clock)

    def transaction(self) -> AbstractContextManager[None]:
        """Open a transaction of the desk's database, or join the one that is open."""
        return self.stores.database.transaction()

    @property
    def journal(self) -> "Journal":
        """Every call through the door."""
        return self.stores.journal

    @property
    def requests(self) -> "Requests":
        """Answered requests."""
        return self.stores.requests

    @property
    def outbox(self) -> "Outbox":
        """Events, written with the change that they tell of."""
        return self.stores.outbox

    @property
    def facts(self) -> "FactStore":
        """Numbers that can be traced."""
        return self.stores.facts

    @property
    def cards(self) -> "CardStore":
        """Trade cards and their lives."""
        return self.stores.cards

    @property
    def orders(self) -> "OrderStore":
        """Orders and fills."""
        return self.stores.orders

    @property
    def trials(self) -> "TrialStore":
        """The trial ledger."""
        return self.stores.trials

    @property
    def evidence(self) -> "EvidenceStore":
        """What validations found of strategies."""
        return self.stores.evidence

    @property
    def promotions(self) -> "PromotionStore":
        """The gate's decisions."""
        return self.stores.promotions

    @property
    def tunings(self) -> "TuningStore":
        """What tuners tried."""
        return self.stores.tunings

    @property
    def forecasts(self) -> "ForecastStore":
        """Out-of-sample forecasts with what came of them."""
        return self.stores.forecasts

    @property
    def backtests(self) -> "BacktestStore":
        """Finished backtests."""
        return self.stores.backtests

    @cached_property
    def reports(self) -> "FolderReports":
        """The HTML reports of backtests, in the data folder."""
        from fondaco.adapters.stores.reports.folder import FolderReports

        return FolderReports(self.settings.home / "reports")

    @cached_property
    def strategies(self) -> "FolderStrategies":
        """Strategies that users wrote, each run in a process of its own."""
        from fondaco.adapters.strategies.folder import FolderStrategies
        from fondaco.adapters.strategies.process import Limit

        settings = self.settings
        limit = Limit(settings.strategy_seconds, settings.strategy_memory_mb << 20)
        folder = settings.strategies_dir or settings.home / "strategies"
        return FolderStrategies(folder, limit, unconfined=settings.strategies_unconfined)
