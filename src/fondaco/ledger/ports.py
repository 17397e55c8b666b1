"""What the ledger needs of the world: a place where entries are kept for good."""

from datetime import datetime
from typing import Protocol

from fondaco.core.entry import Entry


class EntryStore(Protocol):
    """Keeps entries, append-only, in the transaction that is open."""

    def add(self, entry: Entry) -> bool:
        """Keep an entry by its key; False when the same entry is there already.

        Raises Conflict when the key is there with other postings.
        """
        ...

    def entries(self, *, account: str | None = None, as_of: datetime | None = None,
                until: datetime | None = None, limit: int | None = None) -> tuple[Entry, ...]:
        """Return entries in order of (ts, booking), oldest first.

        `account` is a prefix (`assets:paper`); `as_of` bounds known_at, `until` bounds ts.
        """
        ...
