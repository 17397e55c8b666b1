"""The plainest point-in-time table that can be: a list of rows, gone through for every question.

An independent second opinion for the store: it shares no code with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

Row = Mapping[str, Any]


class NaiveTable:
    """Rows as they were taken in; the same statement twice is one."""

    def __init__(self, key: Sequence[str], subject: str, day: str) -> None:
        self.rows: list[Row] = []
        self._key, self._subject, self._day = tuple(key), subject, day

    def take(self, rows: Iterable[Row], seen_at: datetime) -> None:
        """Take rows in; one that contradicts a row of its key and known time is known now.

        Of several that contradict, each is known a microsecond after the one before.
        """
        before, revised = list(self.rows), []
        for row in sorted(rows, key=lambda row: row["known_at"]):
            same = [held for held in before if self._of(held) == self._of(row)]
            if any(self._says(row) == self._says(held) for held in self.rows):
                continue
            if not any(row["known_at"] == held["known_at"] for held in same):
                self.rows.append(row)
                continue
            mine = [held for held in revised if self._of(held) == self._of(row)]
            said = [self._says(held)["says"] for held in (*same, *mine)]
            if self._says(row)["says"] not in said:
                known = max(row["known_at"], seen_at) + timedelta(microseconds=len(mine))
                revised.append({**row, "known_at": known})
        self.rows += revised

    def read(
        self,
        as_of: datetime | None,
        subjects: Sequence[str] | None,
        since: date | None,
        until: date | None,
        *,
        first: bool,
    ) -> list[Row]:
        """Return what was in force, in the order of keys."""
        chosen: dict[tuple[Any, ...], Row] = {}
        for row in self.rows:
            if as_of is not None and row["known_at"] > as_of:
                continue
            held = chosen.get(self._of(row))
            if held is None or (
                self._rank(row) < self._rank(held) if first else self._rank(row) >= self._rank(held)
            ):
                chosen[self._of(row)] = row
        found = [chosen[key] for key in sorted(chosen)]
        return [
            row
            for row in found
            if (subjects is None or row[self._subject] in subjects)
            and (since is None or self._date(row) >= since)
            and (until is None or self._date(row) <= until)
        ]

    def _rank(self, row: Row) -> tuple[Any, ...]:
        """Later known wins, then the later ingest; of one ingest, what came later."""
        return row["known_at"], row["ingest_id"]

    def _of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self._key)

    def _says(self, row: Row) -> dict[str, Any]:
        outside = {*self._key, "known_at", "ingest_id"}
        says = {name: cell for name, cell in row.items() if name not in outside}
        return {"of": self._of(row), "known_at": row["known_at"], "says": says}

    def _date(self, row: Row) -> date:
        cell = row[self._day]
        return cell.date() if isinstance(cell, datetime) else cell
