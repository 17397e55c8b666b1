"""Charts as inline SVG: lines over time, drawn by us, so that a report needs nothing from outside.

Every text is escaped; nothing here runs. Colours are the variables of the report's style sheet, so
that one drawing serves the dark and the light scheme.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil, floor, log10

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 1_000, 92, 16, 12, 26
POINTS_MAX = 1_600
LOG_RATIO_MIN = 5.0
TICKS = 5

Value = float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: a name for the legend, values (None is a gap) and a colour."""

    name: str
    values: Sequence[Value]
    colour: str
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart's frame: its words for a reader without eyes, its height, its unit."""

    title: str
    height: int
    percent: bool = False
    may_log: bool = False


def line_chart(plot: Plot, days: Sequence[date], lines: Sequence[Line]) -> str:
    """Return a chart of lines over days as an SVG element; a note where there is nothing to draw.

    The vertical axis is logarithmic when it may be and the highest value is five times the lowest.
    """
    known = [v for line in lines for v in line.values if v is not None]
    if len(days) < 2 or not known:
        return f"<p class='note'>{escape(plot.title)}: nothing to draw.</p>"
    low, high = min(known), max(known)
    log = plot.may_log and low > 0 and high / low >= LOG_RATIO_MIN
    scale = _Scale(low, high, plot.height, log=log)
    ticks = "".join(_tick(scale, value, percent=plot.percent) for value in scale.ticks())
    drawn = "".join(_path(scale, line, len(days)) for line in lines)
    words = f"{plot.title}{' (logarithmic scale)' if log else ''}: {_said(lines, plot)}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {plot.height}" role="img" aria-label="{escape(words)}">'
        f"{ticks}{_years(days, plot.height)}{drawn}</svg>"
    )


class _Scale:
    """From values to heights on the page."""

    def __init__(self, low: float, high: float, height: int, *, log: bool) -> None:
        self._log = log
        if high == low:
            low, high = low - abs(low) * 0.05 - 1e-9, high + abs(high) * 0.05 + 1e-9
        self._low, self._high, self._height = self._place(low), self._place(high), height

    def y(self, value: float) -> float:
        """Return the height of a value."""
        share = (self._place(value) - self._low) / (self._high - self._low)
        return self._height - BOTTOM - share * (self._height - TOP - BOTTOM)

    def ticks(self) -> list[float]:
        """Return round values to mark."""
        if self._log:
            decades = range(floor(self._low), ceil(self._high) + 1)
            values = [m * 10.0**d for d in decades for m in (1, 2, 5)]
            inside = [v for v in values if self._low <= log10(v) <= self._high]
            return inside[:: max(1, ceil(len(inside) / (2 * TICKS)))]
        step = _round_step((self._high - self._low) / TICKS)
        first = ceil(self._low / step)
        count = floor(self._high / step + 1e-9) - first + 1
        return [(first + n) * step for n in range(max(0, count))]

    def _place(self, value: float) -> float:
        return log10(value) if self._log else value


def _round_step(step: float) -> float:
    """Return the next 1, 2 or 5 times a power of ten.

    >>> _round_step(0.13), _round_step(30.0)
    (0.2, 50.0)
    """
    power = 10.0 ** floor(log10(step))
    return float(next(m for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9)) * power)


def _tick(scale: _Scale, value: float, *, percent: bool) -> str:
    y = scale.y(value)
    words = f"{value * 100:,.0f} %" if percent else f"{value:,.10g}"
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{words}</text>'
    )


def _years(days: Sequence[date], height: int) -> str:
    """Mark the first session of each year, or of each month of a span below two years."""
    short = (days[-1] - days[0]).days < 730
    stamp = (lambda d: (d.year, d.month)) if short else (lambda d: (d.year, 0))
    firsts = [n for n in range(1, len(days)) if stamp(days[n]) != stamp(days[n - 1])]
    shown = firsts[:: max(1, ceil(len(firsts) / 12))]
    return "".join(
        f'<text x="{_x(n, len(days)):.1f}" y="{height - 8}" text-anchor="middle">'
        f"{f'{days[n]:%Y-%m}' if short else days[n].year}</text>"
        for n in shown
    )


def _path(scale: _Scale, line: Line, count: int) -> str:
    parts, pen = [], "M"
    kept = [n for n in thinned(line.values, POINTS_MAX) if n < count]
    for n in kept:
        value = line.values[n]
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{_x(n, count):.1f} {scale.y(value):.1f}")
        pen = "L"
    path = "".join(parts)
    area = ""
    if line.filled and parts:
        base = scale.y(0.0)
        closed = f"{path}L{_x(kept[-1], count):.1f} {base:.1f}L{_x(kept[0], count):.1f} {base:.1f}Z"
        area = f'<path d="{closed}" style="fill:{line.colour}" opacity="0.25"/>'
    return (
        f'{area}<path d="{path}" fill="none" style="stroke:{line.colour}" stroke-width="1.5" '
        f'stroke-linejoin="round"/>'
    )


def _x(n: int, count: int) -> float:
    return LEFT + n / (count - 1) * (WIDTH - LEFT - RIGHT)


def thinned(values: Sequence[Value], most: int) -> list[int]:
    """Return which points to draw: of each bucket the lowest and highest, so that no peak is lost.

    >>> thinned([0.0, 9.0, 1.0, 2.0, 2.5, 1.5, 7.0, 0.0], 4)
    [0, 1, 6, 7]
    """
    if len(values) <= most:
        return list(range(len(values)))
    size = ceil(len(values) / (most // 2))
    kept = []
    for start in range(0, len(values), size):
        bucket = [n for n in range(start, min(start + size, len(values))) if values[n] is not None]
        if not bucket:
            kept.append(start)
            continue
        ends = {
            min(bucket, key=lambda n: values[n] or 0.0),
            max(bucket, key=lambda n: values[n] or 0.0),
        }
        kept += sorted(ends)
    return kept


def legend(lines: Sequence[Line]) -> str:
    """Return the names of a chart's lines with their colours."""
    return "".join(
        f'<span class="key"><i style="background:{line.colour}"></i>{escape(line.name)}</span>'
        for line in lines
    )


def _said(lines: Sequence[Line], plot: Plot) -> str:
    words = []
    for line in lines:
        known = [v for v in line.values if v is not None]
        if known:
            first, last = (
                f"{v * 100:.1f} %" if plot.percent else f"{v:,.2f}" for v in (known[0], known[-1])
            )
            words.append(f"{line.name} from {first} to {last}")
    return "; ".join(words)
