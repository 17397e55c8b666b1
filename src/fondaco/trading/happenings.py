"""What happens to an account apart from fills: splits, dividends, delistings, each booked once."""

from fondaco.core.activity import Activity, ActivityKind
from fondaco.core.entry import Entry
from fondaco.trading.parts import Parts


def collect(parts: Parts, account: str) -> tuple[Entry, ...]:
    """Book what the broker says happened to an account and is not booked yet; see `CardDesk`.

    All of it is asked for each time, and each thing has the venue's own id: so neither a crash
    between two of them nor one that turns up late between others is lost or booked twice.
    """
    booked = []
    for activity in parts.broker.activities(account, after=0):
        if activity.kind is ActivityKind.MARGIN_CALL or parts.books.find(_key(activity)):
            continue
        with parts.transaction():
            entry = parts.books.book_activity(activity)
            if entry is None:
                continue
            parts.publish(
                f"activity.{activity.kind.value}",
                activity.id,
                account=account,
                entry=entry.id,
                instrument=activity.instrument,
                quantity=str(activity.quantity),
                amount=str(activity.amount),
            )
        booked.append(entry)
    return tuple(booked)


def _key(activity: Activity) -> str:
    return f"activity:{activity.id}"
