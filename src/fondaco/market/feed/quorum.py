"""Several sources of one figure: which is taken, and why.

Up to 1 % apart counts as agreement. Of two that differ neither is proved right: the first of the
route is taken and flagged. Of three or more the median is taken: one bad source cannot move it
beyond the good ones. Sources are never averaged: what is taken is what one source said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from fondaco.core.errors import InvalidInput
from fondaco.market.feed.values import Reading

SHARE_MAX = 0.01
UNIT_FACTORS = (100.0, 1_000.0)
"""Pence for pounds, paise for rupees, cents for dollars; thousands for ones."""
READINGS_MAX = 9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was taken, whether it is doubtful, how far apart the sources are, and why."""

    taken: Reading
    flagged: bool
    spread: float
    reason: str


def difference(one: float, other: float) -> float:
    """Return how far apart two figures are, as a share of the larger; 0 when both are 0.

    >>> difference(100.0, 101.0) < 0.01 < difference(100.0, 101.1)
    True
    """
    larger = max(abs(one), abs(other))
    return abs(one - other) / larger if larger else 0.0


def decide(readings: Sequence[Reading]) -> Verdict:
    """Return what is taken of readings in the order of the route; not finite ones are left out.

    Raises InvalidInput when none is left, or when there are more than `READINGS_MAX`.

    >>> decide([Reading("a", 10.0), Reading("b", 10.05), Reading("c", 1000.0)]).taken.source
    'b'
    """
    sound = [one for one in readings[:READINGS_MAX] if isfinite(one.value)]
    if not sound:
        raise InvalidInput("no source has a finite figure", value=len(readings), bound="1 or more")
    spread = max(difference(one.value, other.value) for one in sound for other in sound)
    dropped = [one.source for one in readings if not isfinite(one.value)]
    lost = f"; not a number at {', '.join(dropped)}" if dropped else ""
    if len(sound) == 1:
        return Verdict(sound[0], bool(dropped), 0.0, f"the only source that has it{lost}")
    verdict = _of_two(sound, spread) if len(sound) == 2 else _of_many(sound, spread)
    return Verdict(
        verdict.taken, verdict.flagged or bool(dropped), spread, f"{verdict.reason}{lost}"
    )


def unit_factor(one: float, other: float) -> float | None:
    """Return by which whole unit two figures differ, or None.

    >>> unit_factor(142.5, 14250.0)
    100.0
    """
    if not one or not other or one * other < 0:
        return None
    ratio = max(abs(one), abs(other)) / min(abs(one), abs(other))
    near = (factor for factor in UNIT_FACTORS if difference(ratio, factor) <= SHARE_MAX)
    return next(near, None)


def _of_two(sound: Sequence[Reading], spread: float) -> Verdict:
    first, second = sound
    if spread <= SHARE_MAX:
        return Verdict(first, False, spread, f"{first.source} and {second.source} agree")
    reason = (
        f"{first.source} says {first.value:g} and {second.source} {second.value:g}, "
        f"{spread:.1%} apart, and no third settles it: the first of the route is taken"
    )
    return Verdict(first, True, spread, f"{reason}{_unit(first, second)}")


def _of_many(sound: Sequence[Reading], spread: float) -> Verdict:
    taken = _median(sound)
    apart = [one for one in sound if difference(one.value, taken.value) > SHARE_MAX]
    if not apart:
        return Verdict(taken, False, spread, f"the median of {len(sound)} that agree")
    with_it = len(sound) - len(apart)
    names = ", ".join(f"{one.source} ({one.value:g})" for one in apart)
    if with_it == 1:
        reason = f"the median of {len(sound)} of which no two agree: {names}"
    else:
        reason = f"the median, with {with_it} of {len(sound)}; apart from it: {names}"
    return Verdict(taken, True, spread, f"{reason}{_unit(taken, apart[0])}")


def _median(sound: Sequence[Reading]) -> Reading:
    """Return the middle one; of an even number the one of the middle two that stands first."""
    ranked = sorted(range(len(sound)), key=lambda n: sound[n].value)
    middle = ranked[(len(sound) - 1) // 2 : len(sound) // 2 + 1]
    return sound[min(middle)]


def _unit(one: Reading, other: Reading) -> str:
    factor = unit_factor(one.value, other.value)
    return "" if factor is None else f"; {factor:g} times apart: another unit is likely"
