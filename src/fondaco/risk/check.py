"""The numbers that a guardrail may look at, and the limits it compares them with."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Protocol, Self

from fondaco.core.errors import InvalidInput
from fondaco.core.money import require_finite
from fondaco.core.orders import Side


class LimitNumbers(Protocol):
    """Where limits are read from: settings have these names."""

    @property
    def position_share_max(self) -> float: ...
    @property
    def sector_share_max(self) -> float: ...
    @property
    def volume_share_max(self) -> float: ...
    @property
    def event_days_min(self) -> int: ...
    @property
    def regime_vol_max(self) -> float: ...
    @property
    def catalyst_days_max(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the guardrails hold an order against. Shares are parts of one, volatility annual.

    Raises InvalidInput for a limit that is not a finite number, or is below zero.
    """

    position_share_max: Decimal
    sector_share_max: Decimal
    volume_share_max: Decimal
    event_days_min: Decimal
    regime_vol_max: Decimal
    catalyst_days_max: Decimal

    def __post_init__(self) -> None:
        for field in fields(self):
            _at_least_zero(f"the limit {field.name}", getattr(self, field.name))

    @classmethod
    def of(cls, numbers: LimitNumbers) -> Self:
        """Return the limits that settings name, each number as it is written there."""
        return cls(
            **{field.name: Decimal(str(getattr(numbers, field.name))) for field in fields(cls)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck:
    """An order and what is known around it. None means that an input is missing.

    `held` is the account's position before the order (minus when short), `price` in the account's
    currency, `equity` what the account is worth; `sector_value` the worth of all it holds in the
    instrument's sector; `volume_average` shares a session over 20 sessions; `event_days` and
    `catalyst_days` days to the next known event and since the catalyst; `index_vol` the index's
    annual volatility as a part of one.
    Raises InvalidInput for NaN, infinity, a float, or a number that cannot be true.
    """

    side: Side
    quantity: Decimal
    price: Decimal | None
    held: Decimal
    equity: Decimal | None
    sector: str | None
    sector_value: Decimal | None
    volume_average: Decimal | None
    event_days: Decimal | None
    index_vol: Decimal | None
    catalyst_days: Decimal | None

    def __post_init__(self) -> None:
        _above_zero("an order's quantity", self.quantity)
        require_finite("what is held", self.held)
        if self.price is not None:
            _above_zero("a price", self.price)
        if self.equity is not None:
            _above_zero("equity", self.equity)
        if self.sector_value is not None:
            require_finite("a sector's value", self.sector_value)
        for name in ("volume_average", "event_days", "index_vol", "catalyst_days"):
            value = getattr(self, name)
            if value is not None:
                _at_least_zero(name.replace("_", " "), value)

    @property
    def reduces(self) -> bool:
        """Whether the order does nothing but make the position smaller."""
        return 0 < self.quantity <= -self.held * self.side.sign

    @property
    def held_after(self) -> Decimal:
        """The position when the order is filled."""
        return self.held + self.quantity * self.side.sign


def _above_zero(name: str, value: Decimal) -> None:
    if require_finite(name, value) <= 0:
        raise InvalidInput(f"{name} must be above zero", value=value, bound="> 0")


def _at_least_zero(name: str, value: Decimal) -> None:
    if require_finite(name, value) < 0:
        raise InvalidInput(f"{name} cannot be below zero", value=value, bound=">= 0")
