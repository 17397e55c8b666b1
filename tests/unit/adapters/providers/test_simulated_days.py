"""The simulated market trades on the sessions of the desk's calendar of XNYS, and when it does."""

from datetime import date

from fondaco.adapters.providers.simulated_days import (
    between,
    closes_at,
    easter,
    opens_at,
    third_friday,
)
from unit.market.rows import exchange

SINCE, UNTIL = date(2018, 1, 1), date(2026, 12, 31)


def test_sessions_are_those_of_the_exchange_from_its_first_year_on() -> None:
    assert between(SINCE, UNTIL) == exchange()("XNYS").sessions(SINCE, UNTIL)


def test_sessions_open_and_close_when_the_exchange_does() -> None:
    calendar = exchange()("XNYS")
    wrong = [
        day
        for day in between(SINCE, UNTIL)
        if (opens_at(day), closes_at(day)) != (calendar.open(day), calendar.close(day))
    ]
    assert wrong == []


def test_easter_and_expiries_fall_where_the_almanacs_have_them() -> None:
    # US Naval Observatory, dates of Easter; Cboe expiration calendars of 2019 and 2025.
    assert [easter(y) for y in (2018, 2019, 2021, 2025, 2038)] == [
        date(2018, 4, 1),
        date(2019, 4, 21),
        date(2021, 4, 4),
        date(2025, 4, 20),
        date(2038, 4, 25),
    ]
    assert third_friday(2019, 4) == date(2019, 4, 18)  # 19 April was Good Friday
    assert third_friday(2025, 6) == date(2025, 6, 20)
