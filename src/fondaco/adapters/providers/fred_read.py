"""FRED's answers, read without trust: what a series is, its vintages, observations, releases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.adapters.providers.us_asks import nothing, rows_of, whole, words, written
from fondaco.adapters.providers.us_days import day_end, day_start, known_by, read_day
from fondaco.core.instrument import Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw

SOURCE = source_name(Origin.LIVE, "fred")
LISTS = {
    "series/observations": "observations",
    "series/vintagedates": "vintage_dates",
    "releases/dates": "release_dates",
}
LIMITS = {"series/observations": 100_000, "series/vintagedates": 10_000, "releases/dates": 1_000}
"""The most rows of a page, by path, as documented."""

MONTHS = {"M": 1, "Q": 3, "SA": 6, "A": 12, "5Y": 60, "10Y": 120}
"""How long the periods are that FRED dates by their first day."""

DAYS = ("D", "W", "BW")
"""Frequencies whose observations are dated by the day or by the last day of the week."""

MISSING = "."
AHEAD_YEARS_MAX = 20
"""How far projections reach (potential output): a later period is a misread date."""

LABEL_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class About:
    """What a series is: its unit in words and the code of its frequency."""

    unit: str
    frequency: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its rows, and how many there are on all pages."""

    rows: list[Any]
    count: int


def error_told(body: bytes) -> str:
    """Return the error that an answer tells of, empty when it tells of none."""
    try:
        data = read_json(body)
    except Useless:
        return ""
    if not isinstance(data, dict) or "error_code" not in data:
        return ""
    return f"FRED says: {data.get('error_message')}"[:LABEL_CHARS_MAX]


def read_about(body: bytes, series: str) -> About:
    """Return what a series is; raises Useless."""
    found = part(read_json(body), "seriess", list)
    if len(found) != 1 or not isinstance(found[0], dict):
        raise Useless(f"the answer tells of {len(found)} series, not of one")
    told = found[0]
    if told.get("id") != series:
        raise Useless(f"the answer is of {str(told.get('id'))[:40]}, not of {series}")
    frequency = words(told.get("frequency_short"), "frequency_short")
    if frequency not in MONTHS and frequency not in DAYS:
        raise Useless(f"the frequency {frequency[:20]!r} is not known here")
    return About(words(told.get("units"), "units")[:LABEL_CHARS_MAX], frequency)


def read_page(body: bytes, path: str, offset: int) -> Page:
    """Return one page that is whole; raises Useless, also when rows are missing from it."""
    data = read_json(body)
    rows, count = part(data, LISTS[path], list), part(data, "count", int)
    if part(data, "offset", int) != offset:
        raise Useless(f"the page begins at row {data['offset']}, not at {offset}")
    due = min(LIMITS[path], count - offset)
    if len(rows) != due or count < 0:
        raise Useless(f"the page holds {len(rows)} rows, not {due}")
    return Page(rows, count)


def count_of(body: bytes) -> int:
    """Return how many rows a list has on all its pages, by the answer of any page."""
    return int(part(read_json(body), "count", int))


def read_vintages(body: bytes, offset: int) -> list[date]:
    """Return the days on which a series was published; raises Useless."""
    rows = read_page(body, "series/vintagedates", offset).rows
    return [read_day(cell, "vintage date") for cell in rows]


def parse_answer(raw: Raw, ask: Ask) -> Parsed:
    """Return what an answer says; its name says what it is of."""
    path, _, query = raw.name.partition("?")
    labels = dict(parse_qsl(query))
    told = error_told(raw.body)
    try:
        if told:
            raise Useless(told)
        if path == "series":
            read_about(raw.body, labels["series"])
            return nothing()
        if path == "series/vintagedates":
            read_vintages(raw.body, int(labels["offset"]))
            return nothing()
        page = read_page(raw.body, path, int(labels["offset"]))
    except Useless as error:
        return useless(ask.kind, raw, SOURCE, str(error))
    if path == "releases/dates":
        return _releases(page, labels, raw)
    return _observations(page, labels, raw)


def _observations(page: Page, labels: Mapping[str, str], raw: Raw) -> Parsed:
    out = Collected("macro", raw, SOURCE)
    series, first = labels["series"], int(labels["offset"])
    kept: list[bool] = []

    def read(cell: Any) -> Mapping[str, Any] | None:
        row = _observation(cell, labels, raw.asked_at)
        kept.append(row is not None)
        return row

    for n, cell in enumerate(page.rows, first + 1):
        out.take(f"{series} observation {n}", series, cell, lambda cell=cell: read(cell))  # type: ignore[misc]
    # One of several windows of real time in which nothing was published, or nothing but what the
    # one before it told, says nothing wrong.
    several = labels.get("window", "1/1") != "1/1"
    if several and len(kept) == len(page.rows) and not any(kept):
        return nothing()
    return out.parsed()


def _observation(
    cell: Any, labels: Mapping[str, str], asked_at: datetime
) -> Mapping[str, Any] | None:
    if not isinstance(cell, dict):
        raise Useless("the observation is no object")
    period = read_day(cell.get("date"), "date")
    if period.year > asked_at.year + AHEAD_YEARS_MAX:
        raise Useless(f"date {period} lies more than {AHEAD_YEARS_MAX} years ahead")
    vintage = "window" in labels
    known_at = None
    if vintage:
        told = read_day(cell.get("realtime_start"), "realtime_start")
        start, end = (date.fromisoformat(labels[f"realtime_{name}"]) for name in ("start", "end"))
        if not start <= told <= end:
            raise Useless(f"realtime_start {told} is not between {start} and {end}")
        if told == start and not labels["window"].startswith("1/"):
            return None  # the window before this one ends on that day and has the row
        known_at = known_by(told, asked_at)
    if cell.get("value") == MISSING:
        return None
    ends = day_end(period_end(period, labels["frequency"]))
    return {
        "series": labels["series"],
        # A projection, or a value told before its period has ended, is of when it was told.
        "ts": min(ends, known_at or asked_at),
        "known_at": known_at,
        "period": period,
        "value": written(cell.get("value"), "value"),
        "unit": labels["unit"],
        "frequency": labels["frequency"],
        "vintage": vintage,
    }


def period_end(period: date, frequency: str) -> date:
    """Return the last day of a period by the day that FRED dates it with.

    Months and longer are dated by their first day; a year that ends in September (a fiscal year)
    by its last, so a date that begins no month ends its period.

    >>> period_end(date(2024, 4, 1), "Q").isoformat()
    '2024-06-30'
    """
    months = MONTHS.get(frequency, 0)
    if not months or period.day != 1:
        return period
    year, month = divmod(period.month - 1 + months, 12)
    return date(period.year + year, month + 1, 1) - timedelta(days=1)


def _releases(page: Page, labels: Mapping[str, str], raw: Raw) -> Parsed:
    out = Collected("events", raw, SOURCE)
    since, until = (date.fromisoformat(labels[f"realtime_{name}"]) for name in ("start", "end"))

    def read(cell: Any) -> Mapping[str, Any]:
        if not isinstance(cell, dict):
            raise Useless("the release is no object")
        day = read_day(cell.get("date"), "date")
        if not since <= day <= until:
            raise Useless(f"date {day} is not between {since} and {until}")
        return {
            "event": "economic",
            "id": f"{whole(cell.get('release_id'), 'release_id')}:{day}",
            "ts": day_start(day),
            "title": words(cell.get("release_name"), "release_name"),
        }

    for n, cell in enumerate(rows_of(page.rows, "releases"), int(labels["offset"]) + 1):
        out.take(f"release {n}", "economic", cell, lambda cell=cell: read(cell))  # type: ignore[misc]
    return out.parsed()
