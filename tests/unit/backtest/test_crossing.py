"""Crossing averages on many names: each cell is a run of the general engine on that name alone."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import nan

import numpy as np
import pytest
from numpy.typing import NDArray

from fondaco.backtest.crossing import cross_sweep
from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import decisions_of
from fondaco.core.errors import InvalidInput
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.cost_model.tables import table
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import REG_T, Carry, Exits, Terms
from unit.backtest.scene import FREE, panel_of, tape, terms

PAIRS = ((1, 2), (2, 3), (3, 8), (5, 20), (20, 45))
Prices = NDArray[np.float64]


WORD = 8
"""Bars that the kernel looks at in one step."""


def ticks(seed: int, rows: int = 60, names: int = WORD + 2) -> Prices:
    """Return prices that walk a few cents around a low price, so that averages tie often."""
    chance = np.random.default_rng(seed)
    steps = chance.integers(-1, 2, (rows, names)).cumsum(axis=0)
    return np.maximum(200 + steps, 1) / 100.0


def above(closes: Prices, fast: int, slow: int) -> list[tuple[int, int]]:
    """Return row and sign of fast mean less slow mean, in fractions, from row slow - 1 on."""
    cents = [int(value) for value in np.rint(closes * 100)]
    signs = []
    for t in range(slow - 1, len(cents)):
        short = Fraction(sum(cents[t + 1 - fast : t + 1]), fast)
        long = Fraction(sum(cents[t + 1 - slow : t + 1]), slow)
        signs.append((t, (short > long) - (short < long)))
    return signs


def alone(closes: Prices, fast: int, slow: int, rules: Terms) -> int:
    """Return the last equity of one pair on one name, by the general engine."""
    panel = panel_of(closes[:, None].tolist())
    weights = np.full((len(closes), 1), nan)
    signs = above(closes, fast, slow)
    for (_, before), (row, sign) in pairwise([(slow - 2, -1), *signs]):
        if (sign > 0) != (before > 0):
            weights[row] = 1.0 if sign > 0 else 0.0
    played = tape(panel)
    return int(sweep_one(played, decisions_of(played, weights), rules).record[x.EQUITY, -1])


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("rules", [terms(1_000), terms(50, FREE), terms(3, FREE)])
def test_every_cell_is_the_general_engines_run(seed: int, rules: Terms) -> None:
    prices = ticks(seed)
    found = cross_sweep(prices, PAIRS, rules)
    expected = [
        [alone(prices[:, n], fast, slow, rules) for n in range(prices.shape[1])]
        for fast, slow in PAIRS
    ]
    assert found.tolist() == expected
    assert len(np.unique(found)) > len(PAIRS)


def test_the_random_prices_do_tie() -> None:
    prices = ticks(1)
    ties = [
        sum(sign == 0 for _, sign in above(prices[:, n], fast, slow))
        for fast, slow in PAIRS
        for n in range(prices.shape[1])
    ]
    assert sum(ties) > 200


def test_a_tie_is_not_above() -> None:
    # Means of 2 and 3 in row 3: 3.00 and 3.00. At 4 in row 4 fast is above; bought at 5 in row 5.
    prices = np.array([[3.0], [3.0], [3.0], [3.0], [4.0], [5.0], [6.0]])
    (equity,) = cross_sweep(prices, [(2, 3)], replace(terms(100, FREE), buffer=Decimal(0)))
    # By hand: 100 at the close of 4 buys 25 shares at 5 = 125; 25 at 6 less the debt of 25.
    assert equity.tolist() == [125 * MICRO]


def test_names_beside_each_other_do_not_touch_each_other() -> None:
    prices = ticks(3, names=2 * WORD + 1)
    whole = cross_sweep(prices, PAIRS, terms(1_000))
    for n in (0, WORD - 1, WORD, 2 * WORD):
        own = cross_sweep(np.ascontiguousarray(prices[:, [n]]), PAIRS, terms(1_000))
        assert own[:, 0].tolist() == whole[:, n].tolist()


def test_charges_and_the_part_kept_back_change_it() -> None:
    prices = ticks(1)
    free = cross_sweep(prices, PAIRS, terms(1_000, FREE))
    paid = cross_sweep(prices, PAIRS, terms(1_000))
    kept = cross_sweep(prices, PAIRS, replace(terms(1_000, FREE), buffer=Decimal("0.5")))
    assert (paid <= free).all()
    assert (paid < free).any()
    assert (kept != free).any()


def test_a_gap_is_refused_where_it_is() -> None:
    prices = ticks(1)
    prices[7, 3] = nan
    with pytest.raises(InvalidInput, match="row 7, column 3"):
        cross_sweep(prices, PAIRS, terms())


@pytest.mark.parametrize("pair", [(0, 5), (-1, 5), (5, 5), (6, 5), (3, 10_001)])
def test_a_pair_out_of_range_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(InvalidInput, match="pair of averages is out of range"):
        cross_sweep(ticks(1), [(2, 3), pair], terms())


def test_a_pair_longer_than_the_history_never_trades() -> None:
    found = cross_sweep(ticks(1), [(2, 61)], terms(1_000))
    assert (found == 1_000 * MICRO).all()


@pytest.mark.parametrize(
    "rules",
    [
        {"costs": CostModel(name="wide", table=FREE.table, half_spread_bps=Decimal(2))},
        {"costs": CostModel(name="moves", table=FREE.table, impact_sqrt=Decimal("0.1"))},
        {"participation": Decimal("0.1")},
        {"exits": Exits(stop=Decimal("0.05"))},
        {"exits": Exits(target=Decimal("0.05"))},
        {"exits": Exits(trail=Decimal("0.05"))},
        {"margin": REG_T},
        {"carry": Carry(credit=Decimal("0.02"))},
        {"carry": Carry(debit=Decimal("0.02"))},
    ],
)
def test_terms_that_it_does_not_serve_are_refused(rules: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="knows charges only"):
        cross_sweep(ticks(1), PAIRS, replace(terms(), **rules))  # type: ignore[arg-type]


def test_rates_that_change_with_the_day_are_refused() -> None:
    dated = CostModel(name="US_IBKR_FIXED", table=table("US_IBKR_FIXED"))
    with pytest.raises(InvalidInput, match="no days to look rates up for"):
        cross_sweep(ticks(1), PAIRS, replace(terms(), costs=dated))


def test_an_account_that_outgrows_counting_is_refused() -> None:
    prices = np.array([[0.0001]] * 3 + [[0.0002], [0.0002], [90_000_000.0]])
    with pytest.raises(InvalidInput, match="beyond what the venue can count"):
        cross_sweep(prices, [(1, 2)], terms(10_000_000, FREE))
