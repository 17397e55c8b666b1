"""Every store of backtests: the same run kept once, read back to the last bit."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from fondaco.backtest.fakes import MemoryBacktests
from fondaco.backtest.ports import BacktestStore
from fondaco.backtest.result import (
    BacktestResult,
    BenchmarkMetrics,
    Curve,
    Metrics,
    Month,
    Trade,
    summary_of,
)
from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin
from fondaco.portfolio.measures.drawdowns import Drawdown
from unit.research.standings import STANDING

DAY = date(2018, 12, 31)
FALL = Drawdown(-0.3, date(2008, 1, 2), date(2009, 3, 9), None)
RESULT = BacktestResult(
    id="",
    key="same-run",
    strategy="momentum",
    parameters={"lookback": 252, "skip": 0.1 + 0.2},
    symbols=("AAPL", "MSFT"),
    since=date(2000, 1, 3),
    until=DAY,
    sessions=2,
    label=Origin.BUNDLED,
    data_version=3,
    fill_point="close",
    fill_rule="fills at the next close",
    currency="USD",
    capital=Decimal("100000.00"),
    end_equity=Decimal("123456.789012"),
    costs="5 bps, at least 1 USD",
    metrics=Metrics(0.23, 1 / 3, 0.2, None, 1e-300, FALL, 0.5, 1.5, 0.9, Decimal("12.34"), 1e22),
    benchmark=BenchmarkMetrics("SPX", 0.1, 0.2, 0.3, None, FALL),
    curve=Curve((DAY, DAY), (1.0, 0.1 + 0.2), (0.0, -0.1), (0.0, 1.0), (None, 2.0)),
    months=(Month(2018, 12, -0.01),),
    trades=(Trade(DAY, DAY, "AAPL", "buy", Decimal(10), Decimal("39.435"), Decimal("1.00")),),
    fills=1,
    orders_open=0,
    warnings=("closes only",),
    created_at=datetime(2019, 6, 28, tzinfo=UTC),
    trial="a" * 64,
    standing=STANDING,
)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryBacktests()
    from fondaco.adapters.stores.postgres.backtests import PostgresBacktests
    from fondaco.adapters.stores.postgres.numbers import Numbers

    database = request.getfixturevalue("database")
    return PostgresBacktests(database, Numbers(database))


def test_a_result_comes_back_with_its_id(store: BacktestStore) -> None:
    assert store.add(RESULT) == "BT-1"
    assert store.get("BT-1") == replace(RESULT, id="BT-1")


def test_the_same_run_is_kept_once_and_spends_no_number(store: BacktestStore) -> None:
    store.add(RESULT)
    assert store.add(replace(RESULT, created_at=datetime(2020, 1, 1, tzinfo=UTC))) == "BT-1"
    assert store.add(replace(RESULT, key="another run")) == "BT-2"
    assert len(store.list()) == 2


def test_results_are_listed_newest_first_by_strategy(store: BacktestStore) -> None:
    for key, strategy in (("1", "momentum"), ("2", "rank"), ("3", "momentum")):
        store.add(replace(RESULT, key=key, strategy=strategy))
    assert [line.id for line in store.list()] == ["BT-3", "BT-2", "BT-1"]
    assert [line.id for line in store.list(strategy="momentum", limit=1)] == ["BT-3"]
    assert store.list()[0] == summary_of(store.get("BT-3"))


def test_a_result_that_is_not_there_is_not_found(store: BacktestStore) -> None:
    with pytest.raises(NotFound):
        store.get("BT-9")
