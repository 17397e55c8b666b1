"""What a person decides about quarantined rows: to let them in, or to keep them out for good."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import polars as pl

from fondaco.core.errors import InvalidInput, NotFound, Refused
from fondaco.core.instrument import InstrumentId
from fondaco.market.book import SymbolBook
from fondaco.market.faults import cells_of, check_replayable, day_of, row_of
from fondaco.market.gate.edge import AHEAD
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Calendars, Fault, Ingest, Store
from fondaco.market.quarantine import DISCARDED, Quarantine
from fondaco.market.results import DiscardReport, ReplayReport
from fondaco.market.tables import BARS, PARSED, TABLES, UTC_TIME


class Decisions:
    """Carries out what a person decided; who and why stand in the quarantine for good."""

    def __init__(self, store: Store, book: SymbolBook, calendars: Calendars) -> None:
        self._store = store
        self._book = book
        self._calendars = calendars
        self._quarantine = Quarantine(store)

    def let_in(
        self,
        faults: Sequence[Fault],
        *,
        by: str,
        reason: str,
        factor: float | None,
        ingest_id: str,
        at: datetime,
    ) -> ReplayReport:
        """Let quarantined rows of any kind in, each with the known time that it had.

        Raises NotFound when there is no fault, Refused when a rule cannot be overruled or the
        fault was resolved before, InvalidInput for a factor that cannot be.
        """
        check_replayable(faults)
        done: list[Ingest] = []
        ordered = sorted(faults, key=lambda fault: fault.kind)
        for kind, group in groupby(ordered, key=lambda fault: fault.kind):
            some = list(group)
            rows = self._bars(some, factor) if kind == BARS else _rows(kind, some)
            if factor is not None and kind != BARS:
                raise InvalidInput("a factor is given for daily bars alone", value=kind, bound=BARS)
            # Rows first: if it ends in between, the faults stay open and it is run again.
            rows = rows.with_columns(ingest_id=pl.lit(ingest_id))
            done.append(self._store.append(kind, rows, ingest_id=ingest_id, seen_at=at))
        self._quarantine.resolve(faults, f"{by}: {reason}", ingest_id, at)
        return ReplayReport(
            ingest_id,
            tuple(fault.id for fault in faults),
            sum(one.rows_new for one in done),
            done[-1].version,
            by,
            reason,
        )

    def keep_out(
        self, faults: Sequence[Fault], *, by: str, reason: str, ingest_id: str, at: datetime
    ) -> DiscardReport:
        """Keep rows out for good: they stay in the record and are never asked about again.

        What was read before is read after: the factor of a daily row that is kept out goes on to
        the next bar, as while it was in question. Raises NotFound when there is no fault, Refused
        when one was resolved before.
        """
        if not faults:
            raise NotFound("no open fault matches", remedy="`fondaco market faults` lists them.")
        for fault in faults:
            if fault.resolved is not None:
                raise Refused(
                    "the fault was resolved before", value=f"{fault.id}: {fault.resolved}"
                )
        self._quarantine.resolve(faults, f"{DISCARDED}{by}: {reason}", ingest_id, at)
        return DiscardReport(tuple(fault.id for fault in faults), by, reason)

    def _bars(self, faults: Sequence[Fault], factor: float | None) -> pl.DataFrame:
        parts = []
        for fault in faults:
            venue = self._book.get(InstrumentId(fault.instrument)).venue
            ts = self._calendars(venue).close(day_of(fault))
            row = row_of(fault.row)
            parts.append(
                row
                | {
                    "instrument": fault.instrument,
                    "session": fault.session,
                    "source": fault.source,
                    "ts": ts,
                    "known_at": row["known_at"] or ts,
                }
            )
        rows = pl.DataFrame(parts, schema={**PARSED, "ts": UTC_TIME}).drop("where").sort("session")
        if factor is not None:
            rows = first_factor(rows, factor)
        return rows.select([name for name in TABLES[BARS].schema if name != "ingest_id"])


def first_factor(rows: pl.DataFrame, factor: float) -> pl.DataFrame:
    """Return rows in session order with another factor in the first; raises InvalidInput."""
    if rows["instrument"].n_unique() != 1:
        raise InvalidInput(
            "a factor can be given for one instrument at a time",
            value=rows["instrument"].n_unique(),
            bound=1,
        )
    if not 0 < factor < float("inf"):
        raise InvalidInput(
            "a factor must be above zero",
            value=factor,
            bound="> 0",
            remedy="A 5-for-1 split has factor 0.2.",
        )
    at = pl.int_range(pl.len()) == 0
    return rows.with_columns(factor=pl.when(at).then(factor).otherwise("factor"))


def _rows(name: str, faults: Sequence[Fault]) -> pl.DataFrame:
    kind = kind_named(name)
    parts = []
    for fault in faults:
        row = cells_of(fault.row, kind)
        if row["known_at"] is None:  # it was filled in with the time of asking, and so it is again
            asked = fault.seen_at
            row["known_at"] = asked if name in AHEAD else max(asked, row["ts"])
        parts.append(row)
    return kind.frame(parts).drop("where")
