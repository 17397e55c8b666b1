"""Which venues there are, and which two libraries speak for each."""

from dataclasses import dataclass
from datetime import date, time

from fondaco.market.identity import US_ANY

LAST_RULED = date(2035, 12, 31)
"""The last day for venues whose holidays follow rules."""
LAST_LISTED = date(2026, 12, 31)
"""The last day for India, whose holidays are listed a year ahead by circular."""
TODAYS_HOURS_INDIA = date(2010, 10, 18)
"""From this day on both Indian exchanges trade from 9:15 to 15:30."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One calendar: its reach, and what is asked of each library.

    `primary` and `hours` are names in pandas_market_calendars: `primary` says which days are
    sessions, `hours` says when a regular one opens and closes. `second` is a name in
    exchange_calendars; what it says of sessions counts from `sessions_from` on, and of closes from
    `closes_from` on: before, it does not hold the holidays or hours of that time. With
    `second_close`, its own regular close, only the question whether a day ends early is compared.
    """

    name: str
    zone: str
    first: date
    last: date
    primary: str
    hours: str
    second: str
    sessions_from: date
    closes_from: date
    second_close: time | None = None


NEW_YORK = Pairing(
    name="XNYS",
    zone="America/New_York",
    first=date(1962, 1, 2),
    last=LAST_RULED,
    primary="NYSE",
    hours="NYSE",
    second="XNYS",
    sessions_from=date(1970, 1, 1),  # before, it trades on New Year's Day
    closes_from=date(1974, 10, 1),  # before, it closes at 16:00 where New York closed at 15:30
)
NSE = Pairing(
    name="XNSE",
    zone="Asia/Kolkata",
    first=date(1997, 1, 1),
    last=LAST_LISTED,
    primary="NSE",
    hours="NSE",
    second="XBOM",  # the library has no NSE; both exchanges of Mumbai keep the same holidays
    sessions_from=date(1997, 1, 1),
    closes_from=TODAYS_HOURS_INDIA,
)
BOMBAY = Pairing(
    name="XBOM",
    zone="Asia/Kolkata",
    first=date(2000, 1, 1),
    last=LAST_LISTED,
    primary="BSE",
    hours="NSE",  # the library's BSE has today's hours for all time
    second="XBOM",
    sessions_from=date(2000, 1, 1),
    closes_from=TODAYS_HOURS_INDIA,
)
CHICAGO = Pairing(
    name="XCME",
    zone="America/Chicago",
    first=date(2005, 9, 12),
    last=LAST_RULED,
    primary="CME Globex Equity",
    hours="CME_Equity",
    second="CMES",
    sessions_from=date(2005, 9, 12),
    closes_from=date(2005, 9, 12),
    second_close=time(17),  # it counts the hour of maintenance, and noon for every early close
)
PAIRINGS = {
    # United States venues share the sessions and hours of the New York Stock Exchange.
    "XNYS": NEW_YORK,
    "XNAS": NEW_YORK,
    "ARCX": NEW_YORK,
    "BATS": NEW_YORK,
    "XASE": NEW_YORK,
    "XCBO": NEW_YORK,
    US_ANY: NEW_YORK,
    "XNSE": NSE,
    "XBOM": BOMBAY,
    "XCME": CHICAGO,
}
CRYPTO = "XCRY"
"""Our own code for markets that never close; ISO 10383 has none."""
CRYPTO_REACH = (date(2010, 1, 1), LAST_RULED)
REACHES = {venue: (p.first, p.last) for venue, p in PAIRINGS.items()} | {CRYPTO: CRYPTO_REACH}
"""The first and last day of each venue that is known."""
