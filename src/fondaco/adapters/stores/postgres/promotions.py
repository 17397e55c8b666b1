"""Evidence and promotions in PostgreSQL: append-only documents by number."""

from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.holds import hold
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.schema import evidence, promotions
from fondaco.core.errors import NotFound
from fondaco.research.trial_ledger import Evidence, Promotion

_EVIDENCE: TypeAdapter[Evidence] = TypeAdapter(Evidence)
_PROMOTION: TypeAdapter[Promotion] = TypeAdapter(Promotion)


class PostgresEvidence:
    """Keeps evidence for good by id, EV-n; the same validation is kept once."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def add(self, found: Evidence) -> str:
        """Keep evidence and return its id; the same key again keeps its first id."""
        there = select(evidence.c.id).where(evidence.c.key == found.key)
        with self._database.transaction(), self._database.connection() as connection:
            hold(self._database, "evidence", found.key)  # so that no number is spent in vain
            kept: str | None = connection.scalar(there)
            if kept is not None:
                return kept
            named = replace(found, id=self._numbers.next("EV"))
            row = {"id": named.id, "key": named.key, "strategy": named.strategy}
            row["body"] = _EVIDENCE.dump_python(named, mode="json")
            connection.execute(insert(evidence).values(row))
            return named.id

    def get(self, evidence_id: str) -> Evidence:
        """Return evidence with its id; raises NotFound."""
        query = select(evidence.c.body).where(evidence.c.id == evidence_id)
        with self._database.connection() as connection:
            body = connection.scalar(query)
        if body is None:
            raise NotFound(
                "no such evidence",
                value=evidence_id,
                remedy="`fondaco backtest validate STRATEGY` makes some.",
            )
        return _EVIDENCE.validate_python(body)

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Evidence, ...]:
        """Return evidence, newest first."""
        query = select(evidence.c.body).order_by(evidence.c.seq.desc()).limit(limit)
        if strategy is not None:
            query = query.where(evidence.c.strategy == strategy)
        with self._database.connection() as connection:
            return tuple(_EVIDENCE.validate_python(body) for body in connection.scalars(query))


class PostgresPromotions:
    """Keeps promotions for good by id, PR-n; the newest of a strategy is in force."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def add(self, promotion: Promotion) -> str:
        """Keep a promotion under the next id, PR-n, and return that id."""
        with self._database.transaction(), self._database.connection() as connection:
            named = replace(promotion, id=self._numbers.next("PR"))
            row = {"id": named.id, "strategy": named.strategy, "stage": named.stage}
            body = _PROMOTION.dump_python(named, mode="json")
            connection.execute(insert(promotions).values(**row, at=named.at, body=body))
            return named.id

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[Promotion, ...]:
        """Return promotions, newest first."""
        query = select(promotions.c.body).order_by(promotions.c.seq.desc()).limit(limit)
        if strategy is not None:
            query = query.where(promotions.c.strategy == strategy)
        with self._database.connection() as connection:
            return tuple(_PROMOTION.validate_python(body) for body in connection.scalars(query))

    def current(self) -> tuple[Promotion, ...]:
        """Return the promotion in force of each strategy, by strategy name."""
        query = (
            select(promotions.c.body)
            .ext(distinct_on(promotions.c.strategy))
            .order_by(promotions.c.strategy, promotions.c.seq.desc())
        )
        with self._database.connection() as connection:
            return tuple(_PROMOTION.validate_python(body) for body in connection.scalars(query))
