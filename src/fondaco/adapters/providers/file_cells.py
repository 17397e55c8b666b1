"""Cells of a file as a kind's columns: numbers, words, days, times, yes and no."""

from collections.abc import Mapping

import polars as pl

from fondaco.adapters.providers.file_mapping import label
from fondaco.adapters.providers.file_options import FileOptions
from fondaco.adapters.providers.file_times import days, known_times, moments
from fondaco.market.kinds import Column
from fondaco.market.tables import UTC_TIME

_TENOR = r"^(?<n>\d+(?:\.\d+)?) ?(?<unit>[MmWwYyDd])(?:o|r|k|onth|onths|ear|ears|eek|eeks|ay|ays)?$"
_PER_YEAR = {"d": 365.0, "w": 52.0, "m": 12.0, "y": 1.0}
YES = ("true", "yes", "1", "y", "t")
NO = ("false", "no", "0", "n", "f")
_MEANT = {
    pl.Float64(): "number",
    pl.Int64(): "whole number",
    pl.Boolean(): "yes or no",
    pl.Date(): "day",
    UTC_TIME: "moment",
}


def typed(table: pl.DataFrame, column: Column, name: str, options: FileOptions) -> pl.Series:
    """Return the cells of a file's column in the type of a kind's column; null for no such."""
    cells = table[name]
    if column.dtype == UTC_TIME:
        read = known_times if column.name == "known_at" else moments
        return read(table, name, options.times).alias(column.name)
    if column.dtype == pl.Date():
        return days(cells, options.times).alias(column.name)
    if column.dtype == pl.String():
        return _words(cells, column, options.shape.words or {}).alias(column.name)
    if column.dtype == pl.Boolean():
        return _flags(cells).alias(column.name)
    numbers = _tenors(cells) if column.name == "tenor" else _numbers(cells)
    if column.dtype == pl.Int64():
        whole = numbers.is_finite() & (numbers == numbers.round(0))
        numbers = numbers.set(~whole.fill_null(True), None).cast(pl.Int64, strict=False)
    return numbers.alias(column.name)


def why_unreadable(cells: pl.Series, name: str, dtype: pl.DataType) -> pl.Expr:
    """Return why a cell that says something was not read."""
    text = cells.cast(pl.String).fill_null("")
    return pl.format(f"{{}} in column {label(name)} is no {_MEANT[dtype]}", pl.lit(text))


def says_something(cells: pl.Series) -> pl.Series:
    """Return whether cells hold anything at all."""
    if cells.dtype != pl.String:
        return cells.is_not_null()
    return (cells.str.strip_chars() != "").fill_null(False)


def _numbers(cells: pl.Series) -> pl.Series:
    plain = cells.str.strip_chars() if cells.dtype == pl.String else cells
    return plain.cast(pl.Float64, strict=False)


def _tenors(cells: pl.Series) -> pl.Series:
    """Return years to maturity of cells like 3 Mo, 10Y or 0.25."""
    plain = _numbers(cells)
    parts = cells.cast(pl.String).str.strip_chars().str.extract_groups(_TENOR).struct.unnest()
    per_year = parts["unit"].str.to_lowercase().replace_strict(_PER_YEAR, return_dtype=pl.Float64)
    years = parts["n"].cast(pl.Float64, strict=False) / per_year
    return pl.select(pl.coalesce(plain, years)).to_series()


def _words(cells: pl.Series, column: Column, meant: Mapping[str, str]) -> pl.Series:
    text = cells.cast(pl.String).str.strip_chars()
    text = text.set((text == "").fill_null(False), None)
    if column.holds.one_of and meant:
        text = text.replace(dict(meant))
    return text


def _flags(cells: pl.Series) -> pl.Series:
    if cells.dtype == pl.Boolean:
        return cells
    text = cells.cast(pl.String).str.strip_chars().str.to_lowercase()
    told = dict.fromkeys(YES, True) | dict.fromkeys(NO, False)
    return text.replace_strict(told, default=None, return_dtype=pl.Boolean)
