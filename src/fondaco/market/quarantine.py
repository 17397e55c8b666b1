"""The quarantine: faults in the store, what they hold back, and who let what in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl

from fondaco.core.instrument import InstrumentId
from fondaco.market.faults import fault_rows, faults_of
from fondaco.market.ports import Fault, Store
from fondaco.market.tables import BARS, QUARANTINE

BY_DATA = "data: "
"""How a resolution begins that later data brought; others name the person who decided."""
DISCARDED = "discarded: "
"""How a resolution begins by which a person keeps a row out for good."""


def carry_factors(bars: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return bars whose factor includes those of the rows held back before them.

    A split that took effect on a day whose row is in quarantine must still adjust earlier prices:
    its factor is carried to the next bar of the same instrument and source. A session that has a
    bar after all brings its own factor.
    """
    series = ["instrument", "source"]
    lost = held.filter(pl.col("factor") != 1.0).join(bars, on=[*series, "session"], how="anti")
    if lost.is_empty() or bars.is_empty():
        return bars
    days = bars.select(*series, "session", day="session").sort("session")
    found = lost.sort("session").join_asof(
        days, on="session", by=series, strategy="forward", check_sortedness=False
    )
    carried = found.group_by(*series, "day").agg(pl.col("factor").product().alias("carried"))
    bars = bars.join(
        carried,
        left_on=[*series, "session"],
        right_on=[*series, "day"],
        how="left",
        maintain_order="left",
    )
    return bars.with_columns(factor=pl.col("factor") * pl.col("carried").fill_null(1.0)).drop(
        "carried"
    )


def _is_discarded() -> pl.Expr:
    return pl.col("resolved").str.starts_with(DISCARDED).fill_null(False)


class Quarantine:
    """Reads and resolves faults. A resolved fault stays, with who resolved it and why."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(
        self,
        *,
        ids: Sequence[str] = (),
        instruments: Sequence[str] = (),
        rule: str = "",
        resolved: bool | None = None,
        kind: str = "",
        source: str = "",
    ) -> tuple[Fault, ...]:
        """Return the faults that match all that is given, newest day first.

        `resolved` None means open and resolved ones alike.
        """
        rows = self._store.read(QUARANTINE)
        if kind:
            rows = rows.filter(pl.col("kind") == kind)
        if source:
            rows = rows.filter(pl.col("source") == source)
        if ids:
            rows = rows.filter(pl.col("id").is_in(list(ids)))
        if instruments:
            rows = rows.filter(pl.col("instrument").is_in(list(instruments)))
        if rule:
            rows = rows.filter(pl.col("rule") == rule)
        if resolved is not None:
            rows = rows.filter(pl.col("resolved").is_not_null() == resolved)
        return faults_of(
            rows.sort(
                ["session", "instrument", "id"], nulls_last=True, descending=[True, False, False]
            )
        )

    def held(self, instruments: Sequence[str] | None = None) -> pl.DataFrame:
        """Return the daily rows held back: instrument, source, session, factor; each once.

        A row that a person discarded is held back for good. A factor that the close does not bear
        out is not believed: it counts as 1.
        """
        open_or_out = pl.col("resolved").is_null() | _is_discarded()
        rows = self._of_bars().filter(
            open_or_out & (pl.col("row") != "") & pl.col("session").is_not_null()
        )
        if instruments is not None:
            rows = rows.filter(pl.col("instrument").is_in(list(instruments)))
        factor = pl.col("row").str.json_path_match("$.factor").cast(pl.Float64, strict=False)
        believed = (factor > 0) & (pl.col("rule") != "idle_factor")
        rows = rows.select(
            "instrument", "source", "session", factor=pl.when(believed).then(factor).otherwise(1.0)
        )
        return rows.unique(["instrument", "source", "session"], keep="first", maintain_order=True)

    def freed(self) -> pl.DataFrame:
        """Return the daily rows that a person has decided on: instrument, source, session, id,
        rule, and whether the row was discarded instead of let in.
        """
        rows = self._of_bars().filter(
            pl.col("resolved").is_not_null() & ~pl.col("resolved").str.starts_with(BY_DATA)
        )
        return rows.select(
            "instrument", "source", "session", "id", "rule", discarded=_is_discarded()
        )

    def decided(self, kind: str) -> frozenset[str]:
        """Return the rows of a kind, as text, that a person has let in or discarded."""
        rows = self._store.read(QUARANTINE).filter(
            (pl.col("kind") == kind) & (pl.col("row") != "") & pl.col("resolved").is_not_null()
        )
        return frozenset(rows["row"])

    def _of_bars(self) -> pl.DataFrame:
        return self._store.read(QUARANTINE).filter(pl.col("kind") == BARS)

    def resolve(self, faults: Sequence[Fault], how: str, ingest_id: str, at: datetime) -> None:
        """Write down how faults were resolved; the faults themselves stay as they are."""
        done = [replace(fault, resolved=how) for fault in faults]
        # A resolution comes after what it resolves, also on a clock that stands still.
        at = max([at, *(fault.seen_at + timedelta(microseconds=1) for fault in faults)])
        self._store.append(
            QUARANTINE, fault_rows(done, ingest_id=ingest_id, known_at=at), ingest_id=ingest_id
        )

    def close_gaps(
        self,
        instruments: Sequence[str],
        sessions: Callable[[str, date, date], tuple[date, ...]],
        ingest_id: str,
        at: datetime,
    ) -> None:
        """Resolve the gaps of these instruments whose sessions all have a bar by now."""
        filled = []
        for fault in self.find(instruments=instruments, rule="gap", resolved=False):
            first, last = map(date.fromisoformat, fault.where.split(" to "))
            here = self._store.read(
                BARS, instruments=(InstrumentId(fault.instrument),), since=first, until=last
            )
            days = here.filter(pl.col("source") == fault.source)["session"]
            if set(sessions(fault.instrument, first, last)) <= set(days):
                filled.append(fault)
        if filled:
            self.resolve(filled, BY_DATA + "a later ingest brought the rows", ingest_id, at)
