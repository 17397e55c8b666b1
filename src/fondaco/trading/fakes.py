"""Stores and prices in memory, with a transaction that really rolls back: for tests."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fondaco.core.errors import Conflict, NotFound
from fondaco.core.instrument import Instrument, InstrumentId, Origin
from fondaco.core.orders import Fill
from fondaco.core.prices import Bar
from fondaco.trading.cards import CardState, Move, TradeCard
from fondaco.trading.ports import Admission, OrderRecord, OrderState, VenueCancel, VenueOrder

if TYPE_CHECKING:
    from fondaco.market.panel import Panel
    from fondaco.market.ports import Calendar

_OPEN = (OrderState.INTENT, OrderState.UNKNOWN, OrderState.WORKING)


class MemoryTransaction:
    """All or nothing over stores in memory; an inner transaction joins the outer one."""

    def __init__(self, *stores: Any) -> None:
        self._stores = stores
        self.open = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Keep what happens inside, or nothing of it when it raises."""
        if self.open:
            yield
            return
        before = [_lists(store) for store in self._stores]
        self.open = True
        try:
            yield
        except BaseException:
            for store, kept in zip(self._stores, before, strict=True):
                vars(store).update(kept)
            raise
        finally:
            self.open = False


def _lists(store: Any) -> dict[str, Any]:
    return {
        name: copy.copy(value)
        for name, value in vars(store).items()
        if isinstance(value, list | dict | int)
    }


class FixedAdmissions:
    """Admits every source but those that are refused, each with its words."""

    def __init__(self, refused: Mapping[str, str] | None = None) -> None:
        self.refused = dict(refused or {})

    def admitted(self, source: str) -> Admission:
        """Return what this fake says of a source."""
        if source in self.refused:
            return Admission(False, self.refused[source])
        return Admission(True, f"{source}, as the test says")


class MemoryCards:
    """Cards in a dictionary."""

    def __init__(self) -> None:
        self._cards: dict[str, TradeCard] = {}
        self._moves: list[Move] = []
        self._last = 0
        self.locked: list[str] = []

    def next_id(self) -> str:
        """Return the next card id."""
        self._last += 1
        return f"TC-{self._last}"

    def add(self, card: TradeCard) -> TradeCard:
        """Keep a card, or return the one of its origin."""
        kept = self.by_origin(card.origin_key)
        if kept is None:
            self._cards[card.id] = card
        return kept or card

    def by_origin(self, origin_key: str) -> TradeCard | None:
        """Return the card of an origin, or None."""
        return next((c for c in self._cards.values() if c.origin_key == origin_key), None)

    def get(self, card_id: str, *, lock: bool = False) -> TradeCard:
        """Return a card and remember whether it was locked; raises NotFound."""
        self.locked += [card_id] * lock
        if card_id not in self._cards:
            raise NotFound(
                "no such card",
                value=card_id,
                remedy="`fondaco cards list` shows the cards there are.",
            )
        return self._cards[card_id]

    def record(self, card: TradeCard, move: Move) -> None:
        """Keep a step; raises Conflict if the card moved meanwhile."""
        if self.get(card.id).state is not move.before:
            raise Conflict(f"card {card.id} moved meanwhile", value=self.get(card.id).state)
        self._cards[card.id] = card
        self._moves.append(move)

    def moves(self, card_id: str) -> tuple[Move, ...]:
        """Return a card's steps, oldest first."""
        return tuple(step for step in self._moves if step.card == card_id)

    def list(self, *, state: CardState | None = None, limit: int = 100) -> tuple[TradeCard, ...]:
        """Return cards, newest first."""
        found = [c for c in reversed(self._cards.values()) if state in (None, c.state)]
        return tuple(found[:limit])

    def put(self, card: TradeCard) -> None:
        """Change a card behind the desk's back, as nobody should: for tests."""
        self._cards[card.id] = card


class MemoryOrders:
    """Orders and fills in dictionaries."""

    def __init__(self) -> None:
        self._orders: dict[str, OrderRecord] = {}
        self._fills: dict[str, Fill] = {}
        self.held: list[str] = []
        self.locked: list[str] = []

    def write_intent(self, record: OrderRecord) -> OrderRecord:
        """Keep an order; the same client id returns what is there."""
        return self._orders.setdefault(record.order.client_id, record)

    def get(self, client_id: str, *, lock: bool = False) -> OrderRecord:
        """Return an order and remember whether it was locked; raises NotFound."""
        self.locked += [client_id] * lock
        if client_id not in self._orders:
            raise NotFound("no such order", value=client_id)
        return self._orders[client_id]

    def update(self, record: OrderRecord) -> None:
        """Keep what is known now; raises NotFound."""
        self._orders[self.get(record.order.client_id).order.client_id] = record

    def add_fill(self, fill: Fill) -> bool:
        """Keep a fill once; raises Conflict for another under the same execution."""
        kept = self._fills.get(fill.execution_id)
        if kept is None:
            self._fills[fill.execution_id] = fill
            return True
        if kept != fill:
            raise Conflict("this execution was kept with other content", value=fill.execution_id)
        return False

    def fills(self, *, client_id: str | None = None, limit: int = 1_000) -> tuple[Fill, ...]:
        """Return fills, oldest first."""
        found = [f for f in self._fills.values() if client_id in (None, f.client_id)]
        return tuple(sorted(found, key=lambda f: f.ts)[:limit])

    def hold(self, account: str) -> None:
        """Remember that the account was held: one thread needs no lock."""
        self.held.append(account)

    def open(self) -> tuple[OrderRecord, ...]:
        """Return the orders that may still trade."""
        return tuple(r for r in self._orders.values() if r.state in _OPEN)

    def list(self, *, limit: int = 100) -> tuple[OrderRecord, ...]:
        """Return orders, newest first."""
        return tuple(reversed(self._orders.values()))[:limit]


class MemoryVenueBook:
    """What a venue was sent, in dictionaries: no transaction of the desk rolls it back."""

    def __init__(self) -> None:
        self._kept: dict[str, VenueOrder] = {}
        self._cancelled: dict[str, VenueCancel] = {}
        self._sent: list[VenueOrder | VenueCancel] = []

    def keep(self, order: VenueOrder) -> VenueOrder:
        """Keep an order; the same client id returns the first."""
        name = order.order.client_id
        if name not in self._kept:
            self._kept[name] = replace(order, seq=len(self._sent) + 1)
            self._sent.append(self._kept[name])
        return self._kept[name]

    def keep_cancel(self, cancel: VenueCancel) -> VenueCancel:
        """Keep a cancellation; the first of an order counts."""
        if cancel.client_id not in self._cancelled:
            self._cancelled[cancel.client_id] = replace(cancel, seq=len(self._sent) + 1)
            self._sent.append(self._cancelled[cancel.client_id])
        return self._cancelled[cancel.client_id]

    def find(self, client_id: str) -> VenueOrder | None:
        """Return an order, or None."""
        return self._kept.get(client_id)

    def since(self, account: str, seq: int) -> tuple[VenueOrder | VenueCancel, ...]:
        """Return what an account was sent after a message, in the order it came."""
        return tuple(one for one in self._sent[seq:] if _account(one) == account)


def _account(message: VenueOrder | VenueCancel) -> str:
    return message.order.account if isinstance(message, VenueOrder) else message.account


class MemoryPrices:
    """Bars in lists, with an exchange that trades as its calendar says; labelled simulated."""

    def __init__(self, calendar: "Calendar") -> None:
        self._bars: dict[InstrumentId, list[Bar]] = {}
        self._calendar = calendar

    def put(
        self,
        instrument: InstrumentId,
        session: date,
        close: str,
        *,
        open_: str | None = None,
        volume: str | None = None,
    ) -> Bar:
        """Add or replace a session's bar, known at its close."""
        ts = self._calendar.close(session)
        bar = Bar(
            instrument,
            session,
            ts,
            ts,
            Decimal(close),
            volume=None if volume is None else Decimal(volume),
            open=None if open_ is None else Decimal(open_),
        )
        kept = [b for b in self._bars.get(instrument, []) if b.session != session]
        self._bars[instrument] = sorted([*kept, bar], key=lambda b: b.ts)
        return bar

    def bars(
        self,
        instrument: InstrumentId,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
    ) -> tuple[Bar, ...]:
        """Return the bars known at a time."""
        return tuple(
            b
            for b in self._bars.get(instrument, [])
            if b.known_at <= as_of
            and (since is None or b.session >= since)
            and (until is None or b.session <= until)
        )

    def last_bar(self, instrument: InstrumentId, *, as_of: datetime) -> Bar | None:
        """Return the last bar known at a time, or None."""
        return next(reversed(self.bars(instrument, as_of=as_of)), None)

    def average_volume(
        self, instrument: InstrumentId, *, sessions: int, as_of: datetime
    ) -> Decimal | None:
        """Return the mean volume of the last sessions, or None."""
        volumes = [b.volume for b in self.bars(instrument, as_of=as_of)[-sessions:]]
        known = [v for v in volumes if v is not None]
        return sum(known, Decimal(0)) / sessions if len(known) == sessions else None

    def panel(
        self,
        instruments: Sequence[InstrumentId] | None = None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
    ) -> "Panel":
        """Return the closes of one instrument as a panel; raises NotFound when there are none."""
        import numpy as np

        from fondaco.market.panel import Panel

        (name,) = instruments or ()
        found = self.bars(name, as_of=as_of, since=since, until=until)
        if not found:
            raise NotFound("no bars were known then", value=name)
        return Panel(
            np.array([b.session for b in found], dtype="datetime64[D]"),
            np.array([b.ts.replace(tzinfo=None) for b in found], dtype="datetime64[us]"),
            (name,),
            {"close": np.array([[float(b.close)] for b in found])},
            Origin.SIMULATED,
            as_of,
            self.version(),
        )

    def origin(self, instrument: InstrumentId, *, as_of: datetime) -> Origin | None:
        """Return SIMULATED, or None without bars."""
        return Origin.SIMULATED if self.bars(instrument, as_of=as_of) else None

    def calendar(self, venue: str) -> "Calendar":
        """Return the one calendar there is; raises NotFound for another venue."""
        if venue != self._calendar.venue:
            raise NotFound("no calendar is known for this venue", value=venue)
        return self._calendar

    def version(self) -> int:
        """Return how many bars there are."""
        return sum(len(bars) for bars in self._bars.values())


class MemoryBook:
    """A symbol book in memory."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._instruments = {instrument.id: instrument for instrument in instruments}

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by id; raises NotFound."""
        if instrument not in self._instruments:
            raise NotFound("no such instrument", value=instrument)
        return self._instruments[instrument]

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound."""
        for instrument in self._instruments.values():
            if instrument.symbol_on(day) == symbol:
                return instrument
        raise NotFound("no instrument has this symbol", value=symbol)

    def change(self, instrument: InstrumentId, **changes: Any) -> None:
        """Let an instrument be otherwise from now on."""
        self._instruments[instrument] = replace(self.get(instrument), **changes)
