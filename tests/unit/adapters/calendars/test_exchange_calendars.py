"""Exchange calendars: what two libraries agree on, and the copy on disk.

Single days are held to their sources in `test_facts.py`.
"""

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import exchange_calendars
import pytest

from fondaco.adapters.calendars.derive import Clash, Derived, always_open, derive
from fondaco.adapters.calendars.exchange import ExchangeCalendars
from fondaco.adapters.calendars.pairings import NEW_YORK, NSE, PAIRINGS
from fondaco.adapters.calendars.shelf import read_shelf, write_shelf
from fondaco.core.errors import InvalidInput, NotFound
from unit.market.rows import exchange

SPAN = date(2019, 1, 1), date(2019, 12, 31)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


DERIVED = Derived(
    {
        date(2024, 1, 2): ((_moment("2024-01-02 14:30"), _moment("2024-01-02 21:00")),),
        date(2024, 3, 2): (
            (_moment("2024-03-02 03:45"), _moment("2024-03-02 04:30")),
            (_moment("2024-03-02 06:00"), _moment("2024-03-02 07:00")),
        ),
    },
    (Clash(date(2024, 1, 3), "session", "closed", "open, closes 16:00 America/New_York"),),
)


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2019-03-08", "14:30", "21:00"),
        ("2019-03-11", "13:30", "20:00"),  # the clocks of New York went forward on the 10th
        ("2019-11-01", "13:30", "20:00"),
        ("2019-11-04", "14:30", "21:00"),
    ],
)
def test_new_york_opens_by_its_own_clock_in_summer_and_winter(
    day: str, opens: str, closes: str
) -> None:
    calendar = exchange()("XNYS")
    assert calendar.open(date.fromisoformat(day)) == _moment(f"{day} {opens}")
    assert calendar.close(date.fromisoformat(day)) == _moment(f"{day} {closes}")


def test_every_united_states_venue_has_the_sessions_of_new_york() -> None:
    assert len(exchange()("XNYS").sessions(*SPAN)) == 252
    for venue, pairing in PAIRINGS.items():
        if pairing is NEW_YORK:
            assert exchange()(venue).sessions(*SPAN) == exchange()("XNYS").sessions(*SPAN)
            assert exchange()(venue).venue == venue


def test_chicago_opens_the_evening_before_and_pauses_in_the_afternoon_until_2021() -> None:
    calendar = exchange()("XCME")
    assert calendar.windows(date(2021, 6, 25)) == (
        (_moment("2021-06-24 22:00"), _moment("2021-06-25 20:15")),
        (_moment("2021-06-25 20:30"), _moment("2021-06-25 21:00")),
    )
    assert calendar.windows(date(2021, 6, 28)) == (
        (_moment("2021-06-27 22:00"), _moment("2021-06-28 21:00")),
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the library's, of the newest pandas
def test_crypto_trades_every_day_as_the_second_library_says_of_a_market_that_never_closes() -> None:
    calendar = exchange()("XCRY")
    theirs = exchange_calendars.get_calendar("24/7", start="2020-01-01", end="2020-12-31").schedule
    days = [moment.date() for moment in theirs.index]
    assert list(calendar.sessions(date(2020, 1, 1), date(2020, 12, 31))) == days
    assert [calendar.open(day) for day in days] == [m.to_pydatetime() for m in theirs["open"]]
    assert [calendar.close(day) for day in days] == [m.to_pydatetime() for m in theirs["close"]]
    midnight = datetime.combine(date(2024, 2, 29), time(), UTC)
    assert calendar.windows(date(2024, 2, 29)) == ((midnight, midnight + timedelta(days=1)),)


def test_what_a_calendar_does_not_know_is_refused() -> None:
    with pytest.raises(NotFound, match="no calendar") as caught:
        exchange()("XLON")
    assert "XNYS" in caught.value.message
    with pytest.raises(InvalidInput, match="does not reach"):
        exchange()("XNYS").sessions(date(1950, 1, 1), date(2019, 1, 1))
    with pytest.raises(InvalidInput, match="2026-12-31"):
        exchange()("XNSE").sessions(date(2019, 1, 1), date(2027, 1, 1))


def test_a_day_on_which_the_libraries_differ_is_closed_and_told() -> None:
    told = {d.day: d for d in exchange().disagreements("XCME")}
    friday = told[date(2027, 3, 26)]  # Good Friday; whether the futures trade is not known yet
    assert (friday.venue, friday.about, friday.counts_as) == ("XCME", "session", "closed")
    assert friday.says == (
        ("pandas_market_calendars", "open 17:00 to 08:15 America/Chicago"),
        ("exchange_calendars", "closed"),
    )
    assert "overrides.toml" in friday.remedy
    assert exchange()("XCME").sessions(friday.day, friday.day) == ()


def test_a_close_on_which_they_differ_is_that_of_the_first_and_told() -> None:
    told = {d.day: d for d in exchange().disagreements("XCME")}
    juneteenth = told[date(2029, 6, 19)]
    assert juneteenth.about == "close"
    assert juneteenth.counts_as == "open 17:00 to 12:00 America/Chicago"
    assert exchange()("XCME").close(juneteenth.day) == _moment("2029-06-19 17:00")


def test_days_that_our_own_table_settles_are_not_told() -> None:
    for venue in ("XNSE", "XBOM"):
        days = {d.day for d in exchange().disagreements(venue)}
        assert days.isdisjoint({date(2024, 11, 1), date(2013, 11, 14), date(2013, 11, 15)})
        assert not [day for day in days if day > date(2020, 12, 31)]
    assert exchange().disagreements("XCRY") == ()
    assert not [d for d in exchange().disagreements("XNYS") if d.day.year > 1997]


def test_before_any_override_the_libraries_differ_on_every_weekday_muhurat() -> None:
    derived = derive(NSE)
    about = {clash.day: clash.about for clash in derived.clashes}
    for day in (date(2018, 11, 7), date(2021, 11, 4), date(2022, 10, 24), date(2024, 11, 1)):
        assert about[day] == "session"
        assert day not in derived.hours
    assert about[date(2021, 2, 24)] == "close"


def test_a_special_day_says_why_and_who_says_so() -> None:
    calendar = exchange()("XNSE")
    assert "Muhurat" in calendar.note(date(2023, 11, 12))
    assert "Angel One" in calendar.note(date(2023, 11, 12))
    assert calendar.note(date(2023, 11, 13)) == ""


def test_a_kept_calendar_needs_no_pandas_and_is_the_same(tmp_path: Path) -> None:
    write_shelf(tmp_path, "XNYS", derive(NEW_YORK))
    code = (
        f"import sys\nfrom pathlib import Path\nfrom datetime import date\n"
        f"from fondaco.adapters.calendars.exchange import ExchangeCalendars\n"
        f"calendars = ExchangeCalendars(Path({str(tmp_path)!r}))\n"
        "days = calendars('XNYS').sessions(date(1990, 1, 1), date(2022, 12, 31))\n"
        "print(len(days), len(calendars.disagreements('XNYS')), 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    sessions = exchange()("XNYS").sessions(date(1990, 1, 1), date(2022, 12, 31))
    told = exchange().disagreements("XNYS")
    assert done.stdout.split() == [str(len(sessions)), str(len(told)), "False"]


def test_a_damaged_or_missing_copy_is_derived_again(tmp_path: Path) -> None:
    assert read_shelf(tmp_path, "XNYS") is None
    write_shelf(tmp_path, "XNYS", DERIVED)
    assert read_shelf(tmp_path, "XNYS") == DERIVED
    (copy,) = tmp_path.iterdir()
    whole = copy.read_text()
    for damaged in (whole[:-7], "[]", whole.replace("1704205800, ", ""), '{"sessions": []}'):
        copy.write_text(damaged)
        assert read_shelf(tmp_path, "XNYS") is None
    assert read_shelf(None, "XNYS") is None


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    write_shelf(tmp_path / "file", "XNYS", DERIVED)
    write_shelf(None, "XNYS", DERIVED)
    assert read_shelf(tmp_path / "file", "XNYS") is None
    assert ExchangeCalendars(tmp_path / "file")("XCRY").sessions(*SPAN) == tuple(
        day for day in always_open().hours if day.year == 2019
    )
