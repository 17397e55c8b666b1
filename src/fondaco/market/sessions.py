"""Sessions of calendars as a frame."""

from datetime import date

import polars as pl

from fondaco.market.ports import Calendars


def session_table(calendars: Calendars, venues: set[str], days: pl.Series) -> pl.DataFrame:
    """Return the sessions of venues over the span of some days.

    Columns are venue, session, number (counting up without a hole) and closes_at. Days that a
    calendar does not reach have no session.
    """
    parts = [
        pl.DataFrame(
            schema={
                "venue": pl.String,
                "session": pl.Date,
                "number": pl.Int64,
                "closes_at": pl.Datetime("us", "UTC"),
            }
        )
    ]
    first, last = days.min(), days.max()
    for venue in sorted(venues):
        if not isinstance(first, date) or not isinstance(last, date):
            continue
        calendar = calendars(venue)
        since, until = max(first, calendar.reach[0]), min(last, calendar.reach[1])
        sessions = calendar.sessions(since, until) if since <= until else ()
        parts.append(
            pl.DataFrame(
                {
                    "venue": [venue] * len(sessions),
                    "session": sessions,
                    "number": range(len(sessions)),
                    "closes_at": [calendar.close(s) for s in sessions],
                },
                schema=parts[0].schema,
            )
        )
    return pl.concat(parts)
