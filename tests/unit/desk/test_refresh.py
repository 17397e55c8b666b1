"""A cycle on fresh bars: whichever source dies, the cards are the same."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from fondaco.core.clock import FixedClock
from fondaco.core.instrument import Origin
from fondaco.desk.cycle import CycleParts, run_cycle
from fondaco.desk.fakes import KeptSteps
from fondaco.desk.refresh import refresh_bars
from fondaco.desk.results import CycleReport
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.fakes import PagesProvider, simulated_instruments, simulated_panel
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.fakes import (
    MemoryChoices,
    MemoryHealthStore,
    MemoryPaceStore,
    MemoryQueryLog,
    NothingKept,
)
from fondaco.market.feed.feed import Feed
from fondaco.market.feed.fetching import Fetching
from fondaco.market.feed.hybrid import Hybrid
from fondaco.market.feed.memory import MemoryCache
from fondaco.market.feed.routes import Routes
from fondaco.market.feed.sourcing import Sources
from fondaco.market.feed.tiers import Tiers
from fondaco.market.feeding import DeskFeed, IngestorIntake
from fondaco.market.ingest import Ingestor
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.prices import Prices
from fondaco.market.sheets import Market, Offer, Sheet
from unit.desk.house import NAMES, SESSIONS, House, Told
from unit.market.rows import Desk

BOOK = simulated_instruments(NAMES)
SOURCES = ("first", "second", "third")


def _pages(days: int) -> list[pl.DataFrame]:
    """Return the bars of the house's simulated shares, one page each."""
    panel = simulated_panel(7, SESSIONS, NAMES)
    sessions = [day.item() for day in panel.sessions][:days]
    pages = []
    for column, instrument in enumerate(BOOK):
        cells = {
            name: panel.fields[name][:days, column]
            for name in ("open", "high", "low", "close", "volume")
        }
        pages.append(
            pl.DataFrame({"instrument": instrument.id, "session": sessions, **cells, "factor": 1.0})
        )
    return pages


class Live(PagesProvider):
    """A live source that may be dead, or die after so many symbols."""

    origin = Origin.LIVE

    def __init__(self, name: str, desk: Desk, pages: list[pl.DataFrame]) -> None:
        super().__init__(pages, BOOK, desk.clock.now(), name=name)
        self.sheet = Sheet(name, name, Origin.LIVE, (Offer("bars_1d", (Market.US,), "all"),))
        self.dead: Cause | None = None
        self.asked: list[Ask] = []

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        self.asked.append(ask)
        if self.dead is not None:
            raise Unanswered(f"{self.name} is dead", provider=self.name, cause=self.dead)
        return super().ask(Ask())

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        parsed = super().parse(raw, ask)
        bars = parsed.bars.with_columns(source=pl.lit(f"live:{self.name}"))
        return Parsed(bars, parsed.instruments, ())


class Scene:
    """A desk whose bars come over the feed from three sources."""

    def __init__(self, dead: Sequence[str] = (), cause: Cause = Cause.DOWN) -> None:
        self.house = House()
        now = self.house.closes[-1] + timedelta(hours=1)
        self.market = Desk(asked_at=now)
        self.providers = {name: Live(name, self.market, _pages(SESSIONS)) for name in SOURCES}
        for name in dead:
            self.providers[name].dead = cause
        makers: dict[str, Any] = {n: (lambda p=p: p) for n, p in self.providers.items()}
        market = self.market
        self.ingestor = Ingestor(
            market.store,
            market.archive,
            market.book,
            market.ingestor._calendars,
            makers,
            market.clock,
            market.ids,
        )
        self.feed = DeskFeed(_feed(self.ingestor, market, self.providers))
        self.prices = Prices(market.store, market.book, market.ingestor._calendars)

    def refresh(self) -> tuple[str, ...]:
        symbols = [instrument.symbol for instrument in BOOK]
        return refresh_bars(self.feed, symbols, self.market.book, self.market.clock.now())

    def cycle(self) -> CycleReport:
        house = self.house
        parts = CycleParts(
            prices=self.prices,
            instruments=self.market.book,
            ingestor=lambda: self.ingestor,
            forecasts=house.forecasts,
            card_desk=lambda: house.card_desk,
            admissions=house.admissions,
            strategies=lambda: house.strategies,
            clock=FixedClock(self.market.clock.now()),
            account="paper",
            age_sessions_max=3,
            refresh=self.refresh,
        )
        return run_cycle(parts, {}, Told(), KeptSteps())


def _feed(ingestor: Ingestor, market: Desk, providers: dict[str, Live]) -> Feed:
    clock = market.clock
    routes = Routes([p.sheet for p in providers.values()], {("bars_1d", Market.US): SOURCES})
    sources = Sources(
        clock,
        IngestorIntake(ingestor, market.book, clock),
        routes,
        MemoryHealthStore(),
        Pacer(MemoryPaceStore(clock), clock),
        lambda _: None,
    )
    tiers = Tiers(clock, MemoryCache(Hybrid(50_000_000)), None, NothingKept())
    fetching = Fetching(clock, sources, tiers, lambda *_: None, MemoryChoices())
    return Feed(clock, tiers, fetching, MemoryQueryLog())


def _cards(report: CycleReport) -> list[tuple[Any, ...]]:
    return sorted((c.symbol, c.side, c.quantity, c.reference_price, c.source) for c in report.cards)


def test_the_cards_do_not_change_when_one_source_after_another_dies() -> None:
    whole = Scene()
    wanted = _cards(whole.cycle())
    assert len(wanted) == 4
    assert whole.providers["second"].asked == []
    for dead in (("first",), ("second",), ("first", "second"), ("first", "third")):
        scene = Scene(dead)
        report = scene.cycle()
        assert _cards(report) == wanted, dead
        alive = next(name for name in SOURCES if name not in dead)
        assert any(f"came from live:{alive}" in note for note in report.notes)


@pytest.mark.parametrize("cause", [Cause.AUTH, Cause.EMPTY, Cause.BAD, Cause.TIMEOUT, Cause.LIMIT])
def test_whatever_a_source_dies_of_the_next_takes_its_place(cause: Cause) -> None:
    scene = Scene(("first",), cause)
    notes = scene.refresh()
    assert any("came from live:second" in note for note in notes)


def test_when_the_first_dies_on_the_second_day_the_next_brings_the_whole_window() -> None:
    scene = Scene()
    before = _cards(scene.cycle())
    scene.providers["first"].dead = Cause.DOWN
    fresh = Scene(("first",))
    assert _cards(fresh.cycle()) == before
    since = {ask.since for ask in fresh.providers["second"].asked}
    now = fresh.market.clock.now()
    assert since == {(now - timedelta(days=1_100)).date()}


def test_when_every_source_is_dead_the_desk_says_so_and_decides_on_what_is_stored() -> None:
    scene = Scene()
    wanted = _cards(scene.cycle())
    for provider in scene.providers.values():
        provider.dead = Cause.DOWN
    later = Scene(SOURCES)
    later.market.store._versions = scene.market.store._versions  # type: ignore[attr-defined]
    report = later.cycle()
    assert _cards(report) == wanted
    assert any(
        "no source gave" in note and "stored prices are used" in note for note in report.notes
    )
