"""What tuning studies tried, in PostgreSQL: append-only, one row for each study and number."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import tuner_trials
from fondaco.backtest.tuning.ports import Tried, number_taken

_TRIED: TypeAdapter[Tried] = TypeAdapter(Tried)


class PostgresTunings:
    """Keeps what studies tried for good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, tried: Tried) -> None:
        """Keep one set; raises Conflict where the study has one of this number already."""
        body = _TRIED.dump_python(tried, mode="json")
        body["varied"] = list(body["varied"].items())  # jsonb would put its keys in another order
        row = {"study": tried.study, "number": tried.number, "body": body}
        keep = insert(tuner_trials).values(row)
        with self._database.connection() as connection:
            if rows_written(connection, keep.on_conflict_do_nothing()) != 1:
                raise number_taken(tried)

    def list(self, study: str) -> tuple[Tried, ...]:
        """Return what a study tried, by number; empty for one that never began."""
        query = (
            select(tuner_trials.c.body)
            .where(tuner_trials.c.study == study)
            .order_by(tuner_trials.c.number)
        )
        with self._database.connection() as connection:
            return tuple(_tried(body) for body in connection.scalars(query))


def _tried(body: dict[str, Any]) -> Tried:
    return _TRIED.validate_python({**body, "varied": dict(body["varied"])})
