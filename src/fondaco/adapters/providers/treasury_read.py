"""The Treasury's curves: which tenors a day must have, and rows out of a feed or a download.

A day is quoted at 15:30 in New York and published by 18:00, mostly; it is taken as known at the
end of that day. Bills are read by their coupon equivalent, not by their bank discount.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.read_json import Useless
from fondaco.adapters.providers.treasury_tables import Entry, csv_entries, xml_entries
from fondaco.adapters.providers.us_asks import nothing, written
from fondaco.adapters.providers.us_days import EASTERN, a_day, known_by
from fondaco.core.instrument import Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw

SOURCE = source_name(Origin.LIVE, "treasury")
QUOTED_AT = time(15, 30)
EVER = date(1990, 1, 1)
PER_YEAR = {"M": 12, "W": 52, "Y": 1}
FEED_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})T00:00:00")
FILE_DAY = re.compile(r"(?P<m>\d{1,2})(?P<mark>[/-])(?P<d>\d{1,2})(?P=mark)(?P<y>\d{4})")


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve of the feed: its name there, its rate, its first day, how its fields are named.

    `due` says from which day on a tenor must be there; earlier it may be. `pauses` are spans in
    which it need not.
    """

    data: str
    rate: str
    first: date
    day: str
    fields: re.Pattern[str]
    columns: re.Pattern[str]
    like: str
    due: Mapping[str, date]
    pauses: Mapping[str, tuple[date, date]] = field(default_factory=dict)


_YEARS = dict.fromkeys(("1Y", "2Y", "3Y", "5Y", "7Y", "10Y"), EVER)
CURVES = {
    "UST": Curve(
        "daily_treasury_yield_curve",
        "par",
        EVER,
        "NEW_DATE",
        re.compile(r"BC_(?P<n>\d+(?:_\d)?)(?P<unit>MONTH|YEAR)"),
        re.compile(r"(?P<n>\d+(?:\.\d)?) (?P<unit>Mo|Month|Yr)"),
        "BC_",
        {
            "1M": date(2001, 7, 31),
            "1.5M": date(2025, 3, 1),
            "2M": date(2018, 10, 16),
            "3M": EVER,
            "4M": date(2022, 10, 19),
            "6M": EVER,
            **_YEARS,
            "20Y": date(1993, 10, 1),
            "30Y": EVER,
        },
        {"30Y": (date(2002, 2, 19), date(2006, 2, 8))},  # no 30-year bond was sold
    ),
    "UST-REAL": Curve(
        "daily_treasury_real_yield_curve",
        "real",
        date(2003, 1, 2),
        "NEW_DATE",
        re.compile(r"TC_(?P<n>\d+)(?P<unit>YEAR)"),
        re.compile(r"(?P<n>\d+) (?P<unit>YR)"),
        "TC_",
        {"5Y": EVER, "7Y": EVER, "10Y": EVER, "20Y": date(2005, 1, 1), "30Y": date(2011, 1, 1)},
    ),
    "UST-BILL": Curve(
        "daily_treasury_bill_rates",
        "bill",
        date(2002, 1, 2),
        "INDEX_DATE",
        re.compile(r"ROUND_B1_YIELD_(?P<n>\d+)(?P<unit>WK)_2"),
        re.compile(r"(?P<n>\d+) (?P<unit>WEEKS) COUPON EQUIVALENT"),
        "ROUND_B1_YIELD_",
        {
            "4W": EVER,
            "6W": date(2026, 1, 1),
            "8W": date(2019, 1, 1),
            "13W": EVER,
            "17W": date(2023, 1, 1),
            "26W": EVER,
            "52W": date(2009, 1, 1),
        },
    ),
}
BESIDE = frozenset({"BC_30YEARDISPLAY"})
"""Fields that repeat another one for display."""


def parse_answer(raw: Raw, ask: Ask) -> Parsed:
    """Return the points of one curve; `raw.name` is curve, format and year (or `all`)."""
    name, form, year = raw.name.split("/")
    reading = _Reading(name, form, year, raw, ask)
    try:
        entries = xml_entries(raw.body) if form == "xml" else csv_entries(raw.body)
        if not entries:
            raise Useless("the answer holds no day")
        reading.check_labels(entries)
    except Useless as error:
        return useless("yields", raw, SOURCE, str(error))
    for entry in entries:
        reading.read(entry)
    return reading.parsed()


class _Reading:
    """One answer while it is read."""

    def __init__(self, name: str, form: str, year: str, raw: Raw, ask: Ask) -> None:
        self._name, self._form, self._year = name, form, year
        self._curve = CURVES[name]
        self._raw, self._ask = raw, ask
        self._out = Collected("yields", raw, SOURCE)
        self._days = self._outside = 0

    def check_labels(self, entries: list[Entry]) -> None:
        """Make faults of labels that look like tenors and are none that is known."""
        labels = dict.fromkeys(label for entry in entries for label in entry.cells)
        for label in labels:
            if self._tenor_like(label) and self._tenor(label) is None:
                reason = f"{label[:40]!r} is no tenor that is known here"
                self._out.fault(
                    "unreadable", reason, f"{self._raw.name} {label}", self._name, label
                )
        if self._day_label not in labels:
            raise Useless(f"the answer has no {self._day_label}")

    def read(self, entry: Entry) -> None:
        """Read the points of one day."""
        self._days += 1
        try:
            if entry.wrong:
                raise Useless(entry.wrong)
            day = self._day(entry)
        except Useless as error:
            self._out.fault("unreadable", str(error), entry.where, self._name, entry.cells)
            return
        since, until = self._ask.since, self._ask.until
        if (since and day < since) or (until and day > until):
            self._outside += 1
            return
        cells = {t: cell for label, cell in entry.cells.items() if (t := self._tenor(label))}
        for tenor in dict.fromkeys((*self._curve.due, *cells)):
            cell = cells.get(tenor)
            if cell is None and not self._is_due(tenor, day):
                continue
            where = f"{self._raw.name} {day} {tenor}"
            self._out.take(where, self._name, cell, lambda t=tenor, c=cell: self._row(day, t, c))  # type: ignore[misc]

    def parsed(self) -> Parsed:
        """Return all of it; a year of which no day was asked for says nothing."""
        return nothing() if self._days and self._days == self._outside else self._out.parsed()

    @property
    def _day_label(self) -> str:
        return self._curve.day if self._form == "xml" else "Date"

    def _day(self, entry: Entry) -> date:
        cell = entry.cells.get(self._day_label) or ""
        found = (FEED_DAY if self._form == "xml" else FILE_DAY).fullmatch(cell)
        if not found:
            raise Useless(f"{self._day_label} {cell[:40]!r} is no day")
        day = a_day(int(found["y"]), int(found["m"]), int(found["d"]), name=self._day_label)
        if self._year not in {"all", str(day.year)}:
            raise Useless(f"{self._day_label} {day} is not in the year {self._year}")
        return day

    def _tenor_like(self, label: str) -> bool:
        if label in BESIDE or label == self._day_label:
            return False
        if self._form == "xml":
            return label.startswith(self._curve.like)
        return not re.fullmatch(r"\d+ WEEKS BANK DISCOUNT", label)

    def _tenor(self, label: str) -> str | None:
        known = self._curve.fields if self._form == "xml" else self._curve.columns
        found = known.fullmatch(label)
        tenor = found and f"{found['n'].replace('_', '.')}{found['unit'][0]}"
        return tenor if tenor in self._curve.due else None

    def _is_due(self, tenor: str, day: date) -> bool:
        start, end = self._curve.pauses.get(tenor, (date.max, date.min))
        return day >= self._curve.due[tenor] and not start <= day <= end

    def _row(self, day: date, tenor: str, cell: str | None) -> Mapping[str, object]:
        if cell is None:
            raise Useless(f"the {tenor} point is missing, which the curve has since long")
        ts = datetime.combine(day, QUOTED_AT, EASTERN).astimezone(UTC)
        if ts > self._raw.asked_at:
            raise Useless(f"{day} had not been quoted when it was asked for")
        return {
            "curve": self._name,
            "ts": ts,
            "known_at": known_by(day, self._raw.asked_at),
            "day": day,
            "rate": self._curve.rate,
            "tenor": float(tenor[:-1]) / PER_YEAR[tenor[-1]],
            "percent": written(cell, tenor),
            "currency": "USD",
        }
