"""How the card desk acts: lives, tolerances and costs, read once from settings."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, Self

from fondaco.core.errors import InvalidInput
from fondaco.core.money import Money, require_finite
from fondaco.trading.cost_model.model import FLAT, CostModel
from fondaco.trading.cost_model.tables import TABLES, table

if TYPE_CHECKING:
    from fondaco.trading.simulator.terms import Terms

INDEX_SYMBOLS = ("SPX", "SP500", "^GSPC")
OUTCOME_SESSIONS = 20


class PolicyNumbers(Protocol):
    """Where a policy is read from: settings have these names."""

    @property
    def currency(self) -> str: ...
    @property
    def card_life_hours(self) -> float: ...
    @property
    def cards_per_cycle_max(self) -> int: ...
    @property
    def price_tolerance(self) -> float: ...
    @property
    def price_age_sessions_max(self) -> int: ...
    @property
    def cost_bps(self) -> float: ...
    @property
    def fee_min(self) -> Decimal: ...
    @property
    def cost_model(self) -> str: ...
    @property
    def half_spread_bps(self) -> Decimal: ...
    @property
    def cost_fitted_at(self) -> date | None: ...
    @property
    def volume_participation_max(self) -> Decimal | None: ...
    @property
    def touch_fills(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the card desk holds itself to.

    `price_tolerance` is the price move, as a part of one, that voids a card; a last price older
    than `price_age_sessions_max` sessions is stale. `index_symbols` name the index whose
    volatility the regime rule looks at: the first that is known. A card's outcome is measured
    `outcome_sessions` sessions after its fill. `participation_max` is the share of a session's
    volume that paper orders may take; `touch_fills` lets a limit fill at a touch.
    """

    currency: str
    card_life: timedelta
    cards_max: int
    price_tolerance: Decimal
    price_age_sessions_max: int
    costs: CostModel
    index_symbols: tuple[str, ...] = INDEX_SYMBOLS
    outcome_sessions: int = OUTCOME_SESSIONS
    participation_max: Decimal | None = None
    touch_fills: bool = False

    @property
    def paper_terms(self) -> "Terms":
        """The terms of the paper account: the desk's costs, no margin, no interest.

        The venue is not told of deposits, so it cannot ask for money; the desk's own checks do.
        """
        from fondaco.trading.simulator.terms import Terms  # numpy, on nobody's way to `--help`

        return Terms(
            0,
            self.costs,
            participation=self.participation_max,
            touch_fills=self.touch_fills,
        )

    def __post_init__(self) -> None:
        Money(Decimal(0), self.currency)
        if require_finite("the price tolerance", self.price_tolerance) <= 0:
            raise InvalidInput(
                "the price tolerance must be above zero", value=self.price_tolerance, bound="> 0"
            )
        for name, least in (
            ("cards_max", 1),
            ("price_age_sessions_max", 1),
            ("outcome_sessions", 1),
        ):
            if getattr(self, name) < least:
                raise InvalidInput(
                    f"{name} is too small", value=getattr(self, name), bound=f">= {least}"
                )
        if self.card_life <= timedelta(0):
            raise InvalidInput("a card must live for some time", value=self.card_life, bound="> 0")

    @classmethod
    def of(cls, numbers: PolicyNumbers) -> Self:
        """Return the policy that settings name."""
        return cls(
            currency=numbers.currency,
            card_life=timedelta(hours=numbers.card_life_hours),
            cards_max=numbers.cards_per_cycle_max,
            price_tolerance=Decimal(str(numbers.price_tolerance)),
            price_age_sessions_max=numbers.price_age_sessions_max,
            costs=cost_model_of(numbers),
            participation_max=numbers.volume_participation_max,
            touch_fills=numbers.touch_fills,
        )


def cost_model_of(numbers: PolicyNumbers) -> CostModel:
    """Return the cost model that settings name: flat costs or a rate table, and half a spread.

    Raises InvalidInput for a name that is not known.
    """
    if numbers.cost_model == FLAT:
        model = CostModel.flat(Decimal(str(numbers.cost_bps)), numbers.fee_min)
        return replace(
            model,
            half_spread_bps=numbers.half_spread_bps,
            fitted_at=numbers.cost_fitted_at,
            source="settings",
        )
    if numbers.cost_model not in TABLES:
        raise InvalidInput(
            "there is no such cost model",
            value=numbers.cost_model,
            bound=", ".join((FLAT, *sorted(TABLES))),
            remedy="Set FONDACO_COST_MODEL to one of them.",
        )
    return CostModel(
        name=numbers.cost_model,
        table=table(numbers.cost_model),
        half_spread_bps=numbers.half_spread_bps,
        fitted_at=numbers.cost_fitted_at,
        source="settings",
    )
