"""The rows behind a fact, read again from where they stand, at the version they were read at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fondaco.backtest.ports import BacktestStore
from fondaco.core.errors import NotFound
from fondaco.core.facts import FactStore, Source, plain_digits
from fondaco.core.instrument import InstrumentId
from fondaco.insight.ports import Cell, SourceRows
from fondaco.ledger.ports import EntryStore
from fondaco.market.ports import Store
from fondaco.trading.ports import CardStore, OrderStore

BAR_COLUMNS = ("instrument", "session", "ts", "known_at", "source")
FILLS_READ_MAX = 10_000
Line = Mapping[str, Any]


class DeskRows:
    """Reads the rows of a source: bars of the store, entries, fills, settings, other facts."""

    def __init__(
        self,
        store: Store,
        entries: EntryStore,
        cards: CardStore,
        orders: OrderStore,
        facts: FactStore,
        backtests: Callable[[], BacktestStore],
        settings: object,
    ) -> None:
        self._store = store
        self._cards = cards
        self._entries = entries
        self._orders = orders
        self._facts = facts
        self._backtests = backtests
        self._settings = settings

    def rows(self, source: Source, *, limit: int) -> SourceRows:
        """Return at most `limit` rows of a source, the latest ones, oldest first.

        A table that the desk cannot read again is said so in the note.
        """
        readers: dict[str, Callable[[Source], Sequence[Line]]] = {
            "bars_1d": self._bars,
            "instruments": self._bars,
            "entries": self._postings,
            "fills": self._fills,
            "facts": self._inputs,
            "settings": self._numbers,
            "backtests": self._backtest,
            "cards": self._cards_of,
        }
        reader = readers.get(source.table)
        if reader is None:
            return SourceRows(
                source.table,
                source.version,
                (),
                (),
                note=f"The rows of {source.table} cannot be read again.",
            )
        lines = reader(source)
        columns = tuple(lines[0]) if lines else source.columns
        kept = lines[-limit:]
        return SourceRows(
            source.table,
            source.version,
            columns,
            tuple(tuple(_cell(line[c]) for c in columns) for line in kept),
            more=len(lines) - len(kept),
        )

    def _bars(self, source: Source) -> list[Line]:
        since, until = _day(source.since), _day(source.until)
        version = None if source.version is None or source.version < 0 else source.version
        keys = tuple(InstrumentId(key) for key in source.keys)
        frame = self._store.read(
            source.table, version=version, instruments=keys, since=since, until=until
        )
        wanted = [c for c in (*BAR_COLUMNS, *source.columns) if c in frame.columns]
        order = [c for c in ("session", "instrument") if c in frame.columns]
        chosen = frame.select(list(dict.fromkeys(wanted))).sort(order)
        return list(chosen.iter_rows(named=True))

    def _postings(self, source: Source) -> list[Line]:
        lines: list[Line] = []
        for account in source.keys:
            for entry in self._entries.entries(account=account, until=source.until):
                lines += [
                    {
                        "entry": entry.id,
                        "ts": entry.ts,
                        "memo": entry.memo,
                        "account": p.account,
                        "commodity": p.commodity,
                        "amount": p.amount,
                    }
                    for p in entry.postings
                    if p.account == account and _named(p.commodity, source.columns)
                ]
        return lines

    def _fills(self, source: Source) -> list[Line]:
        found = [
            fill
            for fill in self._orders.fills(limit=FILLS_READ_MAX)
            if fill.execution_id in source.keys
        ]
        return [
            {
                "execution": f.execution_id,
                "ts": f.ts,
                "known_at": f.known_at,
                "side": f.side,
                "quantity": f.quantity,
                "price": f.price,
                "fee": f.fee,
                "currency": f.currency,
            }
            for f in found
        ]

    def _inputs(self, source: Source) -> list[Line]:
        lines: list[Line] = []
        for fact_id in source.keys:
            try:
                fact = self._facts.get(fact_id)
            except NotFound:
                continue
            lines.append(
                {
                    "fact": fact.id,
                    "name": fact.name,
                    "value": fact.value,
                    "unit": fact.unit,
                    "as_of": fact.as_of,
                    "table": fact.source.table,
                }
            )
        return lines

    def _cards_of(self, source: Source) -> list[Line]:
        cards = [self._cards.get(key) for key in source.keys]
        return [
            {
                "card": card.id,
                "state": card.state,
                "symbol": card.symbol,
                "source": card.source,
                "weight": card.weight,
                "as_of": card.as_of,
            }
            for card in cards
        ]

    def _numbers(self, source: Source) -> list[Line]:
        return [
            {"setting": key, "value": getattr(self._settings, key)}
            for key in source.keys
            if hasattr(self._settings, key)
        ]

    def _backtest(self, source: Source) -> list[Line]:
        lines: list[Line] = []
        for key in source.keys:
            curve = self._backtests().get(key).curve
            lines += [
                {"backtest": key, "session": d, "equity": e, "drawdown": w, "exposure": x}
                for d, e, w, x in zip(
                    curve.days, curve.equity, curve.drawdown, curve.exposure, strict=True
                )
            ]
        return lines


def _named(commodity: str, columns: Iterable[str]) -> bool:
    names = tuple(columns)
    return not names or commodity in names


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return plain_digits(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
