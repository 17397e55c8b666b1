"""Charge lines: one line of a contract note, the schedule it stands in, and the dated table.

A line is worked out in this order: the rate times what it is taken of, at least the minimum, at
most the maximum (which wins over the minimum), then the rounding. Amounts are of a whole order:
a venue that fills in parts asks for what the order has traded so far and books the difference.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, localcontext
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite
from fondaco.core.orders import Side
from fondaco.trading.costs import CENT, COUNT_MAX, MICRO, to_micros

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LINES_MAX = 10
"""Lines in one schedule."""
SCHEDULES_MAX = 1_000
"""Dated schedules in one table."""
RATE_UNIT = 10**12
"""Parts that a rate is counted in: of the traded value, or of one currency unit per share."""
RATE_PER_SHARE_MAX = 1_000
COLUMNS = ("basis", "side", "rate", "minimum", "maximum", "maximum_rate", "unit", "up", "taxes")
"""What each column of `Schedule.rows` holds."""
NO_LIMIT = -1

_DIGITS = 80
_EARLIEST = date.min


class Basis(IntEnum):
    """What a line's rate is taken of; ORDER is an amount and is taken of nothing."""

    ORDER = 0
    SHARE = 1
    NOTIONAL = 2
    CHARGES = 3


class Sides(IntEnum):
    """Which orders pay a line."""

    SELL = -1
    BOTH = 0
    BUY = 1


@dataclass(frozen=True, slots=True)
class Rounding:
    """To what a line is rounded: a unit in micros, half up, or always up."""

    unit: int
    up: bool = False

    def apply(self, amount: Decimal) -> Decimal:
        """Return an amount that is not negative, rounded.

        >>> CENT_UP.apply(Decimal("1.0001")), CENT_HALF_UP.apply(Decimal("1.005"))
        (Decimal('1.01'), Decimal('1.01'))
        """
        with localcontext(prec=_DIGITS):
            units = amount * MICRO / self.unit
            whole = units.to_integral_value(ROUND_CEILING if self.up else ROUND_HALF_UP)
            return whole * self.unit / MICRO


MICRO_HALF_UP = Rounding(1)
"""No rounding but the venue's own: to the millionth."""
CENT_HALF_UP = Rounding(CENT)
CENT_UP = Rounding(CENT, up=True)
WHOLE_HALF_UP = Rounding(MICRO)

_ROUNDINGS = (MICRO_HALF_UP, CENT_HALF_UP, CENT_UP, WHOLE_HALF_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of what an order is charged.

    `rate` is an amount (ORDER), currency per share (SHARE, at most 1,000), or a share of the
    traded value (NOTIONAL) or of the lines named in `taxes` (CHARGES), at most 1. `minimum` and
    `maximum` are amounts per order in at most six decimals; `maximum_rate` is a share of the
    traded value. Raises InvalidInput when a number is negative, too fine to count (twelve
    decimals) or too large.

    >>> fee = Charge(name="commission", basis=Basis.SHARE, rate=Decimal("0.005"),
    ...              minimum=Decimal(1), source="an example")
    >>> fee.amount(Side.BUY, Decimal(100), Decimal(2500), Decimal(0))
    Decimal('1')
    """

    name: str
    basis: Basis
    rate: Decimal
    source: str
    sides: Sides = Sides.BOTH
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None
    maximum_rate: Decimal | None = None
    rounding: Rounding = MICRO_HALF_UP
    taxes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _require_amount(f"the minimum of {self.name!r}", self.minimum)
        if self.maximum is not None:
            _require_amount(f"the maximum of {self.name!r}", self.maximum)
        if self.maximum_rate is not None:
            _require_rate(f"the maximum rate of {self.name!r}", self.maximum_rate, 1)
        if self.basis is Basis.ORDER:
            _require_amount(f"the amount of {self.name!r}", self.rate)
        else:
            most = RATE_PER_SHARE_MAX if self.basis is Basis.SHARE else 1
            _require_rate(f"the rate of {self.name!r}", self.rate, most)
        if (self.basis is Basis.CHARGES) != bool(self.taxes):
            raise InvalidInput(
                f"the line {self.name!r} must name other lines exactly when it is taken of them",
                value=self.taxes,
                remedy="Give `taxes` with Basis.CHARGES, and only there.",
            )
        if self.rounding not in _ROUNDINGS:
            raise InvalidInput("the rounding is not one that the kernel knows", value=self.rounding)

    def applies(self, side: Side) -> bool:
        """Return whether an order on this side pays the line."""
        return self.sides in (Sides.BOTH, side.sign)

    def amount(self, side: Side, shares: Decimal, notional: Decimal, taxed: Decimal) -> Decimal:
        """Return what the line comes to; `taxed` is the sum of the lines that it names."""
        if not self.applies(side):
            return Decimal(0)
        bases = (Decimal(1), shares, notional, taxed)
        with localcontext(prec=_DIGITS):
            value = max(self.rate * bases[self.basis], self.minimum)
            if self.maximum is not None:
                value = min(value, self.maximum)
            if self.maximum_rate is not None:
                value = min(value, self.maximum_rate * notional)
        return self.rounding.apply(value)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The charge lines in force from a day on; at most ten, each name once.

    A line may be taken of other lines, but not of one that is itself taken of lines.
    """

    valid_from: date
    lines: tuple[Charge, ...]

    def __post_init__(self) -> None:
        names = [line.name for line in self.lines]
        if len(names) > LINES_MAX:
            raise InvalidInput(
                "a schedule has too many lines", value=len(names), bound=f"at most {LINES_MAX}"
            )
        if len(set(names)) != len(names):
            raise InvalidInput("a schedule names a line twice", value=", ".join(names))
        plain = {line.name for line in self.lines if line.basis is not Basis.CHARGES}
        for line in self.lines:
            if unknown := set(line.taxes) - plain:
                raise InvalidInput(
                    f"the line {line.name!r} is taken of lines that it cannot be taken of",
                    value=", ".join(sorted(unknown)),
                    bound=", ".join(sorted(plain)),
                )

    def charges(
        self, side: Side, shares: Decimal, notional: Decimal
    ) -> tuple[tuple[str, Decimal], ...]:
        """Return name and amount of each line that an order on this side pays, exactly.

        `shares` and `notional` are what the order has traded so far: whole and above zero, and
        in currency, not negative. Raises InvalidInput otherwise.

        >>> flat(Decimal(5), Decimal(1)).charges(Side.BUY, Decimal(50), Decimal(2505))
        (('commission', Decimal('1.25')),)
        """
        _require_traded(shares, notional)
        amounts = {
            line.name: line.amount(side, shares, notional, Decimal(0))
            for line in self.lines
            if line.basis is not Basis.CHARGES
        }
        for line in self.lines:
            if line.basis is Basis.CHARGES:
                taxed = sum((amounts[name] for name in line.taxes), Decimal(0))
                amounts[line.name] = line.amount(side, shares, notional, taxed)
        return tuple((line.name, amounts[line.name]) for line in self.lines if line.applies(side))

    def total(self, side: Side, shares: Decimal, notional: Decimal) -> Decimal:
        """Return what an order is charged in all; arguments and errors as of `charges`."""
        return sum((amount for _, amount in self.charges(side, shares, notional)), Decimal(0))

    def rows(self) -> "NDArray[np.int64]":
        """Return the schedule as the kernel reads it: (lines, 9) whole numbers, see `COLUMNS`.

        Amounts and rounding units are in micros, rates in parts per million million, `taxes` a
        bit per line. A limit that is not set is -1.
        """
        import numpy as np  # heavy, and a schedule is made on `--help`'s way

        names = [line.name for line in self.lines]
        table = [_row(line, names) for line in self.lines]
        return np.array(table, dtype=np.int64).reshape(len(names), len(COLUMNS))


@dataclass(frozen=True, slots=True)
class Table:
    """A market's or broker's charges over time: schedules by the day they came into force.

    Raises InvalidInput when it is empty or its days do not ascend.
    """

    name: str
    currency: str
    about: str
    schedules: tuple[Schedule, ...]

    def __post_init__(self) -> None:
        days = [schedule.valid_from for schedule in self.schedules]
        if not 1 <= len(days) <= SCHEDULES_MAX:
            raise InvalidInput(
                "a table has too few or too many schedules",
                value=len(days),
                bound=f"1 to {SCHEDULES_MAX}",
            )
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise InvalidInput(
                "a table's schedules must ascend by day", value=[str(day) for day in days]
            )

    def on(self, day: date) -> Schedule:
        """Return the schedule in force on a day; raises InvalidInput before the first.

        >>> from datetime import date
        >>> table = flat_table(Decimal(5), Decimal(1))
        >>> table.on(date(2020, 1, 2)) is table.schedules[0]
        True
        """
        return self.schedules[self._place(day)]

    def places(self, days: Iterable[date]) -> "NDArray[np.int64]":
        """Return for each day its place in `stacked`: (days,); raises InvalidInput as `on` does."""
        import numpy as np

        return np.array([self._place(day) for day in days], dtype=np.int64)

    def stacked(self) -> "NDArray[np.int64]":
        """Return all schedules as the kernel reads them: (schedules, lines, 9).

        A schedule with fewer lines than another ends in rows of zeros, which charge nothing.
        """
        import numpy as np

        most = max(len(schedule.lines) for schedule in self.schedules)
        table = np.zeros((len(self.schedules), most, len(COLUMNS)), dtype=np.int64)
        for place, schedule in enumerate(self.schedules):
            table[place, : len(schedule.lines)] = schedule.rows()
        return table

    def _place(self, day: date) -> int:
        place = bisect_right(self.schedules, day, key=lambda schedule: schedule.valid_from) - 1
        if place < 0:
            raise InvalidInput(
                f"the rate table {self.name} does not reach back so far",
                value=day,
                bound=f"{self.schedules[0].valid_from} or later",
                remedy="Begin the run later, or give a cost model with rates for that time.",
            )
        return place


@dataclass(frozen=True, slots=True)
class Step:
    """From a day on, a levy is this line; None where it is not charged."""

    valid_from: date
    line: Charge | None


def merge(name: str, currency: str, about: str, levies: tuple[tuple[Step, ...], ...]) -> Table:
    """Return the table of several levies, each with its own dates: one schedule per change.

    It begins on the first day for which every levy is known; a levy that came later begins with
    a step of None. What is not in force falls out of the `taxes` of other lines
    too, and a line that is left with nothing to be taken of falls out itself.
    """
    first = max(levy[0].valid_from for levy in levies)
    days = {step.valid_from for levy in levies for step in levy if step.valid_from >= first}
    return Table(
        name, currency, about, tuple(_in_force(levies, day) for day in sorted(days | {first}))
    )


def _in_force(levies: tuple[tuple[Step, ...], ...], day: date) -> Schedule:
    steps = ([step for step in levy if step.valid_from <= day][-1] for levy in levies)
    lines = [step.line for step in steps if step.line is not None]
    names = {line.name for line in lines}
    kept = []
    for line in lines:
        taxes = tuple(name for name in line.taxes if name in names)
        if taxes or not line.taxes:
            kept.append(replace(line, taxes=taxes))
    return Schedule(day, tuple(kept))


def flat(bps: Decimal, fee_min: Decimal, valid_from: date = _EARLIEST) -> Schedule:
    """Return a schedule of one commission: a rate in basis points, half up to the cent, a minimum.

    `bps` takes at most two decimals, `fee_min` whole cents, each 0 to 1000.
    """
    for name, value in (("the cost in basis points", bps), ("the minimum fee", fee_min)):
        if not 0 <= require_finite(name, value) <= 1_000:
            raise InvalidInput(f"{name} is out of range", value=value, bound="0 to 1000")
        if value * 100 != int(value * 100):
            raise InvalidInput(
                f"{name} has too many decimals", value=value, bound="at most two decimals"
            )
    line = Charge(
        name="commission",
        basis=Basis.NOTIONAL,
        rate=bps.scaleb(-4),
        minimum=fee_min,
        rounding=CENT_HALF_UP,
        source="set by the caller",
    )
    return Schedule(valid_from, (line,))


def flat_table(bps: Decimal, fee_min: Decimal) -> Table:
    """Return `flat` as a table in force on every day, in whatever currency the account has."""
    return Table("FLAT", "", "One commission, set by the caller.", (flat(bps, fee_min),))


def _row(line: Charge, names: list[str]) -> list[int]:
    scale = MICRO if line.basis is Basis.ORDER else RATE_UNIT
    return [
        int(line.basis),
        int(line.sides),
        int(line.rate * scale),
        to_micros(line.minimum),
        NO_LIMIT if line.maximum is None else to_micros(line.maximum),
        NO_LIMIT if line.maximum_rate is None else int(line.maximum_rate * RATE_UNIT),
        line.rounding.unit,
        int(line.rounding.up),
        sum(1 << names.index(name) for name in line.taxes),
    ]


def _require_amount(name: str, value: Decimal) -> None:
    if require_finite(name, value) < 0 or value > COUNT_MAX // MICRO:
        raise InvalidInput(f"{name} is out of range", value=value, bound="0 or more")
    if value * MICRO != int(value * MICRO):
        raise InvalidInput(f"{name} has too many decimals", value=value, bound="at most six")


def _require_rate(name: str, value: Decimal, most: int) -> None:
    if not 0 <= require_finite(name, value) <= most:
        raise InvalidInput(f"{name} is out of range", value=value, bound=f"0 to {most}")
    if value * RATE_UNIT != int(value * RATE_UNIT):
        raise InvalidInput(f"{name} has too many decimals", value=value, bound="at most twelve")


def _require_traded(shares: Decimal, notional: Decimal) -> None:
    if require_finite("the quantity", shares) <= 0 or shares != int(shares):
        raise InvalidInput("costs are of whole shares", value=shares, bound="1, 2, 3, …")
    if require_finite("the traded value", notional) < 0:
        raise InvalidInput("the traded value is negative", value=notional, bound="0 or more")
