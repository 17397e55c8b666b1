"""Fakes of the ports: everything in memory, for tests and for simulated markets."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from fondaco.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from fondaco.core.instrument import AssetClass, DatedSymbol, Instrument, InstrumentId, Origin
from fondaco.market.identity import UNDATED, instrument_id
from fondaco.market.keeping import (
    Backup,
    Comparison,
    Kept,
    Operation,
    Retained,
    Verified,
    VersionLine,
    Written,
    check_decision,
    compare_rows,
    oldest_kept,
    write_rows,
)
from fondaco.market.near import near_symbols
from fondaco.market.panel import Matrix, Panel
from fondaco.market.ports import Ask, Ingest, Parsed, Raw
from fondaco.market.prices import Prices
from fondaco.market.revisions import Reading, content_hash, in_order, narrow, new_rows, read_rows
from fondaco.market.sheets import Market, Offer, Sheet
from fondaco.market.tables import BARS, PARSED, table_named

OPEN = time(14, 30, tzinfo=UTC)
CLOSE = time(21, 0, tzinfo=UTC)
MONDAY = date(2015, 1, 5)


class FixedCalendar:
    """A market that trades from 14:30 to 21:00 UTC on each weekday, holidays apart."""

    def __init__(self, venue: str = "XNYS", holidays: Sequence[date] = ()) -> None:
        self.venue = venue
        self.reach = (date(1970, 1, 1), date(2099, 12, 31))
        self._holidays = frozenset(holidays)

    def sessions(self, since: date, until: date) -> tuple[date, ...]:
        """Return the weekdays from `since` to `until`."""
        days = (since + timedelta(days=n) for n in range((until - since).days + 1))
        return tuple(day for day in days if self._trades(day))

    def open(self, session: date) -> datetime:
        """Return 14:30 UTC of a session."""
        return self._at(session, OPEN)

    def close(self, session: date) -> datetime:
        """Return 21:00 UTC of a session."""
        return self._at(session, CLOSE)

    def windows(self, session: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the one window of a session."""
        return ((self.open(session), self.close(session)),)

    def _trades(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays

    def _at(self, session: date, moment: time) -> datetime:
        if not self._trades(session):
            raise InvalidInput(f"{self.venue} has no session on this day", value=session)
        return datetime.combine(session, moment)


class MemoryStore:
    """A store in memory; it keeps every version."""

    def __init__(self) -> None:
        self._versions: dict[str, list[pl.DataFrame]] = {}
        self._lines: dict[str, list[VersionLine]] = {}
        self._oldest: dict[str, int] = {}

    def append(
        self, table: str, rows: pl.DataFrame, *, ingest_id: str, seen_at: datetime | None = None
    ) -> Ingest:
        """Add rows that are not there yet."""
        spec = table_named(table)
        versions = self._versions.setdefault(table, [])
        stored = versions[-1] if versions else spec.empty()
        new = new_rows(stored, spec.conform(rows), spec, seen_at=seen_at)
        if new.height:
            versions.append(in_order(pl.concat([stored, new]), spec))
            self._note(table, "append", new.height, ingest_id=ingest_id, at=seen_at)
        return Ingest(ingest_id, table, len(versions) - 1, rows.height, new.height, 0)

    def read(
        self,
        table: str,
        *,
        as_of: datetime | None = None,
        version: int | None = None,
        instruments: tuple[InstrumentId, ...] | None = None,
        since: date | None = None,
        until: date | None = None,
        first: bool = False,
        columns: tuple[str, ...] | None = None,
    ) -> pl.DataFrame:
        """Return the latest revision of each row that was known at `as_of`."""
        spec = table_named(table)
        reading = Reading(as_of, instruments, since, until, first, columns)
        return read_rows(self._at(table, version), spec, reading)

    def version(self, table: str) -> int:
        """Return the newest version; -1 when the table has no row yet."""
        return len(self._versions.get(table_named(table).name, [])) - 1

    def content_hash(self, table: str) -> str:
        """Return the hash of all that the table says."""
        return content_hash(self._at(table, None), table_named(table))

    def versions(self, table: str) -> tuple[VersionLine, ...]:
        """Return every version, oldest first."""
        oldest = self._oldest.get(table_named(table).name, 0)
        return tuple(
            replace(line, readable=line.version >= oldest) for line in self._lines.get(table, [])
        )

    def compare(self, table: str, a: int, b: int) -> Comparison:
        """Return how the table's content differs from version `a` to version `b`."""
        spec = table_named(table)
        found = compare_rows(self._at(table, a), self._at(table, b), spec.identity, spec.key)
        return Comparison(table, a, b, *(in_order(rows, spec) for rows in found))

    def restore(self, table: str, version: int, *, by: str, reason: str) -> VersionLine:
        """Make a new version that says what an older one said."""
        check_decision(by, reason)
        now, then = self._at(table, None), self._at(table, version)
        difference = self.compare(table, self.version(table), version)
        self._versions[table].append(then)
        added = difference.added.height + difference.revised.height
        gone = now.height + added - then.height
        self._note(table, "restore", added, gone, by=by, reason=reason)
        return self._lines[table][-1]

    def compact(self, table: str) -> int:
        """Return the version: memory needs no layout."""
        return self.version(table)

    def behind(self, table: str) -> int:
        """Return 0: memory needs no fast copy."""
        table_named(table)
        return 0

    def refresh(self, table: str) -> bool:
        """Return False: memory needs no fast copy."""
        return table_named(table) is None

    def verify(self, table: str) -> Verified:
        """Return what is held; memory has no files to be damaged."""
        newest, rows = self.version(table), self._at(table, None)
        return Verified(table, newest, newest + 1, 0, rows.height, self.content_hash(table), 0, ())

    def retain(
        self,
        table: str,
        *,
        by: str,
        reason: str,
        keep_versions: int | None = None,
        keep_since: datetime | None = None,
    ) -> Retained:
        """Let old versions go for good."""
        check_decision(by, reason)
        oldest = oldest_kept(self.versions(table), keep_versions, keep_since)
        self._oldest[table] = max(oldest, self._oldest.get(table, 0))
        self._versions[table].append(self._at(table, None))
        self._note(table, "retain", by=by, reason=reason)
        return Retained(table, self.version(table), self._oldest[table], 0, 0)

    def export(
        self,
        table: str,
        path: Path,
        *,
        as_of: datetime | None = None,
        revisions: bool = False,
        written: Written = "parquet",
    ) -> int:
        """Write a table to a file and return the rows written."""
        rows = self._at(table, None) if revisions else self.read(table, as_of=as_of)
        if as_of is not None:
            rows = rows.filter(pl.col("known_at") <= as_of)
        write_rows(rows, path, written)
        return rows.height

    def backup(self, place: Path) -> Backup:
        """Write the newest rows of every table as Parquet files into a new folder."""
        kept, size = [], 0
        for table, versions in self._versions.items():
            write_rows(versions[-1], place / f"{table}.parquet", "parquet")
            size += (place / f"{table}.parquet").stat().st_size
            version, rows = len(versions) - 1, versions[-1].height
            kept.append(Kept(table, version, rows, self.content_hash(table)))
        return Backup(place, tuple(kept), len(kept), size)

    def verify_backup(self, place: Path) -> Backup:
        """Return what the files of a backup hold; a fake's files carry no hashes."""
        files = sorted(place.glob("*.parquet"))
        if not files:
            raise Unavailable("there is no backup", value=place)
        kept = tuple(Kept(one.stem, 0, pl.read_parquet(one).height, "") for one in files)
        return Backup(place, kept, len(files), sum(one.stat().st_size for one in files))

    def recover(self, place: Path) -> Backup:
        """Take in the tables of a backup; raises Conflict when a table is there."""
        found = self.verify_backup(place)
        if self._versions:
            raise Conflict("a backup is restored into a new store only", value=place)
        for kept in found.tables:
            rows = pl.read_parquet(place / f"{kept.table}.parquet")
            self.append(kept.table, rows, ingest_id="recovered")
        return found

    def _note(
        self,
        table: str,
        operation: Operation,
        added: int = 0,
        gone: int = 0,
        *,
        ingest_id: str = "",
        by: str = "",
        reason: str = "",
        at: datetime | None = None,
    ) -> None:
        lines = self._lines.setdefault(table, [])
        lines.append(VersionLine(len(lines), at, operation, added, gone, ingest_id, by, reason))

    def _at(self, table: str, version: int | None) -> pl.DataFrame:
        versions = self._versions.get(table, [])
        if version is None:
            return versions[-1] if versions else table_named(table).empty()
        oldest = self._oldest.get(table, 0)
        if not oldest <= version < len(versions):
            raise NotFound(
                f"{table} has no such version",
                value=version,
                bound=f"{oldest} to {len(versions) - 1}",
            )
        return versions[version]


class MemoryInstruments:
    """A symbol book in memory."""

    def __init__(self, instruments: Sequence[Instrument] = ()) -> None:
        self._book = {instrument.id: instrument for instrument in instruments}

    def all(self) -> tuple[Instrument, ...]:
        """Return every instrument."""
        return tuple(self._book.values())

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its id; raises NotFound."""
        if instrument not in self._book:
            raise NotFound("no such instrument", value=instrument)
        return self._book[instrument]

    def by_symbol(self, symbol: str, day: date) -> Instrument:
        """Return what a ticker meant on a day; raises NotFound naming near symbols."""
        for instrument in self._book.values():
            if any(s.symbol == symbol and s.covers(day) for s in instrument.symbols):
                return instrument
        near = near_symbols(symbol, [i.symbol for i in self._book.values()])
        raise NotFound(
            "no instrument has this symbol",
            value=symbol,
            remedy=f"Near symbols: {', '.join(near) or 'none'}.",
        )


class MemoryArchive:
    """A raw archive in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Raw] = {}

    def keep(self, raw: Raw) -> None:
        """Keep an answer by its digest."""
        self._kept.setdefault(raw.digest, raw)

    def get(self, digest: str) -> Raw:
        """Return an answer; raises NotFound."""
        if digest not in self._kept:
            raise NotFound("no such raw answer", value=digest)
        return self._kept[digest]


class PagesProvider:
    """A provider that gives rows it was handed, as CSV pages: one raw answer each.

    A page has the columns of `tables.PARSED`; `source` and `where` are filled in when missing.
    """

    origin = Origin.SIMULATED

    def __init__(
        self,
        pages: Sequence[pl.DataFrame],
        instruments: Sequence[Instrument],
        asked_at: datetime,
        *,
        name: str = "pages",
    ) -> None:
        self.name = name
        self.sheet = Sheet(
            name,
            "Pages of a test",
            Origin.SIMULATED,
            (Offer("bars_1d", (Market.WORLD,), "what was handed in"),),
        )
        self._pages = [_page(page) for page in pages]
        self._instruments = tuple(instruments)
        self._asked_at = asked_at

    def ask(self, ask: Ask) -> tuple[Raw, ...]:  # noqa: ARG002 - the signature of the port
        """Return each page as bytes."""
        bodies = [page.write_csv().encode() for page in self._pages]
        return tuple(
            Raw(self.name, f"page {n}", body, self._asked_at, hashlib.sha256(body).hexdigest())
            for n, body in enumerate(bodies)
        )

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        """Read a page; days outside the span that was asked for are left out."""
        rows = narrow(
            pl.read_csv(BytesIO(raw.body), schema=PARSED), since=ask.since, until=ask.until
        )
        held = set(rows["instrument"])
        return Parsed(rows, tuple(i for i in self._instruments if i.id in held), ())


def _page(rows: pl.DataFrame) -> pl.DataFrame:
    filled = pl.concat([pl.DataFrame(schema=PARSED), rows], how="diagonal_relaxed")
    return filled.select(
        pl.col("source").fill_null("simulated")
        if name == "source"
        else pl.col("where").fill_null(pl.format("row {}", pl.int_range(pl.len())))
        if name == "where"
        else pl.col(name)
        for name in PARSED
    )


def simulated_instruments(count: int, *, sector_count: int = 4) -> tuple[Instrument, ...]:
    """Return made-up shares SIM00, SIM01, ... on XNYS, spread over sectors."""
    return tuple(
        Instrument(
            id=instrument_id(AssetClass.EQUITY, "XNYS", f"SIM{n:02d}", UNDATED),
            symbols=(DatedSymbol(f"SIM{n:02d}", UNDATED),),
            asset_class=AssetClass.EQUITY,
            venue="XNYS",
            currency="USD",
            name=f"Simulated share {n}",
            sector=f"Sector {n % sector_count}",
        )
        for n in range(count)
    )


def simulated_panel(
    seed: int, sessions: int, instruments: int, *, with_opens: bool = True, start: date = MONDAY
) -> Panel:
    """Return a seeded random walk of prices (cents) and volumes, labelled simulated.

    Daily log returns are normal with a mean of 0.0003 and a deviation of 0.015.
    """
    chance = np.random.default_rng(seed)
    calendar = FixedCalendar()
    days = calendar.sessions(start, start + timedelta(days=sessions * 7 // 5 + 7))[:sessions]
    shape = (sessions, instruments)
    close = 100 * np.exp(np.cumsum(chance.normal(0.0003, 0.015, shape), axis=0))
    fields: dict[str, Matrix] = {"close": np.maximum(close.round(2), 0.01)}
    if with_opens:
        fields |= _opens(fields["close"], chance)
    return Panel(
        sessions=np.array(days, dtype="datetime64[D]"),
        closes_at=np.array(
            [calendar.close(day).replace(tzinfo=None) for day in days], dtype="datetime64[us]"
        ),
        instruments=tuple(i.id for i in simulated_instruments(instruments)),
        fields=fields,
        origin=Origin.SIMULATED,
        as_of=calendar.close(days[-1]),
        version=0,
    )


def _opens(close: Matrix, chance: np.random.Generator) -> dict[str, Matrix]:
    before = np.vstack([close[:1], close[:-1]])
    opened = np.maximum((before * np.exp(chance.normal(0, 0.003, close.shape))).round(2), 0.01)
    spread = 1 + np.abs(chance.normal(0, 0.004, close.shape))
    low = np.maximum((np.minimum(opened, close) / spread).round(2), 0.01)
    return {
        "open": opened,
        "high": (np.maximum(opened, close) * spread).round(2),
        "low": low,
        "volume": np.round(chance.lognormal(14, 0.4, close.shape)),
    }


def panel_rows(panel: Panel, *, ingest_id: str = "simulated") -> pl.DataFrame:
    """Return a panel as rows of `bars_1d`, each known at its close, factor 1."""
    count = len(panel.instruments)
    closes_at = pl.Series(np.repeat(panel.closes_at, count)).dt.replace_time_zone("UTC")
    rows = pl.DataFrame(
        {
            "instrument": list(panel.instruments) * len(panel.sessions),
            "session": np.repeat(panel.sessions, count),
            "ts": closes_at,
            "known_at": closes_at,
        }
    )
    blank = np.full(panel.close.shape, np.nan)
    names = ("open", "high", "low", "close", "volume")
    rows = rows.with_columns(
        pl.Series(name, panel.fields.get(name, blank).ravel()).fill_nan(None) for name in names
    )
    return rows.with_columns(
        factor=1.0, source=pl.lit(panel.origin.value), ingest_id=pl.lit(ingest_id)
    ).drop_nulls("close")


def simulated_prices(panel: Panel) -> Prices:
    """Return Prices over a memory store that holds a simulated panel."""
    store = MemoryStore()
    store.append(BARS, panel_rows(panel), ingest_id="simulated")
    book = MemoryInstruments(simulated_instruments(len(panel.instruments)))
    return Prices(store, book, FixedCalendar)
