"""What is held back of a span, as it is written: a share of its sessions, or its first day."""

from collections.abc import Callable
from datetime import date

from fondaco.core.errors import InvalidInput


def holdout_of(given: str | float) -> date | float:
    """Return what is held back: a share, or the first day of it; raises InvalidInput for neither.

    >>> holdout_of("0.25"), holdout_of("2019-01-01")
    (0.25, datetime.date(2019, 1, 1))
    """
    for read in (float, date.fromisoformat):
        found = _read(read, str(given))
        if found is not None:
            return found
    raise InvalidInput(
        "what is held back is neither a share nor a day",
        value=given,
        bound="a share such as 0.2, or a day such as 2019-01-01",
    )


def _read(read: Callable[[str], date | float], text: str) -> date | float | None:
    try:
        return read(text)
    except ValueError:  # the next reading may fit
        return None
