"""Days and times of any kind's columns, in UTC: an hour without an offset needs a named zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from fondaco.adapters.providers.file_days import refuse_naive, written_days
from fondaco.adapters.providers.file_mapping import label
from fondaco.adapters.providers.file_options import Times
from fondaco.core.errors import InvalidInput
from fondaco.market.tables import UTC_TIME

EPOCHS = {"epoch": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Formats of times that are numbers: microseconds in one of their units."""
_ZONED = r"(Z|[+-]\d{2}:?\d{2})$"
_CLOCK = r"\d{1,2}:\d{2}"
_HOUR = "%H:%M"


def days(cells: pl.Series, times: Times) -> pl.Series:
    """Return the days that cells name; null where a cell is no day."""
    if cells.dtype == pl.Date:
        return cells
    if isinstance(cells.dtype, pl.Datetime):
        zoned = cells.dtype.time_zone is not None
        return (cells.dt.convert_time_zone(times.zone.key) if zoned else cells).dt.date()
    text = cells.cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
    plain = text.str.replace(r"[T ]00:00(:00(\.0+)?)?$", "")
    plain = plain.set(~plain.str.contains(r"^(\d{4}-\d{2}-\d{2}|\d{8})$").fill_null(False), None)
    told = [written_days(text, times.formats), written_days(plain, ())]
    return pl.select(pl.coalesce(told)).to_series()


def moments(table: pl.DataFrame, column: str, times: Times) -> pl.Series:
    """Return the moments that cells name, in UTC; null where a cell is none, or one of two.

    A day without an hour is null too. Raises InvalidInput for hours without an offset when no
    zone was named.
    """
    cells = table[column]
    if isinstance(cells.dtype, pl.Datetime):
        if cells.dtype.time_zone is not None:
            return cells.dt.convert_time_zone("UTC").cast(UTC_TIME)
        _need_zone(table, cells.is_not_null(), column, times)
        return _placed(cells.cast(pl.Datetime("us")), times.zone)
    if times.formats and times.formats[0] in EPOCHS:
        number = cells.cast(pl.Float64, strict=False) * EPOCHS[times.formats[0]]
        whole = number.round(0).cast(pl.Int64, strict=False)
        return whole.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").cast(UTC_TIME)
    text = cells.cast(pl.String).str.strip_chars()
    zoned = text.str.contains(_ZONED) & text.str.contains(_CLOCK)
    naive = text.str.contains(_CLOCK) & ~zoned
    _need_zone(table, naive, column, times)
    plain = text.str.replace(r"^(\S+)\s+(\d)", "${1}T${2}").str.replace("Z$", "+00:00")
    plain = plain.str.replace(r"(T\d{2}:\d{2})($|[+-])", "${1}:00${2}")
    aware = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_zone="UTC")
    local = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    for written in times.formats:
        found = text.str.to_datetime(written, strict=False, time_unit="us")
        zoneless = not isinstance(found.dtype, pl.Datetime) or found.dtype.time_zone is None
        local = pl.select(pl.coalesce(local, found)).to_series() if zoneless else local
        aware = aware if zoneless else pl.select(pl.coalesce(aware, found)).to_series()
    placed = _placed(local, times.zone)
    return pl.select(pl.when(zoned).then(aware.cast(UTC_TIME)).otherwise(placed)).to_series()


def at_hour(found: pl.Series, at: str, zone: ZoneInfo) -> pl.Series:
    """Return the moment of each day: its "start" or "end" at midnight, or an hour like 16:00."""
    if at == "end":
        return _placed((found + timedelta(days=1)).cast(pl.Datetime("us")), zone)
    if at == "start":
        return _placed(found.cast(pl.Datetime("us")), zone)
    try:
        hour = datetime.strptime(at, _HOUR).time()  # noqa: DTZ007 - an hour of any day
    except ValueError:
        raise InvalidInput("no such hour of a day", value=at, bound="start, end or 16:00") from None
    return _placed(found.cast(pl.Datetime("us")) + (_since_midnight(hour)), zone)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the midnight with which a day ends, in the zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def known_times(table: pl.DataFrame, column: str, times: Times) -> pl.Series:
    """Return when rows were known; a day without an hour means by its end in the file's zone."""
    cells = table[column]
    bare = cells.dtype == pl.Date
    if isinstance(cells.dtype, pl.Datetime):
        at_midnight = (cells.dt.time() == time()).fill_null(True)
        bare = cells.dtype.time_zone is None and bool(at_midnight.all())
    if bare:
        return at_hour(days(cells, times), "end", times.zone)
    if isinstance(cells.dtype, pl.Datetime):
        return moments(table, column, times)
    ends = at_hour(days(cells, times), "end", times.zone)
    return pl.select(pl.coalesce(moments(table, column, times), ends)).to_series()


def _since_midnight(hour: time) -> timedelta:
    return timedelta(hours=hour.hour, minutes=hour.minute)


def _placed(local: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Return local hours in UTC; an hour that the clock shows twice, or never, is null."""
    return (
        local.dt.replace_time_zone(zone.key, ambiguous="null", non_existent="null")
        .dt.convert_time_zone("UTC")
        .cast(UTC_TIME)
    )


def _need_zone(table: pl.DataFrame, naive: pl.Series, column: str, times: Times) -> None:
    if not times.is_zoned:
        refuse_naive(
            table,
            naive,
            table[column],
            label(column),
            remedy="Name the zone in which they are told: --option zone=America/New_York.",
        )
