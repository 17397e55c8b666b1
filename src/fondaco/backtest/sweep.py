"""The sweep: a whole history and many parameter sets in one compiled loop over the bar kernel."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numba import int64, njit, types

from fondaco.backtest.tape import Decisions, Tape
from fondaco.core.errors import InvalidInput
from fondaco.trading import costs as units
from fondaco.trading import sizing, venue
from fondaco.trading.costs import Costs
from fondaco.trading.sizing import BUFFER_PARTS, NO_TARGET, size_orders
from fondaco.trading.venue import OVERFLOW, Counts, account_value, fill_bar, within_count

CHUNK_CELLS_MAX = 2_000_000
"""Most numbers of decisions and records held at once: 16 MB, however many sets there are."""
LOG_ROWS_FIRST = 4_096

_ROW = types.Array(int64, 1, "C", readonly=True)
_GRID = types.Array(int64, 2, "C", readonly=True)

EQUITY, CASH, EXPOSURE, TRADED, FEES = range(5)
"""The rows of a run's daily record, in micros."""
RECORD = 5
LOG = 5
POSITION, WORKING, TARGET, DUE, ORDER, DECIDED, FILLED, FEE = range(8)
"""The rows of a run's state, one number per instrument."""
STATE = 8


# Both loops write their rows in place: a function for one row would be handed arrays, and
# counting their references costs more than the row.
@njit((int64, int64[:, ::1], int64[:, ::1], _ROW, int64[::1], int64[:, ::1]), cache=True)
def _note_fills(
    session: int, state: Counts, record: Counts, price: Counts, count: Counts, rows: Counts
) -> None:
    """Count a bar's fills, log them while there is room, and record what they were worth."""
    filled, fee, decided = state[FILLED], state[FEE], state[DECIDED]
    seen, room, traded, paid = count[0], len(rows), 0, 0
    for i in range(len(filled)):
        if filled[i] == 0:
            continue
        if seen < room:
            rows[seen, 0], rows[seen, 1], rows[seen, 2] = session, decided[i], i
            rows[seen, 3], rows[seen, 4] = filled[i], fee[i]
        seen += 1
        traded += abs(filled[i]) * price[i]
        paid += fee[i]
    record[TRADED, session] += traded
    record[FEES, session] += paid
    count[0] = seen


@njit((_ROW, int64[:, ::1]), cache=True)
def _take_targets(row: Counts, state: Counts) -> None:
    """Take the weights that a session decides."""
    target, due = state[TARGET], state[DUE]
    for i in range(len(row)):
        if row[i] != NO_TARGET:
            target[i], due[i] = row[i], 1


@njit(int64(int64, int64[:, ::1], int64[::1], int64[:, ::1]), cache=True)
def _place_orders(session: int, state: Counts, count: Counts, rows: Counts) -> int:
    """Let the orders that were sized work, log them, and return how many there are."""
    working, order, decided = state[WORKING], state[ORDER], state[DECIDED]
    seen, room = count[0], len(rows)
    for i in range(len(order)):
        if order[i] == 0:
            continue
        working[i], decided[i] = order[i], session
        if seen < room:
            rows[seen, 0], rows[seen, 1], rows[seen, 2] = session, session, i
            rows[seen, 3], rows[seen, 4] = order[i], 0
        seen += 1
    placed: int = seen - count[0]
    count[0] = seen
    return placed


def _compiled(source: int) -> Any:
    """Compile the loop. `source` is part of its cache key: numba does not see that a kernel of
    another file has changed, and would run the old one. Only this loop calls across files."""

    # One argument a line would hide the loop.
    # fmt: off
    @njit(int64(_GRID, _GRID, _GRID, _ROW, _ROW, _ROW, _GRID, _ROW, int64[:, :, ::1],
                int64[:, ::1], int64[:, ::1], int64[:, ::1]), cache=True, nogil=True)
    def run(price: Counts, close: Counts, mark: Counts, lot: Counts, starts: Counts,
            rows: Counts, parts: Counts, terms: Counts, record: Counts, orders: Counts,
            fills: Counts, counts: Counts) -> int:
        capital, first, rate, fee_min, trade_min, buffer = terms
        sessions, names = price.shape
        highest = np.array([mark[:, i].max() for i in range(names)])  # guards sums, decides nothing
        for p in range(len(starts) - 1):
            state, cash = np.zeros((STATE, names), dtype=np.int64), np.full(1, capital)
            waiting, pending, safe, decision = 0, source < 0, False, starts[p]
            for t in range(first, sessions):
                if waiting > 0:
                    done = fill_bar(price[t], state[WORKING], state[POSITION], cash, rate,
                                    fee_min, state[FILLED], state[FEE])
                    if done == OVERFLOW:
                        return OVERFLOW
                    _note_fills(t, state, record[p], price[t], counts[1], fills)
                    waiting -= done
                    safe = within_count(highest, state[POSITION], cash)
                if not safe and not within_count(mark[t], state[POSITION], cash):
                    return OVERFLOW
                equity = account_value(mark[t], state[POSITION], cash, record[p, EXPOSURE, t:])
                record[p, EQUITY, t], record[p, CASH, t] = equity, cash[0]
                if decision < starts[p + 1] and rows[decision] == t:
                    _take_targets(parts[decision], state)
                    decision, pending = decision + 1, True
                if pending:
                    size_orders(equity, buffer, trade_min, names, state[TARGET], close[t], lot,
                                state[POSITION], state[WORKING], state[DUE], state[ORDER])
                    waiting += _place_orders(t, state, counts[0], orders)
                    pending = state[DUE].any()
        return 0
    # fmt: on

    return run


def _kernel_source() -> int:
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in (units, venue, sizing))
    return int.from_bytes(sha256(text).digest()[:7], "big")


_run = _compiled(_kernel_source())


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is made with: capital in whole cents, costs, and the smallest trade in micros."""

    capital: int
    costs: Costs
    trade_min: int = 0
    buffer: int = BUFFER_PARTS

    def row(self, first: int) -> Counts:
        """Return the terms as the kernel takes them."""
        return np.array(
            [
                self.capital,
                first,
                self.costs.rate,
                self.costs.fee_min_micros,
                self.trade_min,
                self.buffer,
            ],
            dtype=np.int64,
        )


@dataclass(frozen=True, slots=True)
class SweepRun:
    """One parameter set's run: `record` (5, T) micros by EQUITY, CASH, EXPOSURE, TRADED, FEES.

    `orders` (K, 5) and `fills` (L, 5), in the order made: session, session that decided it,
    instrument (rows and a column of the tape), signed quantity, fee in micros (0 for an order).
    """

    record: Counts
    orders: Counts
    fills: Counts


def sweep_one(tape: Tape, decisions: Decisions, terms: Terms) -> SweepRun:
    """Run one parameter set and keep every order and fill."""
    room = LOG_ROWS_FIRST
    while True:
        record, orders, fills, counts = _call(tape, [decisions], terms, room)
        need = int(counts.max())
        if need <= room:
            return SweepRun(record[0], orders[: counts[0, 0]], fills[: counts[1, 0]])
        room = need


def sweep(tape: Tape, sets: Iterable[Decisions], terms: Terms) -> Iterator[Counts]:
    """Run many parameter sets, a chunk at a time; yields the daily record (5, T) of each.

    `sets` gives the decisions of one set after another, so that no more than one chunk of them is
    ever held, and never a panel of weights for each.
    """
    chunk: list[Decisions] = []
    cells = 0
    for decisions in sets:
        chunk.append(decisions)
        cells += decisions.parts.size + RECORD * len(tape.close)
        if cells >= CHUNK_CELLS_MAX:
            yield from _call(tape, chunk, terms, 0)[0]
            chunk, cells = [], 0
    if chunk:
        yield from _call(tape, chunk, terms, 0)[0]


def _call(
    tape: Tape, sets: Sequence[Decisions], terms: Terms, room: int
) -> tuple[Counts, Counts, Counts, Counts]:
    record = np.zeros((len(sets), RECORD, len(tape.close)), dtype=np.int64)
    orders, fills = (np.zeros((room, LOG), dtype=np.int64) for _ in range(2))
    counts = np.zeros((2, 1), dtype=np.int64)
    starts = np.cumsum([0, *(len(decisions.rows) for decisions in sets)])
    rows = np.concatenate([decisions.rows for decisions in sets])
    parts = np.concatenate([decisions.parts for decisions in sets])
    status = _run(
        tape.price,
        tape.close,
        tape.mark,
        tape.lot,
        starts,
        rows,
        parts,
        terms.row(tape.first),
        record,
        orders,
        fills,
        counts,
    )
    if status != 0:
        raise InvalidInput(
            "the account grew beyond what the venue can count",
            value=f"capital {terms.capital // units.MICRO:,}",
            bound=f"an equity below {units.COUNT_MAX // units.MICRO:,}",
            remedy="Start with less capital.",
        )
    return record, orders, fills, counts
