"""Out-of-sample forecasts and their outcomes in PostgreSQL: each written once."""

from dataclasses import fields
from datetime import datetime
from math import isfinite
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import forecast_outcomes
from fondaco.adapters.stores.postgres.schema import forecasts as table
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Outcome

_FIELDS = tuple(field.name for field in fields(Forecast))


class PostgresForecasts:
    """Keeps a forecast per model, instrument and time, and what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, forecasts: tuple[Forecast, ...]) -> int:
        """Keep forecasts; those that are there already stay as they are. Return how many new.

        Raises InvalidInput, keeping none, when one of them holds something that is not a number.
        """
        for forecast in forecasts:
            _require_finite(forecast, forecast.score, forecast.low, forecast.high)
        if not forecasts:
            return 0
        ordered = sorted(forecasts, key=lambda f: (f.model, f.as_of, f.instrument))
        arrays = [func.unnest(_array(name, ordered)) for name in _FIELDS]
        rows = select(*(array.label(name) for array, name in zip(arrays, _FIELDS, strict=True)))
        keep = (
            insert(table)
            .from_select(_FIELDS, rows)
            .on_conflict_do_nothing(constraint="forecasts_model_key")
        )
        with self._database.connection() as connection:
            return rows_written(connection, keep)

    def realise(
        self, model: str, instrument: InstrumentId, as_of: datetime, realised: float
    ) -> None:
        """Write down what came of a forecast, once: the first stays. Raises NotFound."""
        _require_finite(f"outcome of {instrument} at {as_of.isoformat()}", realised)
        wanted = select(table.c.seq).where(
            table.c.model == model, table.c.instrument == instrument, table.c.as_of == as_of
        )
        with self._database.connection() as connection:
            seq = connection.scalar(wanted)
            if seq is None:
                raise NotFound("no such forecast", value=f"{model}, {instrument}, {as_of}")
            connection.execute(
                insert(forecast_outcomes)
                .values(forecast_seq=seq, realised=realised)
                .on_conflict_do_nothing()
            )

    def list(
        self, *, model: str | None = None, as_of: datetime | None = None, limit: int = 1_000
    ) -> tuple[Outcome, ...]:
        """Return forecasts made at or before `as_of`, newest first, then by instrument."""
        query = (
            select(table, forecast_outcomes.c.realised)
            .outerjoin(
                forecast_outcomes,
                forecast_outcomes.c.forecast_seq == table.c.seq,
            )
            .order_by(table.c.as_of.desc(), table.c.instrument, table.c.seq)
        )
        if model is not None:
            query = query.where(table.c.model == model)
        if as_of is not None:
            query = query.where(table.c.as_of <= as_of)
        with self._database.connection() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple(_outcome(row) for row in rows)


def _require_finite(of: object, *values: float) -> None:
    if not all(isfinite(value) for value in values):
        raise InvalidInput(
            "a forecast holds something that is not a number", value=of, bound="finite"
        )


def _array(name: str, given: list[Forecast]) -> BindParameter[Any]:
    """Return one field of many forecasts as an array, so that one statement keeps them all."""
    values = [getattr(forecast, name) for forecast in given]
    return bindparam(name, values, type_=ARRAY(table.c[name].type))


def _outcome(row: "Row[Any]") -> Outcome:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Outcome(Forecast(**values), row.realised)
