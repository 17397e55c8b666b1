"""What a strategy did on paper: the daily return of the positions that its own cards made.

Only cards of running market time count. A replay trades at prices that were there to be looked
at, so it proves nothing of what a strategy does from day to day.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite, isnan
from typing import TYPE_CHECKING

from fondaco.core.clock import Clock
from fondaco.core.instrument import InstrumentId
from fondaco.core.orders import Fill, Side
from fondaco.research.trial_ledger import PaperRecord
from fondaco.trading.cards import TradeCard
from fondaco.trading.parts import DESK
from fondaco.trading.ports import CardStore, OrderStore

if TYPE_CHECKING:
    from fondaco.market.panel import Panel
    from fondaco.market.prices import Prices

CARDS_READ_MAX = 100_000
FILLS_READ_MAX = 1_000
"""Most fills of one card."""


@dataclass(frozen=True, slots=True)
class Traded:
    """One fill with the reference price of its card; `own` False for a sale by the desk itself."""

    fill: Fill
    reference: float
    own: bool

    @property
    def slippage_bps(self) -> float:
        """Price paid against the card's, in basis points; worse above zero."""
        paid = float(self.fill.price) - self.reference
        return paid * self.fill.side.sign / self.reference * 10_000


class DeskPaperRecords:
    """Measures what strategies did on paper, from the desk's own cards and fills."""

    def __init__(
        self, cards: CardStore, orders: OrderStore, prices: "Callable[[], Prices]", clock: Clock
    ) -> None:
        self._cards = cards
        self._orders = orders
        self._prices = prices
        self._clock = clock

    def of(self, strategy: str, since: datetime) -> PaperRecord:
        """Return the record of a strategy's own cards that were proposed since a moment."""
        found = [
            card
            for card in self._cards.list(limit=CARDS_READ_MAX)
            if card.source in (strategy, DESK) and card.created_at >= since and not card.replay
        ]
        traded = sorted(self._traded(found, strategy), key=lambda one: one.fill.ts)
        own = [one for one in traded if one.own]
        if not own:
            return PaperRecord(0, 0, None, (), None)
        names = tuple(dict.fromkeys(one.fill.instrument for one in own))
        panels = [self._panel(names, own[0].fill.ts.date(), adjusted=a) for a in (True, False)]
        returns = returns_of(traded, *panels)
        slippage = sum(one.slippage_bps for one in own) / len(own)
        return PaperRecord(len(returns), len(own), _sharpe(returns), returns, slippage)

    def _traded(self, cards: Iterable[TradeCard], strategy: str) -> Iterable[Traded]:
        for card in cards:
            fills = self._orders.fills(client_id=card.order.client_id, limit=FILLS_READ_MAX)
            for fill in fills:
                yield Traded(fill, float(card.reference_price), card.source == strategy)

    def _panel(self, names: tuple[InstrumentId, ...], since: date, *, adjusted: bool) -> "Panel":
        now = self._clock.now()
        return self._prices().panel(names, as_of=now, since=since, adjusted=adjusted)


def returns_of(traded: list[Traded], adjusted: "Panel", raw: "Panel") -> tuple[float, ...]:
    """Return the daily returns of a strategy's own positions, over what they were worth before.

    A position grows with the adjusted close, so that splits and dividends pass through it; what is
    bought and sold comes in at its price, fees off. A sale by the desk takes from a strategy no
    more than it holds. Sessions at whose start nothing was held have no return.
    """
    worth = dict.fromkeys(raw.instruments, 0.0)
    last: dict[InstrumentId, float] = {}
    queue, found = list(traded), []
    for row, closes_at in enumerate(raw.closes_at):
        moment = closes_at.item()
        before, gain = sum(worth.values()), 0.0
        for column, name in enumerate(raw.instruments):
            close = float(adjusted.close[row, column])
            if isnan(close):
                continue
            grown = worth[name] * (close / last.get(name, close))
            gain += grown - worth[name]
            worth[name], last[name] = grown, close
        while queue and queue[0].fill.ts.replace(tzinfo=None) <= moment:
            one = queue.pop(0)
            if one.fill.instrument in worth:
                column = raw.instruments.index(one.fill.instrument)
                gain += _take(worth, one, float(raw.close[row, column]))
        if before > 0.0:
            found.append(gain / before)
    return tuple(found)


def _take(worth: dict[InstrumentId, float], one: Traded, close: float) -> float:
    """Change what is held by a fill, and return its gain against the close of its session."""
    fill, price = one.fill, float(one.fill.price)
    mark = price if isnan(close) else close
    value = float(fill.quantity) * mark
    if fill.side is Side.BUY:
        if not one.own:
            return 0.0
        worth[fill.instrument] += value
        return value - float(fill.quantity) * price - float(fill.fee)
    sold = min(value, worth[fill.instrument])
    worth[fill.instrument] -= sold
    share = sold / value if value else 0.0
    return share * (float(fill.quantity) * (price - mark) - float(fill.fee))


def _sharpe(returns: tuple[float, ...]) -> float | None:
    import numpy as np

    from fondaco.portfolio.measures.ratios import sharpe

    value = sharpe(np.array(returns))
    return value if isfinite(value) else None
