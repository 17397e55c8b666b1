"""What is made of a run: attribution, charges, curves, events, tables; figures by hand."""

from decimal import Decimal
from math import prod

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from fondaco.backtest.detail import Detail
from fondaco.backtest.outcome import Index, detail_of
from fondaco.backtest.records import TABLES
from fondaco.backtest.rolled import rolling_of, thinned_rows
from fondaco.market.fakes import simulated_panel
from fondaco.portfolio.measures.table import MEASURES
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import Carry
from unit.backtest.played import NAN, panel_of, played_on

SPLIT, DIVIDEND, DELISTING = (int(kind) for kind in x.Action)
COSTS = CostModel.flat(Decimal(10), Decimal("1.00"))


def random_run(seed: int = 3, sessions: int = 400, names: int = 4) -> tuple[Detail, dict]:
    panel = simulated_panel(seed, sessions, names)
    chance = np.random.default_rng(seed)
    weights = np.full(panel.close.shape, np.nan)
    weights[::13] = chance.dirichlet(np.ones(names), len(weights[::13])) * 0.9
    played = played_on(panel, weights, costs=COSTS, carry=Carry(credit=Decimal("0.02")))
    index = Index("SPX", simulated_panel(99, sessions, 1, with_opens=False).close[:, 0])
    detail, tables = detail_of(played, index)
    return detail, {"played": played, **tables}


def test_parts_by_name_and_by_sector_add_up_to_the_total_return() -> None:
    detail, made = random_run()
    shares, equity = detail.attributed, made["played"].series.equity
    assert shares.total == pytest.approx(equity[-1] / equity[0] - 1, abs=1e-12)
    for parts in (shares.by_instrument, shares.by_sector):
        whole = sum(part.value for part in parts) + shares.costs + shares.other
        assert whole == pytest.approx(shares.total, abs=1e-12)
    assert sum(part.value for part in shares.by_year) == pytest.approx(shares.total, abs=1e-12)
    assert shares.costs < 0 < shares.other  # interest on cash is no name's
    assert [part.name for part in shares.by_year] == ["2015", "2016"]


def test_a_name_is_credited_with_its_own_gain_and_its_dividend() -> None:
    # Half in each: the first gains 10 %, the second pays 2 a share and falls by 2: 5,000 and 0.
    panel = panel_of([[100.0, 100.0], [100.0, 100.0], [110.0, 98.0]])
    actions = np.array([[2, 1, DIVIDEND, 2_000_000, 0]])
    detail, _ = detail_of(
        played_on(panel, [[0.5, 0.5], [NAN] * 2, [NAN] * 2], actions=actions), None
    )
    found = {part.name: part.value for part in detail.attributed.by_instrument}
    assert found == {"SIM00": pytest.approx(0.05), "SIM01": pytest.approx(0.0, abs=1e-12)}
    assert detail.attributed.other == pytest.approx(0.0, abs=1e-12)
    assert detail.charges.dividends_received == Decimal(1_000)
    (event,) = detail.events
    assert (event.what, event.symbol, event.amount) == ("dividend", "SIM01", Decimal(1_000))


@given(st.integers(1, 10_000))
@settings(max_examples=10, deadline=None)
def test_without_interest_names_and_costs_explain_everything(seed: int) -> None:
    panel = simulated_panel(seed, 40, 3)
    weights = np.full(panel.close.shape, np.nan)
    weights[::7] = np.random.default_rng(seed).dirichlet(np.ones(3), len(weights[::7]))
    detail, _ = detail_of(played_on(panel, weights, costs=COSTS), None)
    assert detail.attributed.other == pytest.approx(0.0, abs=1e-9)


def test_charges_stand_apart() -> None:
    # 500 short at 100; one night at 10 % a year: 50,000 x 0.1 / 360 = 13.888889 for the first.
    panel = panel_of([[100.0], [100.0], [100.0]])
    actions = np.array([[2, 0, DIVIDEND, 1_000_000, 0]])
    carry = Carry(borrow=Decimal("0.1"))
    played = played_on(panel, [[-0.5], [NAN], [NAN]], costs=COSTS, actions=actions, carry=carry)
    detail, _ = detail_of(played, None)
    charges = detail.charges
    assert charges.fees == Decimal(50)  # 10 bps of 50,000
    assert (charges.dividends_paid, charges.dividends_received) == (Decimal(500), Decimal(0))
    assert charges.borrow == Decimal("13.888888")
    assert (charges.spread, charges.impact, charges.exchange) == (None, None, Decimal(0))


def test_half_a_spread_is_found_again_in_the_fills() -> None:
    # 20 bps of half a spread on 500 shares at 100: 100; and as much for the sale at 110: 110.
    panel = panel_of([[100.0], [100.0], [110.0], [110.0]])
    costs = CostModel(
        name="spread", table=COSTS.table, half_spread_bps=Decimal(20), source="the test"
    )
    detail, _ = detail_of(played_on(panel, [[0.5], [NAN], [0.0], [NAN]], costs=costs), None)
    assert detail.charges.impact == 0
    assert detail.charges.spread is not None
    assert float(detail.charges.spread) == pytest.approx(210.0, rel=1e-6)


def test_every_measure_has_its_name_and_survives_plain_json() -> None:
    detail, _ = random_run()
    assert list(detail.measures) == list(MEASURES)
    assert None not in detail.measures.values()
    adapter: TypeAdapter[Detail] = TypeAdapter(Detail)
    plain = adapter.dump_json(detail)
    assert adapter.validate_json(plain) == detail
    assert b"NaN" not in plain


def test_capacity_is_estimated_where_volume_is_known() -> None:
    rows = 60
    panel = panel_of([[100.0 + n % 3] for n in range(rows)], volume=[[1e6] for _ in range(rows)])
    weights = np.full((rows, 1), np.nan)
    weights[30] = 0.5
    detail, _ = detail_of(played_on(panel, weights), None)
    # Half the equity in a name of a million shares a day at about 101: 5 % of it over a half.
    found = detail.measures["capacity_participation"]
    assert found == pytest.approx(0.05 * 1e6 * 101 / 0.5, rel=0.03)
    blind = detail_of(played_on(panel_of(panel.close.tolist()), weights), None)[0]
    assert blind.measures["capacity_participation"] is None


def test_rolling_measures_are_those_of_each_window_alone() -> None:
    detail, made = random_run()
    returns = made["played"].series.returns
    short, long = detail.rolling
    assert (short.window, long.window) == (63, 252)
    assert len(long.days) == len(long.sharpe) == len(long.beta) == len(returns) - 251
    assert short.days[-1] == made["played"].series.days[-1].item()
    last = returns[-63:]
    assert short.total_return[-1] == pytest.approx(prod(1 + last) - 1, abs=1e-6)
    assert short.vol_annual[-1] == pytest.approx(np.std(last, ddof=1) * 252**0.5, abs=1e-6)


def test_long_curves_are_thinned_back_from_their_end() -> None:
    assert thinned_rows(10_000, 1_000)[-1] == 9_999
    assert len(thinned_rows(10_001, 1_000)) <= 1_000
    assert thinned_rows(0, 5) == []
    played = random_run()[1]["played"]
    thin = rolling_of(played.series, None, 63, most=10)
    assert len(thin.days) <= 10
    assert thin.beta == ()


def test_holdings_count_names_and_both_signs() -> None:
    panel = panel_of([[100.0, 100.0], [100.0, 100.0], [100.0, 100.0]])
    played = played_on(panel, [[0.5, -0.25], [NAN] * 2, [NAN] * 2])
    held = detail_of(played, None)[0].holdings
    assert (held.gross, held.net, held.names) == ((0, 0.75, 0.75), (0, 0.25, 0.25), (0, 2, 2))


def test_orders_that_never_filled_are_counted_by_reason() -> None:
    panel = panel_of([[50.0], [NAN], [NAN], [NAN]])
    actions = np.array([[2, 0, DELISTING, 40_000_000, 0]])
    detail, tables = detail_of(
        played_on(panel, [[1.0], [NAN], [NAN], [NAN]], actions=actions), None
    )
    assert detail.unfilled == {"the instrument was delisted": 1}
    order = tables["orders"].row(0, named=True)
    assert (order["state"], order["reason"]) == ("cancelled", "the instrument was delisted")


def test_the_tables_hold_every_fill_and_every_session() -> None:
    detail, made = random_run()
    played = made["played"]
    assert set(TABLES) <= set(made)
    assert made["fills"].height == len(played.run.fills)
    assert made["fills"]["fee"].sum() == sum(fill.fee for fill in played.run.fills)
    assert made["trades"].height == detail.trips_all
    assert made["equity"]["equity"].to_list() == played.run.equity
    assert made["equity"]["cash"].to_list() == played.run.cash
    gross = made["positions"].group_by("session").agg(pl.col("value").sum()).sort("session")
    invested = made["equity"].filter(pl.col("gross") > 0)
    assert gross["value"].to_list() == pytest.approx(invested["gross"].cast(pl.Float64).to_list())
    assert made["fills"]["time"].dtype == pl.Datetime("us", "UTC")
