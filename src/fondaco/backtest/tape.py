"""A panel as the venue's kernel reads it, and the target weights that are traded on it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.panel import Matrix, Panel
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS, marks
from fondaco.trading.simulator.arrays import Counts, Market
from fondaco.trading.simulator.concession import concession_planes, schedule_of
from fondaco.trading.simulator.prices import array_micros, array_shares, tidy
from fondaco.trading.simulator.targets import NO_TARGET
from fondaco.trading.simulator.terms import Lending, Terms, share_parts
from fondaco.trading.sizing import LOT_MAX, PART, weight_parts

ROUNDING_PARTS = 1_000
"""What the weights of a session may exceed their bound by: the rounding of many."""


@dataclass(frozen=True, slots=True)
class Tape:
    """T bars of N instruments as the kernel's arrays (`trading.simulator.arrays.Market`).

    `bars` (P, T, N) in micros and shares, 0 for no bar; `planes` says which plane holds what: the
    prices that orders meet, `mark` the last close so far, which values positions. Where the panel
    has closes only, open, high and low are the close. `actions` (A, 5) are corporate actions
    before a row's open; `currencies` names the columns of the rates, the first is the account's.
    Trading starts in row `first`; the rows before it warm a strategy up.
    """

    closes_at: NDArray[np.datetime64]
    instruments: tuple[InstrumentId, ...]
    bars: Counts
    planes: Mapping[str, int]
    names: Counts
    bar_rows: Counts
    actions: Counts
    currencies: tuple[str, ...]
    fills_at_open: bool
    lending: Mapping[InstrumentId, Lending] = field(default_factory=dict)
    first: int = 0

    @property
    def currency(self) -> str:
        """The account's currency."""
        return self.currencies[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and instruments."""
        return len(self.closes_at), len(self.instruments)

    def plane(self, name: str) -> Counts:
        """Return one field (T, N): open, high, low, close, volume or mark."""
        plane: Counts = self.bars[self.planes[name]]
        return plane

    @property
    def has_volume(self) -> bool:
        """Whether the volume of bars is known."""
        return self.planes["volume"] != self.planes["close"]

    def moment(self, row: int) -> datetime:
        """Return when a bar closed, in UTC."""
        moment: datetime = self.closes_at[row].astype("datetime64[us]").item()
        return moment.replace(tzinfo=UTC)

    def rows(self) -> Iterator[int]:
        """Return the rows that are traded, in order."""
        return iter(range(self.first, len(self.closes_at)))

    def vector(self, terms: Terms) -> Counts:
        """Return the terms of a run on this tape, as the kernel takes them."""
        borrows = terms.carry.borrow > 0 or any(one.rate for one in self.lending.values())
        vector = terms.vector(first=self.first, foreign=len(self.currencies) > 1, borrows=borrows)
        for name, plane in self.planes.items():
            vector[getattr(x, name.upper())] = plane
        for n, place in enumerate((x.HALF_SPREAD, x.SIGMA, x.ADV)):
            vector[place] = len(self.bars) + n if terms.concedes else 0
        return vector

    def market(self, terms: Terms) -> Market:
        """Return the tape as the kernel reads it, with what the terms charge and lend.

        Raises InvalidInput when volume is asked for that the tape does not have.
        """
        if terms.participation is not None and not self.has_volume:
            raise InvalidInput(
                "a share of the volume cannot be worked out without volume",
                value=terms.participation,
                bound="prices with volume",
                remedy="Leave the share out, or take data that has volume.",
            )
        names = self.names.copy()
        for i, name in enumerate(self.instruments):
            lent = self.lending.get(name, Lending())
            rate = terms.carry.borrow if lent.rate is None else lent.rate
            margin = terms.margin if lent.margin is None else lent.margin
            names[x.LOCATE, i] = -1 if lent.shares is None else lent.shares
            names[x.BORROW, i] = share_parts(rate)
            names[x.MARGIN : x.MARGIN + 4, i] = margin.parts()
        bars, rows, charges = self.bars, self.bar_rows, terms.costs.table.stacked()
        if len(charges) > 1:
            rows = rows.copy()
            rows[x.SCHEDULE] = schedule_of(terms.costs, self.closes_at, first=self.first)
        if terms.concedes:
            volume = self.plane("volume") if self.has_volume else None
            planes = concession_planes(terms.costs, self.plane("mark"), volume)
            bars = np.concatenate([bars, planes])
        return Market(bars, names, rows, self.actions, charges)


def tape_of(
    panel: Panel,
    instruments: Sequence[Instrument],
    *,
    first: int = 0,
    actions: Counts = NO_ACTIONS,
    lending: Mapping[InstrumentId, Lending] | None = None,
    rates: Mapping[str, NDArray[np.float64]] | None = None,
    currency: str | None = None,
) -> Tape:
    """Return the tape of a panel.

    A bar without a close, or with a volume of zero, is no bar: nothing trades in it. Orders trade
    at the open where the panel has opens, else at the close. `rates` gives for each currency other
    than the account's its worth in it, (T,). Raises InvalidInput for a price that cannot be
    counted, an instrument whose lot is not whole, or a currency without rates.
    """
    known = {instrument.id: instrument for instrument in instruments}
    book = [known[name] for name in panel.instruments]
    bars, planes = _planes(panel, actions)
    currencies, columns, fx = _currencies(book, currency, rates, len(panel.closes_at))
    names = np.zeros((x.NAMES_WIDTH, len(book)), dtype=np.int64)
    names[x.CURRENCY], names[x.LOT] = columns, _lots(book)
    names[x.TICK] = [to_micros(one.tick) for one in book]
    rows = np.zeros((x.FX + len(currencies), len(panel.closes_at)), dtype=np.int64)
    rows[x.MOMENT] = panel.closes_at.astype("datetime64[us]").astype(np.int64)
    rows[x.ENDS], rows[x.FX :] = _session_ends(panel), fx
    return Tape(
        panel.closes_at,
        panel.instruments,
        bars,
        planes,
        names,
        rows,
        actions,
        currencies,
        panel.has_opens,
        dict(lending or {}),
        first,
    )


def _planes(panel: Panel, actions: Counts) -> tuple[Counts, dict[str, int]]:
    """Return the fields of a panel in one array, and which plane holds which."""
    given = [name for name in ("open", "high", "low") if name in panel.fields or panel.has_opens]
    volume = panel.fields.get("volume")
    if volume is not None and np.isnan(volume).all():
        volume = None
    gaps = bool(np.isnan(panel.close).any()) or (volume is not None and bool((volume == 0).any()))
    bars = np.empty((1 + len(given) + (volume is not None) + gaps, *panel.close.shape), np.int64)
    planes = dict.fromkeys(("open", "high", "low", "close", "volume", "mark"), 0)
    array_micros(panel.close, bars[0])
    if gaps:
        planes["mark"] = len(bars) - 1
        bars[-1] = marks(bars[0], actions)
    if volume is not None:
        planes["volume"] = 1 + len(given)
        array_shares(volume, bars[planes["volume"]])
        bars[0][volume == 0] = 0
    for plane, name in enumerate(given, start=1):
        planes[name] = plane
        array_micros(panel.fields.get(name, panel.close), bars[plane])
    tidy(bars, planes["open"], planes["high"], planes["low"])
    return bars, planes


def _session_ends(panel: Panel) -> Counts:
    """Return 1 for each bar that is its session's last."""
    days = panel.sessions.astype("datetime64[D]")
    ends = np.ones(len(days), dtype=np.int64)
    ends[:-1] = days[1:] != days[:-1]
    return ends


@dataclass(frozen=True, slots=True)
class Decisions:
    """The sessions that decide anything: `rows` (D,) of the tape, rising, and `parts` (D, N).

    Parts are target weights for the kernel, NO_TARGET where an instrument is left alone.
    """

    rows: Counts
    parts: Counts


def decisions_of(tape: Tape, weights: Matrix, *, gross_max: float = 1.0) -> Decisions:
    """Return the decisions in target weights (T, N), those before `first` left out.

    A row with a weight in it is a decision; NaN leaves that instrument as it is. Raises
    InvalidInput for a wrong shape, or weights that sum to more than `gross_max` without signs.
    """
    if weights.shape != tape.shape:
        raise InvalidInput(
            "the weights do not fit the panel", value=weights.shape, bound=tape.shape
        )
    given = ~np.isnan(weights[tape.first :]).all(axis=1)
    rows = np.flatnonzero(given) + tape.first
    parts = weight_parts(weights[rows], most=gross_max)
    gross = np.abs(np.where(parts == NO_TARGET, 0, parts)).sum(axis=1)
    if (gross > round(gross_max * PART) + ROUNDING_PARTS).any():
        worst = int(np.argmax(gross > round(gross_max * PART) + ROUNDING_PARTS))
        day = f"{tape.moment(int(rows[worst])):%Y-%m-%d}"
        raise InvalidInput(
            "the weights of a session add up to more than the account may hold",
            value=f"{gross[worst] / PART:.6f} on {day}",
            bound=f"at most {gross_max:g}",
            remedy="Raise the leverage, or lower the weights.",
        )
    return Decisions(rows.astype(np.int64), parts)


def _lots(book: Sequence[Instrument]) -> Counts:
    for instrument in book:
        if not 1 <= instrument.lot <= LOT_MAX or instrument.lot != int(instrument.lot):
            raise InvalidInput(
                f"the lot of {instrument.symbol} cannot be traded here",
                value=instrument.lot,
                bound=f"1 to {LOT_MAX}, whole",
            )
    return np.array([int(instrument.lot) for instrument in book], dtype=np.int64)


def _currencies(
    book: Sequence[Instrument],
    currency: str | None,
    rates: Mapping[str, NDArray[np.float64]] | None,
    rows: int,
) -> tuple[tuple[str, ...], Counts, Counts]:
    """Return the currencies, the account's first, each instrument's, and their worth (C, T)."""
    traded = sorted({instrument.currency for instrument in book})
    base = currency or (traded[0] if len(traded) == 1 else None)
    given = dict(rates or {})
    missing = [name for name in traded if name != base and name not in given]
    if base is None or missing:
        raise InvalidInput(
            "instruments of several currencies need an account's currency and rates of exchange",
            value=", ".join(traded) or "none",
            bound="one currency, or rates for each other one",
            remedy="Choose instruments of one currency.",
        )
    names = (base, *(name for name in traded if name != base))
    fx = np.full((len(names), rows), x.FX_UNIT, dtype=np.int64)
    for column, name in enumerate(names[1:], start=1):
        rate = np.asarray(given[name], dtype=np.float64)
        if rate.shape != (rows,) or not (np.isfinite(rate) & (rate > 0) & (rate < 1e6)).all():
            raise InvalidInput(
                f"the rates of {name} cannot be used", value=rate.shape, bound=f"({rows},), above 0"
            )
        fx[column] = np.rint(rate * x.FX_UNIT)
    return names, np.array([names.index(i.currency) for i in book], dtype=np.int64), fx
