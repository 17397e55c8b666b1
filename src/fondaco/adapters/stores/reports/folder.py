"""Backtest reports in a folder: one HTML file each, named by its backtest."""

import os
import re
import tempfile
from pathlib import Path

from fondaco.core.errors import InvalidInput, NotFound, Unavailable

_NAME = re.compile(r"BT-\d{1,12}")


class FolderReports:
    """Keeps each report as `BT-n.html`. A file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, backtest_id: str, html: str) -> str:
        """Keep a report and return its path; the same id again replaces it.

        Raises InvalidInput for what is no backtest id, Unavailable when the disk does not take it.
        """
        place = self._place(backtest_id)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(place, html.encode())
        except OSError as error:
            raise Unavailable(
                "the report cannot be kept",
                value=f"{place}: {error.strerror}",
                remedy="Free some space in the data folder, then run it again.",
            ) from error
        return str(place)

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
