"""United States shares as `polygon` and `alpaca` know them: tickers, actions, factors of bars.

What belongs together (bars, and the splits and dividends that adjust them) is kept as one raw
answer: each page byte for byte, in a zip without compression.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from fondaco.adapters.providers.crypto_reading import Reading
from fondaco.adapters.providers.file_pack import pack, unpack
from fondaco.adapters.providers.read_json import Useless, read_json
from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Ask, Raw
from fondaco.market.sheets import Sheet

SYMBOLS_MAX = 50
TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z0-9]{1,4})?")
NEW_YORK = ZoneInfo("America/New_York")
LOOK_BACK = timedelta(days=14)
"""How much earlier bars are asked for, so that the first dividend has a close before it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A split or a dividend on its ex-date.

    `ratio` is shares before over shares after (1/4 for 4-for-1), `amount` money per share.
    """

    ex_date: date
    action: str
    ratio: float | None = None
    amount: float | None = None
    currency: str | None = None
    pay_date: date | None = None
    declared: date | None = None


def tickers_of(ask: Ask, sheet: Sheet, options: frozenset[str], *, need: bool = True) -> list[str]:
    """Return the tickers that are asked for, each once; raises InvalidInput, and NotFound for a
    kind that the source does not give.
    """
    sheet.offer(ask.kind)
    wrong = sorted(set(ask.options or {}) - options)
    if wrong:
        raise InvalidInput(
            f"the {sheet.name} provider has no such option for {ask.kind}",
            value=", ".join(wrong),
            bound=", ".join(sorted(options)) or "no option",
        )
    symbols = list(dict.fromkeys(s.strip().upper() for s in ask.symbols))
    if not (1 if need else 0) <= len(symbols) <= SYMBOLS_MAX:
        raise InvalidInput(
            f"the {sheet.name} provider needs symbols",
            value=len(symbols),
            bound=f"1 to {SYMBOLS_MAX}",
            remedy="Name tickers such as AAPL.",
        )
    odd = [s for s in symbols if not TICKER.fullmatch(s)]
    if odd:
        raise InvalidInput(
            "a symbol has letters that no ticker has",
            value=", ".join(odd)[:80],
            bound="A-Z and 0-9, with one . or -",
        )
    return symbols


def span_of(ask: Ask, now: datetime, days: int) -> tuple[date, date]:
    """Return the days that are asked for: up to today, `days` of them when no start is named.

    Raises InvalidInput when the span ends before it starts.
    """
    today = now.astimezone(NEW_YORK).date()
    until = min(ask.until or today, today)
    since = ask.since or until - timedelta(days=days - 1)
    if since > until:
        raise InvalidInput(
            "the span ends before it starts",
            value=f"{since} to {until}",
            bound="a day that has begun, and an end not before it",
        )
    return since, until


def midnight(day: date) -> datetime:
    """Return when a day begins in New York, in UTC."""
    return datetime.combine(day, time(), NEW_YORK).astimezone(UTC)


def packed(name: str, parts: Mapping[str, Sequence[Raw]]) -> Raw:
    """Return the pages of several answers as one raw answer, by what they are of."""
    first = next(raw for raws in parts.values() for raw in raws)
    files = {
        f"{role}-{n:04d}": ("page.json", raw.body)
        for role, raws in parts.items()
        for n, raw in enumerate(raws, 1)
    }
    body = pack(files)
    requests = " ".join(raw.request for raws in parts.values() for raw in raws[:1])
    digest = hashlib.sha256(body).hexdigest()
    return Raw(first.provider, name, body, first.asked_at, digest, requests)


def unpacked(raw: Raw) -> dict[str, list[Any]]:
    """Return the JSON of each page of a packed answer, by what it is of; raises Useless."""
    try:
        files = unpack(raw)
    except InvalidInput as error:
        raise Useless("the answer is none of several pages") from error
    found: dict[str, list[Any]] = {}
    for role, (_, content) in sorted(files.items()):
        found.setdefault(role.partition("-")[0], []).append(read_json(content))
    return found


def factors(
    bars: Sequence[tuple[date, float] | None], events: Sequence[Event]
) -> list[float | None]:
    """Return the factor of each raw bar, None where it cannot be known.

    A bar is its session and close, None when it could not be read. An event takes effect with the
    next bar that there is. A split's factor is shares before over after, a dividend's
    1 - dividend / close of the bar before; without that close, or when it could not be read, the
    factor is not known. Nothing stands before the first bar, so its own dividend changes nothing.

    >>> paid = Event(date(2024, 1, 3), "dividend", amount=1.0)
    >>> factors([(date(2024, 1, 2), 50.0), (date(2024, 1, 3), 49.0)], [paid])
    [1, 0.98]
    """
    found: list[float | None] = []
    before: date | None = None
    close_before, broken = 0.0, False
    for bar in bars:
        if bar is None:
            found.append(None)
            broken = True
            continue
        session, close = bar
        start = session - timedelta(days=1) if before is None else before
        now = [e for e in events if start < e.ex_date <= session]
        ratio = prod(e.ratio for e in now if e.ratio is not None)
        paid = sum(e.amount for e in now if e.amount is not None)
        if not paid or (before is None and not broken):
            found.append(ratio)
        elif broken or not 0 < paid < close_before:
            found.append(None)
        else:
            found.append(ratio * (1.0 - paid / close_before))
        before, close_before, broken = session, close, False
    return found


def events_told(found: Sequence[Event]) -> list[Event]:
    """Return the events that make factors; raises Useless when one of them stands twice."""
    if len({(e.ex_date, e.action, e.ratio, e.amount) for e in found}) < len(found):
        raise Useless("a split or dividend stands twice: whether it counts twice is not said")
    return list(found)


def day_begins(at: datetime, last: date | None) -> date:
    """Return the session of a daily bar that starts at midnight in New York, after the one before.

    Raises Useless when it starts at another time or comes out of order.
    """
    here = at.astimezone(NEW_YORK)
    if (here.hour, here.minute, here.second) != (0, 0, 0):
        raise Useless(f"a day does not begin at {here:%H:%M:%S} in New York")
    if last is not None and here.date() <= last:
        raise Useless(f"the bar of {here.date()} comes after that of {last}")
    return here.date()


def put_bars(
    reading: Reading,
    cells: Sequence[tuple[str, Any]],
    bars: Sequence[Mapping[str, Any] | None],
    events: Sequence[Event],
) -> None:
    """Put raw daily bars with their factors among the rows; a factor that is not known is a fault.

    `bars` are rows in order, None where the cell could not be read and was set aside before;
    `cells` are their places and what stood there.
    """
    known = [None if bar is None else (bar["session"], bar["close"]) for bar in bars]
    for (where, cell), bar, factor in zip(cells, bars, factors(known, events), strict=True):
        if bar is not None and reading.wanted(bar["session"]):
            reading.out.take(where, reading.of, cell, lambda b=bar, f=factor: _with(b, f))  # type: ignore[misc]


def _with(bar: Mapping[str, Any], factor: float | None) -> dict[str, Any]:
    if factor is None:
        raise Useless("the close before its dividend is not known, and so its factor is not")
    return {**bar, "factor": factor}


def action_row(reading: Reading, event: Event) -> dict[str, Any]:
    """Return the row of a split or dividend: known when its day of declaration had ended, where
    the source names it.
    """
    known_at = None
    if event.declared is not None:
        if event.declared > event.ex_date:
            raise Useless(f"it was declared on {event.declared}, after its ex-date")
        known_at = min(midnight(event.declared + timedelta(days=1)), reading.raw.asked_at)
    return {
        "instrument": reading.of,
        "ts": midnight(event.ex_date),
        "known_at": known_at,
        "ex_date": event.ex_date,
        "action": event.action,
        "factor": event.ratio,
        "amount": event.amount,
        "currency": event.currency,
        "pay_date": event.pay_date,
    }
