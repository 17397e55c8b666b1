"""Metrics against the reference files of empyrical and pyfolio."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from fondaco.backtest import metrics

SHARED = Path(
    os.environ.get("FONDACO_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
EMPYRICAL = SHARED / "09_reference" / "empyrical" / "expected_stats.json.gz"
PYFOLIO = SHARED / "09_reference" / "pyfolio"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not EMPYRICAL.is_file(), reason=f"no reference files at {SHARED}"),
]

PERIODS = {"daily": 252, "weekly": 52, "monthly": 12}


def _document() -> dict[str, Any]:
    with gzip.open(EMPYRICAL, "rt") as file:
        document: dict[str, Any] = json.load(file)
    return document


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _columns(document: dict[str, Any], given: Any) -> list[np.ndarray]:
    """A series by name as its columns, or a plain number as one."""
    if not isinstance(given, dict):
        return [np.float64(_number(given))]  # type: ignore[list-item]
    values = document["series"][given["series"]]["values"]
    series = list(values.values()) if isinstance(values, dict) else [values]
    return [np.array([_number(value) for value in column]) for column in series]


def _cases(function: str) -> list[Any]:
    if not EMPYRICAL.is_file():
        return []
    document = _document()
    return [
        pytest.param(document, case["args"], id=f"{function}-{case['line']}-{n}")
        for n, case in enumerate(document["cases"])
        if case["function"] == function and "expected" in case["args"]
    ]


def _expected(args: dict[str, Any]) -> list[float]:
    given = args["expected"]
    given = given["inline"] if isinstance(given, dict) else given
    return [_number(v) for v in (given if isinstance(given, list) else [given])]


def _check(
    document: dict[str, Any],
    args: dict[str, Any],
    measure: Callable[[np.ndarray, Any], float],
    limit_name: str | None = None,
) -> None:
    columns = _columns(document, args["returns"])
    limit = _columns(document, args[limit_name])[0] if limit_name else None
    found = [measure(column, limit) for column in columns]
    np.testing.assert_allclose(found, _expected(args), rtol=0, atol=5e-9, equal_nan=True)


@pytest.mark.parametrize(("document", "args"), _cases("annual_return"))
def test_growth_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    periods = PERIODS[args["period"]]
    _check(document, args, lambda r, _: metrics.cagr(r, periods=periods))


@pytest.mark.parametrize(("document", "args"), _cases("annual_volatility"))
def test_volatility_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    periods = PERIODS[args["period"]]
    _check(document, args, lambda r, _: metrics.vol_annual(r, periods=periods))


@pytest.mark.parametrize(("document", "args"), _cases("sharpe_ratio"))
def test_sharpe_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    _check(document, args, lambda r, f: metrics.sharpe(r, risk_free=f), "risk_free")


@pytest.mark.parametrize(("document", "args"), _cases("downside_risk"))
def test_downside_risk_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    periods = PERIODS[args["period"]]
    _check(
        document,
        args,
        lambda r, f: metrics.downside_risk(r, required=f, periods=periods),
        "required_return",
    )


@pytest.mark.parametrize(("document", "args"), _cases("sortino_ratio"))
def test_sortino_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    periods = PERIODS[args["period"]]
    _check(
        document,
        args,
        lambda r, f: metrics.sortino(r, required=f, periods=periods),
        "required_return",
    )


@pytest.mark.parametrize(("document", "args"), _cases("cum_returns"))
def test_total_return_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    expected = _expected(args) if args["expected"] else []
    (returns,) = _columns(document, args["returns"]) if expected else (np.empty(0),)
    found = [metrics.total_return(returns[: n + 1]) for n in range(len(expected))]
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-5)  # given to four places


@pytest.mark.parametrize(("document", "args"), _cases("roll_sharpe_ratio"))
def test_rolled_sharpe_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    (returns,), window = _columns(document, args["returns"]), args["window"]
    found = [metrics.sharpe(returns[n : n + window]) for n in range(len(returns) - window + 1)]
    np.testing.assert_allclose(found, _expected(args), rtol=0, atol=5e-9)


@pytest.mark.parametrize(("document", "args"), _cases("roll_max_drawdown"))
def test_max_drawdown_equals_empyrical(document: dict[str, Any], args: dict[str, Any]) -> None:
    (returns,), window = _columns(document, args["returns"]), args["window"]
    days = np.arange("2000-01-01", "2000-03-01", dtype="datetime64[D]")
    found = []
    for n in range(len(returns) - window + 1):
        equity = np.concatenate([[1.0], np.cumprod(1 + returns[n : n + window])])
        found.append(metrics.max_drawdown(equity, days).depth)
    np.testing.assert_allclose(found, _expected(args), rtol=0, atol=5e-5)  # to four places


def test_every_case_of_the_file_with_an_expected_number_was_read() -> None:
    names = (
        "annual_return",
        "annual_volatility",
        "sharpe_ratio",
        "downside_risk",
        "sortino_ratio",
        "cum_returns",
        "roll_sharpe_ratio",
        "roll_max_drawdown",
    )
    assert [len(_cases(name)) for name in names] == [3, 3, 6, 5, 11, 3, 1, 1]


def test_exposure_equals_the_gross_leverage_of_pyfolio() -> None:
    positions = pl.read_csv(PYFOLIO / "test_pos.csv.gz")
    leverage = pl.read_csv(
        PYFOLIO / "test_gross_lev.csv.gz", has_header=False, new_columns=["index", "leverage"]
    )
    both = positions.join(leverage, on="index")
    assert both.height > 1_000
    names = [name for name in positions.columns if name not in {"index", "cash"}]
    held = both.select(names).fill_null(0).to_numpy()
    equity = held.sum(axis=1) + both["cash"].to_numpy()
    found = [
        metrics.exposure(np.abs(held[n : n + 1]).sum(axis=1), equity[n : n + 1])
        for n in range(len(held))
    ]
    np.testing.assert_allclose(found, both["leverage"].to_numpy(), rtol=1e-9)
