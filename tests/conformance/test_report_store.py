"""Every report store: what was saved is read back whole, by its id alone."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fondaco.adapters.stores.reports.folder import FolderReports
from fondaco.backtest.fakes import MemoryReports
from fondaco.backtest.ports import ReportStore
from fondaco.core.errors import NotFound

HTML = "<!doctype html>\n<p>naïve – 1 < 2</p>\n"


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemoryReports() if request.param == "memory" else FolderReports(tmp_path / "reports")


def test_a_report_comes_back_as_it_was(store: ReportStore) -> None:
    assert store.save("BT-1", HTML)
    assert store.get("BT-1") == HTML


def test_the_same_id_again_replaces_it(store: ReportStore) -> None:
    first = store.save("BT-1", HTML)
    assert store.save("BT-1", "new") == first
    assert store.get("BT-1") == "new"


def test_a_report_that_was_never_saved_is_not_found(store: ReportStore) -> None:
    store.save("BT-1", HTML)
    with pytest.raises(NotFound):
        store.get("BT-11")


TABLES = {
    "fills": pl.DataFrame({"price": ["1.000001"], "order": [7]}).cast({"price": pl.Decimal(38, 6)}),
    "trades": pl.DataFrame({"symbol": []}, {"symbol": pl.String}),
}


def test_tables_come_back_with_their_types(store: ReportStore) -> None:
    store.save_tables("BT-1", TABLES)
    kept = store.tables("BT-1")
    assert sorted(kept) == ["fills", "trades"]
    for name, table in TABLES.items():
        assert kept[name].equals(table)
        assert kept[name].schema == table.schema


def test_tables_that_were_never_kept_are_not_found(store: ReportStore) -> None:
    store.save("BT-1", HTML)
    with pytest.raises(NotFound):
        store.tables("BT-1")


def test_where_a_report_is_is_known_once_it_is_there(store: ReportStore) -> None:
    assert store.where("BT-1") is None
    place = store.save("BT-1", HTML)
    assert store.where("BT-1") == place


def test_an_export_says_where_each_file_is_and_may_be_written_again(store: ReportStore) -> None:
    first = store.export("BT-1", "csv", {"fills.csv": b"a", "equity.csv": b"b"})
    assert sorted(first) == ["equity.csv", "fills.csv"]
    assert store.export("BT-1", "csv", {"fills.csv": b"c"})["fills.csv"] == first["fills.csv"]


def test_an_export_does_not_hide_the_tables(store: ReportStore) -> None:
    store.save_tables("BT-1", TABLES)
    store.export("BT-1", "parquet", {"other.parquet": b"no table"})
    assert sorted(store.tables("BT-1")) == ["fills", "trades"]
