"""Out-of-sample forecasts and their outcomes in PostgreSQL: each written once."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.schema import forecast_outcomes, forecasts
from fondaco.core.errors import NotFound
from fondaco.core.ideas import Forecast
from fondaco.core.instrument import InstrumentId
from fondaco.research.ports import Outcome

_FIELDS = tuple(field.name for field in fields(Forecast))


class PostgresForecasts:
    """Keeps a forecast per model, instrument and time, and what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, given: tuple[Forecast, ...], /) -> int:
        """Keep forecasts; those that are there already stay as they are. Return how many new."""
        if not given:
            return 0
        ordered = sorted(given, key=lambda f: (f.model, f.as_of, f.instrument))
        arrays = [func.unnest(_array(name, ordered)) for name in _FIELDS]
        rows = select(*(array.label(name) for array, name in zip(arrays, _FIELDS, strict=True)))
        keep = insert(forecasts).from_select(_FIELDS, rows).on_conflict_do_nothing(
            constraint="forecasts_model_key")
        with self._database.connection() as connection:
            return rows_written(connection, keep)

    def realise(self, model: str, instrument: InstrumentId, as_of: datetime,
                realised: float) -> None:
        """Write down what came of a forecast, once: the first stays. Raises NotFound."""
        wanted = select(forecasts.c.seq).where(
            forecasts.c.model == model, forecasts.c.instrument == instrument,
            forecasts.c.as_of == as_of)
        with self._database.connection() as connection:
            seq = connection.scalar(wanted)
            if seq is None:
                raise NotFound("no such forecast", value=f"{model}, {instrument}, {as_of}")
            connection.execute(insert(forecast_outcomes).values(
                forecast_seq=seq, realised=realised).on_conflict_do_nothing())

    def list(self, *, model: str | None = None, as_of: datetime | None = None,
             limit: int = 1_000) -> tuple[Outcome, ...]:
        """Return forecasts made at or before `as_of`, newest first, then by instrument."""
        query = select(forecasts, forecast_outcomes.c.realised).outerjoin(
            forecast_outcomes, forecast_outcomes.c.forecast_seq == forecasts.c.seq,
        ).order_by(forecasts.c.as_of.desc(), forecasts.c.instrument, forecasts.c.seq)
        if model is not None:
            query = query.where(forecasts.c.model == model)
        if as_of is not None:
            query = query.where(forecasts.c.as_of <= as_of)
        with self._database.connection() as connection:
            rows = connection.execute(query.limit(limit)).all()
        return tuple(_outcome(row) for row in rows)


def _array(name: str, given: list[Forecast]) -> BindParameter[Any]:
    """Return one field of many forecasts as an array, so that one statement keeps them all."""
    values = [getattr(forecast, name) for forecast in given]
    return bindparam(name, values, type_=ARRAY(forecasts.c[name].type))


def _outcome(row: "Row[Any]") -> Outcome:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Outcome(Forecast(**values), row.realised)
