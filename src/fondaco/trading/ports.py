"""What trading needs of the world: card and order stores, and a broker. Fakes in `fakes.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from fondaco.core.activity import Activity
from fondaco.core.instrument import Instrument, InstrumentId, Origin
from fondaco.core.orders import Fill, Order
from fondaco.core.prices import Bar
from fondaco.trading.cards import CardState, Move, TradeCard

if TYPE_CHECKING:
    from fondaco.market.panel import Panel
    from fondaco.market.ports import Calendar


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether ideas of a source may become cards on paper, and by what; the words go on the card.

    `override` says that a person promoted it in spite of the gate.
    """

    allowed: bool
    words: str
    override: bool = False


class Admissions(Protocol):
    """Says which strategies and models have been promoted to paper."""

    def admitted(self, source: str) -> Admission:
        """Return whether a source's ideas may become cards now."""
        ...


class CardStore(Protocol):
    """Keeps cards and every step of their lives, in the transaction that is open."""

    def next_id(self) -> str:
        """Return the next card id, TC-n."""
        ...

    def add(self, card: TradeCard) -> TradeCard:
        """Keep a new card; when its origin_key is there already, return that one instead."""
        ...

    def by_origin(self, origin_key: str) -> TradeCard | None:
        """Return the card made for this cycle, source and instrument, or None."""
        ...

    def get(self, card_id: str, *, lock: bool = False) -> TradeCard:
        """Return a card, locked for this transaction if asked; raises NotFound."""
        ...

    def record(self, card: TradeCard, move: Move) -> None:
        """Keep the card's new state and the step; raises Conflict if it moved meanwhile."""
        ...

    def moves(self, card_id: str) -> tuple[Move, ...]:
        """Return the steps of a card's life, oldest first."""
        ...

    def list(self, *, state: CardState | None = None, limit: int = 100) -> tuple[TradeCard, ...]:
        """Return cards, newest first."""
        ...


class OrderState(StrEnum):
    """What we know of an order. INTENT is written before anything is sent."""

    INTENT = "INTENT"
    UNKNOWN = "UNKNOWN"
    WORKING = "WORKING"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order with what is known of it. `decided_at` is the market time of the decision.

    `restated` is what the order is for in all by now, where a split or its group changed that.
    """

    order: Order
    card: str
    state: OrderState
    decided_at: datetime
    written_at: datetime
    filled: Decimal = Decimal(0)
    note: str = ""
    restated: Decimal | None = None

    @property
    def quantity(self) -> Decimal:
        """What the order is for in all, by now."""
        return self.order.quantity if self.restated is None else self.restated


class OrderStore(Protocol):
    """Keeps orders and fills, in the transaction that is open."""

    def write_intent(self, record: OrderRecord) -> OrderRecord:
        """Keep an order before it is sent; the same client_id again returns what is there."""
        ...

    def get(self, client_id: str, *, lock: bool = False) -> OrderRecord:
        """Return an order; raises NotFound."""
        ...

    def update(self, record: OrderRecord) -> None:
        """Keep what is now known of an order."""
        ...

    def add_fill(self, fill: Fill) -> bool:
        """Keep a fill by its execution_id; False when it was there already.

        Raises Conflict when that execution was kept with other content.
        """
        ...

    def fills(self, *, client_id: str | None = None, limit: int = 1_000) -> tuple[Fill, ...]:
        """Return fills, oldest first."""
        ...

    def hold(self, account: str) -> None:
        """Keep other transactions from holding this account until the one that is open ends.

        A release holds it, so that two orders that fit only alone cannot both go out.
        """
        ...

    def open(self) -> tuple[OrderRecord, ...]:
        """Return the orders that may still trade: INTENT, UNKNOWN and WORKING."""
        ...

    def list(self, *, limit: int = 100) -> tuple[OrderRecord, ...]:
        """Return orders, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """The broker's word on an order: working, filled (with fills) or cancelled with a reason.

    `quantity` is what it is for in all by now, fills counted as they were told: a split restates
    what is left, and what another order of its group trades is taken from it. None: as ordered.
    """

    client_id: str
    state: OrderState
    fills: tuple[Fill, ...] = ()
    reason: str = ""
    quantity: Decimal | None = None


class Broker(Protocol):
    """A venue that takes orders. The paper broker and a live one pass the same suite."""

    @property
    def name(self) -> str: ...

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Send an order once: the same client_id again changes nothing and tells its state.

        Raises Unavailable when no answer came: the order is then UNKNOWN, never resent blindly.
        """
        ...

    def query(self, client_id: str) -> Placed | None:
        """Return what the broker knows of an order; None when it has never seen it."""
        ...

    def cancel(self, client_id: str) -> Placed | None:
        """Ask for an order's end and tell its state; None when the broker has never seen it.

        What it has filled stays filled. Raises Unavailable when no answer came.
        """
        ...

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return the broker's own count of what the account holds."""
        ...

    def fills(self, account: str, *, after: int) -> tuple[Fill, ...]:
        """Return every fill of the account, in order, from the nth on.

        Also those of orders that the desk did not send: a liquidation, a trade made by hand.
        """
        ...

    def activities(self, account: str, *, after: int) -> tuple[Activity, ...]:
        """Return what happened to the account apart from fills, in order, from the nth thing on."""
        ...


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the paper venue keeps it, in its own book and its own transaction.

    `terms` are those in force when it was placed, as plain data (`simulator.plain_terms`);
    `refused` says why the venue did not take it; `seq` is the book's own number.
    """

    order: Order
    decided_at: datetime
    placed_at: datetime
    terms: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    seq: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class VenueCancel:
    """A cancellation as the paper venue keeps it; it takes effect after the session `after`."""

    client_id: str
    account: str
    placed_at: datetime
    after: datetime | None
    seq: int = field(default=0, compare=False)


class VenueBook(Protocol):
    """The paper venue's own durable memory: what it was sent. Not the desk's records."""

    def keep(self, order: VenueOrder) -> VenueOrder:
        """Keep an order in a transaction of its own; the same client_id returns the first."""
        ...

    def keep_cancel(self, cancel: VenueCancel) -> VenueCancel:
        """Keep a cancellation likewise; an order is cancelled once, the first one counts."""
        ...

    def find(self, client_id: str) -> VenueOrder | None:
        """Return an order, or None when it never arrived."""
        ...

    def since(self, account: str, seq: int) -> tuple[VenueOrder | VenueCancel, ...]:
        """Return what an account was sent after the message `seq`, in the order it came."""
        ...


class PriceReader(Protocol):
    """What cards need of prices; `market.prices.Prices` is it. Nothing later is ever seen."""

    def last_bar(self, instrument: InstrumentId, *, as_of: datetime) -> Bar | None:
        """Return the latest raw bar that was known at `as_of`, or None."""
        ...

    def bars(
        self,
        instrument: InstrumentId,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
    ) -> tuple[Bar, ...]:
        """Return the raw bars of one instrument, oldest first."""
        ...

    def average_volume(
        self, instrument: InstrumentId, *, sessions: int, as_of: datetime
    ) -> Decimal | None:
        """Return the mean volume of the last `sessions` bars, or None where it is not known."""
        ...

    def panel(
        self,
        instruments: "Sequence[InstrumentId] | None" = None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
    ) -> "Panel":
        """Return the bars of some instruments, adjusted to `as_of`; raises NotFound."""
        ...

    def origin(self, instrument: InstrumentId, *, as_of: datetime) -> Origin | None:
        """Return where the instrument's bars come from, or None when it has none."""
        ...

    def calendar(self, venue: str) -> "Calendar":
        """Return the calendar of a venue; raises NotFound."""
        ...

    def version(self) -> int:
        """Return the store version that is read now."""
        ...


class SymbolBook(Protocol):
    """What cards need of the symbol book; `market.ports.Instruments` is it."""

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its permanent id; raises NotFound."""
        ...

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound."""
        ...
