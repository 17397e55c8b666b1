"""The bars of W7, the same for every side: daily bars with revisions, and minute bars.

Arrays lie in `.npy` files, so that a side reads them without a library of another.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEED = 7
FIELDS = ("open", "high", "low", "close", "volume")
DAY_US = 86_400_000_000
CLOSE_US = 21 * 3_600_000_000
MINUTE_US = 60_000_000
MINUTES_A_DAY = 390
OPEN_US = 14 * 3_600_000_000 + 31 * MINUTE_US
FIRST_DAY = 16_071  # 2014-01-01
REVISED_EVERY = 100
REVISED_AFTER_US = 3 * DAY_US
APPENDED = 5
"""Days kept back, to be appended one by one."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many names and days, and how many names and minutes."""

    names: int
    days: int
    minute_names: int
    minutes: int


FULL = Size(1_000, 2_520, 50, 200_000)
QUICK = Size(250, 1_008, 5, 200_000)


def write(folder: Path, size: Size) -> None:
    """Write the arrays: (names, days) and (names, minutes), prices in whole cents."""
    rng = np.random.default_rng(SEED)
    for kind, shape in (
        ("daily", (size.names, size.days + APPENDED)),
        ("minute", (size.minute_names, size.minutes)),
    ):
        close = np.round(50 + np.abs(rng.normal(size=shape).cumsum(axis=1)) * 0.05, 2)
        opened = np.round(close + rng.normal(size=shape) * 0.02, 2)
        values = {
            "open": opened,
            "high": np.round(np.maximum(opened, close) + 0.03, 2),
            "low": np.round(np.minimum(opened, close) - 0.03, 2),
            "close": close,
            "volume": np.round(rng.lognormal(10, 1, shape)),
        }
        for name, array in values.items():
            np.save(folder / f"{kind}_{name}.npy", array)
    weekdays = np.arange(FIRST_DAY, FIRST_DAY + (size.days + APPENDED) * 7 // 5 + 7)
    weekdays = weekdays[(weekdays + 3) % 7 < 5][: size.days + APPENDED]
    np.save(folder / "days.npy", weekdays.astype(np.int32))
    day, minute = np.divmod(np.arange(size.minutes), MINUTES_A_DAY)
    start = (FIRST_DAY + day * 7 // 5).astype(np.int64) * DAY_US + OPEN_US
    np.save(folder / "minutes.npy", start + minute * MINUTE_US)
    np.save(folder / "names.npy", np.array([f"I-{n:012x}" for n in range(size.names)]))


class Bars:
    """The arrays of a folder, opened without being read."""

    def __init__(self, folder: Path) -> None:
        self.days = np.load(folder / "days.npy")
        self.minutes = np.load(folder / "minutes.npy")
        self.names = [str(name) for name in np.load(folder / "names.npy")]
        self.daily = {f: np.load(folder / f"daily_{f}.npy", mmap_mode="r") for f in FIELDS}
        self.minute = {f: np.load(folder / f"minute_{f}.npy", mmap_mode="r") for f in FIELDS}

    @property
    def kept(self) -> int:
        """The days that are ingested at once; `APPENDED` more are appended."""
        return len(self.days) - APPENDED

    def daily_columns(self, first: int, last: int) -> dict[str, np.ndarray]:
        """Return days `first` to before `last` as flat columns, by name, with codes of names."""
        count = last - first
        days = np.tile(self.days[first:last], len(self.names))
        ts = days.astype(np.int64) * DAY_US + CLOSE_US
        flat = {f: np.ascontiguousarray(a[:, first:last]).ravel() for f, a in self.daily.items()}
        code = np.repeat(np.arange(len(self.names), dtype=np.int32), count)
        return {"code": code, "day": days, "ts": ts, "known_at": ts, **flat}

    def revised_columns(self) -> dict[str, np.ndarray]:
        """Return every hundredth daily row again, a cent higher and known three days later."""
        columns = {n: a[::REVISED_EVERY] for n, a in self.daily_columns(0, self.kept).items()}
        columns["known_at"] = columns["known_at"] + REVISED_AFTER_US
        columns["close"] = np.round(columns["close"] + 0.01, 2)
        return columns

    def minute_columns(self, number: int) -> dict[str, np.ndarray]:
        """Return the minute bars of one name as columns."""
        return {
            "code": np.full(len(self.minutes), number, np.int32),
            "ts": self.minutes,
            "known_at": self.minutes,
            **{f: np.ascontiguousarray(a[number]) for f, a in self.minute.items()},
        }

    @property
    def asked(self) -> "tuple[str, str, list[str], int, int]":
        """What is read: a name, a minute name, half the names, a day, a time to look back from."""
        middle = self.kept // 2
        moment = int(self.days[middle]) * DAY_US + CLOSE_US
        minute_name = self.names[self.minute["close"].shape[0] // 2]
        half = self.names[:: 2 if len(self.names) <= 1_000 else len(self.names) // 500]
        return self.names[len(self.names) // 2], minute_name, half, int(self.days[middle]), moment
