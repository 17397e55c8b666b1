"""The space that a tuner searches: what each parameter may be, and the sets that lie in it."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import exp, log, prod
from typing import TYPE_CHECKING, Any

from fondaco.backtest.grid import Number
from fondaco.core.errors import InvalidInput

if TYPE_CHECKING:
    # Both stand on `--help`'s way.
    import numpy as np

    from fondaco.research.strategies.parameters import Bound

VALUES_MAX = 10_000
DIGITS = 4
"""A real parameter is tried to so many significant digits: finer ones tell nothing apart."""
DRAWS_MAX = 64
"""Draws before the untried sets are listed one by one: only a space that is nearly used up."""

_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::(log|{_NUMBER}))?")

Varied = dict[str, Number]
"""One set of a space: its number for each varied parameter."""
Key = tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What one parameter may be: the rising `values`, or else any number from `low` to `high`.

    `whole` numbers only, or real ones to four significant digits; `log` draws each order of
    magnitude as often as the next.
    """

    name: str
    low: Number
    high: Number
    whole: bool = False
    log: bool = False
    values: tuple[Number, ...] = ()

    @property
    def size(self) -> int | None:
        """How many values it has; None for real numbers without a step."""
        if self.values:
            return len(self.values)
        return int(self.high) - int(self.low) + 1 if self.whole else None

    @property
    def shown(self) -> str:
        """The axis in words."""
        if self.values and len(self.values) <= 8:
            return f"{self.name} " + ", ".join(written(value) for value in self.values)
        grain = f" ({len(self.values)} values)" if self.values else " (log)" if self.log else ""
        return f"{self.name} {written(self.low)} to {written(self.high)}{grain}"

    def plain(self) -> dict[str, Any]:
        """Return the axis as plain JSON."""
        return {
            "name": self.name,
            "low": self.low,
            "high": self.high,
            "whole": self.whole,
            "log": self.log,
            "values": list(self.values),
        }

    def at(self, coordinate: float) -> Number:
        """Return the value at a coordinate: its place among `values`, or the number itself."""
        if self.values:
            return self.values[round(coordinate)]
        if self.whole:
            return min(max(round(coordinate), int(self.low)), int(self.high))
        return min(max(float(f"{coordinate:.{DIGITS}g}"), float(self.low)), float(self.high))

    def coordinate(self, value: Number) -> Number:
        """Return where a value lies; the other way round from `at`."""
        return self.values.index(value) if self.values else value

    def draw(self, chance: "np.random.Generator") -> Number:
        """Return a value at random."""
        if self.values:
            return self.values[int(chance.integers(len(self.values)))]
        if self.log:
            return self.at(exp(chance.uniform(log(self.low), log(self.high))))
        if self.whole:
            return int(chance.integers(int(self.low), int(self.high) + 1))
        return self.at(chance.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True)
class Space:
    """Axes by name, in alphabetical order: how they were asked for changes nothing."""

    axes: tuple[Axis, ...]

    @property
    def size(self) -> int | None:
        """How many sets it has; None where it is not finite."""
        sizes = [axis.size for axis in self.axes]
        return None if None in sizes else prod(size for size in sizes if size is not None)

    def key(self, varied: Mapping[str, Number]) -> Key:
        """Return what two equal sets have in common."""
        return tuple(varied[axis.name] for axis in self.axes)

    def untried(
        self, chance: "np.random.Generator", taken: Collection[Key]
    ) -> dict[str, Number] | None:
        """Return a set at random that is not among those taken; None when all are."""
        for _ in range(DRAWS_MAX):
            varied = {axis.name: axis.draw(chance) for axis in self.axes}
            if self.key(varied) not in taken:
                return varied
        left = [varied for varied in self._all() if self.key(varied) not in taken]
        return left[int(chance.integers(len(left)))] if left else None

    def corners(self) -> Iterator[Varied]:
        """Yield the sets that take the least or the most of every parameter."""
        ends = [dict.fromkeys((axis.low, axis.high)) for axis in self.axes]
        for values in product(*ends):
            yield {axis.name: value for axis, value in zip(self.axes, values, strict=True)}

    def _all(self) -> Iterator[Varied]:
        if self.size is None:
            return
        ranges = [axis.values or range(int(axis.low), int(axis.high) + 1) for axis in self.axes]
        for values in product(*ranges):
            yield {axis.name: value for axis, value in zip(self.axes, values, strict=True)}


def space_of(
    given: Sequence[str],
    fixed: Mapping[str, Number],
    bounds: "Mapping[str, Bound] | None" = None,
    strategy: str = "the strategy",
) -> Space:
    """Return the space that name=low..high, name=low..high:step, :log or name=a,b,c say.

    `bounds` are those of a built-in strategy: a parameter whose default is whole takes whole
    numbers only. Without them a number is whole when all of its axis are written so. Raises
    InvalidInput for an axis that is empty, out of bounds, fixed too, or given twice.

    >>> space = space_of(["lookback=63..504", "share=0.1..0.3:0.1"], {})
    >>> [(axis.name, axis.whole, axis.values) for axis in space.axes]
    [('lookback', True, ()), ('share', False, (0.1, 0.2, 0.3))]
    >>> space.size is None, space_of(["lookback=63,126"], {}).size
    (False, 2)
    """
    axes: dict[str, Axis] = {}
    for text in given:
        name, _, rest = text.partition("=")
        if name in axes:
            raise InvalidInput("a parameter is varied twice", value=name)
        if name in fixed:
            raise InvalidInput("a parameter is both fixed and varied", value=name)
        if bounds is not None and name not in bounds:
            raise InvalidInput(
                f"{strategy} has no such parameter", value=name, bound=", ".join(bounds)
            )
        bound = None if bounds is None else bounds[name]
        axes[name] = _axis(name, rest, bound)
    if not axes:
        raise InvalidInput(
            "a tuner needs parameters to vary",
            value="none",
            remedy="Give them as --vary lookback=63..504.",
        )
    return Space(tuple(axes[name] for name in sorted(axes)))


def space_of_plain(axes: Sequence[Mapping[str, Any]]) -> Space:
    """Return the space that `Axis.plain` wrote down."""
    return Space(tuple(Axis(**{**axis, "values": tuple(axis["values"])}) for axis in axes))


def written(value: Number) -> str:
    """Return a number as a caller would write it, never with an exponent.

    >>> written(63), written(0.00005), written(252.0)
    ('63', '0.00005', '252.0')
    """
    return str(value) if isinstance(value, int) else f"{Decimal(repr(value)):f}"


def _axis(name: str, text: str, bound: "Bound | None") -> Axis:
    ranged = _RANGE.fullmatch(text)
    parts = ranged.groups() if ranged else tuple(text.split(","))
    numbers = [part for part in parts if part not in (None, "log")]
    whole = isinstance(bound.default, int) if bound else not any("." in part for part in numbers)
    exact = [_within(name, part, bound, whole=whole) for part in numbers[: 2 if ranged else None]]
    if not ranged:
        values = _listed(name, exact)
        return Axis(name, values[0], values[-1], whole, False, values)
    low, high = exact
    if not low < high:
        raise InvalidInput(
            f"the range of {name} must rise", value=text, bound="low..high with low < high"
        )
    if parts[2] == "log":
        return _logarithmic(Axis(name, low, high, whole, True), text)
    values = () if parts[2] is None else _stepped(name, text, parts[:2], parts[2], whole=whole)
    return Axis(name, low, values[-1] if values else high, whole, False, values)


def _within(name: str, text: str, bound: "Bound | None", *, whole: bool) -> Number:
    number = float(text)
    if whole and number != int(number):
        raise InvalidInput(f"{name} takes whole numbers", value=text, bound="whole")
    if bound is not None and not bound.low <= number <= bound.high:
        raise InvalidInput(
            f"{name} ({bound.meaning}) is out of range",
            value=text,
            bound=f"{bound.low:g} to {bound.high:g}",
        )
    return int(number) if whole else number


def _listed(name: str, values: Sequence[Number]) -> tuple[Number, ...]:
    if len(set(values)) != len(values):
        raise InvalidInput(
            f"a value of {name} is given twice", value=", ".join(map(written, values))
        )
    return tuple(sorted(values))


def _logarithmic(axis: Axis, text: str) -> Axis:
    if not axis.low > 0:
        raise InvalidInput(
            f"a logarithmic range of {axis.name} starts above zero", value=text, bound="low > 0"
        )
    return axis


def _stepped(
    name: str, text: str, ends: Sequence[str], step: str, *, whole: bool
) -> tuple[Number, ...]:
    """Return low, low + step and so on up to high, exact in decimals."""
    low, high, by = (Decimal(part) for part in (*ends, step))
    if not 0 < by <= high - low or (whole and by != int(by)):
        raise InvalidInput(
            f"the step of {name} must lead from one end of its range towards the other",
            value=text,
            bound=f"above 0, at most {high - low}" + (", whole" if whole else ""),
        )
    count = int((high - low) / by) + 1
    if count > VALUES_MAX:
        raise InvalidInput(
            f"the step of {name} makes too many values",
            value=f"{count:,}",
            bound=f"at most {VALUES_MAX:,}",
            remedy="Leave the step out, or take a longer one.",
        )
    exact = (low + by * place for place in range(count))
    return tuple(int(value) if whole else float(value) for value in exact)
