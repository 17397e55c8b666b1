"""How Alpha Vantage's bars and quotes are read; every number is written as text.

Days and clock times are of US/Eastern. An intraday bar is named by its start: the last one of the
documented example of five minutes is 19:55, of a session that ends at 20:00. Prices are those that
were printed; without `adjusted` nothing is told of splits and dividends, so the factor is 1.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.fits import check_row
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, part, read_json
from fondaco.adapters.providers.us_asks import written
from fondaco.adapters.providers.us_days import EASTERN, read_day, read_time
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS, PRICES

SOURCE = source_name(Origin.LIVE, "alphavantage")
ZONE = "US/Eastern"
CLOSE = time(16)
FIRST = date(1960, 1, 1)
AHEAD = timedelta(days=1)
SPLIT_MAX = 10_000.0
NAMES = {name: f"{n}. {name}" for n, name in enumerate(PRICES, 1)}
Before = tuple[date, float] | None


def parse(raw: Raw, ask: Ask) -> Parsed:
    """Return the rows of one answer, whose name says what it is of."""
    kind, symbol, *rest = raw.name.split("/")
    instrument = us_listing(symbol)
    out = Collected(kind, raw, SOURCE)
    try:
        data = read_json(raw.body)
        if kind == "quotes":
            quote = part(data, "Global Quote", dict)
            read = _of(_quote, quote, symbol, instrument, raw)
            out.take(raw.name, instrument.id, quote, read)
        elif kind == BARS:
            series = _series(data, symbol, "Daily")
            _days(out, series, instrument, raw, ask, adjusted=rest[0] == "adjusted")
        else:
            every, month = rest
            series = _series(data, symbol, every)
            for name, cells in series.items():
                read = _of(_minute, name, cells, every, month, instrument, raw, ask)
                out.take(f"{raw.name} {name[:40]}", instrument.id, cells, read)
    except Useless as error:
        return useless(kind, raw, SOURCE, str(error))
    return out.parsed((instrument,))


def _of(read: Callable[..., Any], *given: Any) -> Callable[[], Any]:
    return lambda: read(*given)


def _series(data: Any, symbol: str, every: str) -> dict[str, Any]:
    """Return the series of an answer; raises Useless when it is of something else."""
    meta = part(data, "Meta Data", dict)
    told = part(meta, "2. Symbol", str)
    if told.upper() != symbol:
        raise Useless(f"the answer is of {told[:20]}, not of {symbol}")
    zones = [cell for name, cell in meta.items() if name.endswith("Time Zone")]
    if zones != [ZONE]:
        raise Useless(f"its times are of {str(zones)[:40]}, not of {ZONE}")
    found: dict[str, Any] = part(data, f"Time Series ({every})", dict)
    return found


def _days(
    out: Collected,
    series: dict[str, Any],
    instrument: Instrument,
    raw: Raw,
    ask: Ask,
    *,
    adjusted: bool,
) -> None:
    """Read daily bars from the oldest on; a dividend's factor needs the close before it."""
    before: Before = None
    lost = any(_session(name, raw) is None for name in series)
    any_lost = lost
    for name in sorted(series):
        cells = series[name]
        read = _of(_day, name, cells, instrument, raw, before, lost, adjusted)
        try:
            row = read()
            check_row(BARS, row, raw.asked_at)
            before, lost = (row["session"], row["close"]), any_lost
        except Useless:
            row, lost = None, True
        if row is None or _wanted(row["session"], ask):
            out.take(f"{raw.name} {name[:40]}", instrument.id, cells, read)


def _day(
    name: str,
    cells: Any,
    instrument: Instrument,
    raw: Raw,
    before: Before,
    lost: bool,
    adjusted: bool,
) -> dict[str, Any]:
    session = _session(name, raw)
    if session is None:
        raise Useless(f"{name[:40]!r} is no day between {FIRST:%Y} and the answer")
    prices = {price: written(_cell(cells, as_told), price) for price, as_told in NAMES.items()}
    volume = written(_cell(cells, "6. volume" if adjusted else "5. volume"), "volume")
    factor = _factor(cells, before, lost) if adjusted else 1.0
    return {
        "instrument": instrument.id,
        "session": session,
        **prices,
        "volume": volume,
        "factor": factor,
    }


def _factor(cells: Any, before: Before, lost: bool) -> float:
    paid = written(_cell(cells, "7. dividend amount"), "dividend amount")
    split = written(_cell(cells, "8. split coefficient"), "split coefficient")
    if not 1 / SPLIT_MAX <= split <= SPLIT_MAX or paid < 0:
        raise Useless(f"a split of {split:g} or a dividend of {paid:g} cannot be")
    if not paid:
        return 1.0 / split
    if lost:
        raise Useless("the close before this dividend cannot be read")
    if before is None:
        return 1.0 / split  # nothing stands before the first bar that could be adjusted
    if paid >= before[1]:
        raise Useless(f"the dividend {paid:g} is not below the close before, {before[1]:g}")
    return (1.0 - paid / before[1]) / split


def _minute(
    name: str, cells: Any, every: str, month: str, instrument: Instrument, raw: Raw, ask: Ask
) -> dict[str, Any] | None:
    start = read_time(name, "the time")
    day = start.astimezone(EASTERN).date()
    seconds = int(every.removesuffix("min")) * 60
    if month and f"{day:%Y-%m}" != month:
        raise Useless(f"{name} is not of {month}, the month asked for")
    if start.timestamp() % min(seconds, 1_800) or start > raw.asked_at + AHEAD:
        raise Useless(f"no bar of {every} starts at {name}")
    close = start + timedelta(seconds=seconds)
    row = {
        "instrument": instrument.id,
        "seconds": seconds,
        "ts": close,
        **{price: written(_cell(cells, as_told), price) for price, as_told in NAMES.items()},
        "volume": written(_cell(cells, "5. volume"), "volume"),
        "final": close <= raw.asked_at,
    }
    check_row("bars_intraday", row, raw.asked_at)
    return row if _wanted(day, ask) else None


def _quote(cells: dict[str, Any], symbol: str, instrument: Instrument, raw: Raw) -> dict[str, Any]:
    """Read a quote: it tells a day and no time, so it counts as of that day's usual close."""
    told = part(cells, "01. symbol", str)
    if told.upper() != symbol:
        raise Useless(f"the quote is of {told[:20]}, not of {symbol}")
    day = read_day(_cell(cells, "07. latest trading day"), "latest trading day")
    if not FIRST <= day <= (raw.asked_at + AHEAD).date():
        raise Useless(f"latest trading day {day} is not between {FIRST:%Y} and the answer")
    close = datetime.combine(day, CLOSE, EASTERN)
    return {
        "instrument": instrument.id,
        "ts": min(close, raw.asked_at).astimezone(raw.asked_at.tzinfo),
        "last": written(_cell(cells, "05. price"), "price"),
        "previous_close": written(_cell(cells, "08. previous close"), "previous close"),
        "volume": written(_cell(cells, "06. volume"), "volume"),
    }


def _session(name: str, raw: Raw) -> date | None:
    try:
        found = read_day(name, "the day")
    except Useless:
        return None
    return found if FIRST <= found <= (raw.asked_at + AHEAD).date() else None


def _cell(cells: Any, name: str) -> Any:
    if not isinstance(cells, dict) or name not in cells:
        raise Useless(f"there is no {name!r}")
    return cells[name]


def _wanted(day: date, ask: Ask) -> bool:
    return (ask.since is None or day >= ask.since) and (ask.until is None or day <= ask.until)
