"""The turn of the month, by the calendar of 2015."""

from dataclasses import replace

import numpy as np

from fondaco.market.panel import Panel
from fondaco.research.strategies.calendar import turn_of_month
from unit.research.scene import panel_of


def weekdays(first: str, last: str, *, without: tuple[str, ...] = ()) -> Panel:
    days = np.arange(first, last, dtype="datetime64[D]")
    days = days[np.is_busday(days, holidays=list(without))]
    panel = panel_of(np.full((len(days), 2), 10.0))
    return replace(panel, sessions=days, closes_at=days.astype("datetime64[us]"))


def decisions(panel: Panel, **changes: float) -> list[tuple[str, float]]:
    weights = turn_of_month(**changes).weights(panel)
    rows = np.flatnonzero(~np.isnan(weights).all(axis=1))
    return [(str(panel.sessions[row]), float(weights[row].sum())) for row in rows]


def test_it_buys_before_the_last_weekday_and_sells_after_the_third_session() -> None:
    # Friday 30 January and Friday 27 February are the last weekdays of their months.
    assert decisions(weekdays("2015-01-12", "2015-03-12")) == [
        ("2015-01-29", 1.0),
        ("2015-02-04", 0.0),
        ("2015-02-26", 1.0),
        ("2015-03-04", 0.0),
    ]


def test_its_days_can_be_changed() -> None:
    assert decisions(weekdays("2015-01-12", "2015-02-20"), before=3, after=1) == [
        ("2015-01-27", 1.0),
        ("2015-02-02", 0.0),
    ]


def test_holidays_move_its_days() -> None:
    # 31 March is the last weekday, so it comes a session late.
    # Good Friday, 3 April 2015, is the third weekday of April: the third session is Monday the 6th.
    panel = weekdays("2015-03-16", "2015-04-20", without=("2015-03-31", "2015-04-03"))
    assert decisions(panel) == [("2015-03-30", 1.0), ("2015-04-06", 0.0)]


def test_a_panel_that_begins_in_a_turn_waits_for_the_next() -> None:
    # Whether 3 February was the second session or the first cannot be seen from inside.
    assert decisions(weekdays("2015-02-03", "2015-02-27")) == [("2015-02-26", 1.0)]


def test_only_names_with_a_close_are_bought() -> None:
    panel = weekdays("2015-01-12", "2015-02-12")
    close = np.column_stack(
        [np.full(len(panel.sessions), 10.0), np.full(len(panel.sessions), np.nan)]
    )
    weights = turn_of_month().weights(replace(panel, fields={"close": close}))
    assert np.nanmax(weights, axis=0).tolist() == [1.0, 0.0]
