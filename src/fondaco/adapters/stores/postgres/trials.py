"""The trial ledger in PostgreSQL: append-only, one row per content."""

from dataclasses import fields
from math import isfinite
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import trials
from fondaco.core.errors import InvalidInput
from fondaco.research.ports import Trial

_FIELDS = tuple(field.name for field in fields(Trial))


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
        row["returns"] = list(trial.returns)
        keep = insert(trials).values(row).on_conflict_do_nothing(index_elements=[trials.c.content])
        with self._database.connection() as connection:
            return rows_written(connection, keep) == 1

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Trial, ...]:
        """Return trials, newest first."""
        query = select(trials).order_by(trials.c.seq.desc())
        if strategy is not None:
            query = query.where(trials.c.strategy == strategy)
        with self._database.connection() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple(_trial(row) for row in rows)

    def count(self, *, strategy: str | None = None) -> int:
        """Return how many trials were made: of one strategy, or of the whole desk."""
        query = select(func.count()).select_from(trials)
        if strategy is not None:
            query = query.where(trials.c.strategy == strategy)
        with self._database.connection() as connection:
            return connection.scalar(query) or 0


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
    return Trial(**{**values, "returns": tuple(row.returns)})
