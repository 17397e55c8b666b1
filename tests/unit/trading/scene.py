"""What the card desk's tests share: a desk on memory stores, prices, ideas, a person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fondaco.core.capability import Caller
from fondaco.core.clock import SteppedClock
from fondaco.core.events import Event, MemoryOutbox
from fondaco.core.facts import Fact, MemoryFacts, Source
from fondaco.core.ideas import Idea
from fondaco.core.ids import Ids
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import FixedCalendar
from fondaco.risk.check import Limits
from fondaco.trading.card_desk import CardDesk
from fondaco.trading.cards import TradeCard
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.evidence import DAYS_TO_EVENT
from fondaco.trading.fakes import (
    FixedAdmissions,
    MemoryBook,
    MemoryCards,
    MemoryOrders,
    MemoryPrices,
    MemoryTransaction,
)
from fondaco.trading.faulty_broker import Faults, FaultyBroker
from fondaco.trading.policy import Policy

CALENDAR = FixedCalendar()
FRIDAY = date(2019, 6, 28)
AS_OF = CALENDAR.close(FRIDAY)
ALPHA, BETA, GAMMA = (InstrumentId(f"I-{letter * 12}") for letter in "abc")
INDEX = InstrumentId("I-dddddddddddd")
PERSON = Caller(actor="ada", surface="cli", person=True)
AGENT = Caller(actor="bot", surface="mcp", person=False)
LIMITS = Limits(
    position_share_max=Decimal("0.1"),
    sector_share_max=Decimal("0.3"),
    volume_share_max=Decimal("0.01"),
    event_days_min=Decimal(3),
    regime_vol_max=Decimal("0.35"),
    catalyst_days_max=Decimal(5),
)
POLICY = Policy(
    currency="USD",
    card_life=timedelta(hours=24),
    cards_max=8,
    price_tolerance=Decimal("0.02"),
    price_age_sessions_max=3,
    costs=CostModel.flat(Decimal(5), Decimal("1.00")),
)


def share(instrument: InstrumentId, symbol: str, sector: str | None) -> Instrument:
    """Return a share on the test exchange."""
    return Instrument(
        instrument,
        (DatedSymbol(symbol, date(1990, 1, 2)),),
        AssetClass.EQUITY,
        "XNYS",
        "USD",
        sector=sector,
    )


def calm_index(prices: MemoryPrices, days: tuple[date, ...]) -> None:
    """Put an index that moves by half a per cent, up and down in turn."""
    for number, day in enumerate(days):
        prices.put(INDEX, day, "1000" if number % 2 else "1005")


@dataclass
class Scene:
    """A desk and everything around it."""

    clock: SteppedClock
    entries: MemoryEntries = field(default_factory=MemoryEntries)
    cards: MemoryCards = field(default_factory=MemoryCards)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    facts: MemoryFacts = field(default_factory=MemoryFacts)
    admissions: FixedAdmissions = field(default_factory=FixedAdmissions)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    prices: MemoryPrices = field(default_factory=lambda: MemoryPrices(CALENDAR))
    book: MemoryBook = field(
        default_factory=lambda: MemoryBook(
            (
                share(ALPHA, "ALFA", "Energy"),
                share(BETA, "BETA", "Energy"),
                share(GAMMA, "GAMA", None),
                Instrument(
                    INDEX, (DatedSymbol("SPX", date(1990, 1, 2)),), AssetClass.INDEX, "XNYS", "USD"
                ),
            )
        )
    )

    def __post_init__(self) -> None:
        count = iter(range(1, 10**9))
        self.ids = Ids(self.clock, lambda size: next(count).to_bytes(size, "big"))
        self.books = Books(self.entries, self.clock, self.ids)
        self.transaction = MemoryTransaction(
            self.entries, self.cards, self.orders, self.facts, self.outbox
        )
        self.broker = FaultyBroker(self.clock, lambda: 1.0, Faults())
        self.desk = self.new_desk()

    def new_desk(self, **changes: Any) -> CardDesk:
        """Return a desk on these stores, as a process that was started again has it."""
        parts = {
            "cards": self.cards,
            "orders": self.orders,
            "broker": self.broker,
            "books": self.books,
            "prices": self.prices,
            "instruments": self.book,
            "facts": self.facts,
            "outbox": self.outbox,
            "limits": LIMITS,
            "admissions": self.admissions,
            "policy": POLICY,
            "clock": self.clock,
            "ids": self.ids,
            "transaction": self.transaction,
        }
        return CardDesk(**{**parts, **changes})

    def events(self, name: str) -> list[Event]:
        """Return the events of a name."""
        return [event for event in self.outbox.events if event.name == name]

    def names(self) -> list[str]:
        """Return the names of all events, in order."""
        return [event.name for event in self.outbox.events]

    def propose(self, *ideas: Idea, **how: Any) -> tuple[TradeCard, ...]:
        """Propose ideas as of the Friday."""
        how = {"as_of": AS_OF, "replay": True, "account": "paper", **how}
        return self.desk.propose(ideas, **how)

    def proposed(self, *ideas: Idea, **how: Any) -> TradeCard:
        """Propose ideas and return the only card."""
        (card,) = self.propose(*(ideas or (idea(),)), **how)
        return card

    def approve(self, card: TradeCard, **changes: Any) -> TradeCard:
        """Approve a card as it asks to be."""
        how = {"digest": card.digest, "acknowledged": card.not_judged, "caller": PERSON, **changes}
        return self.desk.approve(card.id, **how)

    def sent(self, *ideas: Idea) -> TradeCard:
        """Take a card all the way to the broker."""
        card = self.proposed(*ideas)
        self.approve(card)
        assert self.desk.release(card.id) is not None
        return self.desk.send(card.id)


def idea(
    instrument: InstrumentId = ALPHA,
    weight: float = 0.05,
    *,
    source: str = "momentum",
    event_in: int | None = 10,
    catalyst_days: int | None = 1,
    at: datetime = AS_OF,
) -> Idea:
    """Return an idea whose every rule can be judged."""
    facts = (
        ()
        if event_in is None
        else (Fact(DAYS_TO_EVENT, Decimal(event_in), "days", at, Source("events", (instrument,))),)
    )
    moment = None if catalyst_days is None else at - timedelta(days=catalyst_days)
    return Idea(source, instrument, at, weight, "it rose for a year", moment, facts)


def scene(cash: str = "100000", now: datetime | None = None) -> Scene:
    """Return a desk on the evening of the Friday with cash, and prices of 60 sessions.

    ALFA and BETA close at 100, GAMA (without a sector) at 50, each with a volume of 100,000.
    """
    made = Scene(SteppedClock(now or AS_OF + timedelta(minutes=30)))
    days = CALENDAR.sessions(FRIDAY - timedelta(days=90), FRIDAY)
    calm_index(made.prices, days)
    for instrument, close in ((ALPHA, "100"), (BETA, "100"), (GAMMA, "50")):
        for day in days:
            made.prices.put(instrument, day, close, volume="100000")
    if Decimal(cash):
        made.books.deposit("paper", Decimal(cash), "USD", datetime(2019, 1, 2, tzinfo=UTC), "D")
    return made


Step = Callable[[Scene], Any]
