"""Bytes on disk: written whole, synced, and only then given their name.

After a power cut a name leads to the whole of what was written or is not there: content is synced
before the name is given, and the folder after it.
"""

import contextlib
import hashlib
import os
import uuid
from pathlib import Path

TEMPORARY = "temporary-"
READ_BYTES = 1 << 20


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each entered durably in the one that holds it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file durably; whatever bore the name before is replaced at once."""
    temporary = _written_aside(path.parent, content)
    try:
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_first(path: Path, content: bytes, aside: Path) -> bool:
    """Write a file durably if nothing bears its name yet; False when something does.

    `aside` is a folder of the same file system, for the content before it has its name.
    """
    temporary = _written_aside(aside, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def _written_aside(folder: Path, content: bytes | memoryview) -> Path:
    temporary = folder / f"{TEMPORARY}{uuid.uuid4().hex}"
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)
    return temporary


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "nt":  # Windows opens no folders; NTFS journals names by itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Remove what killed writers left half-written; nothing reads it."""
    for left in folder.glob(f"{TEMPORARY}*"):
        with contextlib.suppress(OSError):
            left.unlink()
