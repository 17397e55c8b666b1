"""From what a caller asked for in plain numbers to the terms of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from fondaco.core.settings import Settings
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.cost_model.tables import table
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator.terms import MARGINS, Carry, Exits, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Plain numbers as a surface gives them; `terms` says what they mean, each as it is written."""

    capital: Decimal
    costs: str | None = None
    cost_bps: float = 0.0
    fee_min: Decimal = Decimal(0)
    half_spread_bps: float = 0.0
    impact: float = 0.0
    participation: float | None = None
    stop: float | None = None
    target: float | None = None
    trail: float | None = None
    account: str = "reg_t"
    borrow_rate: float = 0.0
    debit_rate: float = 0.0
    credit_rate: float = 0.0
    costs_fitted_at: date | None = None

    def model(self) -> CostModel:
        """Return the cost model: a rate table by name, or the flat rate; raises NotFound."""
        if self.costs is None:
            model = CostModel.flat(_exact(self.cost_bps), self.fee_min)
        else:
            model = CostModel(name=self.costs, table=table(self.costs))
        return replace(
            model,
            half_spread_bps=_exact(self.half_spread_bps),
            impact_sqrt=_exact(self.impact),
            fitted_at=self.costs_fitted_at,
        )

    def terms(self) -> Terms:
        """Return the terms of a run; raises InvalidInput or NotFound."""
        return Terms(
            to_micros(self.capital),
            self.model(),
            participation=_or_none(self.participation),
            margin=MARGINS[self.account],
            carry=Carry(
                _exact(self.credit_rate), _exact(self.debit_rate), _exact(self.borrow_rate)
            ),
            exits=Exits(_or_none(self.stop), _or_none(self.target), _or_none(self.trail)),
        )


def asked_of(inputs: Mapping[str, Any], settings: Settings) -> Asked:
    """Return what a capability's inputs say of costs and account; other inputs are left alone.

    Where neither a table nor a rate is given, the desk's own rate stands, with the day of its fit.
    """
    names = (field.name for field in fields(Asked))
    given = {name: inputs[name] for name in names if inputs.get(name) is not None}
    if "costs" not in given and "cost_bps" not in given:
        given.setdefault("costs_fitted_at", settings.cost_fitted_at)
    given.setdefault("cost_bps", settings.cost_bps)
    return Asked(**given, fee_min=settings.fee_min)


def _exact(number: float) -> Decimal:
    return Decimal(str(number))


def _or_none(number: float | None) -> Decimal | None:
    return None if number is None else _exact(number)
