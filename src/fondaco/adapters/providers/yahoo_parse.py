"""Yahoo's daily chart, read without trust: raw prices rebuilt, factors and actions of its events.

Yahoo gives open, high, low, close and volume adjusted for every split up to the day of the answer,
and dividends per such share. Multiplying by the splits after a day gives what was printed then; a
split's factor is denominator over numerator, a dividend's 1 - dividend / close of the day before.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.crypto_reading import Reading
from fondaco.adapters.providers.read_json import Useless, number, part
from fondaco.adapters.providers.yahoo_chart import (
    PRICES,
    Events,
    columns_of,
    events_of,
    session_of,
    times_of,
    zone_of,
)

PRICE_DIGITS = 6
Bar = dict[str, Any]


def fill_bars(chart: Mapping[str, Any], reading: Reading) -> None:
    """Put the bars of a chart among the rows, as they were printed and with their factors."""
    zone = zone_of(part(chart, "meta", dict))
    times = times_of(chart, reading.symbol)
    columns = columns_of(chart, len(times))
    cells = [{name: column[n] for name, column in columns.items()} for n, _ in enumerate(times)]
    places = [f"{reading.raw.name} bar {n}" for n, _ in enumerate(times, 1)]
    bars: list[Bar | None] = []
    last: date | None = None
    for moment, cell, where in zip(times, cells, places, strict=True):
        try:
            bars.append(_bar(moment, cell, zone, last))
        except Useless as error:
            reading.out.fault("unreadable", str(error), where, reading.of, {"at": moment, **cell})
            bars.append(None)
        else:
            last = bars[-1]["session"] if bars[-1] else last
    first = next((bar["session"] for bar in bars if bar), None)
    events = events_of(chart, zone, first, reading.raw)
    for bar, factor, cell, where in zip(bars, _factors(bars, events), cells, places, strict=True):
        if bar is not None and reading.wanted(bar["session"]):
            row = partial(_rebuilt, bar, factor, events.scale(bar["session"]), reading.of)
            reading.out.take(where, reading.of, cell, row)


def fill_actions(chart: Mapping[str, Any], reading: Reading) -> bool:
    """Put the splits and dividends of a chart among the rows; True when all are out of the span.

    A chart leaves its events out when it has none, so that one without any says nothing: it may
    as well have lost them.
    """
    zone = zone_of(part(chart, "meta", dict))
    moments = [session_of(moment, zone) for moment in times_of(chart, reading.symbol)]
    first = min((day for day in moments if day is not None), default=None)
    events = events_of(chart, zone, first, reading.raw)
    rows = [{"ex_date": day, "action": "split", "factor": 1 / r} for day, r in events.splits] + [
        {
            "ex_date": day,
            "action": action,
            "amount": round(paid * events.scale(day), PRICE_DIGITS),
            "currency": chart["meta"]["currency"],
        }
        for day, action, paid in events.paid
    ]
    wanted = [row for row in rows if reading.wanted(row["ex_date"])]
    for n, row in enumerate(wanted, 1):
        begins = datetime.combine(row["ex_date"], time(), zone).astimezone(UTC)
        full = {"instrument": reading.of, "ts": begins, **row}
        reading.out.take(f"{reading.raw.name} event {n}", reading.of, row, partial(dict, full))
    return not wanted and bool(rows)


def _bar(moment: Any, cell: Mapping[str, Any], zone: ZoneInfo, last: date | None) -> Bar:
    session = session_of(moment, zone)
    if session is None:
        raise Useless(f"{str(moment)[:40]!r} is no time")
    if last is not None and session < last:
        raise Useless(f"the bar of {session} comes after that of {last}")
    return {"session": session, **{name: number(value, name) for name, value in cell.items()}}


def _factors(bars: Sequence[Bar | None], events: Events) -> list[float | None]:
    """Return the factor of each bar; None where the close before its dividend was not readable.

    An event on a day without a bar takes effect with the next bar.
    """
    found: list[float | None] = []
    day_before, close_before, broken = date.max, 0.0, False
    for bar in bars:
        if bar is None:
            found.append(None)
            broken = True
            continue
        session = bar["session"]
        ratio = prod(r for day, r in events.splits if day_before < day <= session)
        paid = sum(amount for day, _, amount in events.paid if day_before < day <= session)
        drop = 1.0 - paid / close_before if 0 < paid < close_before else 1.0
        found.append(None if paid and broken else drop / ratio)
        day_before, broken = session, False
        close = bar["close"]
        close_before = close if close is not None and close > 0 else close_before
    return found


def _rebuilt(bar: Bar, factor: float | None, scale: float, of: str) -> dict[str, Any]:
    if factor is None:
        raise Useless("the close before its dividend is not known, and so its factor is not")
    prices = {
        name: None if bar[name] is None else round(bar[name] * scale, PRICE_DIGITS)
        for name in PRICES
    }
    volume = None if bar["volume"] is None else float(round(bar["volume"] / scale))
    row = {"instrument": of, "session": bar["session"], "volume": volume, "factor": factor}
    return {**row, **prices}
