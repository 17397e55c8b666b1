"""What happens to an account apart from its fills: dividends, splits, interest, exchanged money."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from fondaco.core.instrument import InstrumentId


class ActivityKind(StrEnum):
    """What kind of thing happened."""

    DIVIDEND = "dividend"
    SPLIT = "split"
    DELISTING = "delisting"
    INTEREST = "interest"
    BORROW = "borrow"
    EXCHANGE = "exchange"
    MARGIN_CALL = "margin_call"


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that happened to an account, once: `id` is the venue's.

    `amount` of `currency` was received (minus: paid), `quantity` shares of `instrument` came
    (minus: went). A dividend, a delisting and a borrow fee say in `per_share` what was paid a
    share; an exchange gives `foreign` of `foreign_currency` for the amount. A margin call names in
    `amount` what was missing and moves nothing.
    """

    id: str
    account: str
    kind: ActivityKind
    ts: datetime
    amount: Decimal
    currency: str
    instrument: InstrumentId | None = None
    quantity: Decimal = Decimal(0)
    per_share: Decimal | None = None
    foreign: Decimal = Decimal(0)
    foreign_currency: str | None = None
