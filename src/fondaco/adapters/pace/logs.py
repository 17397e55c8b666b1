"""Choices and the query log in PostgreSQL."""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from fondaco.adapters.pace.postgres import Apart
from fondaco.adapters.pace.tables import feed_asked, feed_choices
from fondaco.core.errors import Unavailable
from fondaco.market.feed.parcel import choice_json, choice_of
from fondaco.market.feed.ports import Asked
from fondaco.market.feed.values import Choice, Tier
from fondaco.market.sheets import Market

BATCH_MAX = 256
WAITING_MAX = 16 * BATCH_MAX
WAIT_MAX = timedelta(seconds=5)
"""How long a line waits for company, measured from the next line on."""
KEEP = timedelta(days=90)


class PostgresChoices:
    """Keeps every choice between sources with its reason."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart

    def keep(self, choice: Choice) -> None:
        """Keep a choice; raises Unavailable."""
        row = {
            "at": choice.at,
            "kind": choice.kind,
            "market": choice.market.value,
            "symbol": choice.symbol,
            "source": choice.source,
            "flagged": choice.flagged,
            "body": choice_json(choice),
        }
        with self._apart() as connection:
            connection.execute(insert(feed_choices), row)

    def latest(self, kind: str, market: Market, symbol: str) -> Choice | None:
        """Return the newest choice of a symbol, or None."""
        c = feed_choices.c
        of = (c.kind == kind) & (c.market == market.value) & (c.symbol == symbol)
        ask = select(c.body).where(of).order_by(c.seq.desc()).limit(1)
        with self._apart() as connection:
            found = connection.execute(ask).scalar_one_or_none()
        return None if found is None else choice_of(found)


class PostgresQueryLog:
    """Gathers lines and writes them in batches; an ask never waits for more than one batch.

    While the database is down lines wait, and beyond `WAITING_MAX` the oldest are dropped and
    counted. `close` writes what waits; a kill loses at most what came in `WAIT_MAX`.
    """

    def __init__(self, apart: Apart) -> None:
        self._apart = apart
        self._waiting: deque[Asked] = deque()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self.dropped = 0

    def add(self, asked: Sequence[Asked]) -> None:
        """Take lines; never fails an ask."""
        with self._lock:
            self._waiting.extend(asked)
            while len(self._waiting) > WAITING_MAX:
                self._waiting.popleft()
                self.dropped += 1
            due = bool(self._waiting) and (
                len(self._waiting) >= BATCH_MAX
                or self._waiting[-1].at - self._waiting[0].at >= WAIT_MAX
            )
        if due and self._writing.acquire(blocking=False):
            try:
                self._write()
            except Unavailable:  # the lines wait on, up to their bound
                return
            finally:
                self._writing.release()

    def read(self, since: datetime, rows_max: int) -> tuple[Asked, ...]:
        """Return the newest lines since then, oldest first; raises Unavailable."""
        self.flush()
        c = feed_asked.c
        columns = (c.at, c.kind, c.market, c.symbol, c.tier, c.seconds, c.rest)
        ask = select(*columns).where(c.at >= since).order_by(c.at.desc(), c.seq.desc())
        with self._apart() as connection:
            rows = connection.execute(ask.limit(rows_max)).all()
        return tuple(_asked(row) for row in reversed(rows))

    def flush(self) -> None:
        """Write all that waits; raises Unavailable, and then nothing is lost."""
        with self._writing:
            self._write()

    def prune(self, now: datetime) -> int:
        """Forget lines older than `KEEP`; return how many."""
        gone = delete(feed_asked).where(feed_asked.c.at < now - KEEP).returning(feed_asked.c.seq)
        with self._apart() as connection:
            return len(connection.execute(gone).all())

    def close(self) -> None:
        """Write what waits."""
        self.flush()

    def _write(self) -> None:
        for _ in range(WAITING_MAX // BATCH_MAX + 1):
            with self._lock:
                count = min(len(self._waiting), BATCH_MAX)
                batch = [self._waiting.popleft() for _ in range(count)]
            if not batch:
                return
            try:
                with self._apart() as connection:
                    connection.execute(insert(feed_asked), [_row(line) for line in batch])
            except BaseException:
                with self._lock:
                    self._waiting.extendleft(reversed(batch))
                raise


def _row(line: Asked) -> dict[str, Any]:
    return {
        "at": line.at,
        "kind": line.kind,
        "market": line.market.value,
        "symbol": line.symbol,
        "rest": line.rest,
        "tier": None if line.tier is None else line.tier.value,
        "seconds": line.seconds,
    }


def _asked(row: Any) -> Asked:
    return Asked(
        row.at.astimezone(UTC),
        row.kind,
        Market(row.market),
        row.symbol,
        None if row.tier is None else Tier(row.tier),
        row.seconds,
        row.rest,
    )
