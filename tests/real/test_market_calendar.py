"""Our calendar of New York against the answer file of the exchange_calendars project."""

import os
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from unit.market.rows import exchange

HERE = Path(__file__).parents[2].parent / "shared" / "data"
DATA = Path(os.environ.get("FONDACO_SHARED_DATA", HERE)) / "09_reference" / "exchange_calendars"
ANSWERS = DATA / "xnys.csv.gz"


@pytest.mark.real
@pytest.mark.skipif(not ANSWERS.exists(), reason=f"SKIPPED: {ANSWERS} is not there")
def test_every_session_open_and_close_since_1990_is_that_of_the_answer_file() -> None:
    answers = pl.read_csv(ANSWERS)
    expected = {
        date.fromisoformat(day[:10]): (
            datetime.fromisoformat(opened),
            datetime.fromisoformat(closed),
        )
        for day, opened, closed in answers.select(answers.columns[:3]).rows()
    }
    calendar = exchange()("XNYS")
    sessions = calendar.sessions(min(expected), max(expected))
    assert set(sessions) == set(expected)
    wrong = {
        day: (calendar.open(day), calendar.close(day))
        for day in sessions
        if (calendar.open(day), calendar.close(day)) != expected[day]
    }
    assert wrong == {}
