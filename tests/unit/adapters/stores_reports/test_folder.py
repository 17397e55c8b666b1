"""Reports as files: whole or not at all, and only where they belong."""

from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.stores.reports.folder import FolderReports
from fondaco.core.errors import InvalidInput, NotFound, Unavailable


def test_a_report_has_a_file_that_a_browser_can_open(tmp_path: Path) -> None:
    reports = FolderReports(tmp_path / "reports")
    assert reports.path("BT-1") is None
    where = reports.save("BT-1", "<p>é</p>")
    assert reports.path("BT-1") == Path(where) == tmp_path / "reports" / "BT-1.html"
    assert Path(where).read_bytes() == "<p>é</p>".encode()


@pytest.mark.parametrize("name", ["../BT-1", "BT-", "BT-1/../../x", "", "TC-1", "BT-1.html"])
def test_what_is_no_backtest_id_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    reports = FolderReports(tmp_path)
    with pytest.raises(InvalidInput):
        reports.save(name, "x")
    with pytest.raises(NotFound):
        reports.get(name)
    assert reports.path(name) is None
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_does_not_take_it_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(Unavailable, match="Free some space"):
        FolderReports(blocked).save("BT-1", "x")
    folder = tmp_path / "reports"
    (folder / "BT-1.html").mkdir(parents=True)  # a folder cannot be replaced by a file
    with pytest.raises(Unavailable):
        FolderReports(folder).save("BT-1", "x")
    assert [entry.name for entry in folder.iterdir()] == ["BT-1.html"]


def test_tables_and_exports_lie_in_the_folder_of_their_backtest(tmp_path: Path) -> None:
    reports = FolderReports(tmp_path)
    reports.save_tables("BT-1", {"fills": pl.DataFrame({"price": [1.5]})})
    where = reports.export("BT-1", "csv", {"fills.csv": b"price\n1.5\n"})
    assert where == {"fills.csv": str(tmp_path / "BT-1" / "csv" / "fills.csv")}
    assert Path(where["fills.csv"]).read_bytes() == b"price\n1.5\n"
    assert pl.read_parquet(tmp_path / "BT-1" / "fills.parquet")["price"].to_list() == [1.5]


@pytest.mark.parametrize("name", ["../x.csv", "a/b.csv", "x.html", "", ".csv", "X.csv"])
def test_no_export_leaves_its_folder(tmp_path: Path, name: str) -> None:
    reports = FolderReports(tmp_path)
    with pytest.raises(InvalidInput):
        reports.export("BT-1", "csv", {name: b"x"})
    with pytest.raises(InvalidInput):
        reports.export("BT-1", name, {"x.csv": b"x"})
    with pytest.raises(InvalidInput):
        reports.save_tables("../BT-1", {"fills": pl.DataFrame()})
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_disk_that_takes_no_tables_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(Unavailable, match="Free some space"):
        FolderReports(blocked).save_tables("BT-1", {"fills": pl.DataFrame({"a": [1]})})
