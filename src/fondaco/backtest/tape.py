"""A panel as the venue's kernel reads it, and the target weights that are traded on it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.panel import Matrix, Panel
from fondaco.trading.sizing import LOT_MAX, NO_TARGET, PART, weight_parts
from fondaco.trading.venue import Counts, array_micros

GROSS_PARTS_MAX = PART + 1_000
"""The largest sum of absolute weights: 1, and a thousand parts for the rounding of many."""


@dataclass(frozen=True, slots=True)
class Tape:
    """T sessions of N instruments in micros, 0 for no bar.

    `price` is what an order trades at in a session, `close` what its decisions are sized with,
    `mark` the last close so far, which values positions; each of shape (T, N). Trading starts in
    row `first`; the rows before it warm a strategy up.
    """

    closes_at: NDArray[np.datetime64]
    instruments: tuple[InstrumentId, ...]
    price: Counts
    close: Counts
    mark: Counts
    lot: Counts
    currency: str
    fills_at_open: bool
    first: int = 0

    def moment(self, row: int) -> datetime:
        """Return when a session closed, in UTC."""
        moment: datetime = self.closes_at[row].astype("datetime64[us]").item()
        return moment.replace(tzinfo=UTC)

    def rows(self) -> Iterator[int]:
        """Return the rows that are traded, in order."""
        return iter(range(self.first, len(self.closes_at)))


def tape_of(panel: Panel, instruments: Sequence[Instrument], *, first: int = 0) -> Tape:
    """Return the tape of a panel.

    A session without a close is no bar. Orders trade at the open where the panel has opens, else
    at the close. Raises InvalidInput for a price that cannot be counted, an instrument whose lot
    is not whole, or instruments of several currencies.
    """
    known = {instrument.id: instrument for instrument in instruments}
    book = [known[name] for name in panel.instruments]
    close = array_micros(panel.close)
    price = close
    if panel.has_opens:
        opened = array_micros(panel.fields["open"])
        price = np.where(close > 0, np.where(opened > 0, opened, close), 0)
    return Tape(
        panel.closes_at,
        panel.instruments,
        np.ascontiguousarray(price),
        close,
        _last_known(close),
        _lots(book),
        _currency(book),
        panel.has_opens,
        first,
    )


@dataclass(frozen=True, slots=True)
class Decisions:
    """The sessions that decide anything: `rows` (D,) of the tape, rising, and `parts` (D, N).

    Parts are target weights for the kernel, NO_TARGET where an instrument is left alone.
    """

    rows: Counts
    parts: Counts


def decisions_of(tape: Tape, weights: Matrix) -> Decisions:
    """Return the decisions in target weights (T, N), those before `first` left out.

    A row with a weight in it is a decision; NaN leaves that instrument as it is. Raises
    InvalidInput for a wrong shape, or weights that sum to more than 1 without their signs.
    """
    if weights.shape != tape.close.shape:
        raise InvalidInput(
            "the weights do not fit the panel", value=weights.shape, bound=tape.close.shape
        )
    given = ~np.isnan(weights[tape.first :]).all(axis=1)
    rows = np.flatnonzero(given) + tape.first
    parts = weight_parts(weights[rows])
    gross = np.abs(np.where(parts == NO_TARGET, 0, parts)).sum(axis=1)
    if (gross > GROSS_PARTS_MAX).any():
        worst = int(np.argmax(gross > GROSS_PARTS_MAX))
        day = f"{tape.moment(int(rows[worst])):%Y-%m-%d}"
        raise InvalidInput(
            "the weights of a session add up to more than the account",
            value=f"{gross[worst] / PART:.6f} on {day}",
            bound="at most 1",
            remedy="Borrowed money is not simulated.",
        )
    return Decisions(rows.astype(np.int64), parts)


def _last_known(close: Counts) -> Counts:
    rows = np.where(close > 0, np.arange(len(close))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    last: Counts = np.take_along_axis(close, rows, axis=0)
    return np.ascontiguousarray(last)


def _lots(book: Sequence[Instrument]) -> Counts:
    for instrument in book:
        if not 1 <= instrument.lot <= LOT_MAX or instrument.lot != int(instrument.lot):
            raise InvalidInput(
                f"the lot of {instrument.symbol} cannot be traded here",
                value=instrument.lot,
                bound=f"1 to {LOT_MAX}, whole",
            )
    return np.array([int(instrument.lot) for instrument in book], dtype=np.int64)


def _currency(book: Sequence[Instrument]) -> str:
    currencies = sorted({instrument.currency for instrument in book})
    if len(currencies) != 1:
        raise InvalidInput(
            "one account trades in one currency",
            value=", ".join(currencies) or "none",
            bound="one currency",
            remedy="Choose instruments of one currency.",
        )
    return currencies[0]
