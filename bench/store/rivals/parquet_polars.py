"""Plain Parquet files and polars: one sorted file of daily bars, one of each name's minutes.

Nothing is looked for before it is written: rows that are there already would be written twice.
"""

from pathlib import Path
from typing import Any

import polars as pl
from bench.store.data import Bars

KEY = ["instrument", "ts"]


class Side:
    """Files, filtered by polars."""

    def __init__(self, home: Path, bars: Bars) -> None:
        self._home, self._names = home, pl.Series(bars.names)
        self._count = len(list(home.glob("daily-*")))

    def prepared(self, columns: dict[str, Any], table: str) -> Any:
        frame = pl.DataFrame({n: a for n, a in columns.items() if n != "code"})
        named = frame.with_columns(
            pl.col("ts", "known_at").cast(pl.Datetime("us", "UTC")),
            instrument=self._names.gather(columns["code"]),
        )
        return table, named, self._names[int(columns["code"][0])]

    def add(self, rows: Any) -> None:
        table, frame, name = rows
        self._count += 1
        place = f"daily-{self._count:04}" if table == "daily" else f"minute-{name}"
        frame.sort([*KEY, "known_at"]).write_parquet(self._home / f"{place}.parquet")

    def settle(self) -> None:
        """Nothing to do."""

    def symbol(self, name: str) -> Any:
        return self._force(self._daily().filter(pl.col("instrument") == name))

    def minutes(self, name: str) -> Any:
        return pl.read_parquet(self._home / f"minute-{name}.parquet")

    def day(self, names: tuple[str, ...], day: int) -> Any:
        chosen = pl.col("instrument").is_in(list(names)) & (pl.col("day") == day)
        return self._force(self._daily().filter(chosen))

    def as_of(self, name: str, moment: int) -> Any:
        then = pl.lit(moment).cast(pl.Datetime("us", "UTC"))
        rows = self._daily().filter((pl.col("instrument") == name) & (pl.col("known_at") <= then))
        return self._force(rows)

    def closes(self, found: Any) -> Any:
        return found["close"].to_numpy()

    def _daily(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._home / "daily-*.parquet")

    def _force(self, rows: pl.LazyFrame) -> pl.DataFrame:
        return rows.sort([*KEY, "known_at"]).unique(KEY, keep="last", maintain_order=True).collect()
