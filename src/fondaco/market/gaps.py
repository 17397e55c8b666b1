"""Gaps: sessions of the calendar that have no row between an instrument's first and last."""

from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of sessions without a row, both ends included."""

    instrument: str
    source: str
    first: date
    last: date
    sessions: int

    @property
    def where(self) -> str:
        """The run as words, which also identify it."""
        return f"{self.first.isoformat()} to {self.last.isoformat()}"


def gaps(seen: pl.DataFrame, sessions: pl.DataFrame) -> tuple[Gap, ...]:
    """Return the runs of missing sessions, by instrument, source and day.

    `seen` has instrument, source, venue and session of every row that ever came, good or bad;
    `sessions` has venue, session and `number`, counting up without a hole per venue.
    """
    series = ["instrument", "source"]
    rows = seen.unique().join(sessions, on=["venue", "session"])
    rows = rows.sort(*series, "number").with_columns(before=pl.col("number").shift(1).over(series))
    holes = rows.filter(pl.col("number") - pl.col("before") > 1).with_columns(
        first=pl.col("before") + 1, last=pl.col("number") - 1
    )
    days = sessions.select("venue", "number", day="session")
    for end in ("first", "last"):
        holes = holes.join(days.rename({"number": end, "day": f"{end}_day"}), on=["venue", end])
    return tuple(
        Gap(
            row["instrument"],
            row["source"],
            row["first_day"],
            row["last_day"],
            row["last"] - row["first"] + 1,
        )
        for row in holes.sort(*series, "number").iter_rows(named=True)
    )
