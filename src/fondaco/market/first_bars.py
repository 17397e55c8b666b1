"""Bars as they were first known, laid out by session: what a venue trades on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fondaco.core.clock import utc
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.actions import money_of, with_actions
from fondaco.market.panel import Matrix
from fondaco.market.ports import Calendar
from fondaco.market.sources import choose_source

Moments = NDArray[np.datetime64]
PRICE_FIELDS: Final = ("open", "high", "low", "close", "volume", "factor")
NEVER: Final = np.datetime64(datetime(9999, 1, 1), "us")  # noqa: DTZ001 - numpy knows no zone
_DAYS_CLOSED_MAX: Final = 14
_LAST_DAYS_MAX: Final = 7
"""A symbol that ended pays its holders once the bars reach so near to its end."""


@dataclass(frozen=True, slots=True)
class FirstBars:
    """T sessions of N instruments, each bar in the form in which it was first known.

    `opens_at`, `closes_at` and `known_at` (T,) are datetime64[us] in UTC; a session is known when
    its first bar is, or when a later session is known that was not waited for. A bar that became
    known after its session is left out, so that what was known never changes. `fields` are
    (T, N) raw prices, `volume` and `factor`, NaN for none; `ends` (T,) says which rows end a
    session. `next_open` is when the session after the last row opens. `first` is the row in which
    an account must begin, None for any; `actions` (A, 5) are corporate actions as the venue's
    kernel reads them, None where they follow from the factors; `mark` (T, N) are the last closes
    so far where they do not follow from the rows. `mixed` says that there is more than one source.
    """

    instruments: tuple[InstrumentId, ...]
    opens_at: Moments
    closes_at: Moments
    known_at: Moments
    fields: Mapping[str, Matrix]
    ends: NDArray[np.bool_]
    next_open: datetime | None = None
    first: int | None = None
    actions: NDArray[np.int64] | None = None
    mark: Matrix | None = None
    mixed: bool = False


def first_bars_of(
    rows: pl.DataFrame,
    book: Sequence[Instrument],
    calendars: Mapping[str, Calendar],
    *,
    known_by: datetime,
    after: datetime | None = None,
    mixed: bool = False,
    actions: pl.DataFrame | None = None,
) -> FirstBars:
    """Lay out rows of `bars_1d`, the first revision of each and one source for an instrument.

    Sessions of the calendars that lie between bars are rows without a bar. Only rows that closed
    after `after` are returned.
    """
    names = tuple(one.id for one in book)
    opens = _sessions(rows, book, calendars, utc(known_by), after)
    closes = sorted(opens)
    closes_at = np.array([_plain(moment) for moment in closes], dtype="datetime64[us]")
    shown = rows.filter(pl.col("ts") > utc(after)) if after is not None else rows
    at = np.searchsorted(closes_at, shown["ts"].dt.replace_time_zone(None).to_numpy())
    place = {name: n for n, name in enumerate(names)}
    column = np.array([place[name] for name in shown["instrument"]], dtype=np.int64)
    told = shown["known_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[us]")
    known = np.full(len(closes), NEVER)
    np.minimum.at(known, at, told)
    for n, moment in enumerate(closes):
        if opens[moment][1]:
            known[n] = min(known[n], np.datetime64(_plain(moment), "us"))
    known = np.minimum.accumulate(known[::-1])[::-1]
    whole = int(np.searchsorted(known, NEVER))
    kept = told <= known[at] if len(at) else np.zeros(0, dtype=np.bool_)
    told_rows = shown.filter(pl.Series(kept, dtype=pl.Boolean))
    if actions is not None and not actions.is_empty():
        told_rows = _acted(told_rows, rows, actions, book, after)
    fields = {}
    for name in PRICE_FIELDS:
        grid = np.full((len(closes), len(names)), np.nan)
        grid[at[kept], column[kept]] = told_rows[name].to_numpy()
        fields[name] = grid
    start = int(at[kept].min()) if after is None and kept.any() else 0  # history starts with a bar
    part = slice(start, whole)
    return FirstBars(
        names,
        np.array([_plain(opens[one][0]) for one in closes[part]], dtype="datetime64[us]"),
        closes_at[part],
        known[part],
        {name: np.ascontiguousarray(grid[part]) for name, grid in fields.items()},
        np.ones(whole - start, dtype=np.bool_),
        _next_open(closes[whole - 1] if whole else after, calendars),
        mixed=mixed,
    )


def one_source(
    rows: pl.DataFrame, instruments: Sequence[InstrumentId], decided: Sequence[datetime]
) -> pl.DataFrame:
    """Return the rows of one source for each instrument and time.

    After each decision the bars come from the source that a reader at that time saw.
    """
    if rows["source"].n_unique() <= 1:
        return rows
    parts = []
    for name in instruments:
        mine = rows.filter(pl.col("instrument") == name)
        times: list[datetime | None] = [*sorted({utc(moment) for moment in decided})]
        for n, moment in enumerate(times or [None]):
            seen = mine if moment is None else mine.filter(pl.col("known_at") <= moment)
            source = choose_source(seen if seen.height else mine, (name,))
            part = mine.filter(pl.col("source") == source) if source is not None else mine
            if n > 0:
                part = part.filter(pl.col("ts") > moment)
            if n + 1 < len(times):
                part = part.filter(pl.col("ts") <= times[n + 1])
            parts.append(part)
    return pl.concat(parts) if parts else rows


def _acted(
    shown: pl.DataFrame,
    rows: pl.DataFrame,
    actions: pl.DataFrame,
    book: Sequence[Instrument],
    after: datetime | None,
) -> pl.DataFrame:
    """Return the bars with the factors of the actions that were known when each bar was.

    A bar that became known after a later one of its instrument takes no part: it was not there
    when the factor of the later one was told.
    """
    before = shown.clear() if after is None else rows.filter(pl.col("ts") <= utc(after))
    line = pl.concat([before, shown]).sort("instrument", "session", descending=True)
    first_later = pl.col("known_at").cum_min().shift(1).over("instrument")
    line = line.filter((pl.col("known_at") <= first_later).fill_null(True))
    acted = with_actions(line, actions, money_of(book), told_in_time=True)
    factor = acted.select("instrument", "session", acted="factor")
    return shown.join(
        factor, on=["instrument", "session"], how="left", maintain_order="left"
    ).with_columns(factor=pl.coalesce("acted", "factor"))


def _sessions(
    rows: pl.DataFrame,
    book: Sequence[Instrument],
    calendars: Mapping[str, Calendar],
    known_by: datetime,
    after: datetime | None,
) -> dict[datetime, tuple[datetime, bool]]:
    """Return each row's close with its open, and whether it stands without any bar."""
    found: dict[datetime, tuple[datetime, bool]] = {}
    for instrument in book:
        calendar = calendars[instrument.venue]
        mine = rows.filter(pl.col("instrument") == instrument.id)
        if mine.is_empty():
            continue
        begin, end = mine["session"].min(), mine["session"].max()
        assert isinstance(begin, date)
        assert isinstance(end, date)
        if after is not None:
            begin, mine = max(begin, after.date()), mine.filter(pl.col("ts") > utc(after))
        regular = set(calendar.sessions(begin, max(begin, end)))
        traded = mine["session"].to_list()
        for session, close in zip(traded, mine["ts"], strict=True):
            opens = calendar.open(session) if session in regular else close
            found.setdefault(utc(close), (min(opens, utc(close)), False))
        for session in regular.difference(traded):
            close = calendar.close(session)
            if after is None or close > after:
                found.setdefault(close, (calendar.open(session), False))
        last = _after_the_end(instrument, end, calendar)
        if last is not None and calendar.close(last) <= known_by:
            close = calendar.close(last)
            if after is None or close > after:
                found[close] = (calendar.open(last), True)
    return found


def _after_the_end(instrument: Instrument, last: date, calendar: Calendar) -> date | None:
    """Return the session after an instrument's last symbol ended, when its bars reach there."""
    ends = [symbol.end for symbol in instrument.symbols if symbol.end is not None]
    if len(ends) < len(instrument.symbols):
        return None
    end = max(ends)
    if last < end - timedelta(days=_LAST_DAYS_MAX) or last > end:
        return None
    later = calendar.sessions(end + timedelta(days=1), end + timedelta(days=_DAYS_CLOSED_MAX))
    return later[0] if later else None


def _next_open(last: datetime | None, calendars: Mapping[str, Calendar]) -> datetime | None:
    if last is None:
        return None
    opens = []
    for calendar in calendars.values():
        until = min(last.date() + timedelta(days=_DAYS_CLOSED_MAX), calendar.reach[1])
        for session in calendar.sessions(last.date(), max(until, last.date())):
            if calendar.close(session) > last:
                opens.append(calendar.open(session))
                break
    return min(opens, default=None)


def _plain(moment: datetime) -> datetime:
    return utc(moment).replace(tzinfo=None)
