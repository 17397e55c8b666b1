"""How the card desk acts: read from settings, refused when it cannot be."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Side
from fondaco.core.settings import Settings
from fondaco.trading.agreement import approved_digest
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.cost_model.tables import table
from fondaco.trading.policy import Policy, cost_model_of
from unit.trading.scene import POLICY


def test_a_policy_is_what_the_settings_say() -> None:
    policy = Policy.of(
        Settings(_env_file=None, card_life_hours=2, price_tolerance=0.03, cards_per_cycle_max=5)
    )
    assert (policy.card_life, policy.price_tolerance, policy.cards_max) == (
        timedelta(hours=2),
        Decimal("0.03"),
        5,
    )
    assert cost(policy.costs) == Decimal(15)  # 5 bps of 30,000


def cost(model: CostModel) -> Decimal:
    """Return what buying 100 at 300 costs."""
    return model.estimate(Side.BUY, Decimal(100), Decimal(300), day=date(2026, 7, 1)).total


def test_half_a_spread_adds_to_flat_costs() -> None:
    """Half a spread of 2 bps lifts 300 to 300.06: 6.00 on 100 shares, and 5 bps of 30,006."""
    model = cost_model_of(Settings(_env_file=None, half_spread_bps=Decimal(2)))
    found = model.estimate(Side.BUY, Decimal(100), Decimal(300), day=date(2026, 7, 1))
    assert (found.price, found.spread, found.charged) == (
        Decimal("300.06"),
        Decimal(6),
        Decimal("15.00"),
    )


def test_a_cost_model_is_named_by_its_table() -> None:
    model = cost_model_of(Settings(_env_file=None, cost_model="US_IBKR_FIXED"))
    assert (model.name, model.table) == ("US_IBKR_FIXED", table("US_IBKR_FIXED"))
    assert cost(model) < 2  # half a cent a share and at least 1.00, with small levies


def test_a_cost_model_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match=r"flat, IN_DELIVERY.*FONDACO_COST_MODEL"):
        Policy.of(Settings(_env_file=None, cost_model="free"))


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "usd"},
        {"price_tolerance": Decimal(0)},
        {"price_tolerance": Decimal("NaN")},
        {"cards_max": 0},
        {"price_age_sessions_max": 0},
        {"outcome_sessions": 0},
        {"card_life": timedelta(0)},
    ],
)
def test_a_policy_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        replace(POLICY, **change)


def test_a_card_that_nobody_approved_has_no_approved_digest() -> None:
    assert approved_digest(()) == ""
