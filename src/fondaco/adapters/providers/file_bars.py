"""The bars of a file: cells to numbers, with a located fault for each row that cannot be read."""

from datetime import datetime

import polars as pl

from fondaco.adapters.providers.file_days import known_times, session_days
from fondaco.adapters.providers.file_faults import unreadable_faults
from fondaco.adapters.providers.file_habits import BAR_NAMES
from fondaco.adapters.providers.file_mapping import label, resolved
from fondaco.adapters.providers.file_options import FileOptions, columns_of
from fondaco.adapters.providers.file_shape import reshaped
from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.errors import InvalidInput
from fondaco.market.ports import Fault
from fondaco.market.tables import BARS

FACTORS = ("factor", "next_factor", "dividend", "split")
NUMBERS = ("open", "high", "low", "close", "volume", *FACTORS)
SYMBOL = r"^[A-Z0-9][A-Z0-9.\-^=_]{0,31}$"


def read_bars(
    table: pl.DataFrame, options: FileOptions, asked_at: datetime
) -> tuple[pl.DataFrame, tuple[Fault, ...]]:
    """Return symbol, session, known_at, numbers and where of each readable row, and the faults.

    Numbers that the file has no column for are null. Raises InvalidInput when columns are wrong.
    """
    table, mapping = resolved(*reshaped(table, options.shape, options.mapping))
    needed = ("date", "close") if options.symbol else ("date", "close", "symbol")
    columns = columns_of(
        [c for c in table.columns if c != PLACE], "mapping", BAR_NAMES, mapping, needed
    )
    _check_factor_sources(columns, options)
    symbol = (
        table[columns["symbol"]].cast(pl.String).str.strip_chars().str.to_uppercase()
        if "symbol" in columns
        else pl.Series([options.symbol]).new_from_index(0, len(table))
    )
    known = (
        known_times(table, columns["known_at"])
        if "known_at" in columns
        else pl.Series([None] * len(table), dtype=pl.Datetime("us", "UTC"))
    )
    bars = pl.DataFrame(
        [
            symbol.alias("symbol"),
            session_days(table, columns["date"], options.date_format, options.zone),
            known.alias("known_at"),
            *(_number(table, columns.get(name), name) for name in NUMBERS),
            table[PLACE].alias("where"),
        ]
    )
    wrong = _unreadable(table, bars, columns)
    faults = unreadable_faults(
        table, wrong, bars["symbol"], options, asked_at, BARS, bars["session"]
    )
    return bars.filter(wrong.is_null()), faults


def _check_factor_sources(columns: dict[str, str], options: FileOptions) -> None:
    given = [
        *(name for name in ("factor", "next_factor") if name in columns),
        *(["dividend and split"] if {"dividend", "split"} & columns.keys() else []),
        *(["factors"] if options.factors else []),
    ]
    if len(given) > 1:
        raise InvalidInput(
            "factors come from more than one place",
            value=" and ".join(given),
            bound="one of factor, next_factor, dividend and split, factors",
            remedy="Map one of them, or name another column for the others.",
        )


def _number(table: pl.DataFrame, column: str | None, name: str) -> pl.Series:
    if column is None:
        return pl.Series(name, [None] * len(table), dtype=pl.Float64)
    cells = table[column]
    if cells.dtype == pl.String:
        cells = cells.str.strip_chars()
    return cells.cast(pl.Float64, strict=False).alias(name)


def _unreadable(table: pl.DataFrame, bars: pl.DataFrame, columns: dict[str, str]) -> pl.Series:
    """Return why a row cannot be read, or null."""
    whole = pl.concat(
        [bars, table.rename({c: f"\x00{c}" for c in table.columns})], how="horizontal"
    )
    reasons = [
        pl.when(pl.col("session").is_null()).then(
            pl.format("{} is no date", _cell(columns["date"]))
        ),
        pl.when(~pl.col("symbol").str.contains(SYMBOL).fill_null(False)).then(
            pl.format("{} is no symbol", pl.col("symbol").fill_null("an empty cell"))
        ),
    ]
    if "known_at" in columns:
        reasons.append(
            pl.when(pl.col("known_at").is_null()).then(
                pl.format("{} is no time at which a row was known", _cell(columns["known_at"]))
            )
        )
    for name in NUMBERS:
        if name in columns:
            cell = _cell(columns[name])
            told = (cell.str.strip_chars() != "") & (cell != "an empty cell")
            reasons.append(
                pl.when(pl.col(name).is_null() & told).then(
                    pl.format(f"{{}} in column {label(columns[name])} is no number", cell)
                )
            )
    return whole.select(pl.coalesce(reasons)).to_series()


def _cell(column: str) -> pl.Expr:
    return pl.col(f"\x00{column}").cast(pl.String).fill_null("an empty cell")
