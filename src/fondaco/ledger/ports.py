"""What the ledger needs of the world: a place where entries are kept for good."""

from datetime import datetime
from typing import Protocol

from fondaco.core.entry import Entry
from fondaco.core.instrument import Instrument, InstrumentId


class EntryStore(Protocol):
    """Keeps entries, append-only, in the transaction that is open.

    An account matches a prefix when it is that account or one below it: `assets:paper` matches
    `assets:paper` and `assets:paper:margin`, never `assets:paper2`.
    """

    def add(self, entry: Entry) -> bool:
        """Keep an entry by its key; False when the same entry is there already.

        "The same" is what `same_entry` says. Raises Conflict when the key is there with another
        time, memo or postings.
        """
        ...

    def entries(
        self,
        *,
        account: str | None = None,
        as_of: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Return entries in order of (ts, booking), oldest first.

        `account` is a prefix (`assets:paper`); `as_of` bounds known_at, `until` bounds ts, both
        included. With `limit`, the first so many of them.
        """
        ...

    def find(self, key: str) -> Entry | None:
        """Return the entry with this key, or None."""
        ...

    def get(self, entry_id: str) -> Entry:
        """Return an entry by its id; raises NotFound."""
        ...

    def hold(self, account: str) -> None:
        """Keep other transactions from holding this account until the one that is open ends."""
        ...


class Names(Protocol):
    """Gives instruments by id, so that people read symbols; the symbol book is it."""

    def get(self, instrument: InstrumentId) -> Instrument:
        """Return one by its permanent id; raises NotFound."""
        ...


def same_entry(kept: Entry, given: Entry) -> bool:
    """Return whether a retry says what was booked: time, memo, correction and postings.

    The id and `known_at` are made anew for each attempt, so they do not count; neither does the
    order of the postings.
    """

    def body(entry: Entry) -> tuple[object, ...]:
        lines = sorted((p.account, p.commodity, p.amount) for p in entry.postings)
        return entry.ts, entry.memo, entry.corrects, lines

    return body(kept) == body(given)


def under(account: str, prefix: str) -> bool:
    """Return whether an account is the one named, or stands below it.

    >>> under("assets:paper:margin", "assets:paper"), under("assets:paper2", "assets:paper")
    (True, False)
    """
    return account == prefix or account.startswith(prefix + ":")
