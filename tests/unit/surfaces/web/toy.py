"""A small desk with the shapes of the real one, in memory: what the terminal is tried on."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fondaco.core.capability import Catalogue
from fondaco.core.clock import FixedClock
from fondaco.core.errors import NotFound, Refused
from fondaco.core.facts import MemoryFacts
from fondaco.core.ids import Ids
from fondaco.core.journal import MemoryJournal, Note
from fondaco.core.view import (
    Chart,
    Series,
)
from fondaco.surfaces.web.ports import Listing, Status, Views

from .toy_market import ToyMarket
from .toy_state import (
    AS_OF,
    BARS,
    NOW,
    PRICE,
    SHARE,
    SYMBOLS,
    Cards,
    ToyJobs,
    ToyRequests,
    days_until_as_of,
)
from .toy_trials import ToyTrials

NAMES = {
    "portfolio.overview": "overview",
    "cards.list": "list_cards",
    "cards.show": "show_card",
    "cards.approve": "approve_card",
    "cards.reject": "reject_card",
    "explain": "explain",
    "facts.show": "show_fact",
    "backtest.run": "run_backtest",
    "backtest.list": "list_backtests",
    "backtest.show": "show_backtest",
    "journal.list": "list_journal",
    "journal.verify": "verify_journal",
    "jobs.list": "list_jobs",
    "jobs.cancel": "cancel_job",
    "research.trials": "show_trials",
    "research.promotions": "show_promotions",
    "market.search": "search",
    "market.history": "show_history",
    "market.quote": "show_quote",
    "market.chain": "show_chain",
    "market.fundamentals": "show_fundamentals",
    "market.events": "list_events",
    "market.rows": "show_rows",
    "market.lineage": "show_lineage",
    "market.faults": "list_faults",
    "market.replay": "replay",
    "market.discard": "discard",
    "market.quality": "show_quality",
    "providers.status": "show_status",
    "providers.show": "show_provider",
    "ledger.deposit": "deposit",
    "doctor": "doctor",
}
FIRST_LINE = Note(NOW, "human:ann", "cli", "doctor", "read", {}, "ok")


def _home(name: str) -> str:
    market = name.startswith(("market.", "providers."))
    return __name__.replace("toy", "toy_market" if market else "toy_capabilities")


class ToyDesk:
    """The toy's house."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self._count = 0
        self._lock = threading.RLock()
        self.ids = Ids(self.clock, self._bytes)
        self.journal = MemoryJournal()
        self.journal.append(FIRST_LINE)
        self.requests = ToyRequests()
        self.facts = MemoryFacts()
        self.facts.add((PRICE, SHARE))
        self.jobs = ToyJobs()
        self.cards = Cards()
        self.trials = ToyTrials()
        self.market = ToyMarket()
        self.catalogue = Catalogue(
            {name: f"{_home(name)}:{function}" for name, function in NAMES.items()}
        )
        self.reports = Path("nowhere")
        self.down = False

    def reset(self) -> None:
        """Begin again, with the same services."""
        self.jobs.made.clear()
        self.jobs.held = False
        self.cards.begin()
        self.trials.begin()
        self.market.begin()
        self.reports, self.down = Path("nowhere"), False

    def approve_elsewhere(self, card: str) -> None:
        """Do as if another tab had approved a card."""
        self.cards.put(replace(self.cards.get(card), state="FILLED"))
        self.cards.approved.append(card)

    def _bytes(self, count: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(count, "big")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:  # a second call with the same request id waits for the first
            yield

    def views(self) -> Views:
        return Views(
            self.status, self.listings, chart, ("SMA 50", "SMA 200", "RSI 14"), self.report
        )

    def status(self) -> Status:
        if self.down:
            raise Refused("the database does not answer", remedy="`fondaco doctor` says more.")
        return Status(
            "paper", "PAPER", "bundled", AS_OF, replay=True, change=str(len(self.cards.approved))
        )

    def listings(self) -> tuple[Listing, ...]:
        return tuple(Listing(symbol, name) for symbol, name in SYMBOLS)

    def report(self, backtest: str) -> Path | None:
        path = self.reports / f"{backtest}.html"
        return path if path.is_file() else None


def chart(symbol: str, indicators: tuple[str, ...]) -> Chart:
    """A wave of candles with what was asked for below it."""
    if symbol not in dict(SYMBOLS):
        raise NotFound("no such symbol", value=symbol, remedy="Try AAPL.")
    close = [100 + 30 * math.sin(at / 400) + 3 * math.sin(at / 9) for at in range(BARS)]
    candles = tuple(
        (
            close[at - 1] if at else close[0],
            value,
            min(value, close[at - 1]) - 1,
            max(value, close[at - 1]) + 1,
        )
        for at, value in enumerate(close)
    )
    series = [Series(symbol, candles, "candle")]
    series += [
        Series(name, tuple(value * 0.99 for value in close), "line")
        for name in indicators
        if name.startswith("SMA")
    ]
    series.append(Series("Volume", tuple(1e6 + 1e5 * (at % 7) for at in range(BARS)), "bar", 1))
    if "RSI 14" in indicators:
        series.append(
            Series("RSI 14", tuple(50 + 20 * math.sin(at / 9) for at in range(BARS)), "line", 2)
        )
    return Chart(f"{symbol} daily", days_until_as_of(BARS), tuple(series), "USD", "bundled")
