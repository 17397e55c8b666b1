"""Finished backtests in PostgreSQL: a line to list them by, and the whole as a document."""

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import insert, select

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.holds import hold
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.schema import backtests
from fondaco.backtest.result import BacktestResult, BacktestSummary, summary_of
from fondaco.core.errors import NotFound

_RESULT: TypeAdapter[BacktestResult] = TypeAdapter(BacktestResult)
_SUMMARY: TypeAdapter[BacktestSummary] = TypeAdapter(BacktestSummary)


class PostgresBacktests:
    """Keeps results for good by id, BT-n; the same run is kept once."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def add(self, result: BacktestResult) -> str:
        """Keep a result and return its id; one whose key is there already keeps its first id."""
        there = select(backtests.c.id).where(backtests.c.key == result.key)
        with self._database.transaction(), self._database.connection() as connection:
            hold(self._database, "backtest", result.key)  # so that no number is spent in vain
            kept: str | None = connection.scalar(there)
            if kept is not None:
                return kept
            named = replace(result, id=self._numbers.next("BT"))
            connection.execute(insert(backtests).values(_row(named)))
            return named.id

    def get(self, backtest_id: str) -> BacktestResult:
        """Return a result with its id; raises NotFound."""
        query = select(backtests.c.body).where(backtests.c.id == backtest_id)
        with self._database.connection() as connection:
            body = connection.scalar(query)
        if body is None:
            raise NotFound(
                "no such backtest",
                value=backtest_id,
                remedy="`fondaco backtest list` shows those there are.",
            )
        return _RESULT.validate_python(body)

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[BacktestSummary, ...]:
        """Return results as lines, newest first."""
        query = select(backtests.c.summary).order_by(backtests.c.seq.desc()).limit(limit)
        if strategy is not None:
            query = query.where(backtests.c.strategy == strategy)
        with self._database.connection() as connection:
            return tuple(_SUMMARY.validate_python(line) for line in connection.scalars(query))


def _row(result: BacktestResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "key": result.key,
        "created_at": result.created_at,
        "strategy": result.strategy,
        "body": _RESULT.dump_python(result, mode="json"),
        "summary": _SUMMARY.dump_python(summary_of(result), mode="json"),
    }
