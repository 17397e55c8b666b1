"""An entry store in memory, for tests."""

from datetime import datetime

from fondaco.core.entry import Entry
from fondaco.core.errors import Conflict, NotFound
from fondaco.ledger.ports import same_entry, under


class MemoryEntries:
    """Keeps entries in a list; a kept entry is never changed or removed."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.held: list[str] = []

    def add(self, entry: Entry) -> bool:
        """Keep an entry by its key; False for a repeat, Conflict for another body."""
        kept = self.find(entry.key)
        if kept is None:
            self._entries.append(entry)
            return True
        if not same_entry(kept, entry):
            raise Conflict("this key was used before for another entry", value=entry.key)
        return False

    def entries(
        self,
        *,
        account: str | None = None,
        as_of: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Return entries by (ts, booking), oldest first."""
        found = [e for e in self._entries if _fits(e, account, as_of, until)]
        return tuple(sorted(found, key=lambda e: e.ts)[:limit])

    def find(self, key: str) -> Entry | None:
        """Return the entry with this key, or None."""
        return next((e for e in self._entries if e.key == key), None)

    def get(self, entry_id: str) -> Entry:
        """Return an entry by its id; raises NotFound."""
        for entry in self._entries:
            if entry.id == entry_id:
                return entry
        raise NotFound(
            "no such entry", value=entry_id, remedy="`fondaco ledger statement` lists the entries."
        )

    def hold(self, account: str) -> None:
        """Remember that the account was held: one thread needs no lock."""
        self.held.append(account)


def _fits(
    entry: Entry, account: str | None, as_of: datetime | None, until: datetime | None
) -> bool:
    if as_of is not None and entry.known_at > as_of:
        return False
    if until is not None and entry.ts > until:
        return False
    return account is None or any(under(p.account, account) for p in entry.postings)
