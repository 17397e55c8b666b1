"""What an `as_of` means: a moment that has come."""

from datetime import UTC, date, datetime, time

from fondaco.core.clock import Clock, utc
from fondaco.core.errors import InvalidInput


def known_moment(as_of: datetime | date | None, clock: Clock) -> datetime:
    """Return the moment that an `as_of` means: now for None, the end of a day in UTC for a date.

    Raises InvalidInput for a time that has not come.
    """
    now = clock.now()
    if as_of is None:
        return now
    if isinstance(as_of, datetime):
        moment, early_enough = utc(as_of), utc(as_of) <= now
    else:
        moment = min(now, datetime.combine(as_of, time.max, tzinfo=UTC))
        early_enough = as_of <= now.date()
    if not early_enough:
        raise InvalidInput(
            "nothing can be known as of a time that has not come",
            value=as_of.isoformat(),
            bound=f"at most {now.isoformat()}",
        )
    return moment
