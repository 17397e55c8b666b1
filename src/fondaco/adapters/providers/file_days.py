"""Dates and times of a file's columns: what is ambiguous is refused, never guessed."""

from zoneinfo import ZoneInfo

import polars as pl

from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.errors import InvalidInput
from fondaco.market.tables import UTC_TIME

_DAY = r"^(\d{4}-\d{2}-\d{2}|\d{8})"
_TIME = r"^(?:\d{4}-\d{2}-\d{2}|\d{8})(.*)$"
_MIDNIGHT = r"^(T00:00(:00(\.0+)?)?)?(Z|[+-]\d{2}:?\d{2})?$"
_ZONED = r"(Z|[+-]\d{2}:?\d{2})$"


def session_days(table: pl.DataFrame, column: str, date_format: str, zone: ZoneInfo) -> pl.Series:
    """Return the sessions that a column names; null where a cell is no date.

    Dates may be typed dates, ISO text, YYYYMMDD, text in `date_format`, or times. Several formats
    are separated by `|` and tried in order. A time at
    midnight is a date; a time with an offset is the date in `zone`; any other time is refused.
    Raises InvalidInput for times without an offset, and when no cell at all is a date.
    """
    cells = table[column]
    if isinstance(cells.dtype, pl.Datetime):
        days = _from_times(table, column, cells.dtype, zone)
    elif cells.dtype == pl.Date:
        days = cells
    elif date_format:
        days = written_days(cells.cast(pl.String).str.strip_chars(), tuple(date_format.split("|")))
    else:
        days = _from_text(table, cells, column, zone)
    if days.null_count() == len(days):
        raise InvalidInput(
            f"no cell of column {column} is a date",
            value=repr(cells[0]),
            bound="2019-06-28, 20190628 or a time with an offset",
            remedy="Give --option date_format=%m/%d/%Y, or as the file has it.",
        )
    return days.alias("session")


def written_days(text: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    """Return the days of text in the first of some formats that fits; without any, in plain ISO.

    A format without a day of the month means the first.
    """
    if not formats:
        return _plain_days(text)
    found = [
        text.str.to_date(written, strict=False)
        if "%d" in written or "%j" in written or "%F" in written
        else ("01 " + text).str.to_date(f"%d {written}", strict=False)
        for written in formats
    ]
    return pl.select(pl.coalesce(found)).to_series()


def known_times(table: pl.DataFrame, column: str) -> pl.Series:
    """Return when rows were known, in UTC; a bare date means by the end of that day, UTC."""
    cells = table[column]
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
        return cells.dt.convert_time_zone("UTC").cast(UTC_TIME).alias("known_at")
    text = _plain_text(cells)
    rest = text.str.extract(_TIME)
    bare = rest.str.contains(_MIDNIGHT) & ~rest.str.contains(_ZONED)
    refuse_naive(table, ~bare & ~rest.str.contains(_ZONED), cells, column)
    day = _plain_days(text).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    known = pl.when(bare).then(day.dt.offset_by("1d")).otherwise(_moments(text))
    return pl.select(known).to_series().cast(UTC_TIME).alias("known_at")


def _from_times(table: pl.DataFrame, column: str, kind: pl.Datetime, zone: ZoneInfo) -> pl.Series:
    cells = table[column]
    midnight = _is_midnight(cells)
    if bool(midnight.fill_null(True).all()):
        return cells.dt.date()
    if kind.time_zone is not None:
        return cells.dt.convert_time_zone(zone.key).dt.date()
    refuse_naive(table, ~midnight, cells, column)
    return cells.dt.date()


def _is_midnight(cells: pl.Series) -> pl.Series:
    return (cells.dt.hour() == 0) & (cells.dt.minute() == 0) & (cells.dt.second() == 0)


def _from_text(table: pl.DataFrame, cells: pl.Series, column: str, zone: ZoneInfo) -> pl.Series:
    text = _plain_text(cells)
    rest = text.str.extract(_TIME)
    days = _plain_days(text)
    midnight = rest.str.contains(_MIDNIGHT)
    if bool(midnight.fill_null(True).all()):
        return days
    zoned = rest.str.contains(_ZONED)
    refuse_naive(table, rest.str.contains(r"^T\d") & ~zoned & ~midnight, cells, column)
    local = _moments(text).dt.convert_time_zone(zone.key).dt.date()
    return pl.select(pl.when(midnight & ~zoned).then(days).otherwise(local)).to_series()


def _plain_text(cells: pl.Series) -> pl.Series:
    """Return cells as ISO text: trimmed, with a T before the time."""
    return cells.cast(pl.String).str.strip_chars().str.replace(r"^(\S+)\s+(\d)", "${1}T${2}")


def _plain_days(text: pl.Series) -> pl.Series:
    written = text.str.extract(_DAY).str.replace_all("-", "")
    return written.str.to_date("%Y%m%d", strict=False)


def _moments(text: pl.Series) -> pl.Series:
    whole = text.str.replace("Z$", "+00:00").str.replace(r"(T\d{2}:\d{2})([+-])", "${1}:00${2}")
    return whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_zone="UTC")


def refuse_naive(
    table: pl.DataFrame,
    naive: pl.Series,
    text: pl.Series,
    column: str,
    remedy: str = "Write dates only, or add the offset, such as 2019-06-28T16:00:00-04:00.",
) -> None:
    """Raise InvalidInput at the first time that could mean several moments."""
    naive = naive.fill_null(False)
    if not naive.any():
        return
    at = naive.arg_max() or 0
    raise InvalidInput(
        f"column {column} holds times without an offset, which could mean several moments",
        value=f"{table[PLACE][at]}: {text[at]}",
        bound="dates, or times with an offset",
        remedy=remedy,
    )
