"""Finnhub's calendars of earnings, public offerings and economies, read without trust.

A day alone is given for earnings and offerings. Earnings before the open count from that day's
midnight in New York, those during the session from the open, those after it from the close; with
no hour, from midnight. The economic calendar's times are UTC.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.collect import Collected
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, part
from fondaco.adapters.providers.us_asks import maybe_words, whole, words, written
from fondaco.adapters.providers.us_days import EASTERN, read_day, read_time
from fondaco.core.ids import content_hash
from fondaco.core.instrument import Instrument
from fondaco.market.ports import Raw

HOURS = {"bmo": time(), "amc": time(16), "dmh": time(9, 30), "": time()}
IMPACT = {"low": 1, "medium": 2, "high": 3}
IPO_STATES = frozenset({"expected", "priced", "withdrawn", "filed"})
ROWS_MAX = 20_000
ID_CHARS = 12
ZONE = ZoneInfo("UTC")
Days = tuple[date, date]
Calendar = Callable[[Any, Collected, Raw, Days], list[Instrument]]


def read_earnings(data: Any, out: Collected, raw: Raw, days: Days) -> list[Instrument]:
    """Read when companies report; `surprise` is actual over estimate, less one."""
    found: dict[str, Instrument] = {}

    def read(cell: dict[str, Any]) -> Mapping[str, Any]:
        day = _day_in(cell.get("date"), days)
        symbol = words(cell.get("symbol"), "symbol").upper()
        hour = maybe_words(cell.get("hour"), "hour") or ""
        if hour not in HOURS:
            raise Useless(f"hour {hour[:20]!r} is none of {', '.join(filter(None, HOURS))}")
        year, quarter = whole(cell.get("year"), "year"), whole(cell.get("quarter"), "quarter")
        if not (1 <= quarter <= 4 and abs(year - day.year) <= 2):
            raise Useless(f"quarter {quarter} of {year} is not reported on {day}")
        forecast = number(cell.get("epsEstimate"), "epsEstimate")
        actual = number(cell.get("epsActual"), "epsActual")
        instrument = found.setdefault(symbol, us_listing(symbol))
        return {
            "event": "earnings",
            "id": f"{symbol}:{year}Q{quarter}",
            "instrument": instrument.id,
            "ts": datetime.combine(day, HOURS[hour], EASTERN).astimezone(UTC),
            "title": f"{symbol} reports quarter {quarter} of {year}",
            "forecast": forecast,
            "actual": actual,
            "unit": "per share",
            "surprise": _surprise(actual, forecast),
        }

    _each(part(data, "earningsCalendar", list), out, raw, read)
    return list(found.values())


def read_ipos(data: Any, out: Collected, raw: Raw, days: Days) -> list[Instrument]:
    """Read public offerings: what is expected, priced, filed or withdrawn.

    `forecast` is the middle of the price range, `actual` the price when it is priced.
    """

    def read(cell: dict[str, Any]) -> Mapping[str, Any]:
        day, name = _day_in(cell.get("date"), days), words(cell.get("name"), "name")
        state = words(cell.get("status"), "status")
        if state not in IPO_STATES:
            raise Useless(f"status {state[:20]!r} is none of {', '.join(sorted(IPO_STATES))}")
        price = _range(maybe_words(cell.get("price"), "price"))
        symbol = part(cell, "symbol", str).strip()  # empty until one is chosen
        return {
            "event": "ipo",
            "id": content_hash([name])[:ID_CHARS],
            "country": "US",
            "ts": datetime.combine(day, time(), EASTERN).astimezone(UTC),
            "title": f"{name}{f' ({symbol})' if symbol else ''}: {state}",
            "forecast": None if state == "priced" else price,
            "actual": price if state == "priced" else None,
            "unit": "USD/share" if price is not None else None,
        }

    _each(part(data, "ipoCalendar", list), out, raw, read)
    return []


def read_economies(data: Any, out: Collected, raw: Raw, days: Days) -> list[Instrument]:
    """Read what statistics are due, in the units that the calendar names."""

    def read(cell: dict[str, Any]) -> Mapping[str, Any]:
        ts = read_time(cell.get("time"), "time", ZONE)
        _day_in(ts.date().isoformat(), (days[0] - timedelta(days=1), days[1] + timedelta(days=1)))
        country, title = words(cell.get("country"), "country"), words(cell.get("event"), "event")
        impact = maybe_words(cell.get("impact"), "impact")
        if impact is not None and impact not in IMPACT:
            raise Useless(f"impact {impact[:20]!r} is none of {', '.join(IMPACT)}")
        return {
            "event": "economic",
            "id": f"{country}:{ts:%Y-%m-%d}:{content_hash([title])[:ID_CHARS]}",
            "country": country,
            "ts": ts,
            "title": title,
            "importance": None if impact is None else IMPACT[impact],
            "forecast": number(cell.get("estimate"), "estimate"),
            "previous": number(cell.get("prev"), "prev"),
            "actual": number(cell.get("actual"), "actual"),
            "unit": maybe_words(cell.get("unit"), "unit"),
        }

    _each(part(data, "economicCalendar", list), out, raw, read)
    return []


CALENDARS: dict[str, Calendar] = {
    "earnings": read_earnings,
    "ipo": read_ipos,
    "economic": read_economies,
}


def _each(
    rows: list[Any], out: Collected, raw: Raw, read: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> None:
    if len(rows) > ROWS_MAX:
        raise Useless(f"the answer holds {len(rows)} rows, more than {ROWS_MAX}")

    def one(cell: Any) -> Mapping[str, Any]:
        if not isinstance(cell, dict):
            raise Useless("the row is no object")
        return read(cell)

    calendar = raw.name.split("/")[1]
    for n, cell in enumerate(rows, 1):
        out.take(f"{raw.name} row {n}", calendar, cell, lambda cell=cell: one(cell))  # type: ignore[misc]


def _day_in(cell: Any, days: Days) -> date:
    day = read_day(cell, "date")
    if not days[0] <= day <= days[1]:
        raise Useless(f"date {day} is not between {days[0]} and {days[1]}, as asked for")
    return day


def _range(text: str | None) -> float | None:
    """Return the middle of a price range such as 17.00-19.00, or the one price."""
    if text is None:
        return None
    ends = [written(part, "price") for part in text.split("-")]
    if len(ends) > 2 or min(ends) < 0:
        raise Useless(f"price {text[:40]!r} is no price and no range")
    return sum(ends) / len(ends)


def _surprise(actual: float | None, forecast: float | None) -> float | None:
    """Return by which share of its size the estimate was missed; None when there is none."""
    if actual is None or not forecast:
        return None
    return (actual - forecast) / abs(forecast)
