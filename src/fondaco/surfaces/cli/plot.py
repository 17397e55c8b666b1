"""Charts in braille: two dots wide and four dots high in each character."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fondaco.core.text import thinned
from fondaco.core.view import Pair

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
BLANK = 0x2800


def braille(numbers: Sequence[float | None], width: int, height: int) -> list[str]:
    """Return rows of `width` characters that draw numbers from left to right.

    The highest number touches the top, the lowest the bottom; steps between neighbours are drawn
    as vertical lines, and nothing is drawn where there is no number.

    >>> braille([0, 1, 2, 3], 2, 1)
    ['⡠⠊']
    """
    shown = thinned(numbers, width * 2)
    known = [v for v in shown if v is not None]
    if not known:
        return []
    low, span = min(known), max(known) - min(known)
    top = height * 4 - 1
    cells = [[BLANK] * ((len(shown) + 1) // 2) for _ in range(height)]
    before: int | None = None
    for x, value in enumerate(shown):
        if value is None:
            before = None
            continue
        y = round((value - low) / span * top) if span else top // 2
        for dot in _between(before, y):
            cells[height - 1 - dot // 4][x // 2] |= _DOTS[x % 2][3 - dot % 4]
        before = y
    return ["".join(map(chr, row)) for row in cells]


@dataclass(frozen=True, slots=True)
class Plane:
    """The part of the plane that a plot shows, and how many characters show it."""

    left: float
    right: float
    bottom: float
    top: float
    width: int
    height: int

    def dot(self, pair: Pair) -> tuple[int, int]:
        """Return the dot of a pair, counted from the left and from the bottom."""
        return (
            _step(pair[0], self.left, self.right, self.width * 2 - 1),
            _step(pair[1], self.bottom, self.top, self.height * 4 - 1),
        )


def plane_of(pairs: Sequence[Pair], width: int, height: int) -> Plane:
    """Return the plane that holds all pairs, of which there is at least one."""
    across, up = zip(*pairs, strict=True)
    return Plane(min(across), max(across), min(up), max(up), width, height)


def dotted(
    plane: Plane,
    pairs: Sequence[Pair],
    *,
    joined: bool = False,
    marks: Sequence[tuple[str, Pair]] = (),
) -> list[str]:
    """Return rows that draw each pair as a dot, joined to the next where it is a curve.

    `marks` are signs that stand above the dots, each in the character that holds its pair.

    >>> dotted(plane_of([(0, 0), (3, 3)], 2, 1), [(0, 0), (3, 3)])
    ['⡀⠈']
    >>> dotted(plane_of([(0, 0), (3, 3)], 2, 1), [(0, 0)], marks=[("◆", (3, 3))])
    ['⡀◆']
    """
    cells = [[BLANK] * plane.width for _ in range(plane.height)]
    dots = [plane.dot(pair) for pair in pairs]
    for x, y in _joined(dots) if joined else dots:
        cells[plane.height - 1 - y // 4][x // 2] |= _DOTS[x % 2][3 - y % 4]
    rows = [list(map(chr, row)) for row in cells]
    for sign, pair in marks:
        x, y = plane.dot(pair)
        rows[plane.height - 1 - y // 4][x // 2] = sign
    return ["".join(row) for row in rows]


def _joined(dots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the dots with those between neighbours, a step at a time along the longer way."""
    found = list(dots[:1])
    for (x, y), (to_x, to_y) in pairwise(dots):
        steps = max(abs(to_x - x), abs(to_y - y))
        found += [
            (x + round((to_x - x) * at / steps), y + round((to_y - y) * at / steps))
            for at in range(1, steps + 1)
        ]
    return found


def _step(value: float, low: float, high: float, top: int) -> int:
    return round((value - low) / (high - low) * top) if high > low else top // 2


def _between(before: int | None, y: int) -> range:
    """Return the dots from just past the last height to this one."""
    if before is None or before == y:
        return range(y, y + 1)
    return range(before + 1, y + 1) if before < y else range(y, before)
