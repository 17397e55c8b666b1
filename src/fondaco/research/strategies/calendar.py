"""Calendar: effects that hang on the date alone."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fondaco.market.panel import Matrix, Panel
from fondaco.research.splits import Days
from fondaco.research.strategies.parameters import Bound, Parameters
from fondaco.research.strategies.strategy import Made, design

TURN: Mapping[str, Bound] = {
    "before": Bound(1, 1, 10, "last weekdays of a month that are held"),
    "after": Bound(3, 1, 10, "first sessions of a month that are held"),
}


@design(
    "turn_of_month",
    TURN,
    source="Lakonishok and Smidt (1988), Review of Financial Studies 1, p. 403-425",
    standing=True,
)
def turn_of_month(parameters: Parameters) -> Made:
    """Hold all names from the last session of a month through its first three.

    Idea: wages and funds arrive at the turn of the month and are invested then.
    Rule: decide to hold every name with a close in equal parts at the first close with at most
    `before` weekdays left in the month, and to sell all at the close of session `after` of the
    next; trades are at the next open. Weekdays to come are known from the date alone.
    Source: Lakonishok and Smidt (1988), p. 403-425 (days -1 to 3); McConnell and Xu (2008),
    Financial Analysts Journal 64(2), p. 49-64.
    Ignores: holidays among the last weekdays, by which it enters up to that many sessions late;
    what cash earns; and that a known effect of the calendar is easily traded away.
    """
    before, after = int(parameters["before"]), int(parameters["after"])

    def weights(panel: Panel) -> Matrix:
        inside = within_turn(panel.sessions, before, after)
        wanted = np.full(panel.close.shape, np.nan)
        for row in np.flatnonzero(np.diff(inside)) + 1:
            priced = panel.close[row] > 0.0
            slot = 1.0 / max(1, int(np.count_nonzero(priced)))
            wanted[row] = np.where(priced, slot, 0.0) if inside[row] else 0.0
        return wanted

    return Made(1, weights)


def within_turn(sessions: Days, before: int, after: int) -> NDArray[np.bool_]:
    """Return at which closes the turn of a month is held, (T,).

    The sessions of a month whose first is not among them are not counted as its first ones.
    """
    days = sessions.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    ends = (months + 1).astype("datetime64[D]")
    left = np.busday_count(days + 1, ends)  # weekdays after this one, within the month
    starts = np.flatnonzero(np.diff(months.astype(np.int64))) + 1
    place = np.searchsorted(starts, np.arange(len(days)), side="right")
    known = place > 0
    first = np.zeros(len(days), dtype=np.int64)
    first[known] = starts[place[known] - 1]
    number = np.arange(len(days)) - first + 1
    inside: NDArray[np.bool_] = (left <= before) | (known & (number < after))
    return inside
