"""A whole desk in memory: simulated prices, the paper venue, books, cards, durable work by hand."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.core.capability import Caller
from fondaco.core.clock import SteppedClock
from fondaco.core.errors import FondacoError
from fondaco.core.events import MemoryOutbox
from fondaco.core.facts import MemoryFacts
from fondaco.core.ids import Ids
from fondaco.core.journal import MemoryJournal
from fondaco.desk.admissions import DeskAdmissions
from fondaco.desk.card_life import CardLife
from fondaco.desk.cycle import CycleParts, run_cycle
from fondaco.desk.fakes import DirectDurable, KeptSteps, MemoryJobTable
from fondaco.desk.jobs import DeskJobs
from fondaco.desk.results import CycleReport
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import (
    MemoryInstruments,
    simulated_instruments,
    simulated_panel,
    simulated_prices,
)
from fondaco.research.fakes import (
    MemoryForecasts,
    MemoryPromotions,
    MemoryStrategies,
    promotion_of,
)
from fondaco.research.strategies.learned import lightgbm
from fondaco.research.strategies.momentum import momentum
from fondaco.risk.check import Limits
from fondaco.trading.card_desk import CardDesk
from fondaco.trading.cards import TradeCard
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.fakes import MemoryCards, MemoryOrders, MemoryTransaction, MemoryVenueBook
from fondaco.trading.policy import Policy
from fondaco.trading.simulator.terms import Terms

NAMES, SESSIONS = 20, 320
PERSON = Caller(actor="ada", surface="cli", person=True)
LIMITS = Limits(
    position_share_max=Decimal("0.1"),
    sector_share_max=Decimal("0.4"),
    volume_share_max=Decimal("0.5"),
    event_days_min=Decimal(3),
    regime_vol_max=Decimal("0.9"),
    catalyst_days_max=Decimal(5),
)
POLICY = Policy(
    currency="USD",
    card_life=timedelta(hours=24),
    cards_max=8,
    price_tolerance=Decimal("0.2"),
    price_age_sessions_max=3,
    costs=CostModel.flat(Decimal(5), Decimal("1.00")),
)


@dataclass
class House:
    """A desk at the close of the last of 320 simulated sessions, with 100,000 USD."""

    panel_sessions: int = SESSIONS
    cards: MemoryCards = field(default_factory=MemoryCards)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    entries: MemoryEntries = field(default_factory=MemoryEntries)
    facts: MemoryFacts = field(default_factory=MemoryFacts)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    forecasts: MemoryForecasts = field(default_factory=MemoryForecasts)
    promotions: MemoryPromotions = field(default_factory=MemoryPromotions)
    venue_book: MemoryVenueBook = field(default_factory=MemoryVenueBook)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    durable: DirectDurable = field(default_factory=DirectDurable)

    def __post_init__(self) -> None:
        panel = simulated_panel(7, self.panel_sessions, NAMES)
        self.days: tuple[date, ...] = tuple(day.item() for day in panel.sessions)
        self.closes = [moment.item().replace(tzinfo=UTC) for moment in panel.closes_at]
        self.clock = SteppedClock(self.closes[-1] + timedelta(hours=1))
        count = iter(range(1, 10**9))
        self.ids = Ids(self.clock, lambda size: next(count).to_bytes(size, "big"))
        self.prices = simulated_prices(panel)
        self.instruments = MemoryInstruments(simulated_instruments(NAMES))
        self.books = Books(self.entries, self.clock, self.ids)
        self.books.deposit("paper", Decimal(100_000), "USD", self.closes[0], "first")
        self.transaction = MemoryTransaction(
            self.entries, self.cards, self.orders, self.facts, self.outbox
        )
        self.broker = PaperBroker(
            self.prices, self.instruments, self.venue_book, self.clock, Terms(0, POLICY.costs)
        )
        self.strategies = MemoryStrategies({})
        self.admissions = DeskAdmissions(self.promotions, lambda: self.strategies)
        for strategy in (momentum(), lightgbm()):
            self.promotions.add(promotion_of(strategy))
        self.card_desk = CardDesk(
            cards=self.cards,
            orders=self.orders,
            broker=self.broker,
            books=self.books,
            prices=self.prices,
            instruments=self.instruments,
            facts=self.facts,
            outbox=self.outbox,
            limits=LIMITS,
            admissions=self.admissions,
            policy=POLICY,
            clock=self.clock,
            ids=self.ids,
            transaction=self.transaction,
        )
        self.table = MemoryJobTable(self.clock)
        self.jobs = DeskJobs(self.table, self.outbox, self.clock, self.ids, self.transaction)
        self.life = CardLife(
            desk=self.card_desk,
            cards=self.cards,
            durable=self.durable,
            journal=self.journal,
            clock=self.clock,
            ids=self.ids,
            account="paper",
        )
        self.durable.start({"card": self.life.run})

    def at(self, session: int) -> datetime:
        """Return the close of a session by its place."""
        moment: datetime = self.closes[session]
        return moment

    def cycle(self, as_of: date | None = None, steps: KeptSteps | None = None) -> CycleReport:
        """Run a cycle."""
        parts = CycleParts(
            prices=self.prices,
            instruments=self.instruments,
            ingestor=_no_ingestor,
            forecasts=self.forecasts,
            card_desk=lambda: self.card_desk,
            admissions=self.admissions,
            strategies=lambda: self.strategies,
            clock=self.clock,
            account="paper",
            age_sessions_max=3,
        )
        inputs = {"as_of": None if as_of is None else as_of.isoformat()}
        return run_cycle(parts, inputs, Told(), steps or KeptSteps())

    def approve(self, card: TradeCard) -> TradeCard:
        """Approve a card as a person does."""
        return self.card_desk.approve(card.id, card.digest, card.not_judged, PERSON)

    def hand_on(self) -> None:
        """Give every event of a card to the card's life, as the dispatcher does."""
        for event in self.outbox.events:
            if event.name in {"card.proposed", "card.blocked", "card.approved"}:
                self.life.on_event(event)


class Told:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int, int]] = []

    def report(self, step: str, done: int, total: int) -> None:
        """Remember."""
        self.said.append((step, done, total))


def _no_ingestor() -> object:
    raise FondacoError("the prices are there already: nothing is to be ingested")
