"""The file of days that wins over the libraries, and how a fault in it is told."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fondaco.adapters.calendars.derive import derive
from fondaco.adapters.calendars.exchange import OVERRIDES, ExchangeCalendars
from fondaco.adapters.calendars.overrides import SHIPPED, read_special_days
from fondaco.adapters.calendars.pairings import CHICAGO, NEW_YORK, REACHES
from fondaco.adapters.calendars.shelf import write_shelf
from fondaco.core.errors import InvalidInput, Unavailable

WORDS = 'reason = "a reason"\nsource = "a notice"\n'
CLOSED = f'[[day]]\nvenue = "XNYS"\nday = 2024-07-08\nclosed = true\n{WORDS}'
HALF = (
    '[[day]]\nvenue = ["XNYS", "XNAS"]\nday = 2024-07-09\nopen = "09:30"\nclose = 12:45:00\n'
    f'zone = "America/New_York"\n{WORDS}'
)
TWO = (
    '[[day]]\nvenue = "XNYS"\nday = 2024-07-13\nzone = "America/New_York"\n'
    f'windows = [["09:30", "10:00"], ["11:30", "12:30"]]\n{WORDS}'
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of derived calendars."""
    folder = tmp_path_factory.mktemp("shelf")
    write_shelf(folder, "XNYS", derive(NEW_YORK))
    write_shelf(folder, "XCME", derive(CHICAGO))
    return folder


@pytest.fixture
def folder(shelf: Path, tmp_path: Path) -> Path:
    """A folder with the derived calendars and no overrides yet."""
    for copy in shelf.iterdir():
        os.link(copy, tmp_path / copy.name)
    return tmp_path


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _open_on(calendars: ExchangeCalendars, venue: str, day: date) -> bool:
    return calendars(venue).sessions(day, day) == (day,)


def test_an_override_closes_a_day_shortens_it_or_makes_a_session_of_a_saturday(
    folder: Path,
) -> None:
    (folder / OVERRIDES).write_text(CLOSED + HALF + TWO)
    calendars = ExchangeCalendars(folder)
    new_york = calendars("XNYS")
    assert not _open_on(calendars, "XNYS", date(2024, 7, 8))
    assert _open_on(calendars, "XNAS", date(2024, 7, 8))
    for venue in ("XNYS", "XNAS"):
        assert calendars(venue).close(date(2024, 7, 9)) == _moment("2024-07-09 16:45")
    assert new_york.windows(date(2024, 7, 13)) == (
        (_moment("2024-07-13 13:30"), _moment("2024-07-13 14:00")),
        (_moment("2024-07-13 15:30"), _moment("2024-07-13 16:30")),
    )
    assert new_york.note(date(2024, 7, 13)) == "a reason (a notice)"


def test_a_change_of_the_file_is_seen_without_a_new_start(folder: Path) -> None:
    calendars = ExchangeCalendars(folder)
    assert _open_on(calendars, "XNYS", date(2024, 7, 8))
    (folder / OVERRIDES).write_text(CLOSED)
    assert not _open_on(calendars, "XNYS", date(2024, 7, 8))
    (folder / OVERRIDES).unlink()
    assert _open_on(calendars, "XNYS", date(2024, 7, 8))


def test_an_override_settles_a_disagreement(folder: Path) -> None:
    calendars = ExchangeCalendars(folder)
    friday = date(2027, 3, 26)
    assert friday in {d.day for d in calendars.disagreements("XCME")}
    (folder / OVERRIDES).write_text(
        '[[day]]\nvenue = "XCME"\nday = 2027-03-26\nopen = "17:00"\nclose = "08:15"\n'
        f'zone = "America/Chicago"\n{WORDS}'
    )
    assert friday not in {d.day for d in calendars.disagreements("XCME")}
    assert calendars("XCME").windows(friday) == (
        (_moment("2027-03-25 22:00"), _moment("2027-03-26 13:15")),
    )


def test_the_users_file_wins_over_our_own_table(folder: Path) -> None:
    day = date(2025, 1, 9)
    (folder / OVERRIDES).write_text(
        f'[[day]]\nvenue = "XCME"\nday = 2025-01-09\nclosed = true\n{WORDS}'
    )
    assert _open_on(ExchangeCalendars(None), "XCME", day)
    assert not _open_on(ExchangeCalendars(folder), "XCME", day)


def test_a_window_to_midnight_ends_with_its_day(tmp_path: Path) -> None:
    path = tmp_path / "days.toml"
    path.write_text(
        '[[day]]\nvenue = "XCRY"\nday = 2024-07-09\nopen = "06:00"\nclose = "00:00"\n'
        f'zone = "UTC"\n{WORDS}'
    )
    (day,) = read_special_days(path, REACHES)
    assert day.windows == ((_moment("2024-07-09 06:00"), _moment("2024-07-10 00:00")),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CLOSED.replace("2024-07-08", '"soon"'), "line 1: 'day' is not a date"),
        (CLOSED.replace("XNYS", "XLON"), "line 1: unknown venue 'XLON', known are ARCX"),
        (CLOSED.replace('"XNYS"', "[]"), "line 1: 'venue' names none"),
        (CLOSED.replace('"XNYS"', "[[1]]"), "line 1: unknown venue [1]"),
        (CLOSED.replace("2024-07-08", "1961-07-08"), "reaches from 1962-01-02 to 2035-12-31"),
        (CLOSED.replace("closed = true", ""), "give closed = true, or open and close"),
        (CLOSED.replace("closed = true", 'closed = "yes"'), "'closed' is not true or false"),
        (CLOSED.replace("closed = true", 'closed = true\nopen = "09:30"'), "as well"),
        (CLOSED.replace("closed", "close"), "line 1: give closed = true"),
        (CLOSED.replace("closed", "shut"), "line 1: unknown key 'shut', known are close, closed"),
        (CLOSED.replace('reason = "a reason"\n', ""), "line 1: 'reason' is missing"),
        (CLOSED.replace('"a notice"', '" "'), "line 1: 'source' is missing"),
        (CLOSED + HALF + CLOSED, "line 15: XNYS 2024-07-08 is given already at line 1"),
        (HALF.replace("America/New_York", "Mars"), "'zone' is not a time zone"),
        (HALF.replace('zone = "America/New_York"', ""), "'zone' is not a time zone"),
        (HALF.replace('"09:30"', '"9.30"'), "not a time such as 09:15: '9.30'"),
        (HALF.replace('"09:30"', '"12:45"'), "opens and closes at 12:45"),
        (TWO.replace('"11:30"', '"09:45"'), "opens before the one before it has closed"),
        (TWO.replace('["09:30", "10:00"]', '["09:30"]'), "a window is not [open, close]"),
        (TWO.replace('[["09:30", "10:00"], ["11:30", "12:30"]]', "[]"), "'windows' is not a list"),
        ("[[holiday]]\nday = 2024-07-08\n", "unknown table 'holiday'"),
        ("[day]\nday = 2024-07-08\n", "write [[day]]"),
        ("day = 1979-05-27\n", "write [[day]]"),
        ("[[day]]\nvenue = \n", "line 2"),
        ("day = [1]\n", "day 1: it is not a table"),
    ],
)
def test_a_fault_is_refused_with_its_place_and_never_ignored(
    folder: Path, text: str, told: str
) -> None:
    (folder / OVERRIDES).write_text(text)
    calendars = ExchangeCalendars(folder)
    for ask in (calendars, calendars.disagreements):
        with pytest.raises(InvalidInput, match="overrides cannot be used") as caught:
            ask("XCRY")
        assert told in caught.value.message
        assert str(folder / OVERRIDES) in caught.value.message


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "days.toml"
    bad = CLOSED.replace("XNYS", "XLON") + HALF.replace("America/New_York", "Mars")
    path.write_text(bad * 7)
    with pytest.raises(InvalidInput) as caught:
        read_special_days(path, REACHES)
    assert "line 1: unknown venue" in caught.value.message
    assert "line 7: 'zone'" in caught.value.message
    assert "and 4 more" in caught.value.message


def test_a_file_that_is_no_text_too_large_or_not_readable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "days.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_special_days(path, REACHES)
    path.write_text("#" * 1_000_001)
    with pytest.raises(InvalidInput, match="larger than 1000000 bytes"):
        read_special_days(path, REACHES)
    with pytest.raises(Unavailable, match="cannot be read"):
        read_special_days(tmp_path, REACHES)
    assert read_special_days(tmp_path / "nothing", REACHES) == ()


def test_our_own_table_is_read_by_the_same_rules_and_each_day_has_its_source() -> None:
    days = read_special_days(SHIPPED, REACHES)
    assert len(days) > 50
    assert all(day.source and day.reason for day in days)
