"""What an account is worth and holds at a market time, and what may still happen to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from fondaco.core.errors import Unavailable
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import exact_sum
from fondaco.core.orders import Side
from fondaco.core.prices import Bar
from fondaco.ledger.accounts import is_currency
from fondaco.trading.costs import from_micros, to_micros
from fondaco.trading.parts import Parts
from fondaco.trading.ports import OrderRecord

_DAYS_CLOSED_MAX = 14

Span = tuple[Decimal, Decimal]
"""The least and the most that a balance may come to."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An account at a market time: cash, shares, their last prices, and what all is worth."""

    account: str
    at: datetime
    cash: Decimal
    held: Mapping[InstrumentId, Decimal]
    prices: Mapping[InstrumentId, Decimal]

    @property
    def equity(self) -> Decimal:
        """Cash plus shares at their last prices."""
        return exact_sum(
            [
                self.cash,
                *(quantity * self.prices[instrument] for instrument, quantity in self.held.items()),
            ]
        )


def take_picture(parts: Parts, account: str, at: datetime) -> Picture:
    """Return the account as it stood at a market time; raises Unavailable without a price."""
    held = parts.books.positions(account, until=at)
    cash = parts.books.cash(account, parts.policy.currency, until=at)
    return Picture(
        account,
        at,
        cash,
        held,
        {instrument: known_price(parts, instrument, at) for instrument in held},
    )


def known_price(parts: Parts, instrument: InstrumentId, at: datetime) -> Decimal:
    """Return the last price known at a time; raises Unavailable when there is none."""
    bar = parts.prices.last_bar(instrument, as_of=at)
    if bar is None:
        raise Unavailable(
            "a holding has no known price, so the account cannot be valued",
            value=f"{instrument} as of {at.isoformat()}",
            remedy="`fondaco market ingest` loads its prices.",
        )
    return reference_price(bar)


def reference_price(bar: Bar) -> Decimal:
    """Return a bar's close as the venue counts it: rounded half to even at the sixth decimal."""
    return from_micros(to_micros(bar.close))


def stale_by(parts: Parts, instrument: InstrumentId, bar: Bar, at: datetime) -> str:
    """Return why a last price is too old to trade on, or an empty text.

    Its age is the number of the venue's sessions that have closed since, up to `at`.
    """
    calendar = parts.prices.calendar(parts.instruments.get(instrument).venue)
    sessions = calendar.sessions(bar.session, at.date())
    age = sum(1 for day in sessions if day > bar.session and calendar.close(day) <= at)
    oldest = parts.policy.price_age_sessions_max
    if age <= oldest:
        return ""
    return (
        f"the last price is stale: {age} sessions old (from {bar.session.isoformat()}), "
        f"allowed: {oldest}"
    )


def open_orders(parts: Parts, account: str, *, but: str = "") -> tuple[OrderRecord, ...]:
    """Return the account's orders that may still trade, save one client id."""
    return tuple(
        record
        for record in parts.orders.open()
        if record.order.account == account and record.order.client_id != but
    )


def remaining(record: OrderRecord) -> Decimal:
    """Return what of an order may still trade: all that is not booked yet.

    A split, or another order of its group, may have changed what it is for.
    """
    return max(record.quantity - record.filled, Decimal(0))


def pending(records: tuple[OrderRecord, ...], instrument: InstrumentId) -> Decimal:
    """Return by how much open orders will move a position if all of them fill."""
    return exact_sum(
        remaining(record) * record.order.side.sign
        for record in records
        if record.order.instrument == instrument
    )


def fill_time(parts: Parts, instrument: InstrumentId, at: datetime) -> datetime:
    """Return when an order decided at `at` will trade: the close of the next session to open.

    What is booked up to then comes before the order or with it: a replayed sale of the same
    session has paid in by then.
    """
    calendar = parts.prices.calendar(parts.instruments.get(instrument).venue)
    until = min(calendar.reach[1], at.date() + timedelta(days=_DAYS_CLOSED_MAX))
    for session in calendar.sessions(at.date(), until):
        if calendar.open(session) >= at:
            return calendar.close(session)
    return at


def exposures(
    parts: Parts, account: str, since: datetime, records: tuple[OrderRecord, ...]
) -> dict[InstrumentId, Span]:
    """Return the least and most of each position from `since` on, open orders at their worst.

    An order whose fate is UNKNOWN counts as open here and as filled in what it costs.
    """
    spans = {
        InstrumentId(name): span
        for name, span in parts.books.spans(account, since=since).items()
        if not is_currency(name)
    }
    for record in records:
        low, high = spans.get(record.order.instrument, (Decimal(0), Decimal(0)))
        if record.order.side is Side.BUY:
            high += remaining(record)
        else:
            low -= remaining(record)
        spans[record.order.instrument] = low, high
    return spans


def worst_cost(parts: Parts, quantity: Decimal, reference: Decimal) -> Decimal:
    """Return the most that a buy may cost: the price moved by the whole tolerance, and all costs.

    The costs are charges and what the order gives up to the spread and by its own size.
    """
    price = reference * (1 + parts.policy.price_tolerance)
    price = from_micros(to_micros(price))
    return quantity * price + parts.estimated(Side.BUY, quantity, price).total


def spendable(
    parts: Parts, account: str, since: datetime, records: tuple[OrderRecord, ...]
) -> Decimal:
    """Return the cash that no later entry and no open order may need, from `since` on."""
    nothing = (Decimal(0), Decimal(0))
    lowest, _ = parts.books.spans(account, since=since).get(parts.policy.currency, nothing)
    return lowest - exact_sum(
        worst_cost(parts, remaining(record), parts.cards.get(record.card).reference_price)
        for record in records
        if record.order.side is Side.BUY
    )
