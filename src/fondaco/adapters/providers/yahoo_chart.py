"""What all answers of Yahoo have in common: results or an error, what they are of, their events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import prod
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fondaco.adapters.providers.crypto_reading import plain
from fondaco.adapters.providers.read_json import Useless, part
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.identity import instrument_id
from fondaco.market.ports import Raw

VENUES = {
    "NMS": "XNAS",
    "NGM": "XNAS",
    "NCM": "XNAS",
    "NIM": "XNAS",
    "NYQ": "XNYS",
    "NYS": "XNYS",
    "PCX": "ARCX",
    "ASE": "XASE",
    "BTS": "BATS",
    "SNP": "XNYS",
    "NSI": "XNSE",
    "CBO": "XCBO",
    "CXI": "XCBO",
}
CLASSES = {"EQUITY": AssetClass.EQUITY, "ETF": AssetClass.ETF, "INDEX": AssetClass.INDEX}
PRICES = ("open", "high", "low", "close")
FIRST_DAY = date(1900, 1, 1)
BEFORE_FIRST_BAR = timedelta(days=14)
"""How long before the first bar an event may lie: longer than any market was ever shut."""

CELLS_MAX = 100_000
ASKED = frozenset(("splits", "dividends", "capitalGains"))


@dataclass(frozen=True, slots=True)
class Events:
    """Splits as (session, after / before) and payments as (session, action, amount), as Yahoo
    adjusts them: per share of today.
    """

    splits: tuple[tuple[date, float], ...]
    paid: tuple[tuple[date, str, float], ...]

    def scale(self, session: date) -> float:
        """Return the product of the splits after a session: what Yahoo divided its prices by."""
        return prod(ratio for day, ratio in self.splits if day > session)


def result_of(data: Any, name: str) -> dict[str, Any]:
    """Return the one result of an answer; raises Useless, with Yahoo's own words for an error."""
    answer = part(data, name, dict)
    told = answer.get("error")
    if told:
        text = told.get("description", told) if isinstance(told, dict) else told
        raise Useless(f"Yahoo says: {text}"[:300])
    results = answer.get("result")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise Useless("the answer holds no result")
    first: dict[str, Any] = results[0]
    return first


def zone_of(meta: Mapping[str, Any]) -> ZoneInfo:
    """Return the zone of the market; raises Useless when it is none."""
    try:
        return ZoneInfo(str(meta.get("exchangeTimezoneName")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Useless("the answer does not name its time zone") from None


def chart_instrument(meta: Mapping[str, Any], asked: str) -> Instrument:
    """Return what a chart is of; raises Useless when it is not what was asked for."""
    names = ("exchangeName", "instrumentType")
    return _instrument(meta, asked, names, meta.get("firstTradeDate"))


def quote_instrument(quote: Mapping[str, Any], asked: str) -> Instrument:
    """Return what a quote is of; raises Useless when it is not what was asked for."""
    first = quote.get("firstTradeDateMilliseconds")
    seconds = first // 1_000 if isinstance(first, int) and first is not True else None
    return _instrument(quote, asked, ("exchange", "quoteType"), seconds)


def _instrument(
    meta: Mapping[str, Any], asked: str, names: tuple[str, str], first: Any
) -> Instrument:
    symbol = str(meta.get("symbol") or "").upper()
    if symbol != asked:
        raise Useless(f"the answer is of {symbol[:40] or 'no symbol'}, not of {asked}")
    exchange, kind = (str(meta.get(name)) for name in names)
    venue, asset_class = VENUES.get(exchange), CLASSES.get(kind)
    currency = str(meta.get("currency") or "")
    if venue is None or asset_class is None or len(currency) != 3 or not currency.isupper():
        raise Useless(
            f"{asked} is of a kind that is not known here: {kind[:20]} on {exchange[:20]} "
            f"in {currency[:10] or 'no currency'}"
        )
    start = session_of(first, ZoneInfo("UTC"))
    if start is None:
        raise Useless(f"the answer does not say when {asked} was first traded")
    bare = symbol.lstrip("^")
    words = (meta.get("longName"), meta.get("shortName"))
    return Instrument(
        id=instrument_id(asset_class, venue, bare, start),
        symbols=(DatedSymbol(bare, start),),
        asset_class=asset_class,
        venue=venue,
        currency=currency,
        name=next((word for word in words if isinstance(word, str) and word), ""),
    )


def session_of(moment: Any, zone: ZoneInfo) -> date | None:
    """Return the day of a number of seconds since 1970, None when it is no plausible one."""
    if not isinstance(moment, int) or isinstance(moment, bool) or abs(moment) > 2**33:
        return None
    day = datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
    return day if day >= FIRST_DAY else None


def times_of(chart: Mapping[str, Any], symbol: str) -> list[Any]:
    """Return when each bar of a chart began; raises Useless when it has none."""
    times = chart.get("timestamp")
    if not isinstance(times, list) or not times:
        raise Useless(f"the answer has no bars of {symbol}")
    if len(times) > CELLS_MAX:
        raise Useless(f"the answer has {len(times)} bars, more than {CELLS_MAX}")
    return times


def columns_of(chart: Mapping[str, Any], count: int) -> dict[str, list[Any]]:
    """Return the columns of a chart; raises Useless when one does not match its times."""
    quotes = part(part(chart, "indicators", dict), "quote", list)
    quote = quotes[0] if quotes and isinstance(quotes[0], dict) else {}
    columns = {name: quote.get(name) for name in (*PRICES, "volume")}
    short = [
        name
        for name, cells in columns.items()
        if not isinstance(cells, list) or len(cells) != count
    ]
    if short:
        raise Useless(f"the answer's {', '.join(short)} does not match its {count} times")
    return columns  # type: ignore[return-value]


def events_of(chart: Mapping[str, Any], zone: ZoneInfo, first: date | None, raw: Raw) -> Events:
    """Return the splits and payments of a chart; raises Useless for one that cannot be read:
    without it no price before it could be rebuilt.
    """
    told = chart.get("events")
    events = {} if told is None else told
    if not isinstance(events, dict) or not set(events) <= ASKED:
        raise Useless("the answer's events cannot be read, or are others than were asked for")
    last = raw.asked_at.date() + timedelta(days=2)

    def day_of(event: Mapping[str, Any]) -> date:
        day = session_of(event.get("date"), zone)
        if day is None:
            raise Useless("a split or dividend of the answer has no date")
        if day > last or (first is not None and day < first - BEFORE_FIRST_BAR):
            raise Useless(f"a split or dividend of {day} lies outside the answer")
        return day

    splits = [
        (day_of(e), _positive(e.get("numerator")) / _positive(e.get("denominator")))
        for e in _listed(events, "splits")
    ]
    paid = [
        (day_of(e), action, _positive(e.get("amount")))
        for name, action in (("dividends", "dividend"), ("capitalGains", "special"))
        for e in _listed(events, name)
    ]
    return Events(tuple(sorted(splits)), tuple(sorted(paid)))


def _listed(events: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    told = events.get(kind)
    found = {} if told is None else told
    if not isinstance(found, dict) or not all(isinstance(e, dict) for e in found.values()):
        raise Useless(f"the answer's {kind} cannot be read")
    return list(found.values())


def _positive(cell: Any) -> float:
    try:
        value = plain(cell, "event")
    except Useless:
        value = 0.0
    if not 0 < value < 1e12:
        raise Useless(f"a split or dividend of the answer is {cell!r}"[:200])
    return value
