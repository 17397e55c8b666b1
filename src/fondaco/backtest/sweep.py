"""The sweep: a whole history and many parameter sets in one compiled call of the venue's kernel."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.errors import InvalidInput
from fondaco.trading import costs as units
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.run import play_all
from fondaco.trading.simulator.targets import EXITS_MAX, NO_TARGET
from fondaco.trading.simulator.terms import Terms

CHUNK_CELLS_MAX = 2_000_000
"""Most numbers of decisions and records held at once: 16 MB, however many sets there are."""
LOG_ROWS_FIRST = 4_096
EVENTS_EACH = 8
SLOTS_FIRST = 64
SLOTS_MAX = 10_000_000

NO_ORDERS: Counts = np.zeros((0, x.ORDER_WIDTH), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One parameter set's run.

    `record` (3, T) in micros by EQUITY, R_CASH and EXPOSURE (positions without signs), `log`
    (L, 11) every event in the order made; `trading.simulator.layout` names rows and columns.
    """

    record: Counts
    log: Counts

    @property
    def orders(self) -> Counts:
        """The orders that were taken."""
        return self._of(x.Event.ACCEPTED)

    @property
    def fills(self) -> Counts:
        """The fills."""
        return self._of(x.Event.FILLED)

    def _of(self, kind: x.Event) -> Counts:
        rows: Counts = self.log[self.log[:, x.E_KIND] == kind]
        return rows


def sweep_one(
    tape: Tape, decisions: Decisions | None, terms: Terms, orders: Counts = NO_ORDERS
) -> SweepRun:
    """Run one parameter set and keep every event.

    `orders` (K, 28) are rows of the kernel's order table, rising by the row that decides each.
    """
    chosen = [_no_decisions(tape) if decisions is None else decisions]
    targets = int((chosen[0].parts != NO_TARGET).sum())
    room = LOG_ROWS_FIRST + EVENTS_EACH * (targets + len(orders))
    while True:
        record, log, logged = _call(tape, chosen, terms, room, orders)
        need = int(logged[0])
        if need <= room:
            return SweepRun(record[0], log[:need])
        room = need


def sweep(tape: Tape, sets: Iterable[Decisions], terms: Terms) -> Iterator[Counts]:
    """Run many parameter sets, a chunk at a time; yields the daily record (3, T) of each.

    `sets` gives the decisions of one set after another, so that no more than one chunk of them is
    ever held, and never a panel of weights for each.
    """
    chunk: list[Decisions] = []
    cells = 0
    for decisions in sets:
        chunk.append(decisions)
        cells += decisions.parts.size + x.RECORD_WIDTH * tape.shape[0]
        if cells >= CHUNK_CELLS_MAX:
            yield from _call(tape, chunk, terms, 0, NO_ORDERS)[0]
            chunk, cells = [], 0
    if chunk:
        yield from _call(tape, chunk, terms, 0, NO_ORDERS)[0]


def _no_decisions(tape: Tape) -> Decisions:
    none = np.zeros((0, len(tape.instruments)), dtype=np.int64)
    return Decisions(np.zeros(0, dtype=np.int64), none)


def _call(
    tape: Tape, sets: Sequence[Decisions], terms: Terms, room: int, orders: Counts
) -> tuple[Counts, Counts, Counts]:
    market, vector = tape.market(terms), tape.vector(terms)
    starts = np.cumsum([0, *(len(decisions.rows) for decisions in sets)])
    rows = np.concatenate([decisions.rows for decisions in sets])
    parts = np.concatenate([decisions.parts for decisions in sets])
    order_starts = np.array([0] * len(sets) + [len(orders)], dtype=np.int64)
    slots = SLOTS_FIRST + (1 + EXITS_MAX) * 2 * len(tape.instruments)
    while True:
        record = np.empty((len(sets), x.RECORD_WIDTH, tape.shape[0]), dtype=np.int64)
        record[:, :, : tape.first] = 0
        log = np.zeros((room, x.EVENT_WIDTH), dtype=np.int64)
        logged = np.zeros(len(sets), dtype=np.int64)
        status = play_all(
            market,
            vector,
            starts,
            rows,
            parts,
            order_starts,
            orders,
            record,
            slots,
            log,
            logged,
        )
        if status != x.NO_ROOM or slots > SLOTS_MAX:
            break
        slots *= 4
    check_status(status, terms)
    return record, log, logged


def check_status(status: int, terms: Terms) -> None:
    """Raise InvalidInput for what stopped the kernel."""
    if status == x.OVERFLOW:
        raise InvalidInput(
            "the account grew beyond what the venue can count",
            value=f"capital {terms.capital // units.MICRO:,}",
            bound=f"an equity below {units.COUNT_MAX // units.MICRO:,}",
            remedy="Start with less capital.",
        )
    if status == x.NO_ROOM:
        raise InvalidInput(
            "too many orders work at once",
            value=f"more than {SLOTS_MAX:,}",
            bound="what memory holds",
            remedy="Cancel orders that cannot fill, or give them an end.",
        )
