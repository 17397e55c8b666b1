"""Who belonged to an index on a day, as was known at a time: universes with those who failed."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.market.kinds import kind_named
from fondaco.market.near import near_symbols
from fondaco.market.ports import KindReader

KIND = "memberships"


@dataclass(frozen=True, slots=True)
class Member:
    """An instrument in an index from `start` to `end`, both included; `end` None means still.

    `weight` is its share of the index as the source told it, 0 to 1.
    """

    instrument: InstrumentId
    start: date
    end: date | None
    weight: float | None


class Memberships:
    """Reads the members of indices. Whoever left later, or is listed no more, is still there."""

    def __init__(self, rows: KindReader) -> None:
        self._rows = rows

    def members(self, index: str, day: date, *, as_of: datetime) -> tuple[Member, ...]:
        """Return the members of an index on a day, by instrument, as they were known at `as_of`.

        A departure that was not known then has not happened. Raises NotFound when nothing of the
        index was known.
        """
        # Two spans that overlap are one membership: the later one says how long and how much.
        found = {span.instrument: span for span in self.spans(index, day, day, as_of=as_of)}
        return tuple(found.values())

    def ever(
        self, index: str, since: date, until: date, *, as_of: datetime
    ) -> tuple[InstrumentId, ...]:
        """Return whoever was a member on any day of a span, both ends included, by instrument.

        This is the universe of a backtest: taking the members of its last day would leave out all
        that failed before. Raises NotFound as `members` does.
        """
        found = self.spans(index, since, until, as_of=as_of)
        return tuple(dict.fromkeys(span.instrument for span in found))

    def spans(self, index: str, since: date, until: date, *, as_of: datetime) -> tuple[Member, ...]:
        """Return each membership that holds on any day of a span, by instrument, oldest first.

        Who left and came back has several. Raises NotFound as `members` does.
        """
        rows = self._of(index, as_of).filter(
            (pl.col("start") <= until) & (pl.col("end").is_null() | (pl.col("end") >= since))
        )
        return tuple(
            Member(InstrumentId(member), start, end, weight)
            for member, start, end, weight in rows.sort("member", "start")
            .select("member", "start", "end", "weight")
            .rows()
        )

    def _of(self, index: str, as_of: datetime) -> pl.DataFrame:
        rows = self._rows.read(KIND, (index,), as_of=as_of)
        if rows.is_empty():
            every = self._rows.read(KIND, None, as_of=as_of)[kind_named(KIND).of].unique()
            near = near_symbols(index, every.to_list())
            hint = f"Near: {', '.join(near)}." if near else "No index has members yet."
            raise NotFound(
                "no member of this index was known",
                value=f"{index} as of {as_of.isoformat()}",
                remedy=hint,
            )
        return rows
