"""Derived calendars on disk, so that later processes need not import pandas."""

import json
import os
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import mkstemp

from fondaco.adapters.calendars.derive import NAMES, Clash, Derived

EDITION = 2
"""Raised whenever this package derives calendars in another way."""


def _place(folder: Path, name: str) -> Path:
    return folder / f"{name}-{'-'.join(version(library) for library in NAMES)}-{EDITION}.json"


def read_shelf(folder: Path | None, name: str) -> Derived | None:
    """Return a kept calendar, or None when none of this version is there or it is damaged."""
    if folder is None:
        return None
    try:
        kept = json.loads(_place(folder, name).read_bytes())
        hours = {
            date.fromisoformat(day): tuple(
                (_moment(opened), _moment(closed))
                for opened, closed in zip(edges[::2], edges[1::2], strict=True)
            )
            for day, *edges in kept["sessions"]
        }
        clashes = tuple(Clash(date.fromisoformat(day), *rest) for day, *rest in kept["clashes"])
    except (OSError, ValueError, TypeError, KeyError):
        return None  # it is only a copy: what is not there or not whole is derived again
    return Derived(hours, clashes)


def write_shelf(folder: Path | None, name: str, derived: Derived) -> None:
    """Keep a calendar, whole or not at all; a folder that cannot be written is left alone."""
    if folder is None:
        return
    sessions = [
        [day.isoformat(), *(int(edge.timestamp()) for span in spans for edge in span)]
        for day, spans in sorted(derived.hours.items())
    ]
    clashes = [[c.day.isoformat(), c.about, c.first, c.second] for c in derived.clashes]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, new = mkstemp(dir=folder, prefix=".new-")
        with os.fdopen(handle, "w") as file:
            json.dump({"sessions": sessions, "clashes": clashes}, file)
        Path(new).replace(_place(folder, name))
    except OSError:
        return  # the copy saves a second and nothing rests on it


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
