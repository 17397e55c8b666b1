"""Ingest: ask, keep raw, parse, judge, append. Whatever is doubtful waits in quarantine."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl

from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.ids import Ids
from fondaco.core.instrument import InstrumentId
from fondaco.core.jobs import Progress, Silent
from fondaco.market.book import SymbolBook
from fondaco.market.faults import check_replayable, day_of, fault_rows, row_of
from fondaco.market.ports import Ask, Calendars, Fault, Parsed, Provider, Raw, RawArchive, Store
from fondaco.market.quality import Judged, Known, judge
from fondaco.market.quarantine import Quarantine
from fondaco.market.results import IngestReport, ReplayReport, RuleCount
from fondaco.market.rules import RULES
from fondaco.market.sessions import session_table
from fondaco.market.tables import BARS, PARSED, QUARANTINE, TABLES, UTC_TIME

Providers = Mapping[str, Callable[[], Provider]]
"""Makes each provider by its name, when it is first needed."""

RAW_ANSWERS_MAX = 10_000


class Ingestor:
    """Brings market data in, by one road for every provider.

    Each step may be repeated: a raw answer is kept once by its hash, rows and faults once by
    their content. So an ingest that was cut short is simply run again. Faults are written before
    the rows, and all new rows in one version: nothing half-done is ever read.
    """

    def __init__(
        self,
        store: Store,
        archive: RawArchive,
        book: SymbolBook,
        calendars: Calendars,
        providers: Providers,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._store = store
        self._archive = archive
        self._book = book
        self._calendars = calendars
        self._providers = providers
        self._clock = clock
        self._ids = ids
        self._quarantine = Quarantine(store)

    def ingest(
        self, provider_name: str, ask: Ask, progress: Progress | None = None
    ) -> IngestReport:
        """Ask a provider and take in what is good.

        Raises InvalidInput for an unknown provider, an answer without rows or one that cannot be
        read at all; Unavailable when the provider or the disk is; Cancelled between steps.
        """
        tell = (progress or Silent()).report
        provider = self._provider(provider_name)
        tell(f"Asking {provider_name}", 0, 4)
        raws = provider.ask(ask)
        if len(raws) > RAW_ANSWERS_MAX:
            raise InvalidInput(
                "one ingest would take too many raw answers",
                value=len(raws),
                bound=RAW_ANSWERS_MAX,
                remedy="Ask for fewer symbols at a time.",
            )
        for raw in raws:
            self._archive.keep(raw)
        parsed: list[Parsed] = []
        for number, raw in enumerate(raws):
            tell(f"Reading {raw.name}", number, len(raws))
            parsed.append(provider.parse(raw, ask))
        tell("Checking quality", 2, 4)
        ingest_id = str(self._ids.new())
        judged, asked_at = self._judge(parsed, raws, provider_name, ingest_id)
        tell("Writing to the store", 3, 4)
        report = self._keep(judged, ingest_id, asked_at, provider, raws)
        tell("Done", 4, 4)
        return report

    def faults(
        self,
        *,
        ids: Sequence[str] = (),
        instruments: Sequence[str] = (),
        rule: str = "",
        resolved: bool | None = None,
    ) -> tuple[Fault, ...]:
        """Return the faults that match all that is given, newest day first."""
        return self._quarantine.find(ids=ids, instruments=instruments, rule=rule, resolved=resolved)

    def replay(
        self, faults: Sequence[Fault], *, by: str, reason: str, factor: float | None = None
    ) -> ReplayReport:
        """Let quarantined rows in by a person's decision; they enter with their own known time.

        `factor` is that of the earliest of them, where the source lacks a split or has a wrong
        one; the faults must then be of one instrument. Raises NotFound when there is no fault,
        Refused when a rule cannot be overruled or the fault was resolved before.
        """
        check_replayable(faults)
        ingest_id, at = str(self._ids.new()), self._clock.now()
        rows = self._rows_of(faults).with_columns(ingest_id=pl.lit(ingest_id)).sort("session")
        if factor is not None:
            rows = first_factor(rows, factor)
        # Rows first: if it ends in between, the faults stay open and the replay is run again.
        done = self._store.append(
            BARS, rows.select(list(TABLES[BARS].schema)), ingest_id=ingest_id, seen_at=at
        )
        self._quarantine.resolve(faults, f"{by}: {reason}", ingest_id, at)
        return ReplayReport(
            ingest_id, tuple(fault.id for fault in faults), done.rows_new, done.version, by, reason
        )

    def _rows_of(self, faults: Sequence[Fault]) -> pl.DataFrame:
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
        return pl.DataFrame(parts, schema={**PARSED, "ts": UTC_TIME}).drop("where")

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise InvalidInput(
                "no such provider", value=name, bound=", ".join(sorted(self._providers))
            )
        return self._providers[name]()

    def _judge(
        self, parsed: list[Parsed], raws: tuple[Raw, ...], source: str, ingest_id: str
    ) -> tuple[Judged, datetime]:
        asked_at = max((raw.asked_at for raw in raws), default=self._clock.now())
        names = self._book.register(
            (i for part in parsed for i in part.instruments),
            source=source,
            ingest_id=ingest_id,
            known_at=asked_at,
        )
        bars = pl.concat([pl.DataFrame(schema=PARSED), *(part.bars for part in parsed)])
        faults = [fault for part in parsed for fault in part.faults]
        if bars.is_empty() and not faults:
            raise InvalidInput(
                "the answer has no rows",
                value=", ".join(r.name for r in raws),
                bound="at least one row",
                remedy="Check the dates and symbols that were asked for.",
            )
        useless = [fault.reason for fault in faults if fault.rule == "answer"]
        if bars.is_empty() and len(useless) == len(faults):
            raise Unavailable(
                "no answer of the provider can be used",
                value="; ".join(useless[:3]),
                remedy="Check the symbols, or try again later.",
            )
        bars = bars.with_columns(pl.col("instrument").replace(names))
        # Pages of one ask are judged together: how the source cut them changes nothing.
        bars = bars.unique(keep="first", maintain_order=True)
        moves = frozenset(
            (str(names[move.instrument]), move.session) for part in parsed for move in part.moves
        )
        judged = judge(bars, replace(self._known(bars), moves=moves), asked_at)
        return Judged(judged.rows, (*faults, *judged.faults)), asked_at

    def _known(self, bars: pl.DataFrame) -> Known:
        instruments = tuple(bars["instrument"].unique().sort())
        series = bars.select("instrument", "source").unique()
        kept = self._store.read(BARS, instruments=instruments).join(
            series, on=["instrument", "source"], how="semi", maintain_order="left"
        )
        venues = {i: self._book.get(i).venue for i in instruments}
        days = pl.concat([bars["session"], kept["session"]])
        return Known(
            bars=kept,
            held=self._quarantine.held(instruments),
            freed=self._quarantine.freed(),
            sessions=session_table(self._calendars, set(venues.values()), days),
            venues=pl.DataFrame(
                {"instrument": list(venues), "venue": list(venues.values())},
                schema={"instrument": pl.String, "venue": pl.String},
            ),
        )

    def _keep(
        self,
        judged: Judged,
        ingest_id: str,
        asked_at: datetime,
        provider: Provider,
        raws: tuple[Raw, ...],
    ) -> IngestReport:
        set_aside = fault_rows(judged.faults, ingest_id=ingest_id, known_at=asked_at)
        self._store.append(QUARANTINE, set_aside, ingest_id=ingest_id)
        rows = judged.rows.with_columns(ingest_id=pl.lit(ingest_id))
        done = self._store.append(
            BARS, rows.select(list(TABLES[BARS].schema)), ingest_id=ingest_id, seen_at=asked_at
        )
        self._quarantine.close_gaps(
            rows["instrument"].unique().to_list(), self._sessions_between, ingest_id, asked_at
        )
        bad = sum(1 for fault in judged.faults if fault.row)
        return IngestReport(
            ingest_id=ingest_id,
            provider=provider.name,
            origin=provider.origin,
            instruments=rows["instrument"].n_unique(),
            since=_day(rows["session"].min()),
            until=_day(rows["session"].max()),
            rows_given=rows.height + bad,
            rows_new=done.rows_new,
            rows_quarantined=bad,
            faults=_counts(judged.faults),
            raw_digests=tuple(raw.digest for raw in raws),
            version=done.version,
        )

    def _sessions_between(self, instrument: str, first: date, last: date) -> tuple[date, ...]:
        venue = self._book.get(InstrumentId(instrument)).venue
        return self._calendars(venue).sessions(first, last)


def run_ingest(ingestor: Ingestor, inputs: dict[str, Any], progress: Progress) -> IngestReport:
    """Do the work of `market.ingest` from its plain JSON inputs; run by the desk's worker."""
    day = {
        name: date.fromisoformat(inputs[name]) for name in ("since", "until") if inputs.get(name)
    }
    ask = Ask(
        since=day.get("since"), until=day.get("until"), options=dict(inputs.get("options") or {})
    )
    return ingestor.ingest(inputs["provider"], ask, progress)


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


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def _counts(faults: tuple[Fault, ...]) -> tuple[RuleCount, ...]:
    counted = Counter(fault.rule for fault in faults)
    return tuple(RuleCount(rule, RULES[rule].says, count) for rule, count in counted.most_common())
