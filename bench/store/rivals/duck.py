"""DuckDB in one file, in an environment of its own. Nothing is looked for before it is written."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from bench.store.data import FIELDS, Bars

COLUMNS = ", ".join(FIELDS)


class Side:
    """Two tables, filled in the order of names, read into numpy arrays."""

    def __init__(self, home: Path, bars: Bars) -> None:
        self._base = duckdb.connect(str(home / "bars.duckdb"), config={"threads": 1})
        fresh = not self._base.sql("SHOW TABLES").fetchall()
        if fresh:
            columns = ", ".join(f"{name} DOUBLE" for name in FIELDS)
            for table, day in (("daily", "day INTEGER, "), ("minute", "")):
                self._base.execute(
                    f"CREATE TABLE {table} "
                    f"(instrument VARCHAR, {day}ts BIGINT, known_at BIGINT, {columns})"
                )
            self._base.execute("CREATE TABLE names (code INTEGER, name VARCHAR)")
            self._base.executemany("INSERT INTO names VALUES (?, ?)", list(enumerate(bars.names)))

    def prepared(self, columns: dict[str, Any], table: str) -> Any:
        return table, columns

    def add(self, rows: Any) -> None:
        table, columns = rows
        given = {name: np.ascontiguousarray(array) for name, array in columns.items()}
        day = "day, " if table == "daily" else ""
        self._base.register("given", given)
        self._base.execute(
            f"INSERT INTO {table} SELECT name, {day}ts, known_at, {COLUMNS} "
            "FROM given JOIN names USING (code)"
        )
        self._base.unregister("given")
        self._base.execute("CHECKPOINT")

    def settle(self) -> None:
        """Nothing to do."""

    def symbol(self, name: str) -> Any:
        return self._force("instrument = ?", [name])

    def minutes(self, name: str) -> Any:
        rows = "SELECT * FROM minute WHERE instrument = ? ORDER BY ts"
        return self._base.execute(rows, [name]).fetchnumpy()

    def day(self, names: tuple[str, ...], day: int) -> Any:
        return self._force("day = ? AND list_contains(?, instrument)", [day, list(names)])

    def as_of(self, name: str, moment: int) -> Any:
        return self._force("instrument = ? AND known_at <= ?", [name, moment])

    def closes(self, found: Any) -> Any:
        return np.asarray(found["close"])

    def _force(self, condition: str, values: list[Any]) -> Any:
        rows = (
            f"SELECT * FROM daily WHERE {condition} QUALIFY row_number() OVER "
            "(PARTITION BY instrument, ts ORDER BY known_at DESC) = 1 ORDER BY instrument, ts"
        )
        return self._base.execute(rows, values).fetchnumpy()
