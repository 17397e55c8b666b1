"""From a panel to the venue's numbers."""

from dataclasses import replace
from decimal import Decimal
from math import nan

import numpy as np
import pytest

from fondaco.backtest.tape import tape_of
from fondaco.core.errors import InvalidInput
from fondaco.market.fakes import simulated_instruments, simulated_panel
from unit.backtest.scene import panel_of, tape, terms


def test_a_tape_holds_micros_and_the_last_known_close() -> None:
    played = tape(panel_of([[nan, 2.0], [1.5, nan], [nan, 3.0]]))
    close, mark = played.plane("close"), played.plane("mark")
    assert close.tolist() == [[0, 2_000_000], [1_500_000, 0], [0, 3_000_000]]
    assert mark.tolist() == [[0, 2_000_000], [1_500_000, 2_000_000], [1_500_000, 3_000_000]]
    assert not played.fills_at_open


def test_where_there_are_only_closes_every_price_is_the_close() -> None:
    played = tape(panel_of([[nan, 2.0], [1.5, nan]]))
    for name in ("open", "high", "low"):
        assert played.planes[name] == played.planes["close"]
    assert len(played.bars) == 2  # closes and marks
    assert not played.has_volume


def test_a_tape_without_gaps_keeps_each_price_once() -> None:
    assert len(tape(panel_of([[1.0], [2.0]])).bars) == 1
    # opens without highs and lows: these are made, so that a stop at the open is not missed
    assert len(tape(panel_of([[1.0], [2.0]], opens=[[3.0], [4.0]])).bars) == 4


def test_a_session_without_a_close_is_no_bar_even_with_an_open() -> None:
    played = tape(panel_of([[1.0], [nan], [1.0]], opens=[[2.0], [2.0], [nan]]))
    assert played.plane("open").tolist() == [[2_000_000], [0], [1_000_000]]
    assert played.plane("close").tolist() == [[1_000_000], [0], [1_000_000]]
    assert played.plane("mark").tolist() == [[1_000_000]] * 3
    assert played.fills_at_open


def test_moments_are_the_closes_in_utc() -> None:
    panel = simulated_panel(1, 3, 1)
    assert tape(panel).moment(2) == panel.as_of
    assert list(tape(panel, first=1).rows()) == [1, 2]


@pytest.mark.parametrize(
    "change", [{"currency": "EUR"}, {"lot": Decimal("0.5")}, {"lot": Decimal(20_000)}]
)
def test_instruments_that_cannot_share_an_account_are_refused(change: dict[str, object]) -> None:
    first, second = simulated_instruments(2)
    with pytest.raises(InvalidInput):
        tape_of(panel_of([[1.0, 1.0]]), [first, replace(second, **change)])  # type: ignore[arg-type]


def test_a_price_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot trade"):
        tape(panel_of([[1.0], [-1.0]]))


def test_every_array_lies_in_order_for_the_kernel() -> None:
    panel = panel_of([[1.0, 2.0], [3.0, 4.0]])
    turned = replace(panel, fields={"close": np.asfortranarray(panel.close)})
    market = tape(turned).market(terms())
    assert all(array.flags.c_contiguous for array in market)
    assert market.bars[0].tolist() == [[1_000_000, 2_000_000], [3_000_000, 4_000_000]]
