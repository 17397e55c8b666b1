"""Facts in PostgreSQL, by the hash of what they say."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.schema import facts as table
from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.facts import Fact

_FACT: TypeAdapter[Fact] = TypeAdapter(Fact)


class PostgresFacts:
    """Keeps facts for good. A fact whose stored row no longer gives its id is refused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, facts: tuple[Fact, ...]) -> None:
        """Keep facts; one that is already there stays as it is."""
        rows = {fact.id: _row(fact) for fact in facts}
        if not rows:
            return
        keep = insert(table).on_conflict_do_nothing(index_elements=[table.c.id])
        with self._database.connection() as connection:
            # In one order by all, so that two transactions with the same facts never deadlock.
            connection.execute(keep, [rows[key] for key in sorted(rows)])

    def get(self, fact_id: str) -> Fact:
        """Return a fact; raises NotFound, or Unavailable when its row was tampered with."""
        with self._database.connection() as connection:
            body = connection.scalar(select(table.c.body).where(table.c.id == fact_id))
        if body is None:
            raise NotFound("no such fact", value=fact_id)
        fact = _FACT.validate_python(body)
        if fact.id != fact_id:
            raise Unavailable(
                "a kept fact no longer matches its id",
                value=fact_id,
                bound=fact.id,
                remedy="Restore the database from a backup.",
            )
        return fact


def _row(fact: Fact) -> dict[str, Any]:
    return {
        "id": fact.id,
        "name": fact.name,
        "as_of": fact.as_of,
        "body": _FACT.dump_python(fact, mode="json"),
    }
