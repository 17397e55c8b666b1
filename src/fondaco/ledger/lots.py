"""Which shares are held at which cost, and what was gained: derived from entries, never stored.

The cost of a lot is what trading was paid for the shares, without fees: fees stand in their own
account. So for every account, exactly:

    cash + cost of open lots = deposits + income + realised gains - fees - borrowing

A split spreads its shares over the open lots, whose cost stays.

Short rule: what is sold beyond what is held opens a short lot, with a negative quantity and a
negative cost (its proceeds); later buys close short lots first. The paper desk refuses such an
order, but the books must be able to say what a broker did.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fondaco.core.entry import Entry
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import exact_sum
from fondaco.ledger.accounts import EXACT, SPLITS, TRADING, is_currency, share_of
from fondaco.ledger.balances import change
from fondaco.ledger.postings import require_attributable


class LotMethod(StrEnum):
    """Which shares a sale takes first."""

    FIFO = "fifo"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Trade:
    """Shares that moved (plus in, minus out) and what trading was paid for them (plus paid).

    A split moves shares at no cost and names no currency.
    """

    entry_id: str
    ts: datetime
    instrument: InstrumentId
    quantity: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares held from one purchase (or, at average cost, from all of them since `opened_at`)."""

    instrument: InstrumentId
    opened_at: datetime
    opened_by: str
    quantity: Decimal
    cost: Decimal
    currency: str

    @property
    def short(self) -> bool:
        """Whether the shares are owed rather than held."""
        return self.quantity < 0


@dataclass(frozen=True, slots=True)
class Gain:
    """What closing some shares brought: proceeds less cost, fees apart."""

    instrument: InstrumentId
    opened_at: datetime
    closed_at: datetime
    opened_by: str
    closed_by: str
    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    currency: str

    @property
    def amount(self) -> Decimal:
        """Proceeds less cost."""
        return EXACT.subtract(self.proceeds, self.cost)


@dataclass(frozen=True, slots=True)
class LotBook:
    """Open lots, oldest first, and every realised gain, by one method."""

    method: LotMethod
    lots: tuple[Lot, ...]
    gains: tuple[Gain, ...]

    @property
    def cost(self) -> Decimal:
        """The cost of all open lots."""
        return exact_sum(lot.cost for lot in self.lots)

    @property
    def realised(self) -> Decimal:
        """The sum of all realised gains."""
        return exact_sum(gain.amount for gain in self.gains)


def trades(entries: Sequence[Entry], account: str) -> tuple[Trade, ...]:
    """Return the trades of an account, in order; an entry taken back and its reversal are gone."""
    corrected = {entry.corrects for entry in entries}
    found = (
        _trade(entry, account)
        for entry in entries
        if entry.corrects is None and entry.id not in corrected
    )
    return tuple(trade for trade in found if trade is not None)


def _trade(entry: Entry, account: str) -> Trade | None:
    moved = {
        name: amount
        for name, amount in change(entry, account).items()
        if amount and not is_currency(name)
    }
    if not moved:
        return None
    require_attributable(entry.postings)
    if any(posting.account == SPLITS for posting in entry.postings):
        ((name, more),) = moved.items()
        return Trade(entry.id, entry.ts, InstrumentId(name), more, Decimal(0), "")
    ((instrument, quantity),) = moved.items()
    paid = {name: amount for name, amount in change(entry, TRADING).items() if is_currency(name)}
    ((currency, cost),) = paid.items()
    return Trade(entry.id, entry.ts, InstrumentId(instrument), quantity, cost, currency)


def lot_book(found: Iterable[Trade], method: LotMethod) -> LotBook:
    """Return the open lots and realised gains of trades, which come in order of time.

    A sale takes the oldest shares first (FIFO) or a share of the pooled cost (average cost).
    Quantity and cost are conserved to the last digit.
    """
    held: dict[tuple[InstrumentId, str], list[Lot]] = {}
    gains: list[Gain] = []
    for trade in found:
        if not trade.currency:
            _split([lots for (name, _), lots in held.items() if name == trade.instrument], trade)
            continue
        lots = held.setdefault((trade.instrument, trade.currency), [])
        rest = _close(lots, trade, gains)
        if rest is not None:
            _open(lots, rest, method)
    remaining = sorted(
        (lot for lots in held.values() for lot in lots),
        key=lambda lot: (lot.instrument, lot.opened_at),
    )
    return LotBook(method, tuple(remaining), tuple(gains))


def _split(held: Sequence[list[Lot]], trade: Trade) -> None:
    """Spread the shares of a split over all lots of an instrument; costs stay as they are.

    What rounding leaves over goes to the last lot, so that quantities add up.
    """
    before = exact_sum(lot.quantity for lots in held for lot in lots)
    left = trade.quantity
    for lots in held:
        for place, lot in enumerate(lots):
            last = lots is held[-1] and place == len(lots) - 1
            more = left if last else share_of(trade.quantity, lot.quantity, before)
            left = EXACT.subtract(left, more)
            lots[place] = replace(lot, quantity=EXACT.add(lot.quantity, more))


def _close(lots: list[Lot], trade: Trade, gains: list[Gain]) -> Trade | None:
    """Close lots against a trade the other way; return what is left of the trade."""
    while lots and lots[0].quantity * trade.quantity < 0:
        lot = lots[0]
        size = min(abs(lot.quantity), abs(trade.quantity))
        lot_part, trade_part = size.copy_sign(lot.quantity), size.copy_sign(trade.quantity)
        lot_cost = share_of(lot.cost, lot_part, lot.quantity)
        trade_cost = share_of(trade.cost, trade_part, trade.quantity)
        gains.append(_gain(lot, trade, lot_part, lot_cost, trade_cost))
        left = EXACT.subtract(lot.quantity, lot_part)
        lots[:1] = (
            [replace(lot, quantity=left, cost=EXACT.subtract(lot.cost, lot_cost))] if left else []
        )
        over = EXACT.subtract(trade.quantity, trade_part)
        if not over:
            return None
        trade = replace(trade, quantity=over, cost=EXACT.subtract(trade.cost, trade_cost))
    return trade


def _gain(
    lot: Lot, trade: Trade, quantity: Decimal, lot_cost: Decimal, trade_cost: Decimal
) -> Gain:
    # A short lot's cost is minus what its sale brought; closing it costs what the buy paid.
    cost, proceeds = (trade_cost, -lot_cost) if lot.short else (lot_cost, -trade_cost)
    return Gain(
        lot.instrument,
        lot.opened_at,
        trade.ts,
        lot.opened_by,
        trade.entry_id,
        quantity,
        cost,
        proceeds,
        lot.currency,
    )


def _open(lots: list[Lot], trade: Trade, method: LotMethod) -> None:
    """Add the trade as a new lot, or to the pool."""
    new = Lot(
        trade.instrument, trade.ts, trade.entry_id, trade.quantity, trade.cost, trade.currency
    )
    if method is LotMethod.AVERAGE and lots:
        pool = lots[0]
        new = replace(
            pool,
            quantity=EXACT.add(pool.quantity, new.quantity),
            cost=EXACT.add(pool.cost, new.cost),
        )
        lots[:] = [new]
        return
    lots.append(new)
