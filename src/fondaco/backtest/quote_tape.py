"""Quotes and trades as the venue's kernel reads them, and runs over them.

Both ways to run play the same kernel: `sweep_quotes` a whole stream in one call with orders given
by row, `run_on_quote` one event at a time for a strategy in Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.sweep import LOG_ROWS_FIRST, NO_ORDERS, SLOTS_FIRST, SweepRun, check_status
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.core.orders import Order, OrderTime
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts, Market
from fondaco.trading.simulator.money import new_account
from fondaco.trading.simulator.orders import group_key, order_row
from fondaco.trading.simulator.prices import array_micros, array_shares
from fondaco.trading.simulator.quotes import play_events, step_event
from fondaco.trading.simulator.terms import Terms, share_parts
from fondaco.trading.simulator.working import accept, cancel

FIELDS: Final = ("bid", "ask", "bid_size", "ask_size", "price", "size")
EVENTS_EACH: Final = 8
_MARK: Final = 4


@dataclass(frozen=True, slots=True)
class QuoteTape:
    """E events of N instruments: each a quote or a trade of one of them.

    `events` (E, 4) by Q_KIND, Q_COLUMN, Q_PRICE, Q_SIZE; `bars` (5, E, N) holds the quote that
    stands after each event: BID, ASK, BID_SIZE, ASK_SIZE, and the mark, which is the middle of
    the quote or the last trade, whichever is newer.
    """

    instruments: tuple[InstrumentId, ...]
    times: NDArray[np.datetime64]
    events: Counts
    bars: Counts
    names: Counts
    rows: Counts
    currency: str

    def moment(self, row: int) -> datetime:
        """Return when an event happened, in UTC."""
        moment: datetime = self.times[row].astype("datetime64[us]").item()
        return moment.replace(tzinfo=UTC)

    def market(self, terms: Terms) -> Market:
        """Return the tape as the kernel reads it; raises InvalidInput for terms of bars only."""
        if terms.concedes or terms.participation is not None:
            raise InvalidInput(
                "quotes bring their own spread and size",
                value="spread, impact or a share of the volume",
                bound="charges only",
            )
        names = self.names.copy()
        names[x.LOCATE], names[x.BORROW] = -1, share_parts(terms.carry.borrow)
        names[x.MARGIN : x.MARGIN + 4] = np.array(terms.margin.parts())[:, None]
        actions = np.zeros((0, x.ACTION_WIDTH), dtype=np.int64)
        return Market(self.bars, names, self.rows, actions, terms.costs.table.stacked())

    def vector(self, terms: Terms) -> Counts:
        """Return the terms as the kernel takes them."""
        vector = terms.vector(first=0, foreign=False, borrows=terms.carry.borrow > 0)
        vector[x.MARK] = vector[x.OPEN] = vector[x.CLOSE] = _MARK
        return vector


def quote_tape_of(
    instruments: Sequence[Instrument],
    times: NDArray[np.datetime64],
    columns: Sequence[int],
    fields: Mapping[str, NDArray[np.float64]],
) -> QuoteTape:
    """Return the tape of a stream of events, oldest first.

    Each event is a quote (bid, ask and their sizes) or a trade (price, size); what it is not is
    NaN. Raises InvalidInput for times that fall, a crossed or empty quote, or an event of neither.
    """
    given = {name: np.asarray(fields[name], dtype=np.float64) for name in FIELDS}
    quote, trade = ~np.isnan(given["bid"]), ~np.isnan(given["price"])
    crossed = quote & ~(given["bid"] <= given["ask"])
    empty = quote & ~((given["bid_size"] > 0) & (given["ask_size"] > 0))
    for what, wrong in (
        ("is neither a quote nor a trade", quote == trade),
        ("has a crossed quote", crossed),
        ("has a quote without size", empty),
        ("comes before the one that it follows", np.diff(times, prepend=times[:1]) < 0),
    ):
        if np.asarray(wrong).astype(bool).any():
            row = int(np.argmax(np.asarray(wrong).astype(bool)))
            raise InvalidInput(f"event {row} {what}", value=str(times[row]))
    column = np.asarray(columns, dtype=np.int64)
    events = np.zeros((len(times), 4), dtype=np.int64)
    events[:, x.Q_KIND] = np.where(quote, x.QUOTE, x.TRADE)
    events[:, x.Q_COLUMN] = column
    events[:, x.Q_PRICE] = array_micros(given["price"])
    events[:, x.Q_SIZE] = array_shares(given["size"], np.zeros(len(times), dtype=np.int64))
    currencies = {one.currency for one in instruments}
    if len(currencies) != 1:
        raise InvalidInput("one stream has one currency", value=", ".join(sorted(currencies)))
    names = np.zeros((x.NAMES_WIDTH, len(instruments)), dtype=np.int64)
    names[x.LOT] = [int(one.lot) for one in instruments]
    names[x.TICK] = [to_micros(one.tick) for one in instruments]
    rows = np.zeros((x.FX + 1, len(times)), dtype=np.int64)
    rows[x.MOMENT] = times.astype("datetime64[us]").astype(np.int64)
    days = times.astype("datetime64[D]")
    rows[x.ENDS] = np.append(days[1:] != days[:-1], True)
    return QuoteTape(
        tuple(one.id for one in instruments),
        times,
        events,
        _standing(given, column, quote, len(instruments)),
        names,
        rows,
        currencies.pop(),
    )


def _standing(
    given: Mapping[str, NDArray[np.float64]],
    column: Counts,
    quote: NDArray[np.bool_],
    names: int,
) -> Counts:
    """Return what stands after each event: (5, E, N)."""
    bars = np.zeros((5, len(column), names), dtype=np.int64)
    size = np.zeros(len(column), dtype=np.int64)
    prices = {name: array_micros(given[name]) for name in ("bid", "ask", "price")}
    sizes = {name: array_shares(given[name], size.copy()) for name in ("bid_size", "ask_size")}
    for i in range(names):
        at = np.flatnonzero((column == i) & quote)
        last = np.searchsorted(at, np.arange(len(column)), side="right") - 1
        known = last >= 0
        source = at[last[known]] if len(at) else at
        for plane, values in enumerate(
            (prices["bid"], prices["ask"], sizes["bid_size"], sizes["ask_size"])
        ):
            bars[plane, known, i] = values[source]
        mark = np.where(quote, (prices["bid"] + prices["ask"]) // 2, prices["price"])
        mine = np.flatnonzero(column == i)
        latest = np.searchsorted(mine, np.arange(len(column)), side="right") - 1
        bars[_MARK, latest >= 0, i] = mark[mine[latest[latest >= 0]]]
    return bars


class QuoteStrategy(Protocol):
    """What is called after each event."""

    def on_quote(self, desk: "QuoteDesk") -> None:
        """Look at what stands, and act; orders trade from the next event on."""
        ...


class QuoteDesk:
    """What a strategy may see and do after event `row`; columns count instruments."""

    def __init__(self, tape: QuoteTape, terms: Terms) -> None:
        self.tape, self.row = tape, -1
        self._market, self._vector, self._rules = tape.market(terms), tape.vector(terms), terms
        names = len(tape.instruments)
        self._account = new_account(names, SLOTS_FIRST + names, LOG_ROWS_FIRST, terms.capital)
        self._record = np.zeros((x.RECORD_WIDTH, len(tape.events)), dtype=np.int64)
        self._ids: dict[str, int] = {}
        self._log: list[Counts] = []

    def quote(self, column: int = 0) -> tuple[int, int, int, int]:
        """Return bid, ask (micros) and their sizes, zeros before the first quote."""
        bid, ask, bid_size, ask_size = self.tape.bars[:4, self.row, column].tolist()
        return bid, ask, bid_size, ask_size

    def position(self, column: int = 0) -> int:
        """Return the shares held, minus for short."""
        return int(self._account.holding[x.POSITION, column])

    def send(self, order: Order) -> bool:
        """Send an order; returns whether the venue took it. Raises InvalidInput for an auction."""
        if order.time is not OrderTime.ANY:
            raise InvalidInput(
                "a stream of quotes has no auction", value=order.time.value, bound="any"
            )
        self._room()
        a, ids = self._account, self._ids
        number = int(a.vector[x.NEXT_ID])
        if order.group is not None:
            ids.setdefault(group_key(order.group), number)
        row = order_row(order, self.tape.instruments.index(order.instrument), ids, number=number)
        row[x.QUEUE] = x.UNTRIED
        a.orders[a.vector[x.LIVE]] = row
        ids[order.client_id] = number
        return bool(accept(self._market, self._vector, self.row, a))

    def cancel(self, client_id: str) -> bool:
        """Cancel an order; returns whether it still worked."""
        return bool(cancel(self.row, self._account, self._ids.get(client_id, 0)))

    def step(self, row: int) -> None:
        """Play an event; called by `run_on_quote`."""
        self.row = row
        self._room()
        a, tape = self._account, self.tape
        status = step_event(self._market, self._vector, row, a, tape.events, self._record)
        check_status(status, self._rules)

    def finish(self) -> SweepRun:
        """Return all that happened."""
        self._drain()
        empty = self._account.log[:0].copy()
        return SweepRun(self._record, np.concatenate([empty, *self._log]))

    def _drain(self) -> None:
        a = self._account
        self._log.append(a.log[: a.vector[x.LOGGED]].copy())
        a.vector[x.LOGGED] = 0

    def _room(self) -> None:
        a = self._account
        live, names = int(a.vector[x.LIVE]), len(self.tape.instruments)
        need = EVENTS_EACH * (live + names + 1)
        if a.vector[x.LOGGED] + need > len(a.log):
            self._drain()
            if need > len(a.log):
                a = a._replace(log=np.zeros((2 * need, x.EVENT_WIDTH), dtype=np.int64))
        if live + names + 1 > len(a.orders):
            more = np.zeros((2 * len(a.orders) + names, x.ORDER_WIDTH), dtype=np.int64)
            more[:live] = a.orders[:live]
            a = a._replace(orders=more)
        self._account = a


def run_on_quote(tape: QuoteTape, strategy: QuoteStrategy, terms: Terms) -> SweepRun:
    """Play a strategy over a stream, an event at a time; returns its record and events."""
    desk = QuoteDesk(tape, terms)
    for row in range(len(tape.events)):
        desk.step(row)
        strategy.on_quote(desk)
    return desk.finish()


def sweep_quotes(tape: QuoteTape, terms: Terms, orders: Counts = NO_ORDERS) -> SweepRun:
    """Play a whole stream in one call, with orders given as rows of the kernel's table.

    They rise by the row that decides each (DECIDED).
    """
    names, table = len(tape.instruments), orders.copy()
    table[:, x.QUEUE] = x.UNTRIED
    room = LOG_ROWS_FIRST + EVENTS_EACH * len(orders)
    while True:
        slots = SLOTS_FIRST + names + len(orders)
        account = new_account(names, slots, room, terms.capital)
        record = np.zeros((x.RECORD_WIDTH, len(tape.events)), dtype=np.int64)
        market, vector = tape.market(terms), tape.vector(terms)
        check_status(play_events(market, vector, account, tape.events, table, record), terms)
        logged = int(account.vector[x.LOGGED])
        if logged <= room:
            return SweepRun(record, account.log[:logged])
        room = logged
