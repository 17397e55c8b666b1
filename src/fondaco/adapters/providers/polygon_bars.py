"""Daily bars and corporate actions of Massive, out of the pages that were kept together."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fondaco.adapters.providers.crypto_reading import Reading, day_of, plain
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.polygon_shares import (
    Event,
    action_row,
    day_begins,
    events_told,
    put_bars,
)
from fondaco.adapters.providers.read_json import Useless, part
from fondaco.core.instrument import AssetClass, Instrument

EXCHANGES = {
    "XNYS": "NYSE",
    "XNAS": "NASDAQ",
    "ARCX": "NYSE ARCA",
    "XASE": "NYSE MKT",
    "BATS": "BATS",
}
FUNDS = frozenset(("ETF", "ETV", "ETN", "ETS"))
Pages = Mapping[str, list[Any]]


def details_of(_: str, symbol: str, data: Pages) -> tuple[Instrument]:
    """Return the share that the details name, with its exchange, and its last day if it had one.

    The day of its listing is an action, not part of what it is: the details of funds lack it.
    """
    details = part(_only(data, "details"), "results", dict)
    _same(part(details, "ticker", str), symbol)
    exchange = EXCHANGES.get(part(details, "primary_exchange", str))
    if exchange is None or part(details, "locale", str) != "us":
        raise Useless(f"{symbol} is not listed on an exchange of the United States known here")
    name = details.get("name")
    share = us_listing(
        symbol,
        exchange,
        asset_class=AssetClass.ETF if part(details, "type", str) in FUNDS else AssetClass.EQUITY,
        name=name if isinstance(name, str) else "",
        end=_delisted(details),
    )
    return (share,)


def fill_bars(data: Pages, reading: Reading) -> None:
    """Put the raw bars of a ticker among the rows, each with the factor of its events."""
    events = _events(data, reading)
    cells: list[tuple[str, Any]] = []
    bars: list[Mapping[str, Any] | None] = []
    last: date | None = None
    for n, page in enumerate(data.get("bars", []), 1):
        _same(part(page, "ticker", str), reading.symbol)
        if page.get("adjusted") is not False:
            raise Useless("the bars are adjusted, or do not say that they are not")
        for m, cell in enumerate(part(page, "results", list), 1):
            cells.append((f"{reading.raw.name} page {n} bar {m}", cell))
            try:
                bar = _bar(cell, reading, last)
            except Useless as error:
                reading.out.fault("unreadable", str(error), cells[-1][0], reading.of, cell)
                bars.append(None)
            else:
                bars.append(bar)
                last = bar["session"]
    put_bars(reading, cells, bars, events)


def fill_actions(data: Pages, reading: Reading) -> bool:
    """Put splits, dividends and the days of the listing among the rows; True when none is told."""
    told = 0
    for role, read in (("splits", _split), ("dividends", _dividend)):
        for n, page in enumerate(data.get(role, []), 1):
            for m, cell in enumerate(part(page, "results", list), 1):
                told += 1
                where = f"{reading.raw.name} {role} page {n} row {m}"
                reading.out.take(
                    where,
                    reading.of,
                    cell,
                    lambda cell=cell, read=read: action_row(reading, read(cell, reading)),  # type: ignore[misc]
                )
    details = part(_only(data, "details"), "results", dict)
    for action, day in (("listing", _listed(details)), ("delisting", _delisted(details))):
        if day is not None and reading.wanted(day):
            told += 1
            event = Event(day, action)
            where = f"{reading.raw.name} details {action}"
            reading.out.take(where, reading.of, details, lambda e=event: action_row(reading, e))  # type: ignore[misc]
    return told == 0


def _events(data: Pages, reading: Reading) -> list[Event]:
    """Return splits and dividends; raises Useless for one that cannot be read, since without it no
    bar before it can be adjusted.
    """
    found = [
        read(cell, reading)
        for role, read in (("splits", _split), ("dividends", _dividend))
        for page in data.get(role, [])
        for cell in part(page, "results", list)
    ]
    return events_told(found)


def _split(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "ticker", str), reading.symbol)
    before, after = (plain(cell.get(name), name) for name in ("split_from", "split_to"))
    if not (0 < before < 1e9 and 0 < after < 1e9):
        raise Useless(f"the split is {after} for {before}")
    day = _event_day(cell, "execution_date")
    return Event(day, "split", ratio=before / after)


def _dividend(cell: Any, reading: Reading) -> Event:
    _same(part(cell, "ticker", str), reading.symbol)
    amount = plain(cell.get("cash_amount"), "cash_amount")
    currency = part(cell, "currency", str)
    if currency != "USD":
        raise Useless(f"the dividend is in {currency[:10]}, not in USD")
    if amount <= 0:
        raise Useless(f"the dividend is {amount}")
    special = part(cell, "distribution_type", str) in {"special", "supplemental"}
    pay, declared = (
        None if cell.get(name) is None else day_of(cell[name], name)
        for name in ("pay_date", "declaration_date")
    )
    return Event(
        _event_day(cell, "ex_dividend_date"),
        "special" if special else "dividend",
        amount=amount,
        currency=currency,
        pay_date=pay,
        declared=declared,
    )


def _event_day(cell: Any, name: str) -> date:
    day = day_of(cell.get(name), name)
    if not date(1900, 1, 1) <= day <= date(2100, 1, 1):
        raise Useless(f"{name} {day} is no plausible day")
    return day


def _bar(cell: Any, reading: Reading, last: date | None) -> dict[str, Any]:
    """Return a bar by its start, which is midnight in New York; it comes after the one before."""
    at = reading.moment(part(cell, "t", int), "t", 1_000)
    session = day_begins(at, last)
    names = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
    numbers = {name: plain(cell.get(short), name) for name, short in names.items()}
    if numbers["close"] <= 0:
        raise Useless(f"the close is {numbers['close']}")
    return {"instrument": reading.of, "session": session, **numbers}


def _listed(details: Mapping[str, Any]) -> date | None:
    found = details.get("list_date")
    return None if found is None else day_of(found, "list_date")


def _delisted(details: Mapping[str, Any]) -> date | None:
    found = details.get("delisted_utc")
    if found is None:
        return None
    try:
        return datetime.fromisoformat(str(found)).date()
    except ValueError:
        raise Useless(f"delisted_utc {str(found)[:40]!r} is no time") from None


def _only(data: Pages, role: str) -> Any:
    found = data.get(role, [])
    if len(found) != 1:
        raise Useless(f"the answer has no {role}")
    return found[0]


def _same(found: str, symbol: str) -> None:
    if found != symbol:
        raise Useless(f"the answer is of {found[:40]}, not of {symbol}")
