"""The store's tables: their columns, what identifies a row, and what is bookkeeping only."""

from dataclasses import dataclass

import polars as pl

from fondaco.core.errors import InvalidInput, NotFound

UTC_TIME = pl.Datetime("us", "UTC")
BARS = "bars_1d"
INSTRUMENTS = "instruments"
QUARANTINE = "quarantine"
INGESTS = "ingests"
PRICES = ("open", "high", "low", "close")

PARSED: dict[str, pl.DataType] = {
    "instrument": pl.String(),
    "session": pl.Date(),
    "known_at": UTC_TIME,
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "volume": pl.Float64(),
    "factor": pl.Float64(),
    "source": pl.String(),
    "where": pl.String(),
}
"""What a provider parses: bars without their close time and ingest. `known_at` is empty where the
source does not say it (then it is the session's close), `where` locates the row in the source."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the store.

    `key` says which thing a row speaks of: rows with one key are its revisions, and the one that
    was known last is in force. `bookkeeping` columns say when and by which ingest a row came; two
    rows that differ only there are the same row.
    """

    name: str
    schema: dict[str, pl.DataType]
    key: tuple[str, ...]
    bookkeeping: tuple[str, ...]

    @property
    def identity(self) -> list[str]:
        """The columns in which two rows must differ to be two rows."""
        return [name for name in self.schema if name not in self.bookkeeping]

    @property
    def values(self) -> list[str]:
        """What a row says, whenever it was known."""
        return [name for name in self.identity if name not in (*self.key, "known_at")]

    @property
    def order(self) -> list[str]:
        """How rows are sorted: by key, then by known time, then by ingest (UUIDv7 rises)."""
        return [*self.key, "known_at", "ingest_id"]

    def empty(self) -> pl.DataFrame:
        """Return the table without rows."""
        return pl.DataFrame(schema=self.schema)

    def conform(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rows with exactly this table's columns; raises InvalidInput when they differ."""
        wrong = set(rows.columns) ^ set(self.schema)
        if wrong:
            raise InvalidInput(
                f"rows of {self.name} have the wrong columns",
                value=", ".join(sorted(wrong)),
                bound=", ".join(self.schema),
            )
        cast = rows.select(list(self.schema)).cast(self.schema)  # type: ignore[arg-type]
        for column in (*self.key, "ts", "known_at", "source", "ingest_id"):
            if cast[column].null_count():
                raise InvalidInput(
                    f"rows of {self.name} lack a {column}",
                    value=cast[column].null_count(),
                    bound="0 empty cells",
                )
        return cast


TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            BARS,
            {
                "instrument": pl.String(),
                "session": pl.Date(),
                "ts": UTC_TIME,
                "known_at": UTC_TIME,
                "open": pl.Float64(),
                "high": pl.Float64(),
                "low": pl.Float64(),
                "close": pl.Float64(),
                "volume": pl.Float64(),
                "factor": pl.Float64(),
                "source": pl.String(),
                "ingest_id": pl.String(),
            },
            key=("instrument", "session", "source"),
            bookkeeping=("ingest_id",),
        ),
        Table(
            INSTRUMENTS,
            {
                "instrument": pl.String(),
                "ts": UTC_TIME,
                "known_at": UTC_TIME,
                "symbols": pl.String(),
                "asset_class": pl.String(),
                "venue": pl.String(),
                "currency": pl.String(),
                "name": pl.String(),
                "sector": pl.String(),
                "tick": pl.String(),
                "lot": pl.String(),
                "multiplier": pl.String(),
                "source": pl.String(),
                "ingest_id": pl.String(),
            },
            key=("instrument",),
            bookkeeping=("ingest_id",),
        ),
        Table(
            QUARANTINE,
            {
                "id": pl.String(),
                "ts": UTC_TIME,
                "known_at": UTC_TIME,
                "rule": pl.String(),
                "reason": pl.String(),
                "instrument": pl.String(),
                "session": pl.Date(),
                "where": pl.String(),
                "row": pl.String(),
                "source": pl.String(),
                "ingest_id": pl.String(),
                "seen_at": UTC_TIME,
                "resolved": pl.String(),
                "kind": pl.String(),
            },
            key=("id",),
            bookkeeping=("ingest_id", "known_at", "seen_at", "ts", "where", "reason"),
        ),
        Table(
            INGESTS,
            {
                "ingest": pl.String(),
                "ts": UTC_TIME,
                "known_at": UTC_TIME,
                "provider": pl.String(),
                "kind": pl.String(),
                "asked": pl.String(),
                "raws": pl.String(),
                "source": pl.String(),
                "ingest_id": pl.String(),
            },
            key=("ingest",),
            bookkeeping=("ingest_id",),
        ),
    )
}
"""The tables that are no kind of data by themselves; every `Kind` has one more.

`ingests` leads from a row to its raw answers: `asked` is the ask and `raws` the raw answers
(digest, name, request) as JSON, written before the rows of the ingest.
"""


def every_table() -> tuple[str, ...]:
    """Return the names of all tables of the store, those of the kinds of data among them."""
    from fondaco.market.kinds import KINDS

    return (*TABLES, *KINDS)


def table_named(name: str) -> Table:
    """Return a table of the store; raises NotFound naming those that exist."""
    if name in TABLES:
        return TABLES[name]
    from fondaco.market.kinds import KINDS

    if name not in KINDS:
        tables = ", ".join(every_table())
        raise NotFound(
            "the store has no such table", value=name, remedy=f"Its tables are {tables}."
        )
    return KINDS[name].table
