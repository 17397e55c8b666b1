"""Trade cards in PostgreSQL: the card as a document, its state and every step as columns."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from fondaco.adapters.stores.postgres.database import Database, rows_written
from fondaco.adapters.stores.postgres.numbers import Numbers
from fondaco.adapters.stores.postgres.schema import card_moves, cards
from fondaco.core.errors import Conflict, NotFound
from fondaco.trading.cards import CardState, Move, TradeCard

_CARD: TypeAdapter[TradeCard] = TypeAdapter(TradeCard)


class PostgresCards:
    """Keeps cards and their moves in the transaction that is open."""

    def __init__(self, database: Database, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def next_id(self) -> str:
        """Return the next card id, TC-n."""
        return self._numbers.next("TC")

    def add(self, card: TradeCard) -> TradeCard:
        """Keep a new card; when its origin_key is there already, return that one instead."""
        keep = (
            insert_or(cards)
            .values(
                id=card.id,
                origin_key=card.origin_key,
                state=card.state,
                symbol=card.symbol,
                account=card.order.account,
                created_at=card.created_at,
                expires_at=card.expires_at,
                body=_body(card),
            )
            .on_conflict_do_nothing(index_elements=[cards.c.origin_key])
        )
        with self._database.connection() as connection:
            if rows_written(connection, keep) == 1:
                return card
        kept = self.by_origin(card.origin_key)
        if kept is None:
            raise Conflict(
                "the card of this origin went away meanwhile",
                value=card.origin_key,
                remedy="Try again.",
            )
        return kept

    def by_origin(self, origin_key: str) -> TradeCard | None:
        """Return the card made for this cycle, source and instrument, or None."""
        found = self._read(select(cards.c.body).where(cards.c.origin_key == origin_key))
        return found[0] if found else None

    def get(self, card_id: str, *, lock: bool = False) -> TradeCard:
        """Return a card, locked for this transaction if asked; raises NotFound."""
        query = select(cards.c.body).where(cards.c.id == card_id)
        found = self._read(query.with_for_update() if lock else query)
        if not found:
            raise NotFound(
                "no such card",
                value=card_id,
                remedy="`fondaco cards list` shows the cards there are.",
            )
        return found[0]

    def record(self, card: TradeCard, move: Move) -> None:
        """Keep the card's new state and the step; raises Conflict if it moved meanwhile."""
        change = (
            update(cards)
            .where(cards.c.id == card.id, cards.c.state == move.before)
            .values(state=card.state, expires_at=card.expires_at, body=_body(card))
        )
        step = insert(card_moves).values(
            card=card.id,
            before=move.before,
            after=move.after,
            at=move.at,
            by=move.by,
            reason=move.reason,
        )
        with self._database.connection() as connection:
            if rows_written(connection, change) == 1:
                connection.execute(step)
                return
        kept = self.get(card.id)
        raise Conflict(
            f"card {card.id} moved meanwhile",
            value=kept.state,
            bound=move.before,
            remedy=f"`fondaco cards show {card.id}` shows how it stands.",
        )

    def moves(self, card_id: str) -> tuple[Move, ...]:
        """Return the steps of a card's life, oldest first."""
        steps = select(card_moves).where(card_moves.c.card == card_id).order_by(card_moves.c.seq)
        with self._database.connection() as connection:
            return tuple(_move(row) for row in connection.execute(steps))

    def list(self, *, state: CardState | None = None, limit: int = 100) -> tuple[TradeCard, ...]:
        """Return cards, newest first."""
        query = select(cards.c.body).order_by(cards.c.seq.desc())
        if state is not None:
            query = query.where(cards.c.state == state)
        return self._read(query.limit(limit))

    def _read(self, query: "Select[Any]") -> tuple[TradeCard, ...]:
        with self._database.connection() as connection:
            bodies = connection.scalars(query).all()
        return tuple(_CARD.validate_python(body) for body in bodies)


def _body(card: TradeCard) -> Any:
    return _CARD.dump_python(card, mode="json")


def _move(row: "Row[Any]") -> Move:
    return Move(row.card, CardState(row.before), CardState(row.after), row.at, row.by, row.reason)
