"""Lineage of what people see: from a fact, or any number on a card, down to raw bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from fondaco.core.errors import NotFound
from fondaco.core.facts import Fact, FactStore, plain_digits
from fondaco.core.instrument import InstrumentId
from fondaco.market.lineage_values import LineageReport, NumberLine, RowOrigin
from fondaco.market.ports import Instruments, Store
from fondaco.trading.ports import CardStore

if TYPE_CHECKING:
    import polars as pl

    from fondaco.market.lineage import Lineage

DEPTH_MAX = 8
NUMBERS_MAX = 60


@dataclass
class _Found:
    """Numbers seen on the way down, and the store's rows that they rest on."""

    numbers: list[NumberLine] = field(default_factory=list)
    rows: list[tuple[str, "pl.DataFrame"]] = field(default_factory=list)
    rows_in_all: int = 0
    seen: set[str] = field(default_factory=set)


class DeskLineage:
    """Walks from numbers to the rows they were made of, and from those to raw answers."""

    def __init__(
        self,
        facts: FactStore,
        cards: CardStore,
        store: Store,
        instruments: Instruments,
        lineage: "Lineage",
    ) -> None:
        self._facts = facts
        self._cards = cards
        self._store = store
        self._instruments = instruments
        self._lineage = lineage

    def of_fact(self, fact_id: str, *, limit: int) -> LineageReport:
        """Return where a fact comes from; raises NotFound."""
        fact = self._facts.get(fact_id)
        return self._report(f"{fact.name}, {fact_id}", (fact,), limit)

    def of_card(self, card_id: str, *, limit: int) -> LineageReport:
        """Return where every number behind a card comes from; raises NotFound."""
        card = self._cards.get(card_id)
        return self._report(f"the numbers of {card_id} ({card.symbol})", card.evidence, limit)

    def of_row(
        self, symbol: str, table: str, day: date | None, as_of: datetime, *, limit: int
    ) -> LineageReport:
        """Return where the newest rows of a symbol come from, as known at a time.

        With a day only the rows of that day. Raises NotFound when there are none.
        """
        found = self._instruments.by_symbol(symbol, day or as_of.date())
        rows = self._store.read(table, as_of=as_of, instruments=(found.id,), since=day, until=day)
        if rows.is_empty():
            raise NotFound(
                "no row of this symbol was known then",
                value=f"{symbol} in {table}" + (f" on {day}" if day else ""),
                remedy=f"`fondaco market history {symbol}` shows what there is.",
            )
        rows = rows.sort("ts").tail(limit)
        title = f"{table} of {symbol}"
        return LineageReport(title, (), rows.height, self._lineage.of(table, rows))

    def _report(self, title: str, facts: Sequence[Fact], limit: int) -> LineageReport:
        found = _Found()
        for fact in facts:
            self._walk(fact, 0, found, limit)
        origins: list[RowOrigin] = []
        for table, rows in found.rows:
            room = limit - len(origins)
            if room > 0:
                origins += self._lineage.of(table, rows.tail(room))
        return LineageReport(
            title, tuple(found.numbers), found.rows_in_all, tuple(dict.fromkeys(origins))
        )

    def _walk(self, fact: Fact, depth: int, found: _Found, limit: int) -> None:
        if fact.id in found.seen or depth > DEPTH_MAX or len(found.numbers) >= NUMBERS_MAX:
            return
        found.seen.add(fact.id)
        source = fact.source
        if source.table == "facts":
            found.numbers.append(_line(fact, depth, f"made of {len(source.keys)} other numbers"))
            for key in source.keys:
                self._step(key, depth + 1, found, limit)
            return
        rows = self._rows(fact)
        if rows is None:
            keys = ", ".join(source.keys[:3])
            found.numbers.append(_line(fact, depth, f"from {source.table}: {keys}"))
            return
        found.rows_in_all += rows.height
        found.rows.append((source.table, rows.tail(max(1, limit // 4))))
        words = f"{rows.height:,} rows of {source.table}, version {source.version}"
        found.numbers.append(_line(fact, depth, words))

    def _step(self, key: str, depth: int, found: _Found, limit: int) -> None:
        try:
            fact = self._facts.get(key)
        except NotFound:
            found.numbers.append(NumberLine(depth, key, None, "", None, "not kept", ""))
        else:
            self._walk(fact, depth, found, limit)

    def _rows(self, fact: Fact) -> "pl.DataFrame | None":
        """Return the store's rows behind a fact, oldest first; None when it rests on none."""
        source = fact.source
        try:
            newest = self._store.version(source.table)
        except NotFound:
            return None
        version = source.version if source.version is not None and source.version >= 0 else newest
        rows = self._store.read(
            source.table,
            version=version,
            instruments=tuple(InstrumentId(key) for key in source.keys),
            since=source.since and source.since.date(),
            until=source.until and source.until.date(),
        )
        return rows.sort("ts")


def _line(fact: Fact, depth: int, rests_on: str) -> NumberLine:
    value = Decimal(plain_digits(fact.value))
    return NumberLine(
        depth, fact.name, value, fact.unit, fact.as_of, rests_on, fact.source.method, fact.id
    )
