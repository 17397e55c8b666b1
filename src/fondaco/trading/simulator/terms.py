"""The terms of a simulated account: what it costs, what it may borrow, how the venue fills."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.simulator import layout as x

if TYPE_CHECKING:
    from fondaco.trading.simulator.arrays import Counts  # its types load the compiler

BUFFER: Final = Decimal("0.01")
"""The share of equity that is never invested: for fees and for prices that move."""
SHARE_MAX: Final = 10


def _share(name: str, share: Decimal) -> None:
    if not 0 <= require_finite(name, share) <= SHARE_MAX:
        raise InvalidInput(f"{name} is out of range", value=share, bound=f"0 to {SHARE_MAX}")


@dataclass(frozen=True, slots=True)
class Margin:
    """What an account must hold for its positions, as shares of their value.

    `initial` is asked for before an order is taken, `maintenance` at every close; below it the
    account is called and cut down. Haircuts of single instruments take their place on both sides.
    None of them is asked for when all are zero. Raises InvalidInput outside 0 to 10, or where
    maintenance exceeds initial margin.
    """

    initial_long: Decimal
    maintenance_long: Decimal
    initial_short: Decimal
    maintenance_short: Decimal

    def __post_init__(self) -> None:
        for side in ("long", "short"):
            initial, kept = (getattr(self, f"{what}_{side}") for what in ("initial", "maintenance"))
            for name, share in (("initial", initial), ("maintenance", kept)):
                _share(f"the {name} margin for a {side} position", share)
            if kept > initial:
                raise InvalidInput(
                    f"the maintenance margin for a {side} position exceeds the initial one",
                    value=kept,
                    bound=f"<= {initial}",
                )

    def parts(self) -> tuple[int, int, int, int]:
        """Return the four shares as the kernel takes them."""
        given = (
            self.initial_long,
            self.maintenance_long,
            self.initial_short,
            self.maintenance_short,
        )
        long, kept_long, short, kept_short = (share_parts(share) for share in given)
        return long, kept_long, short, kept_short


UNLIMITED: Final = Margin(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
"""No margin is asked for: the venue fills what it is sent."""
CASH_ACCOUNT: Final = Margin(Decimal(1), Decimal(0), Decimal(1), Decimal(0))
"""Every position is paid in full."""
REG_T: Final = Margin(Decimal("0.5"), Decimal("0.25"), Decimal("0.5"), Decimal("0.3"))
"""Regulation T (12 CFR 220.12): half of a purchase, and of a short sale beyond its proceeds; then
FINRA rule 4210(c): 25 % of longs, 30 % of shorts at 5 USD and above."""
MARGINS: Final = {"unlimited": UNLIMITED, "cash": CASH_ACCOUNT, "reg_t": REG_T}


@dataclass(frozen=True, slots=True)
class Exits:
    """Exits that go with every entry made from a target, as shares of its mean price."""

    stop: Decimal | None = None
    target: Decimal | None = None
    trail: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("stop", "target", "trail"):
            share = getattr(self, name)
            if share is not None and not 0 < require_finite(f"an exit's {name}", share) < 1:
                raise InvalidInput(
                    f"an exit's {name} is out of range", value=share, bound="above 0, below 1"
                )


@dataclass(frozen=True, slots=True)
class Carry:
    """What time costs: interest a year on cash and on debt, over years of so many days.

    `borrow` is the fee a year for borrowed shares where an instrument has none of its own.
    """

    credit: Decimal = Decimal(0)
    debit: Decimal = Decimal(0)
    borrow: Decimal = Decimal(0)
    days: int = 360

    def __post_init__(self) -> None:
        for name in ("credit", "debit", "borrow"):
            _share(f"the {name} rate", getattr(self, name))
        if self.days not in (360, 365):
            raise InvalidInput("a year of interest has", value=self.days, bound="360 or 365 days")


@dataclass(frozen=True, slots=True)
class Lending:
    """What a broker lends on one instrument: shares to sell short, their fee a year, its margin.

    None means: any number of shares, the terms' own rate, the terms' own margin.
    """

    shares: int | None = None
    rate: Decimal | None = None
    margin: Margin | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run is made with; `capital` and `trade_min` in micros.

    `participation` is the share of a bar's volume that all orders may take (None: any quantity),
    `touch_fills` whether a limit fills when the price only touches it, `queue_ahead` the share of
    the displayed size that stands before a new limit, `stale_after` the age at which a quote is no
    longer traded on, `at` when orders made from targets trade.
    """

    capital: int
    costs: CostModel
    trade_min: int = 0
    buffer: Decimal = BUFFER
    participation: Decimal | None = None
    touch_fills: bool = False
    margin: Margin = UNLIMITED
    carry: Carry = field(default_factory=Carry)
    exits: Exits = field(default_factory=Exits)
    at: x.At = x.At.ANY
    fx_cost: Decimal = Decimal(0)
    queue_ahead: Decimal = Decimal(1)
    stale_after: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        _share("the part kept back", self.buffer)
        _share("the cost of exchanging money", self.fx_cost)
        if self.participation is not None and not 0 < self.participation <= 1:
            raise InvalidInput(
                "the share of a bar's volume is out of range",
                value=self.participation,
                bound="above 0, at most 1",
            )

    @property
    def concedes(self) -> bool:
        """Whether those who take give up a part of the price."""
        model = self.costs
        return bool(model.half_spread_bps or model.impact_sqrt or model.impact_linear)

    def vector(self, *, first: int, foreign: bool, borrows: bool) -> "Counts":
        """Return the terms as the kernel takes them."""
        terms = np.zeros(x.TERMS_WIDTH, dtype=np.int64)
        terms[x.CAPITAL], terms[x.FIRST] = self.capital, first
        terms[x.BUFFER], terms[x.TRADE_MIN] = share_parts(self.buffer), self.trade_min
        terms[x.PARTICIPATION] = share_parts(self.participation)
        terms[x.TOUCH_FILLS] = self.touch_fills
        terms[x.CREDIT], terms[x.DEBIT] = (
            share_parts(rate) for rate in (self.carry.credit, self.carry.debit)
        )
        terms[x.YEAR_DAYS] = self.carry.days
        initial_long, kept_long, initial_short, kept_short = self.margin.parts()
        terms[x.MARGIN_ON] = initial_long > 0 or initial_short > 0
        terms[x.MAINTENANCE_ON] = kept_long > 0 or kept_short > 0
        terms[x.FOREIGN], terms[x.BORROWS] = foreign, borrows
        terms[x.FX_COST] = share_parts(self.fx_cost)
        terms[x.EXIT_STOP], terms[x.EXIT_TARGET], terms[x.EXIT_TRAIL] = (
            share_parts(share) for share in (self.exits.stop, self.exits.target, self.exits.trail)
        )
        terms[x.TARGETS_AT] = self.at
        coefficient, power, linear, _, _ = self.costs.terms
        terms[x.IMPACT], terms[x.IMPACT_POWER], terms[x.IMPACT_LINEAR] = (
            round(number * x.PART) for number in (coefficient, power, linear)
        )
        terms[x.CONCEDES] = self.concedes
        terms[x.STALE_AFTER] = self.stale_after // timedelta(microseconds=1)
        terms[x.QUEUE_AHEAD] = share_parts(self.queue_ahead)
        return terms


def share_parts(share: Decimal | None) -> int:
    """Return a share in parts, 0 for none; raises InvalidInput for more than nine decimals.

    >>> share_parts(Decimal("0.02"))
    20000000
    """
    if share is None:
        return 0
    parts = share * x.PART
    if parts != int(parts):
        raise InvalidInput("a share has too many decimals", value=share, bound="nine")
    return int(parts)
