"""What lies behind a backtest's figures: every measure, trips with their why, costs, shares."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from fondaco.portfolio.measures.drawdowns import Drawdown


@dataclass(frozen=True, slots=True)
class Rolling:
    """Measures over a window that moves: one value for each of `days`, the window's last session.

    `total_return`, `vol_annual` and `drawdown` are shares; `beta` is empty without a benchmark;
    None where a window has no such number.
    """

    window: int
    days: tuple[date, ...]
    total_return: tuple[float | None, ...]
    vol_annual: tuple[float | None, ...]
    sharpe: tuple[float | None, ...]
    drawdown: tuple[float | None, ...]
    beta: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was held at closes: positions without and with signs over equity, and how many names."""

    days: tuple[date, ...]
    gross: tuple[float, ...]
    net: tuple[float, ...]
    names: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Charges:
    """What trading cost and what holding brought, each apart, in the account's currency.

    All are amounts of at least 0. `spread` and `impact` are what prices gave up, None where the
    costs concede nothing; they are inside the prices of the fills, the rest was booked apart.
    `exchange` is what changing money cost, `fractions` cash for parts of shares after splits.
    """

    fees: Decimal
    exchange: Decimal
    spread: Decimal | None
    impact: Decimal | None
    interest_paid: Decimal
    interest_received: Decimal
    borrow: Decimal
    dividends_paid: Decimal
    dividends_received: Decimal
    fractions: Decimal


@dataclass(frozen=True, slots=True)
class Trip:
    """A round trip in the journal, with why it was opened and how it ended.

    `quantity` is below 0 for a short. Prices and quantity are as on the day it was closed:
    `restated` says that a split lay in between. Prices, fees and profit are in the account's
    currency; dividends are not in the profit.
    """

    symbol: str
    opened: date
    closed: date
    quantity: Decimal
    price_in: Decimal
    price_out: Decimal
    fees: Decimal
    profit: Decimal
    days: float
    ended: str
    why: str
    why_out: str
    restated: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one name, group or year added to the total return, as a share of the start."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Attributed:
    """Where the total return came from.

    Each of the first two with `costs` and `other` (interest, borrowed shares) adds up to `total`;
    the years do so alone.
    """

    by_instrument: tuple[Contribution, ...]
    by_sector: tuple[Contribution, ...]
    by_year: tuple[Contribution, ...]
    costs: float
    other: float
    total: float


@dataclass(frozen=True, slots=True)
class Happened:
    """A corporate action or a margin call that met the account; `amount` was received."""

    day: date
    what: str
    symbol: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Detail:
    """All of it. `trips` and `events` hold the latest; `trips_all` and `events_all` count.

    `measures` has every name of `portfolio.measures.table.MEASURES`; `unfilled` counts the orders
    that ended without a fill by the reason.
    """

    measures: dict[str, float | None]
    falls: tuple[Drawdown, ...]
    rolling: tuple[Rolling, ...]
    holdings: Holdings
    charges: Charges
    trips: tuple[Trip, ...]
    trips_all: int
    attributed: Attributed
    events: tuple[Happened, ...]
    events_all: int
    unfilled: dict[str, int]
