"""A chart of pairs on a terminal: clouds in one plane with its bounds, each curve below."""

from fondaco.core.view import Chart, Pair, Series, extent
from fondaco.surfaces.cli.plot import dotted, plane_of

DOTS = "⠶"
SIGNS = "◆▲■●★"
"""The first cloud is dots, every further one a sign of its own."""
CLOUD_HEIGHT_FACTOR = 2
_WIDTH_MIN = 10


def cloud_lines(chart: Chart, width: int, height: int) -> list[str]:
    """Return a chart of pairs as lines within a width; a curve stands `height` lines high."""
    lines: list[str] = []
    for pane in sorted({series.pane for series in chart.series}):
        here = [series for series in chart.series if series.pane == pane]
        clouds = [series for series in here if series.kind == "scatter"]
        lines += _clouds(clouds, width, height * CLOUD_HEIGHT_FACTOR)
        for curve in (series for series in here if series.kind != "scatter"):
            lines += _framed(curve.pairs, [], width, height, joined=True)
            lines.append(f"{curve.name}: {extent(curve)}")
    return lines


def _clouds(clouds: list[Series], width: int, height: int) -> list[str]:
    if not clouds:
        return []
    first, *rest = clouds
    signs = [SIGNS[at % len(SIGNS)] for at in range(len(rest))]
    marks = [(sign, p) for sign, series in zip(signs, rest, strict=True) for p in series.pairs]
    names = [
        f"{sign} {series.name}: {extent(series)}"
        for sign, series in zip([DOTS, *signs], clouds, strict=True)
    ]
    return [*_framed(first.pairs, marks, width, height, joined=False), *names]


def _framed(
    pairs: list[Pair], marks: list[tuple[str, Pair]], width: int, height: int, *, joined: bool
) -> list[str]:
    """Return a plot with the bounds of y at its left and those of x below it."""
    every = [*pairs, *(pair for _, pair in marks)]
    if not every:
        return []
    across, up = zip(*every, strict=True)
    high, low = f"{max(up):,.4g}", f"{min(up):,.4g}"
    margin = max(len(high), len(low))
    plane = plane_of(every, max(_WIDTH_MIN, width - margin - 2), height)
    rows = dotted(plane, pairs, joined=joined, marks=marks)
    heads = [high, *[""] * (height - 2), low]
    left, right = f"{min(across):,.6g}", f"{max(across):,.6g}"
    gap = max(1, plane.width - len(left) - len(right))
    return [
        *(f"{head.rjust(margin)} │{row}" for head, row in zip(heads, rows, strict=True)),
        f"{' ' * margin} └{left}{' ' * gap}{right}",
    ]
