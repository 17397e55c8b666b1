"""Contributions by hand, and that every cell adds up to the compounded return."""

from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.attribution.contribution import Profits, attribute, link

# Made 100 (cost 5) on 1,000, then lost 55 (cost 0) on 1,095: +9.5 %, then -5.02 %.
PROFITS = Profits(
    np.array([1_000.0, 1_095.0, 1_040.0]),
    np.array([[60.0, 40.0], [-33.0, -22.0]]),
    np.array([5.0, 0.0]),
)
NAMES = ["AAPL", "MRK"]


def test_by_frongello_a_part_is_the_money_over_the_first_capital() -> None:
    found = attribute(PROFITS, NAMES, linking="frongello")
    assert found.by_name == {"AAPL": pytest.approx(0.027), "MRK": pytest.approx(0.018)}
    assert found.costs == pytest.approx([-0.005])
    assert found.other == pytest.approx([0.0], abs=1e-15)
    assert found.total == pytest.approx(0.04)
    assert found.by_period == {"all": pytest.approx(0.04)}


def test_by_carino_each_session_is_scaled_by_the_ratio_of_logarithms() -> None:
    # Worked from Carino's definition with Python's own logarithm, session by session.
    first, second = 0.095, 1_040 / 1_095 - 1
    k = [np.log(1.095) / first, np.log(1_040 / 1_095) / second]
    whole = np.log(1.04) / 0.04
    found = attribute(PROFITS, NAMES, periods=["July", "August"])
    assert found.periods == ("July", "August")
    assert found.parts[:, 0] == pytest.approx(
        [0.06 * k[0] / whole, -33 / 1_095 * k[1] / whole], rel=1e-9
    )
    assert found.costs == pytest.approx([-0.005 * k[0] / whole, 0.0])
    assert sum(found.by_period.values()) == pytest.approx(0.04)


def test_a_group_is_the_sum_of_its_names() -> None:
    one = attribute(PROFITS, NAMES)
    grouped = attribute(PROFITS, NAMES, groups=["US", "US"])
    assert grouped.by_name == {"US": pytest.approx(sum(one.by_name.values()))}


def test_what_profits_do_not_explain_stands_apart() -> None:
    interest = Profits(np.array([1_000.0, 1_011.0]), np.array([[10.0]]), np.zeros(1))
    found = attribute(interest, ["AAPL"])
    assert found.other == pytest.approx([0.001])
    assert found.by_name["AAPL"] == pytest.approx(0.01)


profits = st.lists(
    st.tuples(st.floats(-200, 200), st.floats(-200, 200), st.floats(-200, 200), st.floats(0, 20)),
    min_size=1,
    max_size=30,
)


@given(profits, st.sampled_from(["carino", "frongello"]), st.integers(1, 7), st.booleans())
def test_every_cell_adds_up_to_the_total(
    rows: list[tuple[float, ...]], linking: str, width: int, grouped: bool
) -> None:
    table = np.array(rows)
    profit, cost = table[:, :3], table[:, 3]
    equity = [1_000.0]
    for made in profit.sum(axis=1) - cost:  # an account never falls below a tenth in a session
        equity.append(max(equity[-1] + made, equity[-1] / 10))
    found = attribute(
        Profits(np.array(equity), profit, cost),
        ["A", "B", "C"],
        groups=["x", "y", "x"] if grouped else None,
        periods=list(islice(cycle(range(width)), len(rows))),
        linking=linking,  # type: ignore[arg-type]
    )
    whole = found.parts.sum() + found.costs.sum() + found.other.sum()
    assert found.total == pytest.approx(equity[-1] / 1_000 - 1, rel=1e-9, abs=1e-9)
    assert whole == pytest.approx(found.total, rel=1e-7, abs=1e-9)
    assert sum(found.by_period.values()) == pytest.approx(found.total, rel=1e-7, abs=1e-9)


@given(st.lists(st.floats(-0.9, 2), min_size=1, max_size=30))
def test_both_links_carry_returns_to_their_compounded_whole(values: list[float]) -> None:
    earned = np.array(values)
    whole = np.prod(1 + earned) - 1
    assert np.sum(earned * link(earned)) == pytest.approx(whole, rel=1e-9, abs=1e-12)
    assert np.sum(earned * link(earned, "frongello")) == pytest.approx(whole, rel=1e-9, abs=1e-12)


def test_sessions_and_wholes_without_a_return_link_by_one() -> None:
    assert link(np.array([0.0, 0.0])).tolist() == [1.0, 1.0]
    assert link(np.array([0.25, -0.2])) == pytest.approx(
        [np.log(1.25) / 0.25, np.log(0.8) / -0.2]  # 1.25 x 0.8 is 1: the whole is 0
    )
    assert attribute(Profits(np.array([5.0]), np.empty((0, 1)), np.empty(0)), ["A"]).total == 0.0


def test_contributions_move_with_profit_cost_and_equity() -> None:
    base = attribute(PROFITS, NAMES).by_name["AAPL"]
    more = Profits(PROFITS.equity, PROFITS.profit * 1.1, PROFITS.cost)
    other = Profits(PROFITS.equity * 1.1, PROFITS.profit, PROFITS.cost)
    dear = Profits(PROFITS.equity, PROFITS.profit, PROFITS.cost * 2)
    assert attribute(more, NAMES).by_name["AAPL"] != pytest.approx(base)
    assert attribute(other, NAMES).by_name["AAPL"] != pytest.approx(base)
    assert attribute(dear, NAMES).costs != pytest.approx(attribute(PROFITS, NAMES).costs)


def test_what_cannot_be_attributed_is_refused() -> None:
    equity, profit, cost = PROFITS.equity, PROFITS.profit, PROFITS.cost
    with pytest.raises(InvalidInput, match="one length"):
        Profits(equity, profit[:1], cost)
    with pytest.raises(InvalidInput, match="finite"):
        Profits(equity, profit * np.nan, cost)
    with pytest.raises(InvalidInput, match="above 0"):
        Profits(equity * np.array([1, 1, 0]), profit, cost)
    with pytest.raises(InvalidInput, match="names"):
        attribute(PROFITS, ["AAPL"])
    with pytest.raises(InvalidInput, match="periods"):
        attribute(PROFITS, NAMES, periods=["July"])
    with pytest.raises(InvalidInput, match="lost everything"):
        link(np.array([0.1, -1.0]))
