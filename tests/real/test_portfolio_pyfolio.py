"""Leverage, contributions, round trips and factors against pyfolio's files; means and covariances
against PyPortfolioOpt's.

pyfolio ships an account's positions, transactions and daily returns, which were made apart from
one another: what is computed from two of them must meet the third.
"""

import csv
import os
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fondaco.portfolio.attribution.contribution import Profits, attribute
from fondaco.portfolio.attribution.factors import attribute_to_factors, regress_on_factors
from fondaco.portfolio.measures import activity, ratios, relative, returns
from fondaco.portfolio.measures.trades import Executions, round_trips

SHARED = Path(
    os.environ.get("FONDACO_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
PYFOLIO = SHARED / "09_reference" / "pyfolio"
PYPFOPT = SHARED / "09_reference" / "pypfopt"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not PYFOLIO.is_dir(), reason=f"no reference files at {SHARED}"),
]


def _read(name: str, columns: list[str]) -> pl.DataFrame:
    return pl.read_csv(PYFOLIO / name, has_header=False, new_columns=columns)


@cache
def _held() -> tuple[pl.DataFrame, list[str], np.ndarray, np.ndarray]:
    """The days, the names, the value held of each, and the equity."""
    positions = pl.read_csv(PYFOLIO / "test_pos.csv.gz")
    names = [name for name in positions.columns if name not in {"index", "cash"}]
    held = positions.select(names).to_numpy()
    return positions.select("index"), names, held, held.sum(axis=1) + positions["cash"].to_numpy()


@cache
def _fills() -> pl.DataFrame:
    return pl.read_csv(PYFOLIO / "test_txn.csv.gz").rename({"": "index"})


def _profits() -> Profits:
    """Each name's change in value less what was bought and plus what was sold."""
    days, names, held, equity = _held()
    cash = _fills().group_by("index", "symbol").agg(pl.col("txn_dollars").sum())
    wide = cash.pivot("symbol", index="index", values="txn_dollars")
    flows = days.join(wide, on="index", how="left").select(names).fill_null(0).to_numpy()
    return Profits(equity, np.diff(held, axis=0) + flows[1:], np.zeros(len(held) - 1))


def _daily_returns() -> np.ndarray:
    given = _read("test_returns.csv.gz", ["index", "value"])
    found: np.ndarray = _held()[0].join(given, on="index", how="left")["value"].to_numpy()
    return found[1:]


def test_exposure_equals_the_gross_leverage_of_pyfolio() -> None:
    days, _, held, equity = _held()
    leverage = days.join(_read("test_gross_lev.csv.gz", ["index", "value"]), on="index")["value"]
    assert len(leverage) > 1_000
    gross = np.abs(held).sum(axis=1)
    found = [activity.exposure(gross[n : n + 1], equity[n : n + 1]) for n in range(len(held))]
    np.testing.assert_allclose(found, leverage.to_numpy(), rtol=1e-9)
    assert activity.leverage_gross_max(gross, equity) == pytest.approx(leverage.max())


def test_returns_of_positions_and_cash_equal_those_of_pyfolio() -> None:
    found = returns.returns_of(_held()[3])
    np.testing.assert_allclose(found, _daily_returns(), rtol=0, atol=1e-11)


def test_contributions_from_positions_and_fills_add_up_to_the_returns_of_pyfolio() -> None:
    profits, given = _profits(), _daily_returns()
    names = _held()[1]
    days = [label[:10] for label in _held()[0]["index"].to_list()[1:]]
    found = attribute(profits, names, periods=days)
    # What no name explains is rounding, though positions and fills are files of their own.
    assert float(np.abs(found.other).max()) < 1e-9
    assert found.total == pytest.approx(float(np.prod(1 + given) - 1), abs=1e-9)
    assert sum(found.by_name.values()) == pytest.approx(found.total, abs=1e-9)
    months = attribute(profits, names, periods=[day[:7] for day in days], linking="frongello")
    assert sum(months.by_period.values()) == pytest.approx(found.total, abs=1e-9)
    # By Frongello a name's part is the money that it made over the capital at the start.
    money = profits.profit.sum(axis=0) / profits.equity[0]
    assert list(months.by_name.values()) == pytest.approx(money.tolist(), abs=1e-9)


def test_turnover_is_that_of_the_fills() -> None:
    # pyfolio `txn.get_turnover`: the fills' value without signs over twice the portfolio's value.
    days, _, _, equity = _held()
    value = _fills().with_columns((pl.col("amount").abs() * pl.col("price")).alias("value"))
    daily = value.group_by("index").agg(pl.col("value").sum())
    traded = days.join(daily, on="index", how="left")["value"].fill_null(0).to_numpy()
    own = np.array(
        [row["value"] / 2 for row in daily.sort("index").iter_rows(named=True)], dtype=float
    )
    on_days = np.isin(days["index"].to_numpy(), daily["index"].to_numpy())
    wanted = float(np.sum(own / equity[on_days]) / len(equity) * 252)
    assert len(own) > 1_000
    assert activity.turnover_annual(traded, equity) == pytest.approx(wanted)


def _executions() -> Executions:
    rows = list(_fills().sort("index", maintain_order=True).iter_rows(named=True))
    return Executions(
        [datetime.fromisoformat(row["index"]) for row in rows],
        [row["symbol"] for row in rows],
        [Decimal(row["amount"]) for row in rows],
        [Decimal(str(row["price"])) for row in rows],
        [Decimal(0)] * len(rows),
    )


def test_round_trips_and_open_lots_bring_what_the_account_made() -> None:
    executions = _executions()
    trips = round_trips(executions)
    _, names, held, equity = _held()
    assert len(trips) > 1_000
    shares = dict.fromkeys(names, Decimal(0))
    paid = dict.fromkeys(names, Decimal(0))
    for name, quantity, price in zip(
        executions.instrument, executions.quantity, executions.price, strict=True
    ):
        shares[str(name)] += quantity
        paid[str(name)] += quantity * price
    for trip in trips:  # what is left after the trips is the cost of the open lots
        paid[str(trip.instrument)] += trip.profit
    unrealised = float(held[-1].sum()) - float(sum(paid.values()))
    realised = float(sum(trip.profit for trip in trips))
    assert realised + unrealised == pytest.approx(equity[-1] - 100_000, abs=0.01)


def test_factors_explain_what_pyfolio_says_they_do() -> None:
    # pyfolio `test_perf_attrib_regression`: all loadings are 1 and all returns are of factors.
    given = _read("returns.csv", ["day", "value"])["value"].to_numpy()
    factors = pl.read_csv(PYFOLIO / "factor_returns.csv").drop("").to_numpy()
    positions = pl.read_csv(PYFOLIO / "positions.csv").drop("").to_numpy()
    weights = positions[:, :2] / positions.sum(axis=1, keepdims=True)
    loadings = pl.read_csv(PYFOLIO / "factor_loadings.csv").sort("dt", "ticker")
    shaped = loadings.select("materials", "financials").to_numpy().reshape(len(given), 2, 2)
    residuals = pl.read_csv(PYFOLIO / "residuals.csv").drop("").to_numpy()
    intercepts = _read("intercepts.csv", ["ticker", "value"])["value"].to_numpy()
    found = attribute_to_factors(given, weights, shaped, factors)
    np.testing.assert_allclose(found.common, given, atol=1e-9)
    np.testing.assert_allclose(
        found.specific, (weights * (residuals + intercepts)).sum(1), atol=1e-9
    )
    np.testing.assert_allclose(found.exposures, np.ones((len(given), 2)))
    np.testing.assert_allclose(found.contributions, factors, atol=1e-9)
    np.testing.assert_allclose(found.common + found.specific, given, atol=1e-12)
    fitted = regress_on_factors(given, factors)
    assert fitted.betas == pytest.approx([1.0, 1.0], abs=1e-9)
    assert fitted.alpha == pytest.approx(0.0, abs=1e-9)


@cache
def _stock_returns() -> dict[str, np.ndarray]:
    prices = pl.read_csv(PYPFOPT / "stock_prices.csv", infer_schema_length=None).drop("date")
    # A gap inside a history keeps its last price, as pandas' pct_change of that time did.
    full = prices.cast(pl.Float64).fill_null(strategy="forward")
    return {name: returns.returns_of(full[name].to_numpy()) for name in full.columns}


def _expected(test: str) -> list[float]:
    with (PYPFOPT / "expected_values.csv").open() as file:
        (row,) = [row for row in csv.DictReader(file) if row["test"] == test]
    return [float(part) for part in row["expected"].strip("()").split(",")]


def _covariance(one: np.ndarray, other: np.ndarray) -> float:
    """Annual, over the sessions that both have: beta times the other's variance there."""
    both = ~(np.isnan(one) | np.isnan(other))
    return relative.beta(one, other) * ratios.vol_annual(other[both]) ** 2


def _variance(weights: dict[str, float]) -> float:
    found = _stock_returns()
    return sum(
        a * b * _covariance(found[m], found[n])
        for m, a in weights.items()
        for n, b in weights.items()
        if a and b
    )


def test_the_performance_of_a_portfolio_equals_pyportfolioopt() -> None:
    with (PYPFOPT / "weights_hrp.csv").open() as file:
        weights = {row[0]: float(row[1]) for row in list(csv.reader(file))[1:]}
    growth, risk, ratio = _expected("test_portfolio_performance")
    found = sum(w * returns.mean_annual(_stock_returns()[n]) for n, w in weights.items())
    assert found == pytest.approx(growth, rel=1e-9)
    assert _variance(weights) ** 0.5 == pytest.approx(risk, rel=1e-9)
    assert (found - 0.02) / _variance(weights) ** 0.5 == pytest.approx(ratio, rel=1e-9)


def test_an_equal_portfolios_variance_equals_pyportfolioopt() -> None:
    weights = dict.fromkeys(_stock_returns(), 1 / len(_stock_returns()))
    assert _variance(weights) == pytest.approx(_expected("test_volatility")[0], rel=1e-9)


def test_the_expected_tracking_error_equals_pyportfolioopt() -> None:
    names = list(_stock_returns())
    active = {name: (0.2 if n < 5 else 0.0) - 1 / len(names) for n, name in enumerate(names)}
    assert _variance(active) == pytest.approx(_expected("test_ex_ante_tracking_error")[0], rel=1e-9)
