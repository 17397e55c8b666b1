"""A small desk for whole backtests: simulated prices, an index, stores in memory."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from fondaco.backtest.asked import Asked
from fondaco.backtest.fakes import MemoryBacktests, MemoryReports
from fondaco.backtest.result import BacktestResult
from fondaco.backtest.run import run_backtest
from fondaco.core.clock import FixedClock
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId, Origin
from fondaco.core.jobs import Cancelled, Progress
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    panel_rows,
    simulated_instruments,
    simulated_panel,
)
from fondaco.market.panel import Panel
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from fondaco.research.fakes import MemoryStrategies, MemoryTrials
from fondaco.risk.check import Limits
from fondaco.trading.simulator.plain_terms import plain_terms
from unit.backtest.scene import counting_ids

NOW = datetime(2019, 6, 28, 21, tzinfo=UTC)
INDEX = Instrument(
    InstrumentId("I-index0000000"),
    (DatedSymbol("SPX", date(1900, 1, 1)),),
    AssetClass.INDEX,
    "XNYS",
    "USD",
)
ASKED = {one.name for one in fields(Asked)}
LIMITS = Limits(
    position_share_max=Decimal("0.10"),
    sector_share_max=Decimal("0.30"),
    volume_share_max=Decimal("0.01"),
    event_days_min=Decimal(3),
    regime_vol_max=Decimal("0.40"),
    catalyst_days_max=Decimal(5),
)
FAST = {"lookback": 40, "skip": 5, "names_min": 2}


@dataclass
class Steps:
    """A progress that remembers, and cancels at a step when asked to."""

    cancel_at: str = ""
    said: list[tuple[str, int, int]] = field(default_factory=list)

    def report(self, step: str, done: int, total: int) -> None:
        self.said.append((step, done, total))
        if step == self.cancel_at:
            raise Cancelled("the job was asked to stop")


@dataclass
class SmallDesk:
    """Prices with everything that a backtest needs."""

    panel: Panel
    prices: Prices
    book: MemoryInstruments
    trials: MemoryTrials = field(default_factory=MemoryTrials)
    backtests: MemoryBacktests = field(default_factory=MemoryBacktests)
    reports: MemoryReports = field(default_factory=MemoryReports)

    def run(self, progress: Progress | None = None, **changes: Any) -> BacktestResult:
        """Run a backtest with some inputs changed; from_ stands for from."""
        clock = FixedClock(NOW)
        return run_backtest(
            self.prices,
            self.book,
            self.trials,
            self.backtests,
            self.reports,
            clock,
            counting_ids(clock),
            LIMITS,
            MemoryStrategies({}),
            inputs(**changes),
            progress or Steps(),
        )


def inputs(**changes: Any) -> dict[str, Any]:
    """Return the inputs of a job; from_ stands for from."""
    plain = {
        "strategy": "momentum",
        "parameters": FAST,
        "from": None,
        "to": None,
        "symbols": [],
        "author": "ann",
        "leverage": 1.0,
        "guarded": False,
    }
    given = {name.rstrip("_"): value for name, value in changes.items()}
    asked = {name: given.pop(name) for name in ASKED if name in given}
    numbers = {"capital": Decimal("100000.00"), "cost_bps": 5.0, "fee_min": Decimal("1.00")}
    asked |= {name: Decimal(asked[name]) for name in ("capital", "fee_min") if name in asked}
    terms = Asked(**{**numbers, **asked}).terms()  # type: ignore[arg-type]
    return {**plain, "terms": plain_terms(terms), **given}


def small_desk(
    *,
    sessions: int = 300,
    names: int = 5,
    index: bool = True,
    with_opens: bool = True,
    origin: Origin = Origin.SIMULATED,
) -> SmallDesk:
    """Return a desk with a simulated market from January 2015 on."""
    panel = replace(simulated_panel(13, sessions, names, with_opens=with_opens), origin=origin)
    store, shares = MemoryStore(), simulated_instruments(names)
    store.append(BARS, panel_rows(panel), ingest_id="one")
    book = [*shares]
    if index:
        lone = simulated_panel(99, sessions, 1, with_opens=False)
        close = np.where(np.arange(sessions)[:, None] % 50 == 7, np.nan, lone.close)
        rows = panel_rows(
            replace(lone, instruments=(INDEX.id,), fields={"close": close}, origin=origin)
        )
        store.append(BARS, rows, ingest_id="two")
        book.append(INDEX)
    known = MemoryInstruments(book)
    return SmallDesk(panel, Prices(store, known, FixedCalendar), known)
