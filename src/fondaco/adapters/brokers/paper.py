"""The paper venue: it takes orders like a broker and fills them from the bars that follow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from threading import RLock

from fondaco.core.activity import Activity
from fondaco.core.clock import Clock, utc
from fondaco.core.errors import Conflict, InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Order
from fondaco.market.ports import Instruments
from fondaco.trading.ports import OrderState, Placed, VenueBook, VenueCancel, VenueOrder
from fondaco.trading.simulator.paper_account import TOO_LATE, PaperAccount
from fondaco.trading.simulator.plain_terms import plain_terms
from fondaco.trading.simulator.played import Bars, Setting
from fondaco.trading.simulator.terms import Lending, Terms


class PaperBroker:
    """A broker whose market is the bars of the store.

    It keeps what it was sent in its own book before it answers, and nothing else: fills and
    activities follow from the book and from the bars as they were first known, played by the
    kernel that backtests use, so every answer can be given again after a crash, to the last
    digit. Accounts stay in memory and are played on as bars come in. `terms` hold for the orders
    placed from now on; each order keeps its own. `docs/explanation/fills.md` states the rules.
    """

    def __init__(
        self,
        bars: Bars,
        instruments: Instruments,
        venue_book: VenueBook,
        clock: Clock,
        terms: Terms,
        *,
        lending: Mapping[InstrumentId, Lending] | None = None,
    ) -> None:
        self._bars, self._instruments = bars, instruments
        self._book, self._clock = venue_book, clock
        self._terms, self._plain = terms, plain_terms(terms)
        self._lending = dict(lending or {})
        self._accounts: dict[str, PaperAccount] = {}
        self._fills: dict[str, dict[str, Fill]] = {}
        self._lock = RLock()

    @property
    def name(self) -> str:
        """The venue's name."""
        return "paper"

    def place(self, order: Order, *, decided_at: datetime) -> Placed:
        """Take an order once, durably, and tell its state.

        The same client_id again tells the state of what was sent first. An order that was decided
        before bars that others have traded in is taken only if it changes nothing that was told;
        else it is CANCELLED. Raises NotFound for an unknown instrument, InvalidInput for a
        decision in the future, Conflict for a client_id that was used for another order,
        Unavailable when the book did not answer.
        """
        self._instruments.get(order.instrument)
        decided, now = utc(decided_at), self._clock.now()
        if decided > now:
            raise InvalidInput(
                "an order cannot be decided in the future",
                value=decided.isoformat(),
                bound=f"at most {now.isoformat()}",
            )
        with self._lock:
            kept = self._book.find(order.client_id)
            if kept is None:
                kept = self._book.keep(self._judged(VenueOrder(order, decided, now, self._plain)))
            if kept.order != order:
                raise Conflict(
                    "this client id was used for another order",
                    value=order.client_id,
                    bound=_words(kept.order),
                    remedy="Give each order an id of its own.",
                )
            return self._told(kept, now)

    def query(self, client_id: str) -> Placed | None:
        """Return what is known of an order; None when it never arrived."""
        with self._lock:
            now = self._clock.now()
            for name in self._accounts:
                told = self._account(name).tell(client_id, now)
                if told is not None:
                    return told
            kept = self._book.find(client_id)
            return None if kept is None else self._told(kept, now)

    def cancel(self, client_id: str) -> Placed | None:
        """End an order from the next session on that is not played yet; None if never seen.

        What it has filled stays filled; one that has ended stays as it is.
        """
        with self._lock:
            kept, now = self._book.find(client_id), self._clock.now()
            if kept is None:
                return None
            told = self._told(kept, now)
            if told.state is not OrderState.WORKING:
                return told
            account = self._account(kept.order.account)
            after = account.last_played(client_id)
            self._book.keep_cancel(VenueCancel(client_id, kept.order.account, now, after))
            return self._told(kept, now)

    def positions(self, account: str, *, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the account held at `as_of` by the venue's own count, zeros left out."""
        with self._lock:
            now = self._clock.now()
            found = self._account(account)
            found.play(now)
            return found.positions(min(utc(as_of), now))

    def fills(self, account: str, *, after: int) -> tuple[Fill, ...]:
        """Return every fill of the account from the nth on, in the order in which it was told.

        The order holds as long as this process lives; ids are the same for ever.
        """
        with self._lock:
            found, told = self._account(account), self._fills.setdefault(account, {})
            found.play(self._clock.now())
            for fill in found.fills(self._clock.now()):
                told.setdefault(fill.execution_id, fill)
            return tuple(told.values())[after:]

    def activities(self, account: str, *, after: int) -> tuple[Activity, ...]:
        """Return what happened to the account apart from fills, from the nth thing on.

        Bars that come late for one instrument may put an older thing before those told: who must
        miss nothing asks from the first one on and goes by their ids, which stay.
        """
        with self._lock:
            found = self._account(account)
            found.play(self._clock.now())
            return found.activities()[after:]

    def _account(self, name: str) -> PaperAccount:
        """Return an account with all that its book holds by now."""
        if name not in self._accounts:
            setting = Setting(name, self._bars, self._instruments, self._terms, self._lending)
            self._accounts[name] = PaperAccount(setting)
        account = self._accounts[name]
        for message in self._book.since(name, account.seq):
            account.take(message)
        return account

    def _judged(self, sent: VenueOrder) -> VenueOrder:
        """Return an order as it is to be kept: with the reason why it is not taken, if any."""
        try:
            self._terms.costs.table.on(sent.decided_at.date())
        except InvalidInput as error:
            return replace(sent, refused=error.message)
        late = self._account(sent.order.account).comes_late(sent, sent.placed_at)
        return replace(sent, refused=TOO_LATE) if late else sent

    def _told(self, kept: VenueOrder, now: datetime) -> Placed:
        told = self._account(kept.order.account).tell(kept.order.client_id, now)
        assert told is not None, "the book keeps what it was given"
        return told


def _words(order: Order) -> str:
    return f"{order.side.value} {order.quantity} {order.instrument} for {order.account}"
