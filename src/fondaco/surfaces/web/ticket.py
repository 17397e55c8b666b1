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
    """All that a person must see before an approval, and what names it."""

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
    card = data.get("card", data)
    order, currency = card["order"], card["currency"]
    words = f"{order['side'].upper()} {_quantity(order['quantity'])} {card['symbol']}"
    return Ticket(
        id=card["id"],
        state=card["state"],
        digest=data.get("digest") or card["digest"],
        symbol=card["symbol"],
        order=f"{words} at market",
        before=(
            ("Account", order["account"]),
            ("Order", f"{words}, {order['kind']} order"),
            (
                "Value at reference",
                _money(
                    Decimal(str(order["quantity"])) * Decimal(str(card["reference_price"])),
                    currency,
                ),
            ),
            ("Cost estimate", _money(card["cost_estimate"], currency)),
            (
                "Worst case",
                f"{_money(card['worst_case'], currency)} lost if the price went to zero"
                if order["side"] == "buy"
                else f"{_money(card['worst_case'], currency)}",
            ),
            ("Reference price", _money(card["reference_price"], currency, digits=4)),
            ("Expires", _time(card["expires_at"])),
        ),
        about=(
            ("Card", card["id"]),
            ("Source", card["source"]),
            ("Catalyst", card["catalyst"]),
            ("Target weight", show(Column("w", "percent", signed=True), card["weight"])),
            ("Decided as of", _time(card["as_of"])),
            ("Instrument", order["instrument"]),
            ("Client order id", order["client_id"]),
        ),
        verdicts=tuple(
            Judged(
                v["rule"],
                v["judgement"],
                v["value"],
                v["limit"],
                v["would_pass"],
                tuple(v["fact_ids"]),
            )
            for v in card["verdicts"]
        ),
        origin=card["origin"],
        replay=card["replay"],
    )


def _quantity(quantity: Any) -> str:
    number = Decimal(str(quantity))
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,f}"


def _money(amount: Any, currency: str, digits: int = 2) -> str:
    number = Decimal(str(amount))
    places = digits if number != round(number, 2) else 2
    return f"{show(Column('m', 'money', digits=places), number)} {currency}"


def _time(moment: str) -> str:
    return show(Column("t", "time"), datetime.fromisoformat(moment))
