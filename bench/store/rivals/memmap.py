"""The bound: floats alone in memory-mapped files of fixed shape, by name and by day.

No text, no times, no versions, no hashes. A revision overwrites, so there is no looking back.
"""

from pathlib import Path
from typing import Any

import numpy as np
from bench.store.data import FIELDS, Bars

CLOSE = FIELDS.index("close")


class Side:
    """Two layouts of the daily bars, one of the minutes."""

    def __init__(self, home: Path, bars: Bars) -> None:
        self._bars = bars
        self._code = {name: n for n, name in enumerate(bars.names)}
        self._row = {int(day): n for n, day in enumerate(bars.days)}
        names, days = len(bars.names), len(bars.days)
        shapes = {
            "by_name": (names, days, 5),
            "by_day": (days, names, 5),
            "minute": (*bars.minute["close"].shape, 5),
        }
        self._maps = {
            name: np.lib.format.open_memmap(
                home / f"{name}.npy",
                mode="r+" if (home / f"{name}.npy").exists() else "w+",
                dtype=np.float64,
                shape=shape,
            )
            for name, shape in shapes.items()
        }
        self._filled = int(np.count_nonzero(self._maps["by_day"][:, 0, CLOSE]))

    def prepared(self, columns: dict[str, Any], table: str) -> Any:
        return table, columns

    def add(self, rows: Any) -> None:
        table, columns = rows
        values = np.stack([columns[name] for name in FIELDS], axis=-1)
        if table == "minute":
            self._maps["minute"][int(columns["code"][0])] = values
            self._maps["minute"].flush()
            return
        place = np.searchsorted(self._bars.days, columns["day"])
        self._filled = max(self._filled, int(place.max()) + 1)
        self._maps["by_name"][columns["code"], place] = values
        self._maps["by_day"][place, columns["code"]] = values

    def settle(self) -> None:
        for one in self._maps.values():
            one.flush()

    def symbol(self, name: str) -> Any:
        return np.array(self._maps["by_name"][self._code[name], : self._filled])

    def minutes(self, name: str) -> Any:
        return np.array(self._maps["minute"][self._code[name]])

    def day(self, names: tuple[str, ...], day: int) -> Any:
        return self._maps["by_day"][self._row[day], [self._code[name] for name in names]]

    def as_of(self, _name: str, _moment: int) -> Any:
        return None

    def closes(self, found: Any) -> Any:
        return found[:, CLOSE]
