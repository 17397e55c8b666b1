"""What the ledger's capabilities give back: plain values with symbols that people read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from fondaco.ledger.lots import LotMethod


@dataclass(frozen=True, slots=True)
class DepositBooked:
    """A deposit as it stands in the books, and the account's cash after it."""

    entry: str
    key: str
    account: str
    amount: Decimal
    currency: str
    ts: datetime
    cash_after: Decimal


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One account in one commodity, on its debit or credit side; `name` is what people read."""

    account: str
    commodity: str
    name: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class BalanceTotal:
    """Both sides of one commodity over all accounts."""

    commodity: str
    name: str
    debit: Decimal
    credit: Decimal
    balanced: bool


@dataclass(frozen=True, slots=True)
class BalanceShown:
    """The trial balance: every account, the totals, and whether both sides are equal."""

    lines: tuple[BalanceLine, ...]
    totals: tuple[BalanceTotal, ...]
    balanced: bool
    entries: int
    as_of: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of one instrument, and what the shares still held cost."""

    instrument: str
    symbol: str
    quantity: Decimal
    cost: Decimal
    cost_per_share: Decimal
    currency: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PositionsShown:
    """An account's positions and its cash."""

    account: str
    currency: str
    cash: Decimal
    positions: tuple[Position, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LotLine:
    """Shares of one purchase that are still held (or owed, with a minus)."""

    symbol: str
    opened_at: datetime
    quantity: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class GainLine:
    """What closing some shares brought, fees apart."""

    symbol: str
    opened_at: datetime
    closed_at: datetime
    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    gain: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class LotsShown:
    """Open lots and realised gains of an account, by one method; fees are not in them."""

    account: str
    method: LotMethod
    lots: tuple[LotLine, ...]
    gains: tuple[GainLine, ...]
    realised: dict[str, Decimal]
    left_out: int


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One movement, with the balance of its commodity after it."""

    ts: datetime
    entry: str
    memo: str
    name: str
    amount: Decimal
    balance: Decimal
    corrects: str | None


@dataclass(frozen=True, slots=True)
class StatementShown:
    """What moved in an account between two balances; the latest rows when there are many."""

    account: str
    since: datetime | None
    until: datetime | None
    opening: dict[str, Decimal]
    rows: tuple[StatementRow, ...]
    closing: dict[str, Decimal]
    left_out: int
