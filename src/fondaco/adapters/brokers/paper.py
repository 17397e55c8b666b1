"""The paper venue: it takes orders like a broker and fills them from the bars that follow."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from fondaco.core.clock import Clock, utc
from fondaco.core.errors import Conflict, InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.core.prices import Bar
from fondaco.market.ports import Instruments
from fondaco.trading.costs import Costs
from fondaco.trading.ports import OrderState, Placed, VenueBook, VenueOrder
from fondaco.trading.venue import fill_in_bar, held_after, whole_shares

REVISIONS_MAX: Final = 1_000
_INSTANT: Final = timedelta(microseconds=1)
_WAITING: Final = "it fills in the first session after its decision; that bar is not known yet"


class Bars(Protocol):
    """What the venue reads of prices: `market.prices.Prices` gives it."""

    def next_bar(
        self, instrument: InstrumentId, *, after: datetime, known_by: datetime
    ) -> Bar | None:
        """Return the first raw bar of a session after `after`, known at `known_by`, or None."""
        ...


class PaperBroker:
    """A broker whose market is the bars of the store.

    It keeps what it was sent in its own book before it answers, and nothing else: a fill follows
    from the order, its decision time and the first bar known after it, so every answer can be
    given again after a crash, to the last digit. `docs/explanation/fills.md` states the rules.
    `costs` are those in force; the desk keeps the fee that it was told.
    """

    def __init__(
        self,
        prices: Bars,
        instruments: Instruments,
        venue_book: VenueBook,
        clock: Clock,
        costs: Costs,
    ) -> None:
        self._prices = prices
        self._instruments = instruments
        self._book = venue_book
        self._clock = clock
        self._costs = costs
        self._filled: dict[str, Fill] = {}  # a fill never changes, so it is worked out once

    @property
    def name(self) -> str:
        """The venue's name."""
        return "paper"

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order once, durably, and tell its state.

        The same client_id again tells the state of what was sent first. Raises NotFound for an
        unknown instrument, InvalidInput for a decision in the future, Conflict for a client_id
        that was used for another order, Unavailable when the book did not answer.
        """
        self._instruments.get(order.instrument)
        decided, now = utc(decided_at), self._clock.now()
        if decided > now:
            raise InvalidInput(
                "an order cannot be decided in the future",
                value=decided.isoformat(),
                bound=f"at most {now.isoformat()}",
            )
        kept = self._book.keep(VenueOrder(order, decided, now))
        if kept.order != order:
            raise Conflict(
                "this client id was used for another order",
                value=order.client_id,
                bound=_words(kept.order),
                remedy="Give each order an id of its own.",
            )
        return self._tell(kept, now)

    def query(self, client_id: str) -> Placed | None:
        """Return what is known of an order; None when it never arrived."""
        kept = self._book.find(client_id)
        return None if kept is None else self._tell(kept, self._clock.now())

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the account held at `as_of` by the venue's own count, zeros left out."""
        moment = min(utc(as_of), self._clock.now())
        return held_after(
            fill for kept in self._book.all(account) for fill in self._tell(kept, moment).fills
        )

    def _tell(self, kept: VenueOrder, known_by: datetime) -> Placed:
        order = kept.order
        if not whole_shares(order):
            return Placed(
                order.client_id,
                OrderState.CANCELLED,
                reason=f"the venue trades whole shares, not {order.quantity}",
            )
        try:
            fill = self._fill(kept, known_by)
        except InvalidInput as error:
            return Placed(order.client_id, OrderState.CANCELLED, reason=error.message)
        if fill is None:
            return Placed(order.client_id, OrderState.WORKING, reason=_WAITING)
        return Placed(order.client_id, OrderState.FILLED, (fill,))

    def _fill(self, kept: VenueOrder, known_by: datetime) -> Fill | None:
        order = kept.order
        fill = self._filled.get(order.client_id)
        if fill is None:
            bar = self._first_known(order.instrument, kept.decided_at, known_by)
            if bar is None:
                return None
            currency = self._instruments.get(order.instrument).currency
            fill = fill_in_bar(order, bar, self._costs, currency)
            self._filled[order.client_id] = fill
        return fill if fill.known_at <= known_by else None

    def _first_known(
        self, instrument: InstrumentId, after: datetime, known_by: datetime
    ) -> Bar | None:
        """Return the bar that told the fill: the one known first, whatever was revised since."""
        bar = self._prices.next_bar(instrument, after=after, known_by=known_by)
        for _ in range(REVISIONS_MAX):
            if bar is None:
                return None
            before = self._prices.next_bar(
                instrument, after=after, known_by=bar.known_at - _INSTANT
            )
            if before is None:
                return bar
            bar = before
        raise InvalidInput(
            "a bar was revised too often to find its first form",
            value=instrument,
            bound=f"{REVISIONS_MAX} revisions",
        )


def _words(order: Order) -> str:
    return f"{order.side.value} {order.quantity} {order.instrument} for {order.account}"
