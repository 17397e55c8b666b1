"""The cost model: rates, spread and impact in one value that fills use and analysis refits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.core.money import require_finite
from fondaco.core.orders import Side
from fondaco.trading.cost_model.lines import Table, flat_table
from fondaco.trading.cost_model.plain import number_text, plain_table, table_of_plain
from fondaco.trading.cost_model.units import CONCESSION_MAX, PPB, PPB_PER_BPS
from fondaco.trading.costs import COUNT_MAX, MICRO, PRICE_MAX, from_micros, to_micros

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MINUTES: Final = 24 * 60
FLAT: Final = "flat"
"""The model that needs no table: basis points of the value, and a minimum."""
PHASES_MAX: Final = 24
"""Named phases of a session in one model."""

BOUNDS: Final[Mapping[str, tuple[Decimal, Decimal]]] = {
    "half_spread_bps": (Decimal(0), Decimal(1000)),
    "spread_vol_exponent": (Decimal(0), Decimal(2)),
    "sigma_reference": (Decimal("0.0001"), Decimal(1)),
    "impact_sqrt": (Decimal(0), Decimal(10)),
    "impact_power": (Decimal("0.1"), Decimal(1)),
    "impact_linear": (Decimal(0), Decimal(10)),
    "sigma_unknown": (Decimal("0.0001"), Decimal(1)),
}
"""The coefficients that transaction-cost analysis may refit, and their least and most."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the session: from a minute of the exchange's day to before another, a factor.

    The half-spread is multiplied by `factor`, 0 to 100, in `start` <= minute < `end`.
    """

    name: str
    start: int
    end: int
    factor: Decimal

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES:
            raise InvalidInput(
                f"the phase {self.name!r} has no minutes",
                value=f"{self.start} to {self.end}",
                bound=f"0 to {MINUTES}, the start before the end",
            )
        if not 0 <= require_finite("a phase's factor", self.factor) <= 100:
            raise InvalidInput("a phase's factor is out of range", value=self.factor, bound="0–100")


US_PHASES: Final = (
    Phase("open", 570, 585, Decimal(2)),
    Phase("morning", 585, 660, Decimal("1.25")),
    Phase("middle", 660, 930, Decimal(1)),
    Phase("close", 930, 960, Decimal("1.1")),
)
"""A shape for New York, wide at the open: an example of ours that no data stands behind."""


class Terms(NamedTuple):
    """Coefficients for the kernels: plain numbers, `sigma_reference` in ppb."""

    coefficient: float
    power: float
    linear: float
    sigma_reference: int
    spread_exponent: float


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """What an order is thought to cost, each part apart, in the currency of its price.

    `price` is the expected price of the fill; `spread`, `impact_sqrt` and `impact_linear` add to
    what the price gives up, `charges` are the lines of the schedule. `capped` says that the
    formula passed half the price and was cut there.
    """

    price: Decimal
    spread: Decimal
    impact_sqrt: Decimal
    impact_linear: Decimal
    charges: tuple[tuple[str, Decimal], ...]
    capped: bool

    @property
    def charged(self) -> Decimal:
        """The sum of the charges."""
        return sum((amount for _, amount in self.charges), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Everything: spread, impact and charges."""
        return self.spread + self.impact_sqrt + self.impact_linear + self.charged


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """What trading costs: a dated rate table, half a spread, and the order's own effect.

    Volatilities are of a day, as a share of the price; `sigma_unknown` stands in where none is
    known, and is high on purpose. The coefficients and their ranges are in `BOUNDS`; `impact.py`
    has the formula and its sources. Minutes outside all phases take the widest phase's factor.
    Raises InvalidInput for a coefficient out of its range.

    >>> model = CostModel.flat(Decimal(5), Decimal("1.00"))
    >>> model.estimate(Side.BUY, Decimal(50), Decimal("50.10"), day=date(2019, 7, 2)).total
    Decimal('1.25')
    """

    name: str
    table: Table
    half_spread_bps: Decimal = Decimal(0)
    spread_vol_exponent: Decimal = Decimal(0)
    sigma_reference: Decimal = Decimal("0.02")
    impact_sqrt: Decimal = Decimal(0)
    impact_power: Decimal = Decimal("0.5")
    impact_linear: Decimal = Decimal(0)
    sigma_unknown: Decimal = Decimal("0.05")
    time_of_day: tuple[Phase, ...] = ()
    fitted_at: date | None = None
    source: str = "set by the caller"

    @property
    def dated(self) -> date | None:
        """The day of its figures: of their fit, or from which its table's last rates hold.

        None for a flat rate that somebody set and nobody fitted.
        """
        if self.fitted_at is not None or self.name == FLAT:
            return self.fitted_at
        return self.table.schedules[-1].valid_from

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            value = require_finite(name, getattr(self, name))
            if not least <= value <= most:
                raise InvalidInput(
                    f"the coefficient {name} is out of range",
                    value=value,
                    bound=f"{least} to {most}",
                )
        if len(self.time_of_day) > PHASES_MAX:
            raise InvalidInput(
                "a cost model has too many phases",
                value=len(self.time_of_day),
                bound=f"at most {PHASES_MAX}",
            )
        ordered = sorted(self.time_of_day, key=lambda phase: phase.start)
        for before, after in pairwise(ordered):
            if after.start < before.end:
                raise InvalidInput("two phases overlap", value=f"{before.name}, {after.name}")

    @classmethod
    def flat(cls, bps: Decimal, fee_min: Decimal) -> "CostModel":
        """Return one commission and nothing else: basis points of the value, and a minimum."""
        return cls(name=FLAT, table=flat_table(bps, fee_min))

    @property
    def content(self) -> str:
        """The SHA-256 of everything in the model, rates and sources included."""
        return content_hash(self.plain())

    def refit(
        self,
        *,
        fitted_at: date,
        source: str,
        time_of_day: tuple[Phase, ...] | None = None,
        **coefficients: Decimal,
    ) -> "CostModel":
        """Return the model with coefficients of a later fit; the names are those of `BOUNDS`.

        Phases that are not given stay. Raises InvalidInput for a name that cannot be fitted or a
        value out of its range.
        """
        if unknown := set(coefficients) - set(BOUNDS):
            raise InvalidInput(
                "a fit gives coefficients that the model does not have",
                value=", ".join(sorted(unknown)),
                bound=", ".join(BOUNDS),
            )
        changes: dict[str, Any] = dict(coefficients)
        if time_of_day is not None:
            changes["time_of_day"] = time_of_day
        return replace(self, fitted_at=fitted_at, source=source, **changes)

    @property
    def terms(self) -> Terms:
        """The coefficients as the kernels of `impact.py` take them."""
        return Terms(
            float(self.impact_sqrt),
            float(self.impact_power),
            float(self.impact_linear),
            _whole(self.sigma_reference * PPB),
            float(self.spread_vol_exponent),
        )

    def half_spreads(self) -> "NDArray[np.int64]":
        """Return half the spread in ppb for each minute of the exchange's day: (1440,)."""
        import numpy as np  # heavy, and a model is made on `--help`'s way

        base = self.half_spread_bps * PPB_PER_BPS
        widest = max((phase.factor for phase in self.time_of_day), default=Decimal(1))
        minutes = np.full(MINUTES, _whole(base * widest), dtype=np.int64)
        for phase in self.time_of_day:
            minutes[phase.start : phase.end] = _whole(base * phase.factor)
        return minutes

    def sigma_ppb(self, sigma: Decimal | None) -> int:
        """Return a day's volatility in ppb, that of `sigma_unknown` where it is not known."""
        if sigma is None:
            return _whole(self.sigma_unknown * PPB)
        if not 0 <= require_finite("the volatility", sigma) <= 10:
            raise InvalidInput("the volatility is out of range", value=sigma, bound="0 to 10 a day")
        return _whole(sigma * PPB)

    def estimate(
        self,
        side: Side,
        shares: Decimal,
        price: Decimal,
        *,
        day: date,
        sigma: Decimal | None = None,
        adv: Decimal | None = None,
        minute: int | None = None,
    ) -> CostEstimate:
        """Return what an order would cost: `shares` whole, at a middle `price` of that day.

        `sigma` is the volatility of a day and `adv` the shares of an average day; what is not
        known is taken at its dearest (`sigma_unknown`; the order as large as a day's volume).
        `minute` of the exchange's day picks the phase, none the widest one. Raises InvalidInput
        for what cannot be charged, or a day before the table's first.
        """
        from fondaco.trading.cost_model.impact import conceded_price  # compiles kernels

        micros, quantity = _counted(shares, price)
        steps = self._concessions(quantity, _volume(adv), self.sigma_ppb(sigma), minute)
        prices = [int(conceded_price(micros, side.sign, step)) for step in (0, *steps)]
        spread, bent, line = (
            from_micros(quantity * abs(after - before)) for before, after in pairwise(prices)
        )
        filled = from_micros(prices[-1])
        schedule = self.table.on(day)
        charges = schedule.charges(side, shares, shares * filled)
        return CostEstimate(filled, spread, bent, line, charges, steps[-1] == CONCESSION_MAX)

    def _concessions(
        self, quantity: int, adv: int, sigma: int, minute: int | None
    ) -> tuple[int, int, int]:
        """Return the concession of the spread, with the power term, and with both terms."""
        from fondaco.trading.cost_model.impact import concession_ppb, spread_ppb

        minutes = self.half_spreads()
        base = minutes.max() if minute is None else minutes[_minute(minute)]
        coefficient, power, linear, reference, exponent = self.terms
        half = spread_ppb(base, sigma, reference, exponent)
        return (
            int(half),
            int(concession_ppb(half, coefficient, power, 0.0, sigma, quantity, adv)),
            int(concession_ppb(half, coefficient, power, linear, sigma, quantity, adv)),
        )

    def plain(self) -> dict[str, Any]:
        """Return the model as plain data, safe as JSON; `of_plain` gives the same one again."""
        return {
            "name": self.name,
            "table": plain_table(self.table),
            **{name: number_text(getattr(self, name)) for name in BOUNDS},
            "time_of_day": [
                [phase.name, phase.start, phase.end, number_text(phase.factor)]
                for phase in self.time_of_day
            ],
            "fitted_at": None if self.fitted_at is None else self.fitted_at.isoformat(),
            "source": self.source,
        }

    @classmethod
    def of_plain(cls, data: Mapping[str, Any]) -> "CostModel":
        """Return the model of plain data; raises InvalidInput for numbers out of range."""
        fitted = data["fitted_at"]
        coefficients: dict[str, Any] = {name: Decimal(data[name]) for name in BOUNDS}
        return cls(
            name=data["name"],
            table=table_of_plain(data["table"]),
            time_of_day=tuple(
                Phase(name, start, end, Decimal(factor))
                for name, start, end, factor in data["time_of_day"]
            ),
            fitted_at=None if fitted is None else date.fromisoformat(fitted),
            source=data["source"],
            **coefficients,
        )


def _whole(value: Decimal) -> int:
    return int(value.to_integral_value())


def _counted(shares: Decimal, price: Decimal) -> tuple[int, int]:
    """Return price in micros and quantity as the venue counts them, or raise InvalidInput."""
    most = COUNT_MAX // MICRO
    if not 0 < require_finite("the quantity", shares) <= most or shares != int(shares):
        raise InvalidInput("costs are of whole shares", value=shares, bound=f"1 to {most:,}")
    micros = to_micros(price)
    if not 0 < micros <= PRICE_MAX:
        raise InvalidInput(
            "costs need a price", value=price, bound=f"0.000001 to {PRICE_MAX // MICRO:,}"
        )
    return micros, int(shares)


def _volume(adv: Decimal | None) -> int:
    if adv is None:
        return 0
    if not 0 <= require_finite("the average volume", adv) <= COUNT_MAX // MICRO:
        raise InvalidInput("the average volume is out of range", value=adv, bound="0 or more")
    return int(adv)


def _minute(minute: int) -> int:
    if not 0 <= minute < MINUTES:
        raise InvalidInput("there is no such minute", value=minute, bound=f"0 to {MINUTES - 1}")
    return minute
