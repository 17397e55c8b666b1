"""Exchange calendars: golden facts, and the copy on disk.

Facts of the New York Stock Exchange: its holiday and early-closing notices. Facts of the National
Stock Exchange of India: its circulars on special trading sessions.
"""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fondaco.adapters.calendars.exchange import LIBRARY_NAMES, ExchangeCalendars
from fondaco.adapters.calendars.shelf import read_shelf, write_shelf
from fondaco.core.errors import InvalidInput, NotFound
from unit.market.rows import exchange


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that keeps calendars for this module."""
    return tmp_path_factory.mktemp("calendars")


@pytest.fixture(scope="module")
def calendars() -> ExchangeCalendars:
    """Real calendars."""
    return exchange()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "day",
    [
        "2025-01-09",  # national day of mourning for President Carter
        "2018-12-05",  # national day of mourning for President Bush
        "2012-10-29",
        "2012-10-30",  # hurricane Sandy
        "2001-09-11",
        "2001-09-14",
        "2024-03-29",  # Good Friday
        "2022-06-20",  # Juneteenth, observed
        "2024-07-06",  # a Saturday
    ],
)
def test_new_york_was_closed(calendars: ExchangeCalendars, day: str) -> None:
    closed = date.fromisoformat(day)
    assert calendars("XNYS").sessions(closed, closed) == ()
    with pytest.raises(InvalidInput, match="no session"):
        calendars("XNYS").close(closed)


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2019-06-28", "2019-06-28 13:30", "2019-06-28 20:00"),  # summer time
        ("2019-01-02", "2019-01-02 14:30", "2019-01-02 21:00"),
        ("2019-07-03", "2019-07-03 13:30", "2019-07-03 17:00"),  # closed at 13:00
        ("2023-11-24", "2023-11-24 14:30", "2023-11-24 18:00"),  # the day after Thanksgiving
        ("2024-12-24", "2024-12-24 14:30", "2024-12-24 18:00"),
    ],
)
def test_new_york_opened_and_closed(
    calendars: ExchangeCalendars, day: str, opens: str, closes: str
) -> None:
    calendar = calendars("XNYS")
    assert calendar.open(date.fromisoformat(day)) == _moment(opens)
    assert calendar.close(date.fromisoformat(day)) == _moment(closes)


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        ("2024-01-20", "2024-01-20 10:00"),  # a Saturday at regular hours
        ("2025-02-01", "2025-02-01 10:00"),  # budget day, a Saturday
        ("2024-03-02", "2024-03-02 07:00"),  # drill of the second site, until 12:30
        ("2024-05-18", "2024-05-18 07:00"),
        ("2024-11-01", "2024-11-01 13:30"),  # Diwali evening session, until 19:00
        ("2019-06-28", "2019-06-28 10:00"),
    ],
)
def test_india_traded(calendars: ExchangeCalendars, day: str, closes: str) -> None:
    calendar = calendars("XNSE")
    assert calendar.close(date.fromisoformat(day)) == _moment(closes)
    assert calendar.venue == "XNSE"


@pytest.mark.parametrize("day", ["2024-01-22", "2024-05-20", "2024-11-20", "2024-01-26"])
def test_india_was_closed(calendars: ExchangeCalendars, day: str) -> None:
    closed = date.fromisoformat(day)
    assert calendars("XNSE").sessions(closed, closed) == ()


def test_every_united_states_venue_has_the_sessions_of_new_york(
    calendars: ExchangeCalendars,
) -> None:
    span = date(2019, 1, 1), date(2019, 12, 31)
    assert len(calendars("XNYS").sessions(*span)) == 252
    for venue, name in LIBRARY_NAMES.items():
        if name == "XNYS":
            assert calendars(venue).sessions(*span) == calendars("XNYS").sessions(*span)
            assert calendars(venue).venue == venue


def test_what_a_calendar_does_not_know_is_refused(calendars: ExchangeCalendars) -> None:
    with pytest.raises(NotFound, match="no calendar") as caught:
        calendars("XLON")
    assert "XNYS" in caught.value.message
    with pytest.raises(InvalidInput, match="does not reach"):
        calendars("XNYS").sessions(date(1950, 1, 1), date(2019, 1, 1))
    with pytest.raises(InvalidInput, match="does not reach"):
        calendars("XNSE").sessions(date(2019, 1, 1), date(2040, 1, 1))


def test_a_kept_calendar_needs_no_pandas_and_is_the_same(
    calendars: ExchangeCalendars, folder: Path
) -> None:
    write_shelf(folder, "XNYS", calendars._hours["XNYS"] if calendars("XNYS") else {})
    code = (
        f"import sys\nfrom pathlib import Path\nfrom datetime import date\n"
        f"from fondaco.adapters.calendars.exchange import ExchangeCalendars\n"
        f"c = ExchangeCalendars(Path({str(folder)!r}))('XNYS')\n"
        "days = c.sessions(date(1990, 1, 1), date(2022, 12, 31))\n"
        "print(len(days), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    sessions = calendars("XNYS").sessions(date(1990, 1, 1), date(2022, 12, 31))
    assert done.stdout.split() == [str(len(sessions)), "False"]


def test_a_damaged_or_missing_copy_is_derived_again(tmp_path: Path) -> None:
    hours = {date(2024, 1, 2): (_moment("2024-01-02 14:30"), _moment("2024-01-02 21:00"))}
    assert read_shelf(tmp_path, "XNYS") is None
    write_shelf(tmp_path, "XNYS", hours)
    assert read_shelf(tmp_path, "XNYS") == hours
    (copy,) = tmp_path.iterdir()
    copy.write_text(copy.read_text()[:-7])
    assert read_shelf(tmp_path, "XNYS") is None
    assert read_shelf(None, "XNYS") is None


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_shelf(tmp_path / "file", "XNYS", {})
    write_shelf(None, "XNYS", {})
    assert read_shelf(tmp_path / "file", "XNYS") is None
