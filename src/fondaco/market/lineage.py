"""Lineage: from a row of the store to its ingest, its raw answer and its place in it.

The raw answer is read again with the provider's own parser: a row is vouched for only when that
gives the same row again.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl

from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.gate.records import IngestRecord, Records
from fondaco.market.lineage_values import Proof, RawPlace, RowOrigin
from fondaco.market.ports import Parsed, Provider, Raw, RawArchive, Store
from fondaco.market.revisions import subject_of
from fondaco.market.tables import BARS, QUARANTINE, Table, table_named

STAMPED = ("known_at", "ts", "ingest_id", "source")
"""Columns that the desk fills in where the source does not: no part of what a parse says."""


class Lineage:
    """Leads from rows to raw bytes."""

    def __init__(
        self,
        store: Store,
        archive: RawArchive,
        providers: Mapping[str, Callable[[], Provider]],
        known_as: Callable[[Instrument, date], InstrumentId],
    ) -> None:
        self._store = store
        self._archive = archive
        self._providers = providers
        self._known_as = known_as
        self._records = Records(store)

    def of(self, table: str, rows: pl.DataFrame) -> tuple[RowOrigin, ...]:
        """Return where some rows of a table came from, in their order."""
        spec = table_named(table)
        read: dict[str, list[tuple[Raw, pl.DataFrame]]] = {}
        return tuple(self._origin(spec, row, read) for row in rows.iter_rows(named=True))

    def _origin(
        self,
        spec: Table,
        row: dict[str, Any],
        read: dict[str, list[tuple[Raw, pl.DataFrame]]],
    ) -> RowOrigin:
        let_in, ingest = self._decided(row["ingest_id"], spec, row)
        record, place, proof = None, None, Proof.UNRECORDED
        try:
            record = self._records.find(ingest)
            proof = Proof.LOST
            if ingest not in read:
                read[ingest] = self._read(record, spec)
            place, proof = _found(spec, row, read[ingest])
        except (NotFound, Unavailable):
            place = None  # what cannot be read again is told as such, by `proof`
        return _told(spec, row, self._first_known(spec, row), record, place, proof, let_in)

    def _decided(self, ingest: str, spec: Table, row: dict[str, Any]) -> tuple[str, str]:
        """Return who let a row in, and the ingest that first brought it."""
        marks = self._store.read(QUARANTINE)
        mine = marks.filter((pl.col("ingest_id") == ingest) & pl.col("resolved").is_not_null())
        of = row.get("instrument")
        mine = mine.filter(pl.col("instrument") == of) if of else mine
        if spec.name == BARS and mine.height:
            mine = mine.filter(pl.col("session") == row["session"])
        if mine.is_empty():
            return "", ingest
        first = self._store.read(QUARANTINE, first=True).filter(pl.col("id") == mine["id"][0])
        return str(mine["resolved"][0]), str(first["ingest_id"][0])

    def _read(self, record: IngestRecord, spec: Table) -> list[tuple[Raw, pl.DataFrame]]:
        if record.provider not in self._providers:
            raise NotFound("no such provider", value=record.provider)
        provider = self._providers[record.provider]()
        found = []
        for kept in record.raws:
            raw = self._archive.get(kept.digest)
            raw = Raw(raw.provider, kept.name, raw.body, raw.asked_at, raw.digest, kept.request)
            parsed = provider.parse(raw, record.ask)
            found.append((raw, self._frame(parsed, spec, raw.asked_at.date())))
        return found

    def _frame(self, parsed: Parsed, spec: Table, told: date) -> pl.DataFrame:
        rows = parsed.bars if spec.name == BARS else parsed.rows.get(spec.name)
        if rows is None:
            return pl.DataFrame()
        names = {str(i.id): str(self._known_as(i, told)) for i in parsed.instruments}
        columns = [c for c in ("instrument", "member") if c in rows.columns]
        return rows.with_columns(pl.col(c).replace(names) for c in columns)

    def _first_known(self, spec: Table, row: dict[str, Any]) -> datetime:
        about = (InstrumentId(row[subject_of(spec)]),)
        rows = self._store.read(spec.name, instruments=about, first=True)
        for name in spec.key:
            rows = rows.filter(pl.col(name) == row[name])
        first: datetime = rows["known_at"].min()  # type: ignore[assignment]
        return first


def _found(
    spec: Table, row: dict[str, Any], read: list[tuple[Raw, pl.DataFrame]]
) -> tuple[RawPlace | None, Proof]:
    differs: RawPlace | None = None
    for raw, frame in read:
        if frame.is_empty():
            continue
        same_key = frame
        for name in spec.key:
            if name in same_key.columns:
                same_key = same_key.filter(pl.col(name) == row[name])
        for parsed in same_key.iter_rows(named=True):
            place = RawPlace(
                raw.digest, raw.name, raw.request, raw.asked_at, len(raw.body), parsed["where"]
            )
            told = [name for name in spec.values if name in parsed and name not in STAMPED]
            if all(parsed[name] == row[name] for name in told):
                return place, Proof.SAME
            differs = place
    return (differs, Proof.DIFFERS) if differs else (None, Proof.ABSENT)


def _told(
    spec: Table,
    row: dict[str, Any],
    first_known_at: datetime,
    record: IngestRecord | None,
    place: RawPlace | None,
    proof: Proof,
    let_in: str,
) -> RowOrigin:
    cells = tuple(
        (name, _words(row[name]))
        for name in spec.schema
        if row[name] is not None and name not in STAMPED
    )
    return RowOrigin(
        spec.name,
        cells,
        row["source"],
        row["known_at"],
        first_known_at,
        row["ingest_id"] if record is None else record.ingest,
        "" if record is None else record.provider,
        None if record is None else record.at,
        "" if record is None else _asked(record),
        place,
        proof,
        let_in,
    )


def _asked(record: IngestRecord) -> str:
    ask = record.ask
    parts = [ask.kind, ", ".join(ask.symbols[:5])]
    if ask.since or ask.until:
        parts.append(f"{ask.since or 'the first'} to {ask.until or 'the last'}")
    parts += [f"{name}={value}" for name, value in (ask.options or {}).items()]
    return "; ".join(part for part in parts if part)


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S UTC}"
    return value.isoformat() if isinstance(value, date) else str(value)
