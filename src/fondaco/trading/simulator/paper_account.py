"""A paper account: what it was sent, in parts that do not touch each other, each played alone."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from fondaco.core.activity import Activity
from fondaco.core.instrument import InstrumentId
from fondaco.core.money import exact_sum
from fondaco.core.orders import Fill, Order
from fondaco.trading.ports import OrderState, Placed, VenueCancel, VenueOrder
from fondaco.trading.simulator.orders import whole_shares
from fondaco.trading.simulator.played import Message, Played, Setting
from fondaco.trading.simulator.terms import UNLIMITED, Terms

TOO_LATE: Final = "it came too late: it would change what the venue has told before"


class PaperAccount:
    """One account of the paper venue.

    Instruments that share nothing are played apart, so that bars which come late for one do not
    hold up the others. An order of a group or with a parent joins theirs; margin and interest
    look at the whole account, so where the terms ask for them it is one part.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._parts: list[Played] = []
        self._by_instrument: dict[InstrumentId, Played] = {}
        self._by_order: dict[str, Played] = {}
        self._groups: dict[str, Played] = {}
        self._ended: dict[str, Placed] = {}
        self._whole = _coupled(setting.terms)
        self.seq = 0
        if self._whole:
            self._adopt(Played(setting, ()), ())

    def take(self, message: Message) -> None:
        """Take a message of the book, in the order in which they came."""
        self.seq = max(self.seq, message.seq)
        if isinstance(message, VenueCancel):
            if message.client_id in self._by_order:
                self._by_order[message.client_id].add(message)
            return
        order = message.order
        reason = message.refused or unusable(order)
        if reason:
            self._ended[order.client_id] = Placed(
                order.client_id, OrderState.CANCELLED, reason=reason
            )
            return
        self._whole = self._whole or _coupled(self._setting.terms_of(message.terms)[1])
        touched = self._touched(order)
        if len(touched) == 1 and order.instrument in touched[0].names:
            touched[0].add(message)
            self._index(touched[0], order)
            return
        self._adopt(self._joined(touched, message), touched)

    def comes_late(self, message: VenueOrder, now: datetime) -> bool:
        """Return whether an order would change what was told by now, and so cannot be taken."""
        if unusable(message.order):
            return False
        touched = self._touched(message.order)
        for part in touched:
            part.play(now)
        alone = len(touched) == 1 and message.order.instrument in touched[0].names
        if not touched or (alone and not touched[0].is_late(message.decided_at)):
            return False
        trial = self._joined(touched, message)
        trial.play(now)
        told, happened = trial.placed, {one.id: one for _, one in trial.activities}
        return any(
            told[name] != placed for part in touched for name, placed in part.placed.items()
        ) or any(happened.get(one.id) != one for part in touched for _, one in part.activities)

    def play(self, now: datetime) -> None:
        """Play every part up to now."""
        for part in self._parts:
            part.play(now)

    def tell(self, client_id: str, now: datetime) -> Placed | None:
        """Return what is known of an order, None for one that never came."""
        if client_id in self._ended:
            return self._ended[client_id]
        if client_id in self._by_order:
            part = self._by_order[client_id]
            part.play(now)
            return part.tell(client_id)
        if self._whole:  # what the venue sold in a margin call
            self._parts[0].play(now)
            return self._parts[0].tell(client_id)
        return None

    def last_played(self, client_id: str) -> datetime | None:
        """Return the last session played of an order's part."""
        part = self._by_order.get(client_id)
        return None if part is None else part.last_played()

    def positions(self, as_of: datetime) -> dict[InstrumentId, Decimal]:
        """Return what the account held by what was known at a time, zeros left out."""
        moved: dict[InstrumentId, list[Decimal]] = {}
        for part in self._parts:
            for placed in part.placed.values():
                for fill in placed.fills:
                    if fill.known_at <= as_of:
                        moved.setdefault(fill.instrument, []).append(fill.side.sign * fill.quantity)
            for known_at, one in part.activities:
                if one.instrument is not None and known_at <= as_of:
                    moved.setdefault(one.instrument, []).append(one.quantity)
        sums = {instrument: exact_sum(parts) for instrument, parts in moved.items()}
        return {instrument: quantity for instrument, quantity in sums.items() if quantity}

    def fills(self, as_of: datetime) -> tuple[Fill, ...]:
        """Return every fill that was known at a time, by that time and then as it was made."""
        found = [
            (fill.known_at, number, place, fill)
            for number, part in enumerate(self._parts)
            for place, fill in enumerate(part.fills)
            if fill.known_at <= as_of
        ]
        return tuple(one[-1] for one in sorted(found, key=lambda one: one[:3]))

    def activities(self) -> tuple[Activity, ...]:
        """Return what happened apart from fills, by the time at which it became known."""
        found = [
            (known_at, one.ts, number, place, one)
            for number, part in enumerate(self._parts)
            for place, (known_at, one) in enumerate(part.activities)
        ]
        return tuple(one[-1] for one in sorted(found, key=lambda one: one[:4]))

    def _touched(self, order: Order) -> list[Played]:
        """Return the parts that an order has to do with."""
        if self._whole:
            return list(self._parts)
        found = [
            self._by_instrument.get(order.instrument),
            None if order.parent is None else self._by_order.get(order.parent),
            None if order.group is None else self._groups.get(order.group),
        ]
        return list({id(part): part for part in found if part is not None}.values())

    def _joined(self, touched: list[Played], message: VenueOrder) -> Played:
        names = dict.fromkeys(name for part in touched for name in part.names)
        names[message.order.instrument] = None
        messages = [one for part in touched for one in part.messages]
        number = message.seq or max((one.seq for one in messages), default=0) + 1
        given = VenueOrder(
            message.order, message.decided_at, message.placed_at, message.terms, seq=number
        )
        joined = Played(self._setting, tuple(names), [*messages, given])
        if len(touched) == 1:
            joined.share_bars(touched[0])
        return joined

    def _adopt(self, part: Played, instead: "list[Played] | tuple[()]") -> None:
        self._parts = [one for one in self._parts if one not in instead] + [part]
        for name in part.names:
            self._by_instrument[name] = part
        for message in part.messages:
            if isinstance(message, VenueOrder):
                self._index(part, message.order)

    def _index(self, part: Played, order: Order) -> None:
        self._by_order[order.client_id] = part
        if order.group is not None:
            self._groups[order.group] = part


def unusable(order: Order) -> str:
    """Return why the venue can never trade an order, or an empty text."""
    if whole_shares(order):
        return ""
    return f"the venue trades whole shares, not {order.quantity}"


def _coupled(terms: Terms) -> bool:
    """Return whether what happens to one instrument of an account touches the others."""
    carry = terms.carry
    return terms.margin != UNLIMITED or bool(carry.credit or carry.debit or carry.borrow)
