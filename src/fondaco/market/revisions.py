"""What makes a row new, which revision was in force at a time, and the hash of a table's content.

Rows are never changed: a correction is another row of the same key that was known later. The
functions here are pure, so that every store keeps and reads revisions in the same way.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import InstrumentId
from fondaco.market.tables import TABLES, UTC_TIME, Table

HASH_ROWS_MAX = 500_000
"""Rows that are written as text at a time while content is hashed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader asks of a table: see `ports.Store.read`."""

    as_of: datetime | None = None
    instruments: tuple[InstrumentId, ...] | None = None
    since: date | None = None
    until: date | None = None
    first: bool = False
    columns: tuple[str, ...] | None = None


def subject_of(table: Table) -> str:
    """Return the column that says what a row is about: an instrument, a series, an issuer.

    >>> from fondaco.market.tables import table_named
    >>> [subject_of(table_named(name)) for name in ("bars_1d", "macro", "quarantine", "ingests")]
    ['instrument', 'series', 'instrument', 'ingest']
    """
    if table.name in TABLES:
        return "instrument" if "instrument" in table.schema else table.key[0]
    from fondaco.market.kinds import KINDS  # a tenth of a second, and bars do without

    return KINDS[table.name].of if table.name in KINDS else table.key[0]


def day_of(table: Table) -> str:
    """Return the column whose day a span is asked for by: the session, else `ts` (UTC)."""
    return "session" if "session" in table.schema else "ts"


def new_rows(
    stored: pl.DataFrame, rows: pl.DataFrame, table: Table, *, seen_at: datetime | None = None
) -> pl.DataFrame:
    """Return the rows that the table does not hold yet.

    A row is there already when an equal one is, bookkeeping aside: so the same rows in any order,
    overlap or repetition end as the same content. With `seen_at`, a row that contradicts a stored
    one of the same key and known time becomes a revision known at `seen_at`: what is learnt today
    was not known in the past. A row that was such a revision before is there already. `stored`
    needs only those rows whose key one of `rows` has.
    """
    rows = _distinct(rows, table)
    if stored.is_empty() or rows.is_empty():
        return rows
    rows = _without(rows, stored, table.identity)
    if seen_at is None or rows.is_empty():
        return rows
    moment = [*table.key, "known_at"]
    settled = _without(rows, stored, moment)
    if settled.height == rows.height:
        return rows
    disputed = rows.join(stored, on=moment, how="semi", maintain_order="left")
    # An equal statement stored under another known time is this row, revised in earlier: done.
    revised = _without(disputed, stored, [*table.key, *table.values])
    revised = revised.sort("known_at", maintain_order=True).unique(
        [*table.key, *table.values], keep="first", maintain_order=True
    )
    # Two statements of one key that are learnt together: the later one is in force in the end.
    place = pl.int_range(pl.len()).over(table.key)
    revised = revised.with_columns(
        known_at=pl.max_horizontal("known_at", pl.lit(seen_at, dtype=UTC_TIME))
        + pl.duration(microseconds=place)
    )
    return in_order(pl.concat([settled, revised]), table)


def _without(rows: pl.DataFrame, stored: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    return rows.join(stored, on=on, how="anti", nulls_equal=True, maintain_order="left")


def in_order(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return rows in the table's order; what one ingest says twice of a key, as it came in.

    So rows must be given in the order of their arrival, or as this gave them before.
    """
    return rows.sort(table.order, maintain_order=True)


def _distinct(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    # Neighbours of a sorted table are compared in a tenth of the time that hashing rows takes.
    ordered = rows.sort(table.order, maintain_order=True)
    if ordered.select(_changes((*table.key, "known_at")).all()).item():
        return ordered
    return rows.unique(table.identity, keep="first", maintain_order=True)


def _changes(names: Sequence[str], *, ahead: bool = False) -> pl.Expr:
    """Say of each row whether it differs in these columns from the one before it (or after)."""
    step = -1 if ahead else 1
    place, end = pl.int_range(pl.len()), (pl.len() - 1 if ahead else pl.lit(0))
    return (place == end) | pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(step)) for name in names
    )


def in_force(
    rows: pl.DataFrame, table: Table, *, as_of: datetime | None = None, first: bool = False
) -> pl.DataFrame:
    """Return, of each key, the revision that was known last at `as_of` (None: by now).

    `first` asks for the one that was known first instead, whatever was revised since.

    `rows` must be as `in_order` gives them; the result is too. Rows known at the same time are
    told apart by their ingest, then by their arrival: the later one wins.
    """
    if as_of is not None:
        rows = rows.filter(pl.col("known_at") <= as_of)
    return rows.filter(_changes(table.key, ahead=not first))


def read_rows(rows: pl.DataFrame, table: Table, reading: Reading) -> pl.DataFrame:
    """Return what a reader asks for of all revisions of a table, in the table's order.

    A span or an instrument narrows what was in force: a row that was moved out of the span by a
    revision is not in it. Where these columns are part of the key, narrowing first is the same.
    """
    subject, day = subject_of(table), day_of(table)
    if reading.columns is not None:
        check_columns(reading.columns, table)
    if subject in table.key:
        rows = narrow(rows, instruments=reading.instruments, of=subject)
    if day in table.key:
        rows = narrow(rows, since=reading.since, until=reading.until, day=day)
    rows = in_force(rows, table, as_of=reading.as_of, first=reading.first)
    if subject not in table.key:
        rows = narrow(rows, instruments=reading.instruments, of=subject)
    if day not in table.key:
        rows = narrow(rows, since=reading.since, until=reading.until, day=day)
    return rows if reading.columns is None else rows.select(reading.columns)


def check_columns(columns: Sequence[str], table: Table) -> None:
    """Raise InvalidInput when a table lacks one of the columns."""
    unknown = [name for name in columns if name not in table.schema]
    if unknown:
        raise InvalidInput(
            f"{table.name} has no such column",
            value=", ".join(unknown),
            bound=", ".join(table.schema),
        )


def narrow(
    rows: pl.DataFrame,
    *,
    instruments: tuple[InstrumentId, ...] | None = None,
    since: date | None = None,
    until: date | None = None,
    of: str = "instrument",
    day: str = "session",
) -> pl.DataFrame:
    """Return the rows of some instruments and of a span of days, both ends included.

    `of` names the column of what a row is about, `day` that of its day: a date, or a moment whose
    UTC day counts.
    """
    if instruments is not None:
        rows = rows.filter(
            pl.col(of) == instruments[0]
            if len(instruments) == 1
            else pl.col(of).is_in(list(instruments))
        )
    moments = (since is not None or until is not None) and rows.schema[day] != pl.Date
    if since is not None:
        rows = rows.filter(pl.col(day) >= (start_of(since) if moments else since))
    if until is not None:
        rows = rows.filter(
            pl.col(day) < start_of(until + timedelta(days=1)) if moments else pl.col(day) <= until
        )
    return rows


def start_of(day: date) -> datetime:
    """Return the moment at which a UTC day begins."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def content_hash(rows: pl.DataFrame, table: Table) -> str:
    """Return the SHA-256 of a table's content: every revision, bookkeeping left out.

    Two stores with the same content have the same hash, whatever the order of their ingests.
    """
    return content_hash_of([rows], table)


def content_hash_of(parts: Iterable[pl.DataFrame], table: Table) -> str:
    """Return the hash of content that comes in parts, each with all rows of some subjects.

    The parts must come in the order of the table's first column, and share no value of it.
    """
    found = hashlib.sha256(table.empty().select(table.identity).write_csv().encode())
    for part in parts:
        content = part.select(table.identity).unique().sort(table.identity, nulls_last=True)
        for some in content.iter_slices(HASH_ROWS_MAX):
            found.update(some.write_csv(include_header=False).encode())
    return found.hexdigest()
