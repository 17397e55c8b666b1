"""Ingest: ask, keep raw, parse, judge, append. Whatever is doubtful waits in quarantine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import Ids
from fondaco.core.instrument import Origin
from fondaco.core.jobs import Progress, Silent
from fondaco.market.book import SymbolBook
from fondaco.market.gate.records import Records
from fondaco.market.gate.release import Decisions
from fondaco.market.gate.reports import check_answered, report_of
from fondaco.market.gate.summary import summary_of
from fondaco.market.intake import Answers, Intake
from fondaco.market.ports import Ask, Calendars, Fault, Provider, Raw, RawArchive, Store
from fondaco.market.quarantine import Quarantine
from fondaco.market.results import DiscardReport, IngestReport, QualitySummary, ReplayReport
from fondaco.market.tables import BARS, table_named

Tell = Callable[[str, int, int], None]
"""Tells a step, what is done and the total."""

Providers = Mapping[str, Callable[[], Provider]]
"""Makes each provider by its name, when it is first needed."""

RAW_ANSWERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Let:
    """What one ingest let in: its report, and its rows by kind, new or known before."""

    report: IngestReport
    rows: Mapping[str, pl.DataFrame]


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
        self._intake = Intake(store, book, calendars)
        self._decisions = Decisions(store, book, calendars)
        self._records = Records(store)

    def ingest(
        self, provider_name: str, ask: Ask, progress: Progress | None = None
    ) -> IngestReport:
        """Ask a provider for data of any kind and take in what is good.

        Raises InvalidInput for an unknown provider or kind, an answer without rows or one that
        cannot be read at all; Unanswered when a provider says nothing that can be used (what was
        asked is then unknown); Unavailable when the disk is; Cancelled between steps.
        """
        return self.fetch(provider_name, ask, progress).report

    def fetch(self, provider_name: str, ask: Ask, progress: Progress | None = None) -> Let:
        """Do as `ingest` does, and return the rows that were let in as well."""
        tell = (progress or Silent()).report
        provider = self._provider(provider_name)
        table_named(ask.kind)
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
        asked_at = max((raw.asked_at for raw in raws), default=self._clock.now())
        ingest_id = self._records.keep(provider, ask, raws, str(self._ids.new()), asked_at)
        return self._take(provider, ask, raws, ingest_id, (asked_at, asked_at), tell)

    def reparse(self, which: str, progress: Progress | None = None) -> IngestReport:
        """Read kept raw answers again with today's parser and rules, and append what is new.

        `which` is an ingest id, or the digest of one raw answer. Rows keep the known time that
        they had; what contradicts a stored row becomes a revision known now. Raises NotFound for
        an unknown id, Unavailable when the kept bytes have changed.
        """
        tell = (progress or Silent()).report
        record = self._records.find(which)
        provider = self._provider(record.provider)
        tell(f"Reading what {record.provider} answered", 0, 4)
        raws = tuple(
            replace(self._archive.get(kept.digest), name=kept.name, request=kept.request)
            for kept in record.raws
        )
        asked_at, now = max(raw.asked_at for raw in raws), self._clock.now()
        ingest_id = self._records.keep(
            provider, record.ask, raws, str(self._ids.new()), now, again=record.ingest
        )
        return self._take(provider, record.ask, raws, ingest_id, (asked_at, now), tell).report

    def _take(
        self,
        provider: Provider,
        ask: Ask,
        raws: tuple[Raw, ...],
        ingest_id: str,
        times: tuple[datetime, datetime],
        tell: Tell,
    ) -> Let:
        asked_at, seen_at = times
        parts = []
        for number, raw in enumerate(raws):
            tell(f"Reading {raw.name}", number, len(raws))
            parts.append((raw, provider.parse(raw, ask)))
        tell("Checking quality", 2, 4)
        answers = Answers(tuple(parts), asked_at)
        newest = provider.origin is Origin.LIVE and ask.until is None and asked_at == seen_at
        check_answered(answers, provider)
        tell("Writing to the store", 3, 4)
        taken = self._intake.take(
            answers,
            source=provider.name,
            ingest_id=ingest_id,
            seen_at=seen_at,
            reaches_now=newest,
        )
        tell("Done", 4, 4)
        report = report_of(taken, ask.kind, ingest_id, provider, raws)
        return Let(report, {one.kind: one.rows for one in taken})

    def faults(
        self,
        *,
        ids: Sequence[str] = (),
        instruments: Sequence[str] = (),
        rule: str = "",
        resolved: bool | None = None,
        kind: str = "",
        source: str = "",
    ) -> tuple[Fault, ...]:
        """Return the faults that match all that is given, newest day first."""
        return self._quarantine.find(
            ids=ids,
            instruments=instruments,
            rule=rule,
            resolved=resolved,
            kind=kind,
            source=source,
        )

    def replay(
        self, faults: Sequence[Fault], *, by: str, reason: str, factor: float | None = None
    ) -> ReplayReport:
        """Let quarantined rows of any kind in by a person's decision, with their own known time.

        `factor` is that of the earliest of them, where the source lacks a split or has a wrong
        one; the faults must then be of one instrument. Raises NotFound when there is no fault,
        Refused when a rule cannot be overruled or the fault was resolved before.
        """
        ingest_id, at = str(self._ids.new()), self._clock.now()
        return self._decisions.let_in(
            faults, by=by, reason=reason, factor=factor, ingest_id=ingest_id, at=at
        )

    def discard(self, faults: Sequence[Fault], *, by: str, reason: str) -> DiscardReport:
        """Keep quarantined rows out for good by a person's decision; they stay in the record.

        Raises NotFound when there is no fault, Refused when one was resolved before.
        """
        ingest_id, at = str(self._ids.new()), self._clock.now()
        return self._decisions.keep_out(faults, by=by, reason=reason, ingest_id=ingest_id, at=at)

    def summary(self) -> QualitySummary:
        """Return what is wrong and what is there, by source and kind."""
        return summary_of(self._store, self._clock.now())

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise InvalidInput(
                "no such provider", value=name, bound=", ".join(sorted(self._providers))
            )
        return self._providers[name]()


def run_ingest(ingestor: Ingestor, inputs: dict[str, Any], progress: Progress) -> IngestReport:
    """Do the work of `market.ingest` from its plain JSON inputs; run by the desk's worker."""
    day = {
        name: date.fromisoformat(inputs[name]) for name in ("since", "until") if inputs.get(name)
    }
    ask = Ask(
        since=day.get("since"),
        until=day.get("until"),
        options=dict(inputs.get("options") or {}),
        kind=inputs.get("kind") or BARS,
        symbols=tuple(inputs.get("symbols") or ()),
    )
    return ingestor.ingest(inputs["provider"], ask, progress)
