"""Yahoo's chart answer, read without trust: raw prices rebuilt, factors from its events.

Yahoo gives open, high, low, close and volume adjusted for every split up to the day of the answer,
and dividends per such share. Multiplying by the splits after a day gives what was printed then; a
split's factor is denominator over numerator, a dividend's 1 - dividend / close of the day before.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from fondaco.core.ids import canonical_json
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument
from fondaco.market.faults import make_fault
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.ports import Ask, Fault, Parsed, Raw
from fondaco.market.tables import PARSED, PRICES

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
KINDS = {"EQUITY": AssetClass.EQUITY, "ETF": AssetClass.ETF, "INDEX": AssetClass.INDEX}
PRICE_DIGITS = 6


class _Useless(Exception):
    """The answer as a whole says nothing that can be used."""


@dataclass(frozen=True, slots=True)
class _Events:
    """Splits as (session, after / before) and dividends per session, as Yahoo adjusts them."""

    splits: dict[date, float]
    dividends: dict[date, float]


def parse_answer(raw: Raw, ask: Ask, source: str) -> Parsed:
    """Return the bars of one symbol's answer, or the fault that makes all of it useless."""
    try:
        chart = _chart(raw)
        meta = _part(chart, "meta", dict)
        instrument = _instrument(meta, raw.name)
        zone = _zone(meta)
        rows, faults = _rows(chart, raw, zone, instrument, source)
        events = _events(chart, zone)
    except _Useless as error:
        fault = make_fault(
            "answer",
            str(error),
            source=source,
            instrument=raw.name,
            session=None,
            where=f"{raw.name}: {raw.digest[:12]}",
            row="",
            seen_at=raw.asked_at,
        )
        return Parsed(pl.DataFrame(schema=PARSED), (), (fault,))
    bars = _rebuilt(rows, events)
    if ask.since is not None:
        bars = bars.filter(pl.col("session") >= ask.since)
    if ask.until is not None:
        bars = bars.filter(pl.col("session") <= ask.until)
    bars = bars.with_columns(
        instrument=pl.lit(instrument.id), source=pl.lit(source), known_at=pl.lit(None)
    )
    return Parsed(bars.select(list(PARSED)).cast(PARSED), (instrument,), faults)  # type: ignore[arg-type]


def _chart(raw: Raw) -> dict[str, Any]:
    body = raw.body.strip()
    if not body:
        raise _Useless("the answer is empty")
    if body.startswith(b"<"):
        raise _Useless("the answer is a web page, not data")
    try:
        data = json.loads(body)
    except ValueError as error:
        raise _Useless(f"the answer is not whole JSON: {error}") from error
    chart = _part(data, "chart", dict)
    told = chart.get("error")
    if told:
        text = told.get("description", told) if isinstance(told, dict) else told
        raise _Useless(f"Yahoo says: {text}"[:300])
    results = _part(chart, "result", list)
    if not results or not isinstance(results[0], dict):
        raise _Useless("the answer holds no result")
    first: dict[str, Any] = results[0]
    return first


def _part(data: Any, name: str, kind: type) -> Any:
    part = data.get(name) if isinstance(data, dict) else None
    if not isinstance(part, kind):
        raise _Useless(f"the answer has no {name}")
    return part


def _zone(meta: dict[str, Any]) -> ZoneInfo:
    try:
        return ZoneInfo(str(meta.get("exchangeTimezoneName")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Useless("the answer does not name its time zone") from None


def _instrument(meta: dict[str, Any], asked: str) -> Instrument:
    symbol = str(meta.get("symbol") or "").upper()
    if symbol != asked:
        raise _Useless(f"the answer is of {symbol or 'no symbol'}, not of {asked}")
    venue = VENUES.get(str(meta.get("exchangeName")))
    kind = KINDS.get(str(meta.get("instrumentType")))
    currency = str(meta.get("currency") or "")
    if venue is None or kind is None or len(currency) != 3 or not currency.isupper():
        raise _Useless(
            f"{asked} is of a kind that is not known here: "
            f"{meta.get('instrumentType')} on {meta.get('exchangeName')} "
            f"in {currency or 'no currency'}"
        )
    first = meta.get("firstTradeDate")
    start = datetime.fromtimestamp(first, UTC).date() if isinstance(first, int) else UNDATED
    plain = symbol.lstrip("^")
    return Instrument(
        id=instrument_id(kind, venue, plain, start),
        symbols=(DatedSymbol(plain, start),),
        asset_class=kind,
        venue=venue,
        currency=currency,
        name=str(meta.get("longName") or meta.get("shortName") or ""),
    )


def _rows(
    chart: dict[str, Any], raw: Raw, zone: ZoneInfo, instrument: Instrument, source: str
) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    times = chart.get("timestamp")
    if not isinstance(times, list) or not times:
        raise _Useless(f"the answer has no bars of {raw.name}")
    quotes = _part(_part(chart, "indicators", dict), "quote", list)
    quote = quotes[0] if quotes and isinstance(quotes[0], dict) else {}
    columns = {name: quote.get(name) for name in (*PRICES, "volume")}
    short = [
        name
        for name, cells in columns.items()
        if not isinstance(cells, list) or len(cells) != len(times)
    ]
    if short:
        raise _Useless(f"the answer's {', '.join(short)} does not match its {len(times)} times")
    good, faults = [], []
    for n, moment in enumerate(times):
        row = {name: cells[n] for name, cells in columns.items() if cells is not None}
        session = _session(moment, zone)
        where = f"{raw.name} bar {n + 1}"
        wrong = _wrong_cell(row) if session else f"{moment!r} is no time"
        if wrong:
            faults.append(
                make_fault(
                    "unreadable",
                    wrong,
                    source=source,
                    instrument=instrument.id,
                    session=session,
                    where=where,
                    row=canonical_json({k: str(v) for k, v in row.items()}),
                    seen_at=raw.asked_at,
                )
            )
        else:
            good.append(row | {"session": session, "where": where})
    schema = {"session": pl.Date, "where": pl.String} | dict.fromkeys(columns, pl.Float64)
    return pl.DataFrame(good, schema=schema), tuple(faults)


def _session(moment: Any, zone: ZoneInfo) -> date | None:
    if not isinstance(moment, int) or isinstance(moment, bool) or abs(moment) > 2**33:
        return None
    return datetime.fromtimestamp(moment, zone).date()


def _wrong_cell(row: dict[str, Any]) -> str | None:
    return next(
        (
            f"{name} {cell!r} is no number"
            for name, cell in row.items()
            if cell is not None and (isinstance(cell, bool) or not isinstance(cell, int | float))
        ),
        None,
    )


def _events(chart: dict[str, Any], zone: ZoneInfo) -> _Events:
    events = chart.get("events") or {}
    splits: dict[date, float] = {}
    dividends: dict[date, float] = {}
    for split in _event_list(events, "splits"):
        day = _event_day(split, zone)
        ratio = _positive(split.get("numerator")) / _positive(split.get("denominator"))
        splits[day] = splits.get(day, 1.0) * ratio
    for kind in ("dividends", "capitalGains"):
        for paid in _event_list(events, kind):
            day = _event_day(paid, zone)
            dividends[day] = dividends.get(day, 0.0) + _positive(paid.get("amount"))
    return _Events(splits, dividends)


def _event_list(events: Any, kind: str) -> list[dict[str, Any]]:
    found = events.get(kind) or {} if isinstance(events, dict) else None
    if not isinstance(found, dict) or not all(isinstance(e, dict) for e in found.values()):
        raise _Useless(f"the answer's {kind} cannot be read")
    return list(found.values())


def _event_day(event: dict[str, Any], zone: ZoneInfo) -> date:
    day = _session(event.get("date"), zone)
    if day is None:
        raise _Useless("a split or dividend of the answer has no date")
    return day


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        raise _Useless(f"a split or dividend of the answer is {value!r}")
    return float(value)


def _rebuilt(rows: pl.DataFrame, events: _Events) -> pl.DataFrame:
    """Return raw prices and the factor of each session."""
    rows = rows.sort("session", maintain_order=True)
    day_before, close_before = date.max, None
    factors, scales = [], []
    for session, close in rows.select("session", "close").rows():
        # An event on a day without a bar takes effect with the next bar.
        ratio = _product(r for d, r in events.splits.items() if day_before < d <= session)
        paid = sum(p for d, p in events.dividends.items() if day_before < d <= session)
        drop = 1.0 - paid / close_before if close_before and 0 < paid < close_before else 1.0
        factors.append(drop / ratio)
        scales.append(_product(r for d, r in events.splits.items() if d > session))
        day_before = session
        close_before = close if close is not None and close > 0 else close_before
    rows = rows.with_columns(
        pl.Series("scale", scales, dtype=pl.Float64), pl.Series("factor", factors, dtype=pl.Float64)
    )
    return rows.with_columns(
        *((pl.col(name) * pl.col("scale")).round(PRICE_DIGITS) for name in PRICES),
        (pl.col("volume") / pl.col("scale")).round(0),
    ).drop("scale")


def _product(ratios: Iterable[float]) -> float:
    result = 1.0
    for ratio in ratios:
        result *= ratio
    return result
