"""A chart of pairs on a terminal: clouds in one plane with its bounds, each curve below."""

from fondaco.core.view import Chart, Pair, Series, bounds, extent
from fondaco.surfaces.cli.plot import dotted, plane_of

DOTS = "⠶"
SIGNS = "◆▲■●★"
"""The first cloud is dots, every further one and every single point a sign of its own."""
CLOUD_HEIGHT_FACTOR = 2
_WIDTH_MIN = 10
Marks = list[tuple[str, Pair]]


def cloud_lines(chart: Chart, width: int, height: int) -> list[str]:
    """Return a chart of pairs as lines within a width; a curve stands `height` lines high.

    Single points are marked in the clouds of their pane, or on its curves where it has no cloud.
    """
    lines: list[str] = []
    for pane in sorted({series.pane for series in chart.series}):
        here = [series for series in chart.series if series.pane == pane]
        dots, signed, curves = _sorted(here)
        marks = [(sign, pair) for sign, series in signed for pair in series.pairs]
        if dots is not None:
            lines += _framed(dots.pairs, marks, width, height * CLOUD_HEIGHT_FACTOR, joined=False)
            lines.append(f"{DOTS} {dots.name}: {extent(dots)}")
        for curve in curves:
            on_curve = marks if dots is None else []
            lines += _framed(curve.pairs, on_curve, width, height, joined=True)
            lines.append(f"{curve.name}: {extent(curve)}")
        lines += [f"{sign} {series.name}: {extent(series)}" for sign, series in signed]
    return lines


def _sorted(
    here: list[Series],
) -> tuple[Series | None, list[tuple[str, Series]], list[Series]]:
    """Return the cloud that is drawn as dots, what is drawn as signs, and the curves."""
    curves = [series for series in here if series.kind != "scatter"]
    clouds = [series for series in here if series.kind == "scatter"]
    dots = next((series for series in clouds if len(series.pairs) != 1), None)
    if dots is None and clouds and not curves:
        dots = clouds[0]
    rest = [series for series in clouds if series is not dots]
    return dots, [(SIGNS[at % len(SIGNS)], series) for at, series in enumerate(rest)], curves


def _framed(pairs: list[Pair], marks: Marks, width: int, height: int, *, joined: bool) -> list[str]:
    """Return a plot with the bounds of y at its left and those of x below it."""
    every = [*pairs, *(pair for _, pair in marks)]
    if not every:
        return []
    across, up = zip(*every, strict=True)
    low, high = bounds(up)
    left, right = bounds(across)
    margin = max(len(high), len(low))
    plane = plane_of(every, max(_WIDTH_MIN, width - margin - 2), height)
    rows = dotted(plane, pairs, joined=joined, marks=marks)
    heads = [high, *[""] * (height - 2), low]
    gap = max(1, plane.width - len(left) - len(right))
    return [
        *(f"{head.rjust(margin)} │{row}" for head, row in zip(heads, rows, strict=True)),
        f"{' ' * margin} └{left}{' ' * gap}{right}",
    ]
