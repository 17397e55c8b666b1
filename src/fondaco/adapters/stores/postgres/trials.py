"""The trial ledger in PostgreSQL: append-only, one row per content."""

from dataclasses import fields
from math import isfinite
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import trials
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import Origin
from fondaco.research.statistics.effective import Stream
from fondaco.research.trial_ledger import EVERY, Kind, Line, Trial, Which

_FIELDS = tuple(field.name for field in fields(Trial))
_LINE = ("content", "strategy", "family", "kind", "at", "since", "until", "days", "returns")
# As PostgreSQL sends numbers: an array of a hundred thousand is read in one go.
_DAY, _RETURN = np.dtype(">i4"), np.dtype(">f8")
_CONTENT_CHARS_MIN = 8


class PostgresTrials:
    """Counts every evaluation of every idea, for good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, trial: Trial) -> bool:
        """Count a trial; False when its content was counted before.

        Raises InvalidInput when a metric or a return is not a finite number.
        """
        _require_finite(trial)
        row = {name: getattr(trial, name) for name in _FIELDS}
        row["days"] = np.array(trial.days, dtype=_DAY).tobytes()
        row["returns"] = np.array(trial.returns, dtype=_RETURN).tobytes()
        keep = insert(trials).values(row).on_conflict_do_nothing(index_elements=[trials.c.content])
        with self._database.connection() as connection:
            return rows_written(connection, keep) == 1

    def get(self, content: str) -> Trial:
        """Return the trial of a content, or of the only one that starts so; raises NotFound."""
        query = select(trials).where(trials.c.content.startswith(content, autoescape=True)).limit(2)
        with self._database.connection() as connection:
            rows = connection.execute(query).all()
        if len(content) < _CONTENT_CHARS_MIN or len(rows) != 1:
            raise NotFound(
                "no trial, or more than one, has this content",
                value=content,
                bound=f"the content's first {_CONTENT_CHARS_MIN} characters or more",
                remedy="`fondaco research trials` lists them.",
            )
        return _trial(rows[0])

    def list(self, which: Which = EVERY, *, limit: int = 100) -> tuple[Trial, ...]:
        """Return trials, newest first."""
        query = _those(select(trials), which).order_by(trials.c.seq.desc()).limit(limit)
        with self._database.connection() as connection:
            return tuple(_trial(row) for row in connection.execute(query))

    def count(self, which: Which = EVERY) -> int:
        """Return how many trials were made."""
        query = _those(select(func.count()).select_from(trials), which)
        with self._database.connection() as connection:
            return connection.scalar(query) or 0

    def lines(self, which: Which = EVERY, *, limit: int) -> tuple[Line, ...]:
        """Return trials with their streams, newest first."""
        columns = [trials.c[name] for name in _LINE]
        query = _those(select(*columns), which).order_by(trials.c.seq.desc()).limit(limit)
        with self._database.connection() as connection:
            return tuple(_line(row) for row in connection.execute(query))


def _those(query: "Select[Any]", which: Which) -> "Select[Any]":
    for field in fields(Which):
        value = getattr(which, field.name)
        if value is not None:
            query = query.where(trials.c[field.name] == value)
    return query


def _require_finite(trial: Trial) -> None:
    for name, value in trial.metrics.items():
        if not isfinite(value):
            raise InvalidInput(
                f"the trial's metric {name} is not a number",
                value=value,
                bound="finite",
                remedy="Leave out a metric that has no value.",
            )
    if not all(isfinite(value) for value in trial.returns):
        raise InvalidInput(
            "the trial's returns hold something that is not a number", bound="finite"
        )


def _trial(row: "Row[Any]") -> Trial:
    values = {name: getattr(row, name) for name in _FIELDS}
    values["days"] = tuple(np.frombuffer(row.days, dtype=_DAY).tolist())
    values["returns"] = tuple(np.frombuffer(row.returns, dtype=_RETURN).tolist())
    values["kind"] = Kind(row.kind)
    values["label"] = None if row.label is None else Origin(row.label)
    return Trial(**values)


def _line(row: "Row[Any]") -> Line:
    stream = None
    if row.days:
        days = np.frombuffer(row.days, dtype=_DAY).astype(np.int32)
        stream = Stream(days, np.frombuffer(row.returns, dtype=_RETURN).astype(np.float64))
    kind = Kind(row.kind)
    return Line(row.content, row.strategy, row.family, kind, row.at, row.since, row.until, stream)
