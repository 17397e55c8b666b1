"""What the outside may ask of finished backtests, through the one door."""

from typing import Any

import numpy as np
import pytest

from fondaco.backtest.fakes import MemoryBacktests, MemoryReports
from fondaco.backtest.records import TABLES
from fondaco.core.capability import Caller, Catalogue
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.fakes import FakeHouse
from fondaco.core.invoke import Answer, invoke
from fondaco.core.text import plain
from fondaco.market.fakes import simulated_panel
from unit.backtest.played import index_on, played_on, result_on

ANN = Caller(actor="ann", surface="cli", person=True, request_id="r-1")
CATALOGUE = Catalogue(
    {
        "backtest.report": "fondaco.backtest.report_capabilities:report",
        "backtest.compare": "fondaco.backtest.report_capabilities:compare_backtests",
        "backtest.export": "fondaco.backtest.report_capabilities:export",
    }
)


@pytest.fixture
def house() -> FakeHouse:
    backtests, reports = MemoryBacktests(), MemoryReports()
    for seed in (1, 2):
        panel = simulated_panel(7, 100, 3)
        weights = np.full(panel.close.shape, np.nan)
        weights[::11] = np.random.default_rng(seed).dirichlet(np.ones(3), len(weights[::11]))
        result, tables = result_on(played_on(panel, weights), index_on(panel), key=f"run {seed}")
        name = backtests.add(result)
        reports.save(name, "<!doctype html>")
        reports.save_tables(name, tables)
    return FakeHouse(CATALOGUE, backtests=backtests, reports=reports)


def ask(app: FakeHouse, name: str, **raw: Any) -> Answer:
    return invoke(app, CATALOGUE[name], raw, ANN)


def test_a_report_shows_all_of_it_and_where_its_file_is(house: FakeHouse) -> None:
    answer = ask(house, "backtest.report", backtest="BT-1")
    assert (answer.data["file"], answer.data["link"]) == ("memory:BT-1", "/reports/BT-1")
    said = plain(answer.blocks())
    for words in (
        "Over the last 63 sessions",
        "What was held",
        "Every measure",
        "Worst falls",
        "Costs and income",
        "by instrument",
        "by sector",
        "by year",
        "Journal of round trips",
        "Total",
        "memory:BT-1",
    ):
        assert words in said, words


def test_a_comparison_names_both_and_the_index(house: FakeHouse) -> None:
    answer = ask(house, "backtest.compare", backtest=["BT-1", "BT-2"])
    assert answer.data["names"] == ["BT-1 given", "BT-2 given", "SPX"]
    with pytest.raises(InvalidInput):
        ask(house, "backtest.compare", backtest=["BT-1"])
    with pytest.raises(NotFound):
        ask(house, "backtest.compare", backtest=["BT-1", "BT-7"])


@pytest.mark.parametrize("shape", ["csv", "parquet", "quantconnect", "backtrader"])
def test_an_export_says_each_file_and_its_size(house: FakeHouse, shape: str) -> None:
    answer = ask(house, "backtest.export", backtest="BT-1", shape=shape)
    written = house.reports.exported["BT-1", shape]
    assert {file["name"]: file["size"] for file in answer.data["files"]} == {
        name: len(content) for name, content in written.items()
    }
    if shape == "csv":
        assert sorted(written) == sorted(f"{name}.csv" for name in TABLES)
    assert f"BT-1 as {shape}" in plain(answer.blocks())


def test_a_backtest_without_tables_cannot_be_exported(house: FakeHouse) -> None:
    with pytest.raises(NotFound):
        ask(house, "backtest.export", backtest="BT-9")
    house.reports = MemoryReports()
    with pytest.raises(NotFound, match="no tables"):
        ask(house, "backtest.export", backtest="BT-1")
    with pytest.raises(InvalidInput):
        ask(house, "backtest.export", backtest="BT-1", shape="xlsx")
