"""The `fred` provider: series of the St. Louis Fed with their vintages, and its release calendar.

Option `vintage=true` asks ALFRED for every real-time period: each value is known at the end of
the day in New York on which it was first published, and a revision is another row. Without it the
latest vintage alone comes, known when it was asked for. Written from
https://fred.stlouisfed.org/docs/api/fred/; never run against the live service.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from fondaco.adapters.providers.fred_read import (
    LIMITS,
    Page,
    count_of,
    error_told,
    parse_answer,
    read_about,
    read_page,
    read_vintages,
)
from fondaco.adapters.providers.parts import Service
from fondaco.adapters.providers.read_json import Useless
from fondaco.adapters.providers.us_asks import bad_answer, one_of, options_of, symbols_of
from fondaco.adapters.providers.us_days import EASTERN
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Origin
from fondaco.market.errors import Cause
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.sheets import KeyNeed, Limit, Market, Offer, Sheet

URL = "https://api.stlouisfed.org/fred/"
SERIES = re.compile(r"[A-Z0-9_.]{1,60}")
SERIES_MAX = 100
PAGES_MAX = 50
VINTAGES_MAX = 1_900
"""Vintages in one window of real time; the service refuses more than 2,000."""

CALENDAR_DAYS = 31
"""How far the release calendar reaches when no end is asked for."""

CALENDAR = "ECONOMIC"
SHEET = Sheet(
    "fred",
    "FRED and ALFRED",
    Origin.LIVE,
    (
        Offer("macro", (Market.US, Market.WORLD), "as far as the series; vintages from 1991 or so"),
        Offer("events", (Market.US,), "days of releases, past and planned; no hours"),
    ),
    (Limit(120, 60),),
    terms="https://fred.stlouisfed.org/docs/api/terms_of_use.html: some series are of others, "
    "whose permission is needed to republish; say that FRED does not endorse the product",
    key=KeyNeed(
        ("FONDACO_FRED_KEY",),
        "https://fredaccount.stlouisfed.org/apikeys",
        "Make a free account, ask for an API key, and set it.",
    ),
)


class Fred(Service):
    """Observations of series, latest or with all vintages, and days of releases."""

    sheet = SHEET

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        """Fetch what each series is, its vintage dates when asked for, and its observations.

        A series that does not exist is a fault of its own answer; a page that does not come, or a
        key that is refused, is Unanswered. Raises InvalidInput for wrong symbols or options.
        """
        if ask.kind == "events":
            return self._releases(ask)
        series = symbols_of(ask, SHEET, SERIES, at_most=SERIES_MAX, such_as="GDP")
        options = options_of(ask, SHEET, ("vintage",))
        vintage = one_of(options, "vintage", ("false", "true")) == "true"
        span = _span(ask)
        return tuple(raw for name in series for raw in self._series(name, span, vintage=vintage))

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read one answer; one that cannot be used as a whole is a fault."""
        return parse_answer(raw, ask)

    def _series(self, series: str, span: Mapping[str, str], *, vintage: bool) -> list[Raw]:
        about = self._get("series", {"series": series}, {"series_id": series})
        if error_told(about.body):
            return [about]
        try:
            what = read_about(about.body, series)
        except Useless as error:
            raise bad_answer(SHEET, about, str(error)) from error
        labels = {"series": series, "frequency": what.frequency, "unit": what.unit}
        if not vintage:
            return [about, *self._observations(labels, {"series_id": series, **span})]
        dates, vintages = self._vintages(series)
        raws = [about, *dates]
        windows, held = _windows(vintages), 0
        for n, (start, end) in enumerate(windows, 1):
            real_time = {"realtime_start": start.isoformat(), "realtime_end": end.isoformat()}
            window = {"window": f"{n}/{len(windows)}"}
            params = {"series_id": series, **real_time, "output_type": "1", **span}
            pages = self._observations({**labels, **window, **real_time}, params)
            held += count_of(pages[0].body)
            raws += pages
        if not held:
            raise bad_answer(SHEET, raws[-1], f"no vintage of {series} has a row", Cause.EMPTY)
        return raws

    def _vintages(self, series: str) -> tuple[list[Raw], list[date]]:
        labels, params = {"series": series}, {"series_id": series}
        raws = self._pages("series/vintagedates", labels, params)
        found: list[date] = []
        for raw in raws:
            try:
                found += read_vintages(raw.body, _offset(raw))
            except Useless as error:
                raise bad_answer(SHEET, raw, str(error)) from error
        if any(later <= day for day, later in pairwise(found)):
            raise bad_answer(SHEET, raws[-1], "vintage dates are not in order")
        if not found or found[-1] > self._today():
            raise bad_answer(SHEET, raws[-1], "vintage dates are missing, or lie in the future")
        return raws, found

    def _observations(self, labels: Mapping[str, str], params: Mapping[str, str]) -> list[Raw]:
        fixed = {"sort_order": "asc"}
        return self._pages("series/observations", labels, {**params, **fixed})

    def _releases(self, ask: Ask) -> tuple[Raw, ...]:
        SHEET.offer(ask.kind)
        options_of(ask, SHEET, ())
        symbols_of(
            ask if ask.symbols else Ask(kind=ask.kind, symbols=(CALENDAR,)),
            SHEET,
            re.compile(CALENDAR),
            at_most=1,
            such_as="economic",
        )
        since = ask.since or self._today()
        until = ask.until or since + timedelta(days=CALENDAR_DAYS)
        if until < since:
            raise InvalidInput("the span ends before it starts", value=f"{since} to {until}")
        span = {"realtime_start": since.isoformat(), "realtime_end": until.isoformat()}
        params = {
            **span,
            "include_release_dates_with_no_data": "true",
            "order_by": "release_date",
            "sort_order": "asc",
        }
        return tuple(self._pages("releases/dates", span, params))

    def _pages(self, path: str, labels: Mapping[str, str], params: Mapping[str, str]) -> list[Raw]:
        limit, offset = LIMITS[path], 0
        raws: list[Raw] = []
        first: Page | None = None
        while first is None or offset < first.count:
            if len(raws) >= PAGES_MAX:
                raise bad_answer(SHEET, raws[-1], f"more than {PAGES_MAX} pages are needed")
            place = {"limit": str(limit), "offset": str(offset)}
            raw = self._get(path, {**labels, "offset": str(offset)}, {**params, **place})
            told = error_told(raw.body)
            if told:
                raise bad_answer(SHEET, raw, told)
            try:
                page = read_page(raw.body, path, offset)
            except Useless as error:
                raise bad_answer(SHEET, raw, str(error)) from error
            if first is not None and page.count != first.count:
                raise bad_answer(SHEET, raw, "the number of rows changed from page to page")
            first = page
            raws.append(raw)
            offset += limit
        return raws

    def _get(self, path: str, labels: Mapping[str, str], params: Mapping[str, str]) -> Raw:
        """Return an answer; 400 comes with words that say what is wrong."""
        raw = self._parts.wire.get(
            URL + path,
            name=f"{path}?{urlencode(labels)}",
            params={**params, "file_type": "json"},
            secret={"api_key": self._parts.key(SHEET)},
            accept=(200, 400),
        )
        told = error_told(raw.body)
        if told and "api_key" in told:
            raise bad_answer(SHEET, raw, "the key is refused", Cause.AUTH)
        return raw

    def _today(self) -> date:
        return self._parts.clock.now().astimezone(EASTERN).date()


def _span(ask: Ask) -> dict[str, str]:
    since, until = ask.since, ask.until
    if since and until and until < since:
        raise InvalidInput("the span ends before it starts", value=f"{since} to {until}")
    ends = {"observation_start": since, "observation_end": until}
    return {name: day.isoformat() for name, day in ends.items() if day}


def _offset(raw: Raw) -> int:
    return int(raw.name.rpartition("offset=")[2])


def _windows(vintages: list[date]) -> list[tuple[date, date]]:
    """Return spans of real time of at most `VINTAGES_MAX` vintages, each from the last one's end.

    What stands at the start of a window is as old as the window before says: those rows are left
    out when they are read.
    """
    steps = range(0, max(len(vintages) - 1, 1), VINTAGES_MAX - 1)
    ends = [min(n + VINTAGES_MAX, len(vintages)) - 1 for n in steps]
    return [(vintages[n], vintages[end]) for n, end in zip(steps, ends, strict=True)]
