"""What makes a row new, which revision was in force at a time, and the hash of a table's content.

Rows are never changed: a correction is another row of the same key that was known later. The
functions here are pure, so that every store keeps and reads revisions in the same way.
"""

import hashlib
from datetime import date, datetime
from typing import Literal

import polars as pl

from fondaco.core.instrument import InstrumentId
from fondaco.market.tables import UTC_TIME, Table


def new_rows(
    stored: pl.DataFrame, rows: pl.DataFrame, table: Table, *, seen_at: datetime | None = None
) -> pl.DataFrame:
    """Return the rows that the table does not hold yet.

    A row is there already when an equal one is, bookkeeping aside: so the same rows in any order,
    overlap or repetition end as the same content. With `seen_at`, a row that contradicts a stored
    one of the same key and known time becomes a revision known at `seen_at`: what is learnt today
    was not known in the past. A row that was such a revision before is there already.
    """
    rows = rows.unique(table.identity, keep="first", maintain_order=True)
    rows = rows.join(stored, on=table.identity, how="anti", nulls_equal=True)
    if seen_at is None or rows.is_empty() or stored.is_empty():
        return rows
    moment = [*table.key, "known_at"]
    disputed = rows.join(stored, on=moment, how="semi")
    if disputed.is_empty():
        return rows
    settled = rows.join(stored, on=moment, how="anti")
    # An equal statement stored under another known time is this row, revised in earlier: done.
    revised = disputed.join(stored, on=[*table.key, *table.values], how="anti", nulls_equal=True)
    revised = revised.with_columns(
        known_at=pl.max_horizontal("known_at", pl.lit(seen_at, dtype=UTC_TIME))
    )
    return pl.concat([settled, revised]).sort(table.order)


def in_force(
    rows: pl.DataFrame, table: Table, *, as_of: datetime | None = None, first: bool = False
) -> pl.DataFrame:
    """Return, of each key, the revision that was known last at `as_of` (None: by now).

    `first` asks for the one that was known first instead, whatever was revised since.

    `rows` must be in the table's order; the result is too. Rows known at the same time are told
    apart by their ingest: the later one wins.
    """
    if as_of is not None:
        rows = rows.filter(pl.col("known_at") <= as_of)
    kept: Literal["first", "last"] = "first" if first else "last"
    return rows.unique(list(table.key), keep=kept, maintain_order=True)


def narrow(
    rows: pl.DataFrame,
    *,
    instruments: tuple[InstrumentId, ...] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> pl.DataFrame:
    """Return the rows of some instruments and of a span of sessions, both ends included."""
    if instruments is not None:
        rows = rows.filter(pl.col("instrument").is_in(list(instruments)))
    if since is not None:
        rows = rows.filter(pl.col("session") >= since)
    if until is not None:
        rows = rows.filter(pl.col("session") <= until)
    return rows


def content_hash(rows: pl.DataFrame, table: Table) -> str:
    """Return the SHA-256 of a table's content: every revision, bookkeeping left out.

    Two stores with the same content have the same hash, whatever the order of their ingests.
    """
    content = rows.select(table.identity).unique().sort(table.identity, nulls_last=True)
    return hashlib.sha256(content.write_csv().encode()).hexdigest()
