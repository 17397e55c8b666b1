"""How an answer of a market is read: cells without trust, candles, levels of a book.

Shared by the crypto exchanges, which document prices and sizes as text, and by `polygon` and
`alpaca`, which give numbers.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from fondaco.adapters.providers.collect import Collected, useless
from fondaco.adapters.providers.crypto_asks import DAY_SECONDS
from fondaco.adapters.providers.read_json import Useless, number, read_json
from fondaco.core.instrument import Instrument, Origin
from fondaco.market.identity import source_name
from fondaco.market.ports import Ask, Parsed, Raw
from fondaco.market.tables import BARS, PARSED

FIRST = datetime(2003, 1, 1, tzinfo=UTC)
"""None of these sources has anything older: an earlier time is one in a wrong unit."""

AHEAD = timedelta(minutes=5)
"""How far the clock of an exchange may be ahead of ours."""

CELLS_MAX = 100_000
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """One raw answer while it is read; its name says what it is of: kind/symbol/seconds/page.

    `of` is the instrument's id, or the symbol where the kind speaks of no instrument.
    """

    raw: Raw
    ask: Ask
    kind: str
    symbol: str
    seconds: int
    of: str
    out: Collected

    def each(
        self, cells: Sequence[Any], read: Callable[[int, Any], Mapping[str, Any] | None], of: str
    ) -> None:
        """Read each cell of a list as a row; one that cannot be read is a fault at its place."""
        for n, cell in enumerate(cells[:CELLS_MAX]):
            where = f"{self.raw.name} {of} {n + 1}"
            self.out.take(where, self.of, cell, lambda n=n, cell=cell: read(n, cell))  # type: ignore[misc]
        if len(cells) > CELLS_MAX:
            raise Useless(f"the answer holds {len(cells)} rows, more than {CELLS_MAX}")

    def wanted(self, day: date) -> bool:
        """Return whether a day lies in the span that was asked for."""
        since, until = self.ask.since, self.ask.until
        return (since is None or day >= since) and (until is None or day <= until)

    def moment(self, cell: Any, name: str, per_second: int) -> datetime:
        """Return a number of units since 1970 as a time; raises Useless when none can be meant."""
        if isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell):
            raise Useless(f"{name} {str(cell)[:40]!r} is no time")
        seconds = cell / per_second
        if not FIRST.timestamp() <= seconds <= (self.raw.asked_at + AHEAD).timestamp():
            raise Useless(f"{name} {str(cell)[:40]} is not between {FIRST:%Y} and the answer")
        whole = datetime.fromtimestamp(cell // per_second, UTC)
        return whole + timedelta(microseconds=int(cell % per_second * 1_000_000 / per_second))

    def written_moment(self, cell: Any, name: str) -> datetime:
        """Return an ISO 8601 time with its offset; raises Useless."""
        try:
            found = datetime.fromisoformat(cell) if isinstance(cell, str) else None
        except ValueError:
            found = None
        if found is None or found.tzinfo is None:
            raise Useless(f"{name} {str(cell)[:40]!r} is no time with an offset")
        if not FIRST <= found <= self.raw.asked_at + AHEAD:
            raise Useless(f"{name} {cell[:40]} is not between {FIRST:%Y} and the answer")
        return found.astimezone(UTC)

    def candle(
        self, opened: datetime, cells: Mapping[str, Any], step: int = DAY_SECONDS
    ) -> dict[str, Any] | None:
        """Return the row of a candle by when it opened, or None when it is not asked for.

        A day's candle that has not ended is no bar yet; a shorter one is, but not `final`. It
        opens on a whole multiple of its length, or of `step` seconds where that is less.
        """
        if int(opened.timestamp()) % min(self.seconds, step) or opened.microsecond:
            raise Useless(f"a candle of {self.seconds} seconds does not open at {opened:%H:%M:%S}")
        if not self.wanted(opened.date()):
            return None
        closes = opened + timedelta(seconds=self.seconds)
        final = closes <= self.raw.asked_at
        if self.kind == BARS:
            names = ("open", "high", "low", "close", "volume")
            row = {"session": opened.date(), "factor": 1.0, **{name: cells[name] for name in names}}
            return {"instrument": self.of, **row} if final else None
        row = {"seconds": self.seconds, "ts": closes, "final": final, **cells}
        return {"instrument": self.of, **row}

    def levels(
        self,
        cells: Any,
        side: str,
        ts: datetime,
        read: Callable[[Any], tuple[float, float, int | None]],
    ) -> None:
        """Read one side of a book, the best first; a level out of order is a fault."""
        if not isinstance(cells, list) or not cells:
            raise Useless(f"the answer has no {side}s")
        last: list[float] = []

        def level(n: int, cell: Any) -> dict[str, Any]:
            price, size, orders = read(cell)
            if last and (price >= last[-1] if side == "bid" else price <= last[-1]):
                raise Useless(f"{side} {price} does not come after {last[-1]}")
            last.append(price)
            place = {"side": side, "level": n + 1, "orders": orders}
            return {
                "instrument": self.of,
                "ts": ts,
                "price": price,
                "size": size,
            } | place

        self.each(cells, level, side)


def raw_name(kind: str, symbol: str, seconds: int = 0, page: int = 1) -> str:
    """Return the name of a raw answer: all that reading it needs to know."""
    return f"{kind}/{symbol}/{seconds}/{page}"


def json_of(raw: Raw) -> Any:
    """Return the JSON of a raw answer; raises Useless."""
    return read_json(raw.body)


def read_answer(
    raw: Raw,
    ask: Ask,
    instruments_of: Callable[[str, str, Any], tuple[Instrument, ...]],
    fill: Callable[[Any, Reading], bool | None],
    data_of: Callable[[Raw], Any] = json_of,
) -> Parsed:
    """Return what an answer says: `fill` puts its rows into `Reading.out`.

    An answer that cannot be used as a whole is one fault, and so is one without a row, unless
    `fill` returns True: then it says that there is nothing.
    """
    kind, symbol, seconds, _ = raw.name.split("/")
    source = source_name(Origin.LIVE, raw.provider)
    out = Collected(kind, raw, source)
    try:
        data = data_of(raw)
        instruments = instruments_of(kind, symbol, data)
        of = instruments[0].id if instruments else symbol
        reading = Reading(raw, ask, kind, symbol, int(seconds) or DAY_SECONDS, of, out)
        if fill(data, reading):
            return Parsed(pl.DataFrame(schema=PARSED), instruments, ())
    except Useless as error:
        return useless(kind, raw, source, str(error))
    return out.parsed(instruments)


def written(cell: Any, name: str) -> float:
    """Return a number that is documented as text; raises Useless for any other cell."""
    if not isinstance(cell, str) or not _NUMBER.fullmatch(cell):
        raise Useless(f"{name} {str(cell)[:40]!r} is no number written as text")
    value = float(cell)
    if not math.isfinite(value):
        raise Useless(f"{name} {cell[:40]} is too large")
    return value


def whole(cell: Any, name: str) -> int:
    """Return a cell that is documented as a whole number; raises Useless for any other."""
    if isinstance(cell, bool) or not isinstance(cell, int):
        raise Useless(f"{name} {str(cell)[:40]!r} is no whole number")
    return cell


def listed(cell: Any, length: int, what: str) -> list[Any]:
    """Return a cell that is a list of at least some length; raises Useless for any other."""
    if not isinstance(cell, list) or len(cell) < length:
        raise Useless(f"{what} is no list of {length} cells")
    return cell


def rows_in(data: Any, what: str) -> list[Any]:
    """Return a list that is not empty; raises Useless: nothing is known by an empty one."""
    if not isinstance(data, list):
        raise Useless(f"the answer is no list of {what}")
    if not data:
        raise Useless(f"the answer holds no {what}")
    return data


def plain(cell: Any, name: str) -> float:
    """Return a number that is documented as one; raises Useless for any other cell, or none."""
    value = number(cell, name)
    if value is None:
        raise Useless(f"the {name} is missing")
    return value


def day_of(cell: Any, name: str) -> date:
    """Return a day written as YYYY-MM-DD; raises Useless for any other cell."""
    try:
        found = date.fromisoformat(cell) if isinstance(cell, str) and len(cell) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise Useless(f"{name} {str(cell)[:40]!r} is no day")
    return found
