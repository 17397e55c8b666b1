"""Pace and health in PostgreSQL: one row a provider, locked while a pure step is applied."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.pace.states import health_json, health_of, spent_json, spent_of
from fondaco.adapters.pace.tables import provider_health, provider_pace
from fondaco.market.feed import budget
from fondaco.market.feed.breaker import Health
from fondaco.market.feed.budget import Spent
from fondaco.market.sheets import Limit

T = TypeVar("T")

Apart = Callable[[], AbstractContextManager[Connection]]
"""Gives a connection in a transaction of its own (`Database.apart`): what was spent stays spent,
whatever becomes of the work for which it was."""


class PostgresPaceStore:
    """Keeps what was spent of each provider's limits, by the clock of the database."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart

    def grant(self, provider: str, limits: tuple[Limit, ...]) -> float:
        """Count one call and return 0, or count none and return the seconds to wait."""
        return self._step(provider, lambda spent, now: budget.grant(spent, limits, now))

    def hold(self, provider: str, seconds: float) -> None:
        """Grant nothing for so long."""
        self._step(provider, lambda spent, now: (budget.hold(spent, seconds, now), None))

    def retry(self, provider: str) -> bool:
        """Return whether a call may be repeated, and count it."""
        return self._step(provider, budget.retry)

    def used(self, provider: str, limit: Limit) -> int:
        """Return how many calls count against a limit now."""
        ask = select(provider_pace.c.spent, _now()).where(provider_pace.c.provider == provider)
        with self._apart() as connection:
            row = connection.execute(ask).one_or_none()
        return 0 if row is None else budget.used(spent_of(row[0]), limit, _micros(row[1]))

    def _step(self, provider: str, step: Callable[[Spent, int], tuple[Spent, T]]) -> T:
        table = provider_pace
        with self._apart() as connection:
            before = _locked(connection, table, provider, spent_json(Spent()))
            # The clock is read under the lock, so that grants stand in the order of their times.
            now = _micros(connection.execute(select(_now())).scalar_one())
            after, told = step(spent_of(before), now)
            change = update(table).where(table.c.provider == provider)
            connection.execute(change.values(spent=spent_json(after)))
        return told


class PostgresHealthStore:
    """Keeps the health of providers for all processes of a desk."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart

    def get(self, provider: str) -> Health:
        """Return the health as it is now; that of a provider never asked is blank."""
        ask = select(provider_health.c.health).where(provider_health.c.provider == provider)
        with self._apart() as connection:
            found = connection.execute(ask).scalar_one_or_none()
        return Health() if found is None else health_of(found)

    def change(self, provider: str, step: Callable[[Health], Health]) -> Health:
        """Apply a pure step alone: no other step of this provider comes between."""
        table = provider_health
        with self._apart() as connection:
            before = _locked(connection, table, provider, health_json(Health()))
            after = step(health_of(before))
            change = update(table).where(table.c.provider == provider)
            connection.execute(change.values(health=health_json(after)))
        return after


def _locked(connection: Connection, table: Table, provider: str, blank: dict[str, Any]) -> Any:
    """Return the state of a provider, and keep others from it until the transaction ends."""
    state = next(column for column in table.c if column.name != "provider")
    ask = select(state).where(table.c.provider == provider).with_for_update()
    found = connection.execute(ask).scalar_one_or_none()
    if found is not None:
        return found
    first = insert(table).values({"provider": provider, state.name: blank})
    connection.execute(first.on_conflict_do_nothing())
    return connection.execute(ask).scalar_one()


def _now() -> Any:
    return func.clock_timestamp()


def _micros(moment: datetime) -> int:
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * budget.MICRO + moment.microsecond
