"""What the ledger's capabilities give back, with symbols that people read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One account in one commodity, on the debit or the credit side."""

    account: str
    commodity: str
    symbol: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class BalanceTotal:
    """Both sides of one commodity; the books balance when they are equal."""

    commodity: str
    symbol: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """The trial balance of the desk."""

    lines: tuple[BalanceLine, ...]
    totals: tuple[BalanceTotal, ...]
    entries: int
    balanced: bool
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares held, or cash."""

    commodity: str
    symbol: str
    quantity: Decimal
    cost: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account holds at a time."""

    account: str
    as_of: datetime | None
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class LotLine:
    """Shares from one purchase that are still held."""

    instrument: str
    symbol: str
    opened_at: datetime
    opened_by: str
    quantity: Decimal
    cost: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class GainLine:
    """What closing some shares brought; fees apart."""

    instrument: str
    symbol: str
    opened_at: datetime
    closed_at: datetime
    quantity: Decimal
    cost: Decimal
    proceeds: Decimal
    gain: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class LotSheet:
    """Open lots and realised gains of an account by one method."""

    account: str
    method: str
    as_of: datetime | None
    lots: tuple[LotLine, ...]
    gains: tuple[GainLine, ...]
    cost: Decimal
    realised: Decimal


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One movement of one commodity, with the balance after it."""

    ts: datetime
    known_at: datetime
    entry: str
    memo: str
    commodity: str
    symbol: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class StatementSheet:
    """What moved in an account in a span."""

    account: str
    since: datetime | None
    until: datetime | None
    lines: tuple[MovementLine, ...]
    closing: tuple[tuple[str, Decimal], ...]
