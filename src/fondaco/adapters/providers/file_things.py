"""Instruments that the rows of a file speak of, whatever their kind."""

from datetime import date
from typing import Any

import polars as pl

from fondaco.adapters.providers.file_options import FileOptions
from fondaco.adapters.providers.file_times import days
from fondaco.core.instrument import DatedSymbol, Instrument
from fondaco.market.identity import UNDATED, instrument_id

_FACTS = ("name", "sector", "currency")


def symbols_of(table: pl.DataFrame, columns: dict[str, str], options: FileOptions) -> pl.Series:
    """Return the ticker of each row, trimmed and in capitals."""
    if "symbol" not in columns:
        return pl.Series([options.symbol or None], dtype=pl.String).new_from_index(0, table.height)
    return table[columns["symbol"]].cast(pl.String).str.strip_chars().str.to_uppercase()


def instruments_of(
    table: pl.DataFrame, columns: dict[str, str], symbols: pl.Series, options: FileOptions
) -> dict[str, Instrument]:
    """Return the instrument of each ticker.

    Where a file says from when to when a ticker was listed, the earliest and the latest day of
    the whole file say nothing: there the file begins and ends, not the ticker.
    """
    told = pl.DataFrame(
        [
            symbols.alias("symbol"),
            *(table[columns[f]].cast(pl.String).alias(f) for f in _FACTS if f in columns),
            *listed_days(table, columns, options),
        ]
    ).drop_nulls("symbol")
    first = told.group_by("symbol", maintain_order=True).first()
    return {row["symbol"]: _instrument(row, options) for row in first.iter_rows(named=True)}


def listed_days(
    table: pl.DataFrame, columns: dict[str, str], options: FileOptions
) -> tuple[pl.Series, ...]:
    """Return the first and last day of each row's ticker; null where the file does not tell."""
    found = []
    for name, edge in (("first_seen", "min"), ("last_seen", "max")):
        if name in columns:
            told = days(table[columns[name]], options.times)
            bound: Any = getattr(told, edge)()
            found.append(
                told.to_frame("day")
                .select(pl.when(pl.col("day") != bound).then("day").alias(name))
                .to_series()
            )
    return tuple(found)


def _instrument(row: dict[str, Any], options: FileOptions) -> Instrument:
    symbol, start = row["symbol"], row.get("first_seen") or UNDATED
    asset_class = options.classes.get(symbol, options.asset_class)
    end: date | None = row.get("last_seen")
    if end is not None and end < start:
        end = None
    steps = {"tick": options.tick, "multiplier": options.multiplier}
    return Instrument(
        id=instrument_id(asset_class, options.venue, symbol, start),
        symbols=(DatedSymbol(symbol, start, end),),
        asset_class=asset_class,
        venue=options.venue,
        currency=(row.get("currency") or options.currency).upper(),
        name=row.get("name") or "",
        sector=row.get("sector"),
        **{name: step for name, step in steps.items() if step is not None},
    )
