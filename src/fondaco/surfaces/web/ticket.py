"""A trade card's plain JSON as what the approval page shows. Pure: nothing here draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from fondaco.core.view import Column, show

OPEN_STATE = "PROPOSED"
NOT_JUDGED = "NOT JUDGED"


@dataclass(frozen=True, slots=True)
class Judged:
    """One guardrail's verdict."""

    rule: str
    judgement: str
    value: str
    limit: str
    would_pass: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that a person must see before an approval, and what names it.

    `overridden` says that a person put its strategy on paper in spite of the gate.
    """

    id: str
    state: str
    digest: str
    symbol: str
    order: str
    before: tuple[tuple[str, str], ...]
    about: tuple[tuple[str, str], ...]
    verdicts: tuple[Judged, ...]
    origin: str
    replay: bool
    overridden: bool

    @property
    def can_be_approved(self) -> bool:
        """Whether it waits for a person."""
        return self.state == OPEN_STATE

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The rules that need an acknowledgement each."""
        return tuple(v.rule for v in self.verdicts if v.judgement == NOT_JUDGED)


def ticket(data: Mapping[str, Any]) -> Ticket:
    """Read the result of `cards.show`; a field that is missing is a programmer's error."""
    order = data["order"]
    words = f"{order['side'].upper()} {_quantity(order['quantity'])} {data['symbol']}"
    return Ticket(
        id=data["id"],
        state=data["state"],
        digest=data["digest"],
        symbol=data["symbol"],
        order=f"{words} at market",
        before=_before(data, words),
        about=_about(data),
        verdicts=tuple(_judged(verdict) for verdict in data["verdicts"]),
        origin=data["origin"],
        replay=data["replay"],
        overridden=data["overridden"],
    )


def _before(data: Mapping[str, Any], words: str) -> tuple[tuple[str, str], ...]:
    """Return what must be seen before the button: order, account, cost, worst case."""
    order, currency = data["order"], data["currency"]
    return (
        ("Account", order["account"]),
        ("Order", f"{words}, {order['kind']} order"),
        ("Value", _money(data["notional"], currency)),
        ("Cost estimate", _money(data["cost_estimate"], currency)),
        (
            "Worst case",
            f"{_money(data['worst_case'], currency)}, if the whole position went to zero",
        ),
        ("Reference price", _money(data["reference_price"], currency, digits=4)),
        ("Expires", _time(data["expires_at"])),
    )


def _about(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return (
        ("Source", f"{data['source']}: {data['catalyst']}"),
        ("On paper by", data["standing"] or "no decision was asked for: it only reduces"),
        ("Target", f"{show(Column('Weight', 'percent', signed=True), data['weight'])} of equity"),
        ("Decided as of", _time(data["as_of"])),
        ("Instrument", data["order"]["instrument"]),
        ("Client order id", data["order"]["client_id"]),
    )


def _judged(verdict: Mapping[str, Any]) -> Judged:
    return Judged(
        verdict["rule"],
        verdict["judgement"],
        verdict["value"],
        verdict["limit"],
        verdict["would_pass"],
        tuple(verdict["fact_ids"]),
    )


def _quantity(quantity: Any) -> str:
    number = Decimal(str(quantity))
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,f}"


def _money(amount: Any, currency: str, digits: int = 2) -> str:
    number = Decimal(str(amount))
    places = next((p for p in range(2, digits) if number == round(number, p)), digits)
    return f"{show(Column('m', 'money', digits=places), number)} {currency}"


def _time(moment: str) -> str:
    return show(Column("t", "time"), datetime.fromisoformat(moment))
