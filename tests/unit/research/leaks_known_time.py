"""Leaks of known time: what was restated, split or listed later reaches back to earlier bars.

`revised_world` is a small store: of each moment, the panel as it was known then. After row 39 an
earlier close is mended, the second name splits two for one, and the last name is listed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np

from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import Matrix, Panel
from fondaco.research.probes import cut_off, moment_of

PanelFunction = Callable[[Panel], Matrix]
TRUE = simulated_panel(17, 60, 4)
MENDED, LISTED = 30, 40  # the row that a later revision mends; the first row of the last name


def world(
    *, mended: bool = False, split: bool = False, listed: bool = False
) -> tuple[Panel, Callable[[datetime], Panel]]:
    """Return the panel of today and the reader of the past, with what was learnt after row 39."""

    def read(moment: datetime) -> Panel:
        rows = sum(moment_of(TRUE, row) <= moment for row in range(len(TRUE.sessions)))
        late, panel = rows > LISTED, cut_off(TRUE, rows)
        fields = {name: values.copy() for name, values in panel.fields.items()}
        if mended and not late and rows > MENDED:
            fields["close"][MENDED] *= 1.1  # as it was first reported
        if split:
            held = np.arange(rows) < LISTED  # rows before the split, on the scale known then
            scale = np.where(held, 0.5, 1.0) if late else np.ones(rows)
            for name in ("open", "high", "low", "close"):
                fields[name][:, 1] *= scale
            fields["volume"][:, 1] /= scale
        names = panel.instruments
        if listed and not late:
            names, fields = names[:-1], {name: values[:, :-1] for name, values in fields.items()}
        elif listed:
            for values in fields.values():
                values[:LISTED, -1] = np.nan
        return replace(panel, instruments=names, fields=fields, version=1 + late)

    return read(moment_of(TRUE, -1)), read


def _equal_parts(panel: Panel) -> Matrix:
    return np.full(panel.close.shape, 1.0 / len(panel.instruments))


def _equal_parts_of_the_listed(panel: Panel) -> Matrix:
    listed = ~np.isnan(panel.close)
    return listed / np.maximum(listed.sum(axis=1, keepdims=True), 1)


def _ratio(panel: Panel) -> Matrix:
    return panel.close / np.vstack([panel.close[:1] * np.nan, panel.close[:-1]])


World = tuple[Panel, Callable[[datetime], Panel]]

KNOWN_TIME_LEAKS: dict[str, tuple[PanelFunction, World]] = {
    "a restated close": (_ratio, world(mended=True)),
    "a price threshold on split-adjusted closes": (
        lambda p: (p.close > 70.0) * 1.0,
        world(split=True),
    ),
    "share counts from adjusted volume": (lambda p: p.fields["volume"], world(split=True)),
    "members of today in the past": (_equal_parts, world(listed=True)),
}
KNOWN_TIME_CLEAN: dict[str, tuple[PanelFunction, World]] = {
    "a ratio of prices through a split": (_ratio, world(split=True)),
    "value traded through a split": (
        lambda p: p.close * p.fields["volume"],
        world(split=True),
    ),
    "equal parts of what was listed": (_equal_parts_of_the_listed, world(listed=True)),
}

PEEKS: dict[str, PanelFunction] = {
    "the year in which it is read": lambda p: np.full(p.close.shape, float(p.as_of.year)),
    "the version that is read": lambda p: np.full(p.close.shape, float(p.version)),
    "another rule since a certain version": lambda p: p.close if p.version < 5 else -p.close,
}
"""Functions of the reading itself, which the same rows read later give away."""
