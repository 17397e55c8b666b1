"""The journal of a run: its round trips on one basis through splits, each with its why."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from fondaco.backtest.detail import Trip
from fondaco.backtest.movements import MOVES, Movements
from fondaco.backtest.reasons import Reasons
from fondaco.portfolio.measures.trades import Executions, RoundTrip, round_trips
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator import layout as x

_PRICE_MIN = Decimal("0.000001")
"""Stands in for a payment of nothing: a round trip needs a price above 0."""
_SHOWN = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _Step:
    """One change of a position: `quantity` in parts of today's shares, a whole number."""

    event: list[int]
    at: datetime
    quantity: int
    price: Decimal
    fee: Decimal


def trips_of(moves: Movements, reasons: Reasons) -> tuple[tuple[RoundTrip, ...], tuple[Trip, ...]]:
    """Return the closed round trips, first in, first out, and the same as lines of the journal.

    Fills from before a split are restated for it, so that a lot is one lot through it. What was
    delisted was sold for what it paid, a fraction after a split for its cash.
    """
    basis = _Basis(moves)
    steps = basis.steps()
    columns = [step.event[x.E_COLUMN] for step in steps]
    executions = Executions(
        [step.at for step in steps],
        columns,
        [Decimal(step.quantity) for step in steps],
        [step.price for step in steps],
        [step.fee for step in steps],
    )
    found: dict[tuple[Hashable, datetime, Decimal], _Step] = {}
    for step in steps:
        found.setdefault((step.event[x.E_COLUMN], step.at, step.price), step)
    lines = []
    for trip in round_trips(executions):
        opened = found[trip.instrument, trip.opened, trip.price_in]
        closed = found[trip.instrument, trip.closed, trip.price_out]
        lines.append(_line(moves, reasons, basis, trip, opened.event, closed.event))
    whole = tuple(trip for trip, _ in lines)
    return whole, tuple(line for _, line in lines)


def _line(
    moves: Movements,
    reasons: Reasons,
    basis: "_Basis",
    trip: RoundTrip,
    opened: list[int],
    closed: list[int],
) -> tuple[RoundTrip, Trip]:
    """Return a trip with shares as on the day of its close, and its line."""
    column = closed[x.E_COLUMN]
    unit = basis.unit(column, closed[x.E_ROW])
    restated = RoundTrip(
        trip.instrument,
        trip.opened,
        trip.closed,
        _decimal(Fraction(int(trip.quantity)) / unit),
        trip.price_in * _decimal(unit),
        trip.price_out * _decimal(unit),
        trip.fees,
    )
    days = moves.played.panel.sessions
    line = Trip(
        moves.played.book[column].symbol,
        days[opened[x.E_ROW]].item(),
        days[closed[x.E_ROW]].item(),
        _shown(restated.quantity),
        _shown(restated.price_in),
        _shown(restated.price_out),
        _shown(trip.fees),
        _shown(trip.profit),
        round(trip.days, 4),
        reasons.ended(closed),
        reasons.why(opened),
        reasons.why(closed),
        unit != basis.unit(column, opened[x.E_ROW]),
    )
    return restated, line


class _Basis:
    """Turns shares of any day into parts of today's: whole numbers through every split."""

    def __init__(self, moves: Movements) -> None:
        self._moves = moves
        self._splits: dict[int, list[tuple[int, int, int]]] = {}
        for row, column, kind, new, old in moves.played.tape.actions.tolist():
            if kind == x.Action.SPLIT:
                self._splits.setdefault(column, []).append((row, new, old))

    def unit(self, column: int, row: int) -> Fraction:
        """Return how many parts one share of a row is."""
        found = Fraction(1)
        for at, new, old in self._splits.get(column, ()):
            found *= Fraction(new, old) if at > row else 1
            found *= old
        return found

    def steps(self) -> list[_Step]:
        """Return every change of a position, in order; a split only where a part was paid out."""
        found = []
        for event in self._moves.of(*MOVES).tolist():
            step = self._paid_out(event) if event[x.E_KIND] == x.Event.SPLIT else self._step(event)
            if step is not None and step.quantity:
                found.append(step)
        return found

    def _step(self, event: list[int]) -> _Step:
        row, column = event[x.E_ROW], event[x.E_COLUMN]
        unit, rate = self.unit(column, row), self._rate(event)
        price = max(_decimal(Fraction(event[x.E_PRICE], MICRO) * rate / unit), _PRICE_MIN / 1000)
        fee = _decimal(Fraction(event[x.E_FEE], MICRO) * rate)
        return _Step(event, self._at(row), int(event[x.E_QUANTITY] * unit), price, fee)

    def _paid_out(self, event: list[int]) -> _Step | None:
        """Return the sale of what a split left over, at the price that was paid."""
        row, column = event[x.E_ROW], event[x.E_COLUMN]
        new, old = next((n, o) for at, n, o in self._splits[column] if at == row)
        change, held = event[x.E_QUANTITY], int(self._moves.held[row - 1, column]) if row else 0
        part = Fraction(held * new, old) - (held + change)
        if part == 0:
            return None
        unit = self.unit(column, row)
        price = max(_decimal(Fraction(event[x.E_CASH], MICRO) / part / unit), _PRICE_MIN / 1000)
        return _Step(event, self._at(row), int(-part * unit), price, Decimal(0))

    def _rate(self, event: list[int]) -> Fraction:
        if event[x.E_FX] > 0:
            return Fraction(event[x.E_FX], x.FX_UNIT)
        tape = self._moves.played.tape
        currency = int(tape.names[x.CURRENCY, event[x.E_COLUMN]])
        return Fraction(int(tape.bar_rows[x.FX + currency, event[x.E_ROW]]), x.FX_UNIT)

    def _at(self, row: int) -> datetime:
        return self._moves.played.tape.moment(row)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _shown(value: Decimal) -> Decimal:
    """Return a number at the venue's six decimals, without zeros behind."""
    found = value.quantize(_SHOWN).normalize()
    return found if found.as_tuple().exponent <= 0 else found.quantize(Decimal(1))  # type: ignore[operator]
