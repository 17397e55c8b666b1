"""An order in words says everything that is not plain."""

import doctest
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from fondaco.core.orders import ALL_HELD, Order, OrderKind, OrderTime, Side, TimeInForce
from fondaco.trading import order_words as module
from fondaco.trading.order_words import order_words
from unit.trading.scene import ALPHA


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"time": OrderTime.CLOSE, "tif": TimeInForce.DAY}, "market at the close, for the day"),
        (
            {"kind": OrderKind.LIMIT, "limit": Decimal("50.25"), "tif": TimeInForce.FOK},
            "limit 50.25, whole and at once or not at all",
        ),
        (
            {
                "kind": OrderKind.STOP,
                "stop": Decimal(48),
                "tif": TimeInForce.GTD,
                "expires_at": datetime(2019, 7, 5, 20, tzinfo=UTC),
                "group": "g",
            },
            "stop 48, until 2019-07-05 20:00 UTC, one of group g",
        ),
        (
            {"kind": OrderKind.TRAILING_STOP, "trail_share": Decimal("0.025")},
            "trailing stop 2.5 % behind, until cancelled",
        ),
        (
            {
                "kind": OrderKind.STOP,
                "stop_offset": Decimal("0.1"),
                "parent": "C-0",
                "quantity": ALL_HELD,
                "reduce_only": True,
            },
            "stop 10 % from its entry, until cancelled, once C-0 trades, for all that is held",
        ),
        ({"reduce_only": True}, "market, until cancelled, only to reduce"),
    ],
)
def test_an_order_says_its_kind_prices_and_time(fields: dict[str, Any], words: str) -> None:
    given = {"quantity": Decimal(10), **fields}
    quantity = given.pop("quantity")
    assert order_words(Order("C-1", "paper", ALPHA, Side.SELL, quantity, **given)) == words


def test_the_examples_are_true() -> None:
    assert doctest.testmod(module).failed == 0
