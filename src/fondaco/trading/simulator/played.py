"""An account as its orders and the bars make it: played anew, or on from where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop
from typing import Any, Final, Protocol

import numpy as np

from fondaco.core.activity import Activity
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.core.orders import Fill
from fondaco.market.first_bars import FirstBars
from fondaco.market.ports import Instruments
from fondaco.trading import costs as units
from fondaco.trading.ports import OrderState, Placed, VenueCancel, VenueOrder
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.account import Columns, SimulatedAccount
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.history import History
from fondaco.trading.simulator.orders import micros_at
from fondaco.trading.simulator.plain_terms import terms_of_plain
from fondaco.trading.simulator.terms import Lending, Terms

Message = VenueOrder | VenueCancel
WAITING: Final = "it fills in the first session after its decision; that bar is not known yet"
_TOO_LARGE: Final = "the venue cannot count so large a trade"


class Bars(Protocol):
    """What the venue reads of prices: `market.prices.Prices` gives it."""

    def first_bars(
        self,
        instruments: Sequence[InstrumentId],
        *,
        known_by: datetime,
        after: datetime | None = None,
        decided: Sequence[datetime] = (),
    ) -> FirstBars:
        """Return the sessions that closed after `after`, each bar as it was first known."""
        ...

    def version(self) -> int:
        """Return a number that changes when rows are added."""
        ...


@dataclass(frozen=True)
class Setting:
    """Where an account is played: its bars and symbols, its terms where an order names none."""

    name: str
    bars: Bars
    instruments: Instruments
    terms: Terms
    lending: Mapping[InstrumentId, Lending] = field(default_factory=dict)
    known_terms: dict[str, Terms] = field(default_factory=dict)

    def terms_of(self, plain: Mapping[str, Any]) -> tuple[str, Terms]:
        """Return terms with the key that they are kept under."""
        if not plain:
            return "", self.terms
        key = content_hash(dict(plain))
        if key not in self.known_terms:
            self.known_terms[key] = terms_of_plain(plain)
        return key, self.known_terms[key]


class Played:
    """One account, or a part of it that nothing else touches, played by the kernel.

    What it tells follows from its messages and from the bars as they were first known; it is
    worked out once and played on when more is known.
    """

    def __init__(
        self, setting: Setting, names: Sequence[InstrumentId], messages: Sequence[Message] = ()
    ) -> None:
        self._setting, self._names = setting, tuple(names)
        self.messages: list[Message] = sorted(messages, key=lambda one: one.seq)
        self._too_large: set[str] = set()
        self._restart()

    @property
    def names(self) -> tuple[InstrumentId, ...]:
        """The instruments that it trades."""
        return self._names

    @property
    def activities(self) -> list[tuple[datetime, Activity]]:
        """What happened apart from fills, each with the time at which it became known."""
        return [] if self._account is None else self._account.activities

    @property
    def fills(self) -> list[Fill]:
        """Every fill, in the order made."""
        return [] if self._account is None else self._account.fills

    @property
    def placed(self) -> dict[str, Placed]:
        """What is known of every order, those included that the venue made itself."""
        waiting = {
            one.order.client_id: Placed(one.order.client_id, OrderState.WORKING, reason=WAITING)
            for one in self.messages
            if isinstance(one, VenueOrder)
        }
        if self._account is None:
            return waiting
        return waiting | {name: self._account.placed(name) for name in self._account.known}

    def tell(self, client_id: str) -> Placed | None:
        """Return what is known of an order, None for one that is not here."""
        if self._account is not None and client_id in self._account.known:
            return self._account.placed(client_id)
        if client_id in self._orders:
            return Placed(client_id, OrderState.WORKING, reason=WAITING)
        return None

    def last_played(self) -> datetime | None:
        """Return the close of the last session that was played, None before the first."""
        if self._account is None or self._done == 0:
            return None
        return next(iter(self._histories.values())).moment(self._done)

    def is_late(self, decided: datetime) -> bool:
        """Return whether sessions were played that an order decided then would have traded in."""
        if self._account is None:
            return False
        entry = self._history().entry(micros_at(decided), self._next_open)
        return entry is not None and entry < self._done

    def add(self, message: Message) -> None:
        """Take a message; one that comes late lets the account be played anew."""
        self.messages.append(message)
        if isinstance(message, VenueOrder):
            self._orders[message.order.client_id] = message
        if self._account is not None:
            due = self._effective(message)
            if due is not None and due < self._done:
                self._restart(anew=self._mixed)
                return
        self._waiting.append(message)

    def play(self, now: datetime) -> None:
        """Play every session that is known by now."""
        for _ in range(len(self.messages) + 2):
            self._read(now)
            if self._account is None and not self._begin():
                return
            if self._play_on():
                return
            self._restart(anew=False)
        raise InvalidInput(
            "the account grew beyond what the venue can count",
            value=self._setting.name,
            bound=f"an equity below {units.COUNT_MAX // units.MICRO:,}",
        )

    def _restart(self, *, anew: bool = True) -> None:
        """Forget what was played, and with `anew` also the bars."""
        self._account: SimulatedAccount | None = None
        self._done = 0
        self._terms_key = self._first_key()
        self._waiting: list[Message] = list(self.messages)
        self._orders = {
            one.order.client_id: one for one in self.messages if isinstance(one, VenueOrder)
        }
        if anew:
            self._histories: dict[str, History] = {}
            self._chunks: list[FirstBars] = []
            self._version: int | None = None
            self._read_at: datetime | None = None
            self._next_open: int | None = None

    def share_bars(self, other: "Played") -> None:
        """Take the bars that another has read of the same instruments."""
        if other.names == self._names and not other._mixed:
            self._histories, self._chunks = dict(other._histories), list(other._chunks)
            self._version, self._read_at = other._version, other._read_at
            self._next_open = other._next_open

    @property
    def _mixed(self) -> bool:
        return any(chunk.mixed for chunk in self._chunks)

    def _first_key(self) -> str:
        for one in self.messages:
            if isinstance(one, VenueOrder):
                return self._setting.terms_of(one.terms)[0]
        return ""

    # --- bars ----------------------------------------------------------------------------------

    def _read(self, now: datetime) -> None:
        bars, version = self._setting.bars, self._setting.bars.version()
        if (version, now) == (self._version, self._read_at):
            return
        decided = sorted({one.decided_at for one in self._orders.values()})
        if self._version == version and self._chunks:
            history = self._history()
            after = history.moment(history.rows) if history.rows else None
            more = bars.first_bars(self._names, known_by=now, after=after, decided=decided)
            self._chunks.append(more)
            for history in self._histories.values():
                history.extend(more)
        else:
            more = bars.first_bars(self._names, known_by=now, decided=decided)
            self._replace(more)
        self._version, self._read_at = version, now
        self._next_open = None if more.next_open is None else micros_at(more.next_open)

    def _replace(self, whole: FirstBars) -> None:
        """Take bars that were read anew; what was played stays when its bars are the same."""
        before, chunks = self._histories, self._chunks
        if before and chunks[0].instruments != whole.instruments:
            self._restart()
        self._chunks, self._histories = [whole], {}
        for key in list(before) or [self._terms_key]:
            self._histories[key] = self._made(key)
        if self._account is not None:
            old, new = next(iter(before.values())), self._history()
            if not old.same(new, self._done):
                self._restart()
                self._chunks = [whole]
                self._histories = {self._terms_key: self._made(self._terms_key)}

    def _history(self, key: str | None = None) -> History:
        wanted = self._terms_key if key is None else key
        if wanted not in self._histories:
            self._histories[wanted] = self._made(wanted)
        return self._histories[wanted]

    def _made(self, key: str) -> History:
        setting, first = self._setting, self._chunks[0]
        terms = setting.known_terms.get(key, setting.terms)
        history = History(self._book(), terms, first, setting.lending)
        for more in self._chunks[1:]:
            history.extend(more)
        return history

    def _book(self) -> list[Instrument]:
        return [self._setting.instruments.get(name) for name in self._chunks[0].instruments]

    # --- play ----------------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Open the account before its first order, or where the bars say; False if too early."""
        first, history = self._chunks[0].first, self._history()
        if first is not None:
            if first >= history.rows:
                return False
            self._done = first
        else:
            entries = [
                history.entry(micros_at(one.decided_at), self._next_open)
                for one in self._orders.values()
            ]
            known = [row for row in entries if row is not None]
            if not known:
                return False
            self._done = max(min(known) - 1, 0)
        book = self._book()
        currencies = tuple(one.currency for one in book)
        currency = currencies[0] if currencies else "USD"
        columns = Columns(tuple(one.id for one in book), currencies, currency)
        _, terms = self._first_terms()
        self._account = SimulatedAccount(self._setting.name, columns, terms.capital, self._times)
        self._record = np.zeros((x.RECORD_WIDTH, 64), dtype=np.int64)
        return True

    def _first_terms(self) -> tuple[str, Terms]:
        return self._terms_key, self._setting.known_terms.get(self._terms_key, self._setting.terms)

    def _times(self, row: int) -> tuple[datetime, datetime]:
        history = self._history()
        return history.moment(row), history.known_at(row)

    def _effective(self, message: Message) -> int | None:
        """Return the row after which a message is taken, None when that is not known yet."""
        history = self._history()
        if isinstance(message, VenueOrder):
            return history.entry(micros_at(message.decided_at), self._next_open)
        order = self._orders.get(message.client_id)
        taken = None if order is None else self._effective(order)
        if taken is None:
            return None
        return max(taken, 0 if message.after is None else history.row_of(micros_at(message.after)))

    def _play_on(self) -> bool:
        """Play all rows that are not played; False when an order had to be thrown out."""
        due, later = [], []
        for message in self._waiting:
            row = self._effective(message)
            if row is None:
                later.append(message)
            else:
                due.append((row, message.seq, message))
        self._waiting = later
        heapify(due)
        while True:
            while due and due[0][0] <= self._done:
                self._take(heappop(due)[2])
            if self._done >= self._history().rows:
                break
            until = min(due[0][0] if due else self._history().rows, self._history().rows)
            if not self._step_to(until):
                return False
        self._waiting += [message for _, _, message in due]
        return True

    def _take(self, message: Message) -> None:
        account = self._account
        assert account is not None
        if isinstance(message, VenueCancel):
            account.cancel(self._done, message.client_id)
            return
        order = message.order
        if order.client_id in self._too_large:
            account.refuse(order, _TOO_LARGE)
            return
        self._terms_key, _ = self._setting.terms_of(message.terms)
        history = self._history()
        try:
            account.send(history.market, history.vector, self._done, order)
        except InvalidInput as error:
            account.refuse(order, error.message)

    def _step_to(self, until: int) -> bool:
        """Play the rows up to `until`; False when an order of theirs cannot be counted."""
        account, history = self._account, self._history()
        assert account is not None
        if until >= self._record.shape[1]:
            self._record = np.zeros((x.RECORD_WIDTH, 2 * until), dtype=np.int64)
        row = account.step_on(
            history.market, history.vector, self._done + 1, until + 1, self._record
        )
        if row > 0:
            self._done = row - 1
            return True
        large = _largest(account.live(), history, -1 - row)
        if large is None or account.client_id(large) in self._too_large:
            raise InvalidInput(
                "the account grew beyond what the venue can count",
                value=self._setting.name,
                bound=f"an equity below {units.COUNT_MAX // units.MICRO:,}",
            )
        self._too_large.add(account.client_id(large))
        return False


def _largest(live: Counts, history: History, row: int) -> int | None:
    """Return the number of the order of the largest value at a row's prices, None for none."""
    prices = history.market.bars[:4, row].max(axis=0)
    sized = [order for order in live if order[x.QUANTITY] < x.ALL]
    if not sized:
        return None
    largest = max(sized, key=lambda one: float(one[x.QUANTITY]) * float(prices[one[x.COLUMN]]))
    return int(largest[x.ID])
