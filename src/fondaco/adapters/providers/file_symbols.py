"""Instruments of a file: from its symbols, with dated tickers and sectors where they are given."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from fondaco.adapters.providers.file_days import session_days
from fondaco.adapters.providers.file_options import FileOptions, columns_of
from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import DatedSymbol, Instrument
from fondaco.market.faults import make_fault, row_text
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.ports import Fault

NAMES_COLUMNS = ("file_symbol", "date", "mapped_symbol")
OPEN_END = date(2050, 1, 1)
"""A ticker that ends later than this has not ended."""


@dataclass(frozen=True, slots=True)
class _Facts:
    sector: str | None
    name: str


def with_instruments(
    bars: pl.DataFrame,
    names: pl.DataFrame | None,
    sectors: pl.DataFrame | None,
    options: FileOptions,
    asked_at: datetime,
) -> tuple[pl.DataFrame, tuple[Instrument, ...], tuple[Fault, ...]]:
    """Return the bars with `instrument` and `key` (the file's own name of it), and instruments.

    Without a names file each symbol is one instrument for all time. A names file (file_symbol,
    date, mapped_symbol) says up to which date a ticker meant an instrument; rows on whose day a
    ticker meant nothing are faults.
    """
    facts = _read_facts(sectors, options)
    spans = _undated(bars) if names is None else _read_names(names)
    instruments = {key: _instrument(key, dated, facts, options) for key, dated in spans.items()}
    places = pl.DataFrame(
        [
            (s.symbol, s.start, s.end or date.max, key, instruments[key].id)
            for key, dated in spans.items()
            for s in dated
        ],
        schema={
            "symbol": pl.String,
            "start": pl.Date,
            "end": pl.Date,
            "key": pl.String,
            "instrument": pl.String,
        },
        orient="row",
    ).sort("start")
    found = bars.sort("session").join_asof(
        places,
        left_on="session",
        right_on="start",
        by="symbol",
        strategy="backward",
        check_sortedness=False,
    )
    named = pl.col("instrument").is_not_null() & (pl.col("session") <= pl.col("end"))
    lost = found.filter(~named.fill_null(False))
    return (
        found.filter(named.fill_null(False)),
        tuple(instruments.values()),
        tuple(_unnamed(lost, options.source, asked_at)),
    )


def _undated(bars: pl.DataFrame) -> dict[str, tuple[DatedSymbol, ...]]:
    return {
        symbol: (DatedSymbol(symbol, UNDATED),)
        for symbol in bars["symbol"].unique().sort().to_list()
    }


def _read_names(names: pl.DataFrame) -> dict[str, tuple[DatedSymbol, ...]]:
    absent = [column for column in NAMES_COLUMNS if column not in names.columns]
    if absent:
        raise InvalidInput(
            "the names file lacks columns", value=", ".join(absent), bound=", ".join(NAMES_COLUMNS)
        )
    days = session_days(names, "date", "", _utc_zone())
    if days.null_count():
        at = days.is_null().arg_max() or 0
        raise InvalidInput("the names file has a row without a date", value=names[PLACE][at])
    table = pl.DataFrame(
        [
            names["file_symbol"].str.to_uppercase().alias("key"),
            days,
            names["mapped_symbol"].str.to_uppercase().alias("symbol"),
        ]
    )
    groups = table.sort("session", maintain_order=True).group_by("key", maintain_order=True)
    return {
        str(key): tuple(_spans(rows["symbol"].to_list(), rows["session"].to_list()))
        for (key,), rows in groups
    }


def _spans(symbols: list[str], ends: list[date]) -> Iterator[DatedSymbol]:
    """Give the days of each ticker: each holds up to and with its date, the first from its own."""
    start = ends[0]
    for n, (symbol, end) in enumerate(zip(symbols, ends, strict=True)):
        if symbols[n + 1 : n + 2] == [symbol]:
            continue  # the same ticker goes on: its last row ends it
        yield DatedSymbol(symbol, start, None if end >= OPEN_END else end)
        start = end + timedelta(days=1)


def _utc_zone() -> ZoneInfo:
    return ZoneInfo("UTC")


def _read_facts(sectors: pl.DataFrame | None, options: FileOptions) -> dict[str, _Facts]:
    if sectors is None:
        return {}
    columns = columns_of(
        [c for c in sectors.columns if c != PLACE],
        "sectors_mapping",
        ("symbol", "sector", "name"),
        options.sectors_mapping,
        ("symbol", "sector"),
    )
    name = columns.get("name")
    return {
        str(row[columns["symbol"]]).strip().upper(): _Facts(
            row[columns["sector"]] or None, (row[name] or "") if name else ""
        )
        for row in sectors.iter_rows(named=True)
    }


def _instrument(
    key: str, dated: tuple[DatedSymbol, ...], facts: dict[str, _Facts], options: FileOptions
) -> Instrument:
    latest = max(dated, key=lambda s: s.start).symbol
    known = facts.get(key) or facts.get(latest) or _Facts(None, "")
    first = dated[0]
    asset_class = options.classes.get(latest, options.asset_class)
    steps = {"tick": options.tick, "multiplier": options.multiplier}
    return Instrument(
        id=instrument_id(asset_class, options.venue, first.symbol, first.start),
        symbols=dated,
        asset_class=asset_class,
        venue=options.venue,
        currency=options.currency,
        name=known.name,
        sector=known.sector,
        **{name: step for name, step in steps.items() if step is not None},
    )


def _unnamed(lost: pl.DataFrame, source: str, asked_at: datetime) -> Iterator[Fault]:
    for row in lost.iter_rows(named=True):
        yield make_fault(
            "symbol",
            f"the names file does not say what {row['symbol']} meant on that day",
            source=source,
            instrument=row["symbol"],
            session=row["session"],
            where=row["where"],
            row=row_text(row),
            seen_at=asked_at,
        )
