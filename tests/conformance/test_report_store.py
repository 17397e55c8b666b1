"""Every report store: what was saved is read back whole, by its id alone."""

from pathlib import Path
from typing import Any

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
