"""The account at a glance: what it holds, what that is worth, how it came there."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from fondaco.core.clock import Clock
from fondaco.core.entry import Entry
from fondaco.core.instrument import InstrumentId, Origin
from fondaco.core.limits import CHART_POINTS_MAX
from fondaco.core.money import exact_sum
from fondaco.desk.results import EquityCurve, Overview, PositionLine
from fondaco.ledger.accounts import DEPOSITS, asset_account, is_currency
from fondaco.ledger.books import Books
from fondaco.ledger.lots import LotMethod
from fondaco.ledger.ports import EntryStore
from fondaco.market.ports import Instruments, Newest
from fondaco.trading.ports import CardStore
from fondaco.trading.results import CardLine, card_line

if TYPE_CHECKING:
    from fondaco.market.prices import Prices

CARDS_READ_MAX = 200
LEAD = timedelta(days=7)
"""The curve begins this long before the first fill, so that its start is seen."""


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Reads one account from the books and marks it with prices."""

    books: Books
    entries: EntryStore
    prices: Callable[[], "Prices"]
    instruments: Callable[[], Instruments]
    cards: CardStore
    clock: Clock
    account: str
    currency: str

    def overview(self) -> Overview:
        """Return the account now, its positions at their last known closes."""
        now = self.clock.now()
        name = asset_account(self.account)
        entries = self.entries.entries(account=name)
        positions = self._positions(now)
        cash = self.books.cash(self.account, self.currency)
        value = exact_sum(line.value for line in positions)
        paid_in = -exact_sum(
            p.amount
            for e in entries
            for p in e.postings
            if p.account == DEPOSITS and p.commodity == self.currency
        )
        prices = self.prices()
        known = prices.version() >= 0
        newest = prices.newest(as_of=now) if known else None
        return Overview(
            account=self.account,
            currency=self.currency,
            as_of=None if newest is None else newest.at,
            origin=self._origin(positions, newest, now),
            cash=cash,
            invested=value,
            equity=cash + value,
            paid_in=paid_in,
            gain=cash + value - paid_in,
            positions=positions,
            curve=self._curve(entries, name, now),
            cards=self._cards(),
        )

    def _positions(self, now: datetime) -> tuple[PositionLine, ...]:
        held = self.books.positions(self.account)
        costs: defaultdict[str, Decimal] = defaultdict(Decimal)
        for lot in self.books.lots(self.account, method=LotMethod.AVERAGE).lots:
            costs[lot.instrument] += lot.cost
        lines = [
            self._position(instrument, quantity, costs[instrument], now)
            for instrument, quantity in held.items()
        ]
        return tuple(
            sorted(
                (line for line in lines if line is not None),
                key=lambda line: (-line.value, line.symbol),
            )
        )

    def _position(
        self, instrument: InstrumentId, quantity: Decimal, cost: Decimal, now: datetime
    ) -> PositionLine | None:
        bar = self.prices().last_bar(instrument, as_of=now)
        if bar is None:
            return None
        value = quantity * bar.close
        symbol = self.instruments().get(instrument).symbol
        return PositionLine(
            symbol,
            instrument,
            quantity,
            cost,
            bar.close,
            bar.session,
            value,
            value - cost,
            float((value - cost) / abs(cost)) if cost else None,
        )

    def _origin(
        self, positions: Sequence[PositionLine], newest: Newest | None, now: datetime
    ) -> Origin | None:
        """Return the label of the prices of what is held, or of the market where nothing is."""
        if newest is None or not positions:
            return None if newest is None else newest.origin
        return self.prices().origin(InstrumentId(positions[0].instrument), as_of=now)

    def _curve(self, entries: Sequence[Entry], account: str, now: datetime) -> EquityCurve:
        moves = [
            (entry.ts, p.commodity, p.amount)
            for entry in entries
            for p in entry.postings
            if p.account == account
        ]
        shares = sorted({name for _, name, _ in moves if not is_currency(name)})
        if not shares:
            return EquityCurve((), ())
        first = min(ts for ts, name, _ in moves if name in shares).date() - LEAD
        closes = {name: self._closes(InstrumentId(name), first, now) for name in shares}
        days = sorted({day for series in closes.values() for day, _ in series})
        return _valued(days[-CHART_POINTS_MAX:], moves, closes, self.currency)

    def _closes(
        self, instrument: InstrumentId, since: date, now: datetime
    ) -> list[tuple[date, Decimal]]:
        bars = self.prices().bars(instrument, as_of=now, since=since)
        return [(bar.session, bar.close) for bar in bars]

    def _cards(self) -> tuple[CardLine, ...]:
        found = self.cards.list(limit=CARDS_READ_MAX)
        return tuple(card_line(card) for card in found if card.as_of == found[0].as_of)


def _valued(
    days: Sequence[date],
    moves: Sequence[tuple[datetime, str, Decimal]],
    closes: dict[str, list[tuple[date, Decimal]]],
    currency: str,
) -> EquityCurve:
    """Return the account's worth at each day's close: cash and shares at their last closes."""
    ordered = sorted(moves)
    known = {name: [day for day, _ in series] for name, series in closes.items()}
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    equity, taken = [], 0
    for day in days:
        while taken < len(ordered) and ordered[taken][0].date() <= day:
            _, name, amount = ordered[taken]
            held[name] += amount
            taken += 1
        worth = [held[currency]]
        for name, series in closes.items():
            place = bisect_right(known[name], day)
            if place and held[name]:
                worth.append(held[name] * series[place - 1][1])
        equity.append(float(exact_sum(worth)))
    return EquityCurve(tuple(days), tuple(equity))
