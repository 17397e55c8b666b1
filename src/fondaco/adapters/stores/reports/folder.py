"""Backtest reports in a folder: an HTML file each, tables as Parquet, and exports."""

import os
import re
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import polars as pl

from fondaco.backtest.records import Tables
from fondaco.core.errors import InvalidInput, NotFound, Unavailable

_NAME = re.compile(r"BT-\d{1,12}")
_FILE = re.compile(r"[a-z][a-z0-9_]{0,31}(\.(csv|json|parquet))?")


class FolderReports:
    """Keeps each report as `BT-n.html`, its tables in `BT-n/`, exports in `BT-n/<shape>/`.

    A file appears whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, backtest_id: str, html: str) -> str:
        """Keep a report and return its path; the same id again replaces it.

        Raises InvalidInput for what is no backtest id, Unavailable when the disk does not take it.
        """
        place = self._place(backtest_id)
        _keep(place, html.encode())
        return str(place)

    def save_tables(self, backtest_id: str, tables: Tables) -> None:
        """Keep tables as `BT-n/<name>.parquet`; the same id again replaces them."""
        folder = self._place(backtest_id).with_suffix("")
        for name, table in tables.items():
            content = BytesIO()
            table.write_parquet(content)
            _keep(folder / _checked(f"{name}.parquet"), content.getvalue())

    def tables(self, backtest_id: str) -> Tables:
        """Return the tables of a backtest by name; raises NotFound where none are kept."""
        folder = self._place(backtest_id).with_suffix("")
        files = sorted(folder.glob("*.parquet")) if folder.is_dir() else []
        if not files:
            raise NotFound(
                "no record of this backtest's fills is kept",
                value=backtest_id,
                remedy="Run it again; runs of older versions kept none.",
            )
        return {path.stem: pl.read_parquet(path) for path in files}

    def export(self, backtest_id: str, shape: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Write an export's files into `BT-n/<shape>/` and return their paths by name."""
        folder = self._place(backtest_id).with_suffix("") / _checked(shape)
        for name, content in files.items():
            _keep(folder / _checked(name), content)
        return {name: str(folder / name) for name in files}

    def get(self, backtest_id: str) -> str:
        """Return a report's HTML; raises NotFound."""
        path = self.path(backtest_id)
        if path is None:
            raise NotFound(
                "no report of this backtest is kept",
                value=backtest_id,
                remedy="`fondaco backtest list` shows the backtests.",
            )
        return path.read_text(encoding="utf-8")

    def where(self, backtest_id: str) -> str | None:
        """Return the path of a report's file, None when there is none."""
        path = self.path(backtest_id)
        return None if path is None else str(path)

    def path(self, backtest_id: str) -> Path | None:
        """Return a report's file, or None when there is none."""
        if _NAME.fullmatch(backtest_id) is None:
            return None
        place = self._place(backtest_id)
        return place if place.is_file() else None

    def _place(self, backtest_id: str) -> Path:
        if _NAME.fullmatch(backtest_id) is None:
            raise InvalidInput("this is no backtest id", value=backtest_id[:40], bound="BT-1, BT-2")
        return self._folder / f"{backtest_id}.html"


def _checked(name: str) -> str:
    if _FILE.fullmatch(name) is None:
        raise InvalidInput("this is no name of a file here", value=name[:40], bound=_FILE.pattern)
    return name


def _keep(place: Path, content: bytes) -> None:
    """Write a file; raises Unavailable when the disk does not take it."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, content)
    except OSError as error:
        raise Unavailable(
            "the report cannot be kept",
            value=f"{place}: {error.strerror}",
            remedy="Free some space in the data folder, then run it again.",
        ) from error


def _write(place: Path, content: bytes) -> None:
    """Write beside its place, sync, then rename: a reader never sees half a file."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".report-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
