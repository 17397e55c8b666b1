"""Quotes as the outside asks for them: over the feed, from the store, or the last close."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from fondaco.core.capability import Capability
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import quote_capability as module
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.fakes import PagesProvider
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.fakes import (
    MemoryChoices,
    MemoryHealthStore,
    MemoryPaceStore,
    MemoryQueryLog,
)
from fondaco.market.feed.feed import Feed
from fondaco.market.feed.fetching import Fetching
from fondaco.market.feed.hybrid import Hybrid
from fondaco.market.feed.memory import MemoryCache
from fondaco.market.feed.routes import Routes
from fondaco.market.feed.sourcing import Sources
from fondaco.market.feed.tiers import Tiers
from fondaco.market.feeding import CalendarHours, DeskFeed, IngestorIntake, StoreKept
from fondaco.market.ingest import Ingestor
from fondaco.market.kind_rows import KindRows
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.quote_results import QuoteList
from fondaco.market.sheets import Market, Offer, Sheet
from fondaco.market.tables import PARSED
from unit.market.rows import AAA, BBB, CALENDAR, Desk, page

NOW = datetime(2024, 6, 28, 15, 0, tzinfo=UTC)
SOURCES = ("first", "second", "third")


class Quotes(PagesProvider):
    """A live source of quotes: price by symbol, or a cause of death."""

    origin = Origin.LIVE

    def __init__(self, name: str, desk: "Scene", price: float) -> None:
        super().__init__([], (AAA, BBB), NOW, name=name)
        self.sheet = Sheet(name, name, Origin.LIVE, (Offer("quotes", (Market.US,), "now"),))
        self.desk = desk
        self.price = price
        self.dead: Cause | None = None
        self.asked: list[Ask] = []

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        self.asked.append(ask)
        if self.dead is not None:
            raise Unanswered(f"{self.name} is dead", provider=self.name, cause=self.dead)
        body = f"{self.price} {self.desk.clock.now()}".encode()
        import hashlib

        digest = hashlib.sha256(body).hexdigest()
        return (Raw(self.name, "quotes", body, self.desk.clock.now(), digest),)

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        rows = [
            {
                "instrument": one.id,
                "ts": raw.asked_at - timedelta(seconds=1),
                "bid": self.price - 0.01,
                "ask": self.price + 0.01,
                "bid_size": 100.0,
                "ask_size": 100.0,
                "last": self.price,
                "previous_close": 10.0,
                "source": f"live:{self.name}",
                "where": one.symbol,
            }
            for one in (AAA, BBB)
            if one.symbol in ask.symbols
        ]
        frame = kind_named("quotes").frame(rows)
        return Parsed(pl.DataFrame(schema=PARSED), (AAA, BBB), (), rows={"quotes": frame})


class Scene(Desk):
    """A desk with three live sources of quotes and some daily bars."""

    def __init__(self) -> None:
        super().__init__(asked_at=NOW)
        self.clock = SteppedClock(NOW)  # type: ignore[assignment]
        self.take(page(AAA, [10.0, 10.2]), page(BBB, [5.0, 5.1]))
        self.sources = {name: Quotes(name, self, 11.0) for name in SOURCES}
        makers: dict[str, Any] = {n: (lambda p=p: p) for n, p in self.sources.items()}
        ingestor = Ingestor(
            self.store,
            self.archive,
            self.book,
            lambda _: CALENDAR,
            makers,
            self.clock,
            self.ids,
        )
        hours = CalendarHours(lambda _: CALENDAR)
        self.memory = MemoryCache(Hybrid(10_000_000))
        tiers = Tiers(
            self.clock, self.memory, None, StoreKept(self.store, self.book, hours, self.clock)
        )
        sources = Sources(
            self.clock,
            IngestorIntake(ingestor, self.book, self.clock),
            Routes([s.sheet for s in self.sources.values()], {("quotes", Market.US): SOURCES}),
            MemoryHealthStore(),
            Pacer(MemoryPaceStore(self.clock), self.clock),
            lambda _: None,
        )
        self.choices = MemoryChoices()
        fetching = Fetching(self.clock, sources, tiers, hours, self.choices)
        self.feed = DeskFeed(Feed(self.clock, tiers, fetching, MemoryQueryLog()))

    def ask(self, **raw: Any) -> QuoteList:
        cap: Capability = module.show_quote.__capability__  # type: ignore[attr-defined]
        inputs = validate(cap, raw)
        given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
        house = {
            "feed": self.feed,
            "prices": self.prices,
            "kind_rows": KindRows(self.store),
            "instruments": self.book,
            "clock": self.clock,
        }
        result = cap.function(*(house[need] for need in cap.needs), **given)
        found: QuoteList = cap.output.validate_python(cap.output.dump_python(result, mode="json"))
        return found


@pytest.fixture
def scene() -> Scene:
    """Three sources that answer."""
    return Scene()


def test_a_quote_tells_source_age_and_change_and_was_kept_before_it_was_shown(
    scene: Scene,
) -> None:
    found = scene.ask(symbol=["AAA", "BBB"])
    one, two = found.quotes
    assert (one.symbol, one.bid, one.ask, one.source) == ("AAA", 10.99, 11.01, "live:first")
    assert two.symbol == "BBB"
    assert one.change == pytest.approx(0.1)
    assert one.freshness == "fresh, asked 0 s ago"
    kept = scene.store.read("quotes")
    assert kept.height == 2
    assert scene.store.read("ingests").filter(pl.col("kind") == "quotes").height == 1
    drawn = plain(module.show_quote.__capability__.view(found))  # type: ignore[attr-defined]
    assert "live:first" in drawn


def test_the_same_question_soon_again_asks_nobody_and_says_how_old_it_is(scene: Scene) -> None:
    scene.ask(symbol=["AAA"])
    scene.clock.move_to(NOW + timedelta(seconds=3))  # type: ignore[attr-defined]
    found = scene.ask(symbol=["AAA"])
    assert len(scene.sources["first"].asked) == 1
    assert found.quotes[0].freshness == "fresh, asked 3 s ago"
    assert found.tried == ()


def test_another_process_finds_it_in_the_store(scene: Scene) -> None:
    scene.ask(symbol=["AAA"])
    other = Scene()
    other.store._versions = scene.store._versions  # type: ignore[attr-defined]
    found = other.ask(symbol=["AAA"])
    assert found.quotes[0].source == "live:first"
    assert all(source.asked == [] for source in other.sources.values())


def test_a_source_that_is_dead_is_told_and_the_next_answers(scene: Scene) -> None:
    scene.sources["first"].dead = Cause.AUTH
    found = scene.ask(symbol=["AAA"])
    assert found.quotes[0].source == "live:second"
    assert [(t.provider, t.outcome) for t in found.tried] == [
        ("first", "failed"),
        ("second", "answered"),
    ]


def test_when_all_are_dead_the_stored_close_is_shown_and_never_called_a_quote(
    scene: Scene,
) -> None:
    for source in scene.sources.values():
        source.dead = Cause.DOWN
    (one,) = scene.ask(symbol=["AAA"]).quotes
    assert (one.bid, one.last, one.origin) == (None, 10.2, Origin.SIMULATED)
    assert "not a quote" in one.freshness
    assert one.doubt
    found = scene.ask(symbol=["NOPE"])
    assert (found.quotes, found.unknown) == ((), ("NOPE",))
    assert "Unknown, not absent: NOPE" in plain(
        module.show_quote.__capability__.view(found)  # type: ignore[attr-defined]
    )


def test_three_witnesses_give_the_median_and_doubt_is_told(scene: Scene) -> None:
    scene.sources["second"].price = 1_100.0
    (one,) = scene.ask(symbol=["AAA"], witnesses=3).quotes
    assert one.last == 11.0
    assert one.doubt, "a source a hundred times off is told"
    assert scene.choices.kept[0].flagged


def test_a_quote_that_the_gate_held_back_is_not_shown(scene: Scene) -> None:
    scene.ask(symbol=["AAA"])
    scene.clock.move_to(NOW + timedelta(seconds=60))  # type: ignore[attr-defined]
    for source in scene.sources.values():
        source.price = float("nan")
    (one,) = scene.ask(symbol=["AAA"], max_age=30).quotes
    assert "not a quote" in one.freshness
    faults = scene.ingestor.faults(kind="quotes")
    assert faults, "what came waits in quarantine"


def test_an_old_moment_is_read_from_the_store_and_asks_nobody(scene: Scene) -> None:
    scene.ask(symbol=["AAA"])
    scene.clock.move_to(NOW + timedelta(hours=1))  # type: ignore[attr-defined]
    asked = len(scene.sources["first"].asked)
    (then,) = scene.ask(symbol=["AAA"], as_of=NOW.isoformat()).quotes
    assert then.source == "live:first"
    (before,) = scene.ask(symbol=["AAA"], as_of=(NOW - timedelta(seconds=5)).isoformat()).quotes
    assert "not a quote" in before.freshness
    assert len(scene.sources["first"].asked) == asked


def test_too_many_or_no_symbols_are_refused(scene: Scene) -> None:
    for symbols in ([], ["AAA"] * 51):
        with pytest.raises(InvalidInput):
            scene.ask(symbol=symbols)
