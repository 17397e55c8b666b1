"""A panel refuses what cannot be one, and its past is a panel too."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_panel
from fondaco.market.panel import panel_of

PANEL = simulated_panel(1, 5, 2)


def test_the_first_rows_are_what_was_known_then() -> None:
    past = PANEL.until(3)
    assert past.close.shape == (3, 2)
    assert np.array_equal(past.fields["open"], PANEL.fields["open"][:3])
    assert past.sessions[-1] == PANEL.sessions[2]
    assert (past.instruments, past.origin, past.version) == (
        PANEL.instruments,
        PANEL.origin,
        PANEL.version,
    )


def test_a_panel_without_closes_with_a_wrong_shape_or_order_is_refused() -> None:
    with pytest.raises(InvalidInput, match="needs closes"):
        replace(PANEL, fields={"open": PANEL.close})
    with pytest.raises(InvalidInput, match="wrong shape"):
        replace(PANEL, fields={"close": PANEL.close[:, :1]})
    with pytest.raises(InvalidInput, match="must rise"):
        replace(PANEL, sessions=PANEL.sessions[::-1])
    with pytest.raises(InvalidInput, match="must rise"):
        replace(PANEL, sessions=np.repeat(PANEL.sessions[:1], 5))


def test_it_says_whether_it_has_opens() -> None:
    assert PANEL.has_opens
    assert not simulated_panel(1, 5, 2, with_opens=False).has_opens


def test_own_closes_become_a_panel_of_weekdays() -> None:
    panel = panel_of([1.0, 2.0, 3.0])
    assert panel.close.tolist() == [[1.0], [2.0], [3.0]]
    # 2 January 2015 was a Friday (ISO calendar).
    assert [str(day) for day in panel.sessions] == ["2015-01-02", "2015-01-05", "2015-01-06"]
    assert panel.as_of.isoformat() == "2015-01-06T21:00:00+00:00"
    assert panel.instruments == ("A",)
    assert len(set(panel_of(np.ones((2, 40))).instruments)) == 40


def test_a_long_frame_becomes_a_panel_with_nan_for_a_missing_bar() -> None:
    frame = pl.DataFrame(
        {
            "session": [date(2020, 1, 3), date(2020, 1, 2), date(2020, 1, 3)],
            "instrument": ["B", "A", "A"],
            "close": [5.0, 1.0, 2.0],
            "volume": [7, 8, 9],
            "note": ["x", "y", "z"],
        }
    )
    panel = panel_of(frame)
    assert panel.instruments == ("A", "B")
    assert np.array_equal(panel.close, [[1.0, np.nan], [2.0, 5.0]], equal_nan=True)
    assert sorted(panel.fields) == ["close", "volume"]
    assert panel_of(frame, instruments=("B", "A")).close[1].tolist() == [5.0, 2.0]


@pytest.mark.parametrize(
    ("data", "more", "said"),
    [
        ({"open": [1.0]}, {}, "needs closes"),
        ({"close": ["dear"]}, {}, "no array of numbers"),
        (np.ones((2, 2, 2)), {}, "wrong shape"),
        ({"close": [1.0, 2.0], "open": [1.0]}, {}, "wrong shape"),
        ([1.0, 2.0], {"sessions": ["2020-01-01"]}, "a row for each session"),
        ([1.0, 2.0], {"sessions": ["2020-01-02", "2020-01-01"]}, "must rise"),
        ([], {}, "a row for each session"),
        (pl.DataFrame({"close": [1.0]}), {}, "lacks columns"),
    ],
)
def test_what_is_no_panel_is_refused_in_words(data: Any, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        panel_of(data, **more)


def test_two_bars_of_one_day_and_name_are_refused() -> None:
    day = date(2020, 1, 2)
    rows = {"session": [day, day], "instrument": ["A", "A"], "close": [1.0, 2.0]}
    with pytest.raises(InvalidInput, match="two bars"):
        panel_of(pl.DataFrame(rows))
