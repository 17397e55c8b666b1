"""How the card desk acts: read from settings, refused when it cannot be."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.core.settings import Settings
from fondaco.trading.agreement import approved_digest
from fondaco.trading.policy import Policy
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
    assert policy.costs.fee(Decimal(100), Decimal(300)) == Decimal(15)


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
