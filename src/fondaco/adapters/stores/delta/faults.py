"""What the operating system and Delta Lake complain of, as errors that a person can act on."""

from pathlib import Path

from fondaco.core.errors import Unavailable

_FULL = ("no space left", "os error 28", "disk quota exceeded", "os error 122")


def unwritable(path: Path, error: Exception) -> Unavailable:
    """Return the error for a write that failed; nothing of it is visible to readers."""
    text = str(error).lower()
    if any(word in text for word in _FULL):
        return Unavailable(
            "the disk is full, so nothing of this ingest was kept",
            value=path,
            remedy="Free some space, then run the same ingest again.",
        )
    return Unavailable(
        "the store cannot be written",
        value=f"{path}: {_first_line(error)}",
        remedy="Check that the data folder exists and is yours to write.",
    )


def unreadable(path: Path, error: BaseException) -> Unavailable:
    """Return the error for a table that cannot be read."""
    return Unavailable(
        "the store cannot be read",
        value=f"{path}: {_first_line(error)}",
        remedy="`fondaco doctor` checks the store; raw answers can be ingested "
        "again into a new data folder.",
    )


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
