"""Where the entries of one simulated account are kept while it runs."""

from datetime import datetime

from fondaco.core.entry import Entry
from fondaco.core.errors import Conflict, NotFound
from fondaco.ledger.ports import same_entry, under


class RunEntries:
    """The entries of one run, by key: they live as long as the run."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> bool:
        """Keep an entry by its key; raises Conflict for another body."""
        kept = self._entries.setdefault(entry.key, entry)
        if kept is not entry and not same_entry(kept, entry):
            raise Conflict("this key was used before for another entry", value=entry.key)
        return kept is entry

    def entries(
        self,
        *,
        account: str | None = None,
        as_of: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Return entries by (ts, booking), oldest first."""
        found = (
            e
            for e in self._entries.values()
            if (as_of is None or e.known_at <= as_of)
            and (until is None or e.ts <= until)
            and (account is None or any(under(p.account, account) for p in e.postings))
        )
        return tuple(sorted(found, key=lambda entry: entry.ts)[:limit])

    def find(self, key: str) -> Entry | None:
        """Return the entry with this key, or None."""
        return self._entries.get(key)

    def get(self, entry_id: str) -> Entry:
        """Return an entry by its id; raises NotFound."""
        for entry in self._entries.values():
            if entry.id == entry_id:
                return entry
        raise NotFound("no such entry", value=entry_id)

    def hold(self, account: str) -> None:
        """Do nothing: a run has one thread."""
