"""The jump rule: a close is compared with the last one that was let in, never with a doubtful one.

A span of another instrument's prices is so caught whole, and good prices come back when the level
returns. Only a supplied factor explains a jump, or a corporate action where the bars bring none; a
ratio that looks like a split does not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

JUMP_MAX = 0.40
"""Largest move of a close, as a share, that needs no explanation."""
UNITS = (100.0, 0.01, 1_000.0, 0.001)
UNIT_TOLERANCE = 1.15
"""How far from a unit's factor, as a ratio, a shift still counts as one of unit."""


class Kind(IntEnum):
    """How a row stands when the scan meets it."""

    KEPT = 0
    """Let in by an earlier ingest."""
    HELD = 1
    """Quarantined by an earlier ingest."""
    BAD = 2
    """Of this ingest, and already found wrong."""
    NEW = 3
    """Of this ingest, to be judged."""
    FREED = 4
    """Let in by a person's decision: it needs no explanation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of one instrument and source, in session order. `index` is the row's own.

    `told` is the factor of the actions that took effect since the row before, 1 for none. It only
    ever explains a jump: a source that adjusted its prices itself needs no explanation.
    """

    index: int
    kind: Kind
    session: date
    close: float
    factor: float
    told: float = 1.0


@dataclass(slots=True)
class Scan:
    """What the scan of one series found: by row index, the reason of each jump, of each jump that
    looks like another unit, of each factor that its close does not bear out, and of each kept row
    that newly let-in older rows do not meet.
    """

    jumps: dict[int, str] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)
    idle: dict[int, str] = field(default_factory=dict)
    seams: dict[int, str] = field(default_factory=dict)


def moved(close: float, before: float, factor: float) -> float:
    """Return the move of a close against an earlier one times a factor, as a share.

    >>> moved(50.0, 100.0, 0.5)
    0.0
    """
    return close / (before * factor) - 1.0


def scan(steps: Iterable[Step], is_checked: Callable[[int], bool]) -> Scan:
    """Judge the rows of one series in session order.

    A row that is set aside still hands its factor on to the next, unless the factor alone made
    the jump: then the factor is what is wrong, and later rows are compared without it.
    `is_checked` says of a row that jumps whether the move was checked to be true, by index.
    """
    found = Scan()
    last: Step | None = None
    factor = told = 1.0  # of all rows since the last good one
    for step in steps:
        factor, told = factor * step.factor, told * step.told
        if step.kind in {Kind.HELD, Kind.BAD}:
            continue
        reason = None if last is None else _unexplained(step, last, factor, told)
        if step.kind is Kind.KEPT:
            if reason and last is not None and last.kind is Kind.NEW:
                found.seams[step.index] = reason
        elif reason and step.kind is Kind.NEW and not is_checked(step.index):
            believed = factor / step.factor
            if last is not None and _jump(step, last, believed) is None:
                found.idle[step.index] = f"factor {step.factor:.6g} is not borne out: {reason}"
                factor = believed
            elif last is not None and _looks_like_unit(step.close / (last.close * factor)):
                found.units[step.index] = f"{reason}, or another unit"
            else:
                found.jumps[step.index] = reason
            continue
        last, factor, told = step, 1.0, 1.0
    return found


def _unexplained(step: Step, last: Step, factor: float, told: float) -> str | None:
    reason = _jump(step, last, factor)
    borne_out = told != 1.0 and _jump(step, last, factor * told) is None
    return None if borne_out else reason


def _looks_like_unit(ratio: float) -> bool:
    """Return whether a ratio is about 100 or 1,000, either way: pence for pounds, thousands."""
    return any(unit / UNIT_TOLERANCE <= ratio <= unit * UNIT_TOLERANCE for unit in UNITS)


def _jump(step: Step, last: Step, factor: float) -> str | None:
    if step.close <= 0 or last.close <= 0:
        return None  # a future: no ratio says anything of a price below zero
    move = moved(step.close, last.close, factor)
    if not abs(move) > JUMP_MAX:
        return None
    told = "" if factor == 1.0 else f" times factor {factor:.6g}"
    return (
        f"close {step.close:g} is {move:+.1%} from the last good close {last.close:g} of "
        f"{last.session.isoformat()}{told}; more than {JUMP_MAX:.0%} needs a factor"
    )
