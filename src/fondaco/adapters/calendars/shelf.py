"""Derived calendars on disk, so that later processes need not import pandas."""

import json
import os
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import mkstemp

Hours = dict[date, tuple[datetime, datetime]]
"""Open and close of each session, in UTC."""

EDITION = 1
"""Raised whenever this package derives calendars in another way."""


def _place(folder: Path, name: str) -> Path:
    return folder / f"{name}-{version('pandas-market-calendars')}-{EDITION}.json"


def read_shelf(folder: Path | None, name: str) -> Hours | None:
    """Return a kept calendar, or None when none of this version is there or it is damaged."""
    if folder is None:
        return None
    try:
        rows = json.loads(_place(folder, name).read_bytes())
        return {
            date.fromisoformat(day): (_moment(opened), _moment(closed))
            for day, opened, closed in rows
        }
    except (OSError, ValueError, TypeError):
        return None  # it is only a copy: what is not there or not whole is derived again


def write_shelf(folder: Path | None, name: str, hours: Hours) -> None:
    """Keep a calendar, whole or not at all; a folder that cannot be written is left alone."""
    if folder is None:
        return
    rows = [
        [day.isoformat(), int(opened.timestamp()), int(closed.timestamp())]
        for day, (opened, closed) in sorted(hours.items())
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, new = mkstemp(dir=folder, prefix=".new-")
        with os.fdopen(handle, "w") as file:
            json.dump(rows, file)
        Path(new).replace(_place(folder, name))
    except OSError:
        return  # the copy saves a second and nothing rests on it


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
