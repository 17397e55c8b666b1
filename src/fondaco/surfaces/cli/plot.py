"""A line chart in braille: two dots wide and four dots high in each character."""

from collections.abc import Sequence

from fondaco.core.text import thinned

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


def _between(before: int | None, y: int) -> range:
    """Return the dots from just past the last height to this one."""
    if before is None or before == y:
        return range(y, y + 1)
    return range(before + 1, y + 1) if before < y else range(y, before)
