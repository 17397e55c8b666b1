"""What is well and what is not: each check with what it found and what to do about it."""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from os import W_OK, access
from pathlib import Path

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError
from fondaco.core.view import Tone
from fondaco.desk.results import Check, Health

PACKAGES = (
    "polars",
    "deltalake",
    "sqlalchemy",
    "psycopg",
    "dbos",
    "numba",
    "lightgbm",
    "nicegui",
    "mcp",
    "skfolio",
    "arch",
)
DISK_FREE_GB_LOW = 2.0
DISK_FREE_GB_MIN = 0.2
SKEW_SECONDS_MAX = 1.0
PYTHON_OLDEST, PYTHON_NEWEST = (3, 11), (3, 13)
GIGABYTE = 1024**3


@dataclass(frozen=True, kw_only=True)
class Doctor:
    """Looks at the desk. What lies outside the machine's own files comes as callables."""

    home: Path
    clock: Clock
    database: Callable[[], str]
    database_time: Callable[[], datetime]
    store: Callable[[], str]
    worker: Callable[[], str]
    parked: Callable[[], int]
    kernels: Path
    desk_key: Path

    def examine(self) -> Health:
        """Return every check; a check that cannot be made is itself a finding."""
        checks = tuple(
            _made(name, check)
            for name, check in (
                ("Fondaco", self._fondaco),
                ("Python", self._python),
                ("Packages", _packages),
                ("Data folder", self._folder),
                ("Disk", self._disk),
                ("Database", self._database),
                ("Clock", self._skew),
                ("Prices", self._prices),
                ("Kernels", self._kernels),
                ("Worker", self._worker),
                ("Events", self._events),
                ("Key", self._key),
            )
        )
        return Health(all(check.tone is not Tone.BAD for check in checks), checks)

    def _fondaco(self) -> Check:
        return Check("Fondaco", version("fondaco"), Tone.GOOD)

    def _python(self) -> Check:
        found = tuple(int(part) for part in platform.python_version_tuple()[:2])
        fits = PYTHON_OLDEST <= found <= PYTHON_NEWEST
        return Check(
            "Python",
            platform.python_version(),
            Tone.GOOD if fits else Tone.WARNING,
            "" if fits else "Fondaco is tested on Python 3.11 to 3.13.",
        )

    def _folder(self) -> Check:
        if not self.home.is_dir():
            return Check(
                "Data folder",
                f"{self.home} does not exist yet",
                Tone.WARNING,
                "`fondaco up` makes it.",
            )
        if not access(self.home, W_OK):
            return Check(
                "Data folder",
                f"{self.home} cannot be written to",
                Tone.BAD,
                "Give yourself the right to write there, or set FONDACO_HOME.",
            )
        return Check("Data folder", str(self.home), Tone.GOOD)

    def _disk(self) -> Check:
        place = next(p for p in (self.home, *self.home.parents) if p.exists())
        free = shutil.disk_usage(place).free / GIGABYTE
        tone = (
            Tone.GOOD
            if free >= DISK_FREE_GB_LOW
            else (Tone.WARNING if free >= DISK_FREE_GB_MIN else Tone.BAD)
        )
        return Check(
            "Disk",
            f"{free:,.1f} GB free",
            tone,
            ""
            if tone is Tone.GOOD
            else f"Free some space: at least {DISK_FREE_GB_LOW:g} GB is wanted.",
        )

    def _database(self) -> Check:
        return Check("Database", self.database(), Tone.GOOD)

    def _skew(self) -> Check:
        skew = (self.clock.now() - self.database_time()).total_seconds()
        good = abs(skew) <= SKEW_SECONDS_MAX
        return Check(
            "Clock",
            f"{skew:+.3f} s against the database's clock",
            Tone.GOOD if good else Tone.BAD,
            "" if good else "Set this machine's clock by a time server.",
        )

    def _prices(self) -> Check:
        found = self.store()
        return Check(
            "Prices",
            found or "none yet",
            Tone.GOOD if found else Tone.WARNING,
            "" if found else "`fondaco market ingest bundled` loads some.",
        )

    def _kernels(self) -> Check:
        there = any(self.kernels.glob("**/*.nbi"))
        return Check(
            "Kernels",
            "compiled" if there else "not compiled yet",
            Tone.GOOD if there else Tone.WARNING,
            "" if there else "`fondaco up` compiles them; so does the first cycle.",
        )

    def _worker(self) -> Check:
        return Check("Worker", self.worker(), Tone.GOOD)

    def _events(self) -> Check:
        count = self.parked()
        return Check(
            "Events",
            f"{count} parked",
            Tone.WARNING if count else Tone.GOOD,
            "`fondaco events parked` shows them." if count else "",
        )

    def _key(self) -> Check:
        there = self.desk_key.exists()
        return Check(
            "Key",
            str(self.desk_key) if there else "none yet",
            Tone.GOOD if there else Tone.MUTED,
            "" if there else "`fondaco up` makes the desk's key.",
        )


def _packages() -> Check:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    return Check(
        "Packages",
        ", ".join(found),
        Tone.BAD if missing else Tone.GOOD,
        f"Install {', '.join(missing)}: `make up` does." if missing else "",
    )


def _made(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (FondacoError, OSError) as error:
        words = error.message if isinstance(error, FondacoError) else str(error)
        remedy = (error.remedy or "") if isinstance(error, FondacoError) else ""
        return Check(name, words, Tone.BAD, remedy)
