"""Round trips: what each lot brought, from its opening to its close, first in, first out."""

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from math import nan

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite
from fondaco.portfolio.measures.numbers import ratio

_ZERO = Decimal(0)
_DAY_SECONDS = 86_400
_FEE_STEP = Decimal("0.000001")
"""Parts of a fee are rounded to millionths, and the last part takes what is left over."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A quantity of one lot, opened by one fill and closed by another.

    `quantity` is above 0 for a long and below 0 for a short; `fees` is the part of both fills'
    fees that falls on it. Prices and fees are in one currency.
    """

    instrument: Hashable
    opened: datetime
    closed: datetime
    quantity: Decimal
    price_in: Decimal
    price_out: Decimal
    fees: Decimal

    @property
    def profit(self) -> Decimal:
        """(price out - price in) x quantity - fees."""
        return (self.price_out - self.price_in) * self.quantity - self.fees

    @property
    def days(self) -> float:
        """Calendar days held, with fractions."""
        return (self.closed - self.opened).total_seconds() / _DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Executions:
    """Fills as columns of one length, in the order of time.

    `quantity` is signed (below 0 for a sale) and, with `price` and `fee`, exact. Where a share
    was split in between, quantities and prices must be on one basis. Raises InvalidInput for
    columns of unequal length, times that go back, a quantity of 0, a price not above 0, a fee
    below 0, or a number that is not finite.
    """

    at: Sequence[datetime]
    instrument: Sequence[Hashable]
    quantity: Sequence[Decimal]
    price: Sequence[Decimal]
    fee: Sequence[Decimal]

    def __post_init__(self) -> None:
        columns = (self.at, self.instrument, self.quantity, self.price, self.fee)
        if len({len(column) for column in columns}) > 1:
            raise InvalidInput(
                "the columns of executions must have one length",
                value=[len(column) for column in columns],
            )
        if any(later < earlier for earlier, later in zip(self.at, self.at[1:], strict=False)):
            raise InvalidInput("executions must come in the order of time", remedy="Sort them.")
        for quantity, price, fee in zip(self.quantity, self.price, self.fee, strict=True):
            _check(quantity, price, fee)


@dataclass(slots=True)
class _Lot:
    """What is left of an opening fill; the rest of its fee goes with it."""

    opened: datetime
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class TradeStatistics:
    """What round trips say together. Ratios are NaN without trips, money is in their currency."""

    trips: int
    win_rate: float
    profit_factor: float
    expectancy: float
    payoff_ratio: float
    average_win: float
    average_loss: float
    holding_days: float
    winning_run: int
    losing_run: int


def round_trips(executions: Executions) -> tuple[RoundTrip, ...]:
    """Return the closed round trips in the order of their close, first in, first out.

    A fill first closes the oldest open lots on the other side of its instrument, and opens a lot
    with what is left. Fees follow the quantity, the last part taking the rest, so that no cent is
    lost. What is still open is not in it.
    """
    open_lots: dict[Hashable, deque[_Lot]] = {}
    trips: list[RoundTrip] = []
    columns = (executions.instrument, executions.quantity, executions.price, executions.fee)
    for at, instrument, quantity, price, fee in zip(executions.at, *columns, strict=True):
        lots = open_lots.setdefault(instrument, deque())
        fill = _Lot(at, quantity, price, fee)
        while fill.quantity and lots and (lots[0].quantity > 0) != (fill.quantity > 0):
            trips.append(_closed(instrument, lots[0], fill))
            if not lots[0].quantity:
                lots.popleft()
        if fill.quantity:
            lots.append(fill)
    return tuple(trips)


def trade_statistics(trips: Sequence[RoundTrip]) -> TradeStatistics:
    """Return what the trips say together; one that brought exactly nothing is no win and no loss.

    win rate = wins / trips; profit factor = sum(gains) / sum(losses); expectancy = mean profit;
    payoff ratio = average win / average loss without its sign; runs are counted in the order of
    closing. Source: Pardo (2008), The Evaluation and Optimization of Trading Strategies, 2nd ed.,
    ch. 12; Vince (1990), Portfolio Management Formulas, ch. 1.
    """
    profits = [trip.profit for trip in trips]
    wins = [profit for profit in profits if profit > 0]
    losses = [profit for profit in profits if profit < 0]
    won, lost = _mean(wins), _mean(losses)
    return TradeStatistics(
        trips=len(trips),
        win_rate=len(wins) / len(trips) if trips else nan,
        profit_factor=ratio(float(sum(wins, _ZERO)), -float(sum(losses, _ZERO))),
        expectancy=_mean(profits),
        payoff_ratio=won / -lost if wins and losses else nan,
        average_win=won,
        average_loss=lost,
        holding_days=sum(trip.days for trip in trips) / len(trips) if trips else nan,
        winning_run=_longest_run([profit > 0 for profit in profits]),
        losing_run=_longest_run([profit < 0 for profit in profits]),
    )


def _closed(instrument: Hashable, lot: _Lot, fill: _Lot) -> RoundTrip:
    """Match the oldest lot with a fill on the other side, taking the quantity off both."""
    size = min(abs(lot.quantity), abs(fill.quantity))
    signed = size if lot.quantity > 0 else -size
    fees = _take(lot, signed) + _take(fill, -signed)
    return RoundTrip(instrument, lot.opened, fill.opened, signed, lot.price, fill.price, fees)


def _take(lot: _Lot, quantity: Decimal) -> Decimal:
    """Take a quantity off, and return the part of the fee that goes with it."""
    whole = quantity == lot.quantity
    fee = lot.fee if whole else (lot.fee * (quantity / lot.quantity)).quantize(_FEE_STEP)
    lot.quantity -= quantity
    lot.fee -= fee
    return fee


def _mean(amounts: Sequence[Decimal]) -> float:
    return float(sum(amounts, _ZERO) / len(amounts)) if amounts else nan


def _longest_run(hits: Sequence[bool]) -> int:
    return max((len(list(run)) for hit, run in groupby(hits) if hit), default=0)


def _check(quantity: Decimal, price: Decimal, fee: Decimal) -> None:
    if require_finite("an execution's quantity", quantity) == 0:
        raise InvalidInput("an execution's quantity cannot be 0", value=quantity)
    if require_finite("an execution's price", price) <= 0:
        raise InvalidInput("an execution's price must be above 0", value=price, bound="> 0")
    if require_finite("an execution's fee", fee) < 0:
        raise InvalidInput("an execution's fee cannot be negative", value=fee, bound=">= 0")
