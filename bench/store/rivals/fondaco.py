"""Ours: Delta Lake as the store of record, read by its fast copy, or without one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from bench.store.data import Bars

from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.market.tables import BARS, UTC_TIME, table_named

MINUTES = "bars_intraday"
SEEN = datetime(2030, 1, 1, tzinfo=UTC)
EPOCH = date(1970, 1, 1)


class Side:
    """The store as an ingest and a reader use it; every column is written and read."""

    fast = True

    def __init__(self, home: Path, bars: Bars) -> None:
        self._store, self._names = DeltaStore(home / "market"), pl.Series(bars.names)
        self._count = 0

    def prepared(self, columns: dict[str, Any], table: str) -> Any:
        """Return columns as rows of a table, as a provider's parse and the gate hand them over."""
        self._count += 1
        frame = pl.DataFrame({n: a for n, a in columns.items() if n not in {"code", "day"}})
        frame = frame.with_columns(
            pl.col("ts", "known_at").cast(UTC_TIME),
            instrument=self._names.gather(columns["code"]),
            source=pl.lit("file:w7"),
            ingest_id=pl.lit(f"{self._count:036}"),
        )
        if table == "daily":
            return BARS, frame.with_columns(
                session=pl.Series(columns["day"]).cast(pl.Date), factor=pl.lit(1.0)
            )
        return MINUTES, frame.with_columns(
            seconds=pl.lit(60), trades=pl.lit(None, pl.Int64), final=pl.lit(True)
        )

    def add(self, rows: Any) -> None:
        table, frame = rows
        ordered = frame.select(list(table_named(table).schema))
        self._store.append(table, ordered, ingest_id=f"{self._count:036}", seen_at=SEEN)

    def settle(self) -> None:
        for table in (BARS, MINUTES):
            self._store.compact(table)
            if self.fast:
                assert self._store.refresh(table)

    def symbol(self, name: str) -> Any:
        return self._store.read(BARS, instruments=(name,))

    def minutes(self, name: str) -> Any:
        return self._store.read(MINUTES, instruments=(name,))

    def day(self, names: tuple[str, ...], day: int) -> Any:
        wanted = EPOCH + timedelta(days=day)
        return self._store.read(BARS, instruments=names, since=wanted, until=wanted)

    def as_of(self, name: str, moment: int) -> Any:
        then = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
        return self._store.read(BARS, instruments=(name,), as_of=then)

    def closes(self, found: Any) -> Any:
        return found["close"].to_numpy()
