"""How the answers of Tiingo are read.

A daily `date` is the session, `splitFactor` shares after over before, `divCash` money per share on
its ex-date. The `date` of a minute bar is its start. Volumes of IEX are a few per cent of what was
traded, so they are left out.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.fits import check_row
from fondaco.adapters.providers.listing import us_listing
from fondaco.adapters.providers.read_json import Useless, number, read_json
from fondaco.adapters.providers.us_asks import maybe_words, rows_of, whole, words
from fondaco.adapters.providers.us_days import EASTERN, read_day
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS, PRICES

SOURCE = source_name(Origin.LIVE, "tiingo")
SECONDS = {"1min": 60, "5min": 300, "15min": 900, "30min": 1_800, "1hour": 3_600}
FIRST = datetime(1960, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
TAGS_MAX = 200
SPLIT_MAX = 10_000.0
"""The most shares that one share becomes, or the other way round."""


def parse(raw: Raw, ask: Ask) -> Parsed:
    """Return the rows of one answer, whose name says what it is of."""
    kind, symbol, *rest = raw.name.split("/")
    out = Collected(kind, raw, SOURCE)
    try:
        items = items_of(raw)
        if kind == "news":
            _news(out, items, symbol, raw)
            return out.parsed()
        instrument = us_listing(symbol, rest[0] if kind == BARS else None)
        if kind == BARS:
            _days(out, items, instrument, raw, ask)
        elif kind == "quotes":
            _quotes(out, items, symbol, instrument, raw)
        else:
            _minutes(out, items, rest[0], instrument, raw, ask)
    except Useless as error:
        return useless(kind, raw, SOURCE, str(error))
    return out.parsed((instrument,))


def items_of(raw: Raw) -> list[Any]:
    """Return the list that an answer is; raises Useless, with Tiingo's own words if it has any."""
    data = read_json(raw.body)
    if isinstance(data, dict) and isinstance(data.get("detail"), str):
        raise Useless(f"Tiingo says: {data['detail']}"[:300])
    return rows_of(data, "items")


def _days(out: Collected, items: Sequence[Any], instrument: Instrument, raw: Raw, ask: Ask) -> None:
    """Read daily bars in the order of their days; each needs the close before for its factor."""
    before: tuple[date, float] | None = None
    broken = False
    for n, item in enumerate(items):
        where = f"{raw.name} row {n + 1}"
        last, lost = before, broken

        def read(
            item: Any = item, last: tuple[date, float] | None = last, lost: bool = lost
        ) -> dict[str, Any]:
            return _day(item, instrument, raw, last, lost=lost)

        try:
            row: dict[str, Any] | None = read()
            check_row(BARS, row or {}, raw.asked_at)
        except Useless:
            row = None
        broken = row is None
        before = (row["session"], row["close"]) if row else before
        if row is None or _wanted(row["session"], ask):
            out.take(where, instrument.id, item, read)


def _day(
    item: Any, instrument: Instrument, raw: Raw, before: tuple[date, float] | None, *, lost: bool
) -> dict[str, Any]:
    session = _midnight(_cell(item, "date"), raw)
    if before and session <= before[0]:
        raise Useless(f"{session} does not come after {before[0]}")
    prices = {name: _price(item, name) for name in PRICES}
    paid, split = _price(item, "divCash"), _price(item, "splitFactor")
    if not 1 / SPLIT_MAX <= split <= SPLIT_MAX or paid < 0:
        raise Useless(f"a split of {split:g} or a dividend of {paid:g} cannot be")
    kept = 1.0
    if paid and lost:
        raise Useless("the close before this dividend cannot be read")
    if paid and before:
        if paid >= before[1]:
            raise Useless(f"the dividend {paid:g} is not below the close before, {before[1]:g}")
        kept = 1.0 - paid / before[1]
    return {
        "instrument": instrument.id,
        "session": session,
        **prices,
        "volume": float(whole(_cell(item, "volume"), "volume")),
        "factor": kept / split,
    }


def _quotes(
    out: Collected, items: Sequence[Any], symbol: str, instrument: Instrument, raw: Raw
) -> None:
    for n, item in enumerate(items):

        def read(item: Any = item) -> dict[str, Any]:
            ticker = words(_cell(item, "ticker"), "ticker").upper().replace("-", ".")
            if ticker != symbol.replace("-", "."):
                raise Useless(f"the quote is of {ticker[:20]}, not of {symbol}")
            return {
                "instrument": instrument.id,
                "ts": _moment(_cell(item, "timestamp"), "timestamp", raw),
                "bid": number(_cell(item, "bidPrice"), "bidPrice"),
                "ask": number(_cell(item, "askPrice"), "askPrice"),
                "bid_size": number(_cell(item, "bidSize"), "bidSize"),
                "ask_size": number(_cell(item, "askSize"), "askSize"),
                "last": _price(item, "tngoLast"),
                "previous_close": number(_cell(item, "prevClose"), "prevClose"),
            }

        out.take(f"{raw.name} quote {n + 1}", instrument.id, item, read)


def _minutes(
    out: Collected, items: Sequence[Any], every: str, instrument: Instrument, raw: Raw, ask: Ask
) -> None:
    seconds = SECONDS[every]

    def read(item: Any) -> dict[str, Any] | None:
        start = _moment(_cell(item, "date"), "date", raw)
        if start.timestamp() % seconds and seconds < 3_600:
            raise Useless(f"a bar of {every} cannot start at {start}")
        close = start + timedelta(seconds=seconds)
        row = {
            "instrument": instrument.id,
            "seconds": seconds,
            "ts": close,
            **{name: _price(item, name) for name in PRICES},
            "final": close <= raw.asked_at,
        }
        return row if _wanted(start.astimezone(EASTERN).date(), ask) else None

    for n, item in enumerate(items):
        out.take(f"{raw.name} bar {n + 1}", instrument.id, item, lambda item=item: read(item))  # type: ignore[misc]


def _news(out: Collected, items: Sequence[Any], symbols: str, raw: Raw) -> None:
    for n, item in enumerate(items):

        def read(item: Any = item) -> dict[str, Any]:
            return _story(item, raw)

        out.take(f"{raw.name} item {n + 1}", symbols, item, read)


def _story(item: Any, raw: Raw) -> dict[str, Any]:
    published = _moment(_cell(item, "publishedDate"), "publishedDate", raw)
    crawled = _moment(_cell(item, "crawlDate"), "crawlDate", raw)
    tickers = rows_of(_cell(item, "tickers"), "tickers")[:TAGS_MAX]
    return {
        "id": str(whole(_cell(item, "id"), "id")),
        "ts": published,
        "known_at": max(published, crawled),
        "title": words(_cell(item, "title"), "title"),
        "body": maybe_words(_cell(item, "description"), "description"),
        "publisher": maybe_words(_cell(item, "source"), "source"),
        "url": words(_cell(item, "url"), "url"),
        "symbols": ",".join(words(t, "ticker").upper() for t in tickers) or None,
    }


def _cell(item: Any, name: str) -> Any:
    """Return a cell of a row; raises Useless when the row has none of that name."""
    if not isinstance(item, dict) or name not in item:
        raise Useless(f"the row has no {name}")
    return item[name]


def _price(item: Any, name: str) -> float:
    found = number(_cell(item, name), name)
    if found is None:
        raise Useless(f"{name} is empty")
    return found


def _moment(cell: Any, name: str, raw: Raw) -> datetime:
    """Return an ISO 8601 time with its offset, in UTC."""
    try:
        found = datetime.fromisoformat(cell).astimezone(UTC) if isinstance(cell, str) else None
    except (ValueError, OverflowError):
        found = None
    if found is None or "T" not in cell or not _has_offset(cell):
        raise Useless(f"{name} {str(cell)[:40]!r} is no time with an offset")
    if not FIRST <= found <= raw.asked_at + AHEAD:
        raise Useless(f"{name} {found} is not between {FIRST:%Y} and the answer")
    return found


def _has_offset(cell: str) -> bool:
    return datetime.fromisoformat(cell).utcoffset() is not None


def _midnight(cell: Any, raw: Raw) -> date:
    """Return the day that is written as its midnight in UTC: 2026-11-25T00:00:00.000Z."""
    if not isinstance(cell, str) or cell[10:] not in {"T00:00:00.000Z", "T00:00:00+00:00"}:
        raise Useless(f"date {str(cell)[:40]!r} is no day")
    found = read_day(cell[:10], "date")
    if not FIRST.date() <= found <= (raw.asked_at + AHEAD).date():
        raise Useless(f"date {found} is not between {FIRST:%Y} and the answer")
    return found


def _wanted(day: date, ask: Ask) -> bool:
    return (ask.since is None or day >= ask.since) and (ask.until is None or day <= ask.until)
