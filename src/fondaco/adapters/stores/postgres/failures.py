"""What the database says when it cannot, as errors that a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from fondaco.core.errors import FondacoError, InvalidInput, Refused, Unavailable

APPEND_ONLY = "FD001"
"""The SQLSTATE that the append-only triggers raise."""

_REMEDIES: dict[str, tuple[str, str]] = {
    "53100": (
        "the disk of the database is full, so nothing was changed",
        "Free some space and try again; nothing that was kept is lost.",
    ),
    "53200": ("the database is out of memory", "Free some memory and try again."),
    "53300": ("the database has no connection left", "Try again in a moment."),
    "55P03": ("another change held the same rows for too long", "Try again in a moment."),
    "40P01": ("two changes waited for each other, so this one was undone", "Try again."),
    "40001": ("another change came first, so this one was undone", "Try again."),
    "57014": (
        "the database took too long, so the change was undone",
        "Try again with less at once, or look for what keeps it busy.",
    ),
    "25P03": ("a transaction stayed open too long, so it was undone", "Try again."),
    "25006": ("the database takes no writes now", "Point FONDACO_DATABASE_URL at the primary."),
    "42501": ("the database user may not do this", "Grant it the rights to its own schema."),
    "3D000": ("the database does not exist", "Create it, or correct FONDACO_DATABASE_URL."),
    "28P01": ("the database refused the password", "Correct FONDACO_DATABASE_URL."),
    "28000": ("the database refused the user", "Correct FONDACO_DATABASE_URL."),
    "58030": ("the disk of the database gave an error", "Check the disk before you go on."),
    "XX001": ("the database found damaged data on its disk", "Restore it from a backup."),
    "XX002": ("the database found a damaged index", "Run REINDEX DATABASE, then verify."),
}
_DOWN = "the database is down or cut the connection"
_DOWN_REMEDY = (
    "Try again: a change whose answer was lost is found by its request id. "
    "`fondaco doctor` shows whether the database answers."
)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise the database's own failures as Unavailable, Refused or InvalidInput; others pass.

    `where` names the database for people, without its password.
    """
    try:
        yield
    except exc.TimeoutError as error:
        raise Unavailable(
            "every connection to the database is in use",
            value=where,
            remedy="Try again in a moment.",
        ) from error
    except UnicodeEncodeError as error:
        raise _not_text(repr(error.object[error.start : error.end])) from error
    except exc.DBAPIError as error:
        failure = as_failure(error, where)
        if failure is None:
            raise
        raise failure from error


def as_failure(error: exc.DBAPIError, where: str) -> FondacoError | None:
    """Return what a person should be told, or None when the fault is in our own program."""
    state = getattr(error.orig, "sqlstate", None)
    words = str(error.orig).strip().splitlines()[:1]
    said = f"{where}: {words[0]}" if words else where
    if state == APPEND_ONLY:
        return Refused(
            "what was kept is never changed",
            value=words[0] if words else where,
            remedy="Correct it by adding another record.",
        )
    if state == "22P05" or (isinstance(error, exc.DataError) and "NUL" in said):
        return _not_text(repr("\0"))
    if state in _REMEDIES:
        reason, remedy = _REMEDIES[state]
        return Unavailable(reason, value=said, remedy=remedy)
    lost = error.connection_invalidated or (state or "").startswith(("08", "57P"))
    if lost or (state is None and isinstance(error, exc.OperationalError)):
        return unreachable(where, error.orig)
    return None


def unreachable(where: str, error: BaseException | None) -> Unavailable:
    """Return the error of a database that does not answer."""
    words = str(error).strip().splitlines()[:1]
    return Unavailable(_DOWN, value=": ".join([where, *words]), remedy=_DOWN_REMEDY)


def _not_text(character: str) -> InvalidInput:
    return InvalidInput(
        "a text holds a character that cannot be kept",
        value=character,
        bound="Unicode text without NUL and lone surrogates",
        remedy="Remove that character.",
    )
