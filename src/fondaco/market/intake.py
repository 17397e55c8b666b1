"""Intake: from parsed answers of any kind to rows of the store and faults in quarantine."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.actions import ACTIONS, told_factors, with_dated_symbols
from fondaco.market.book import SymbolBook
from fondaco.market.faults import fault_rows
from fondaco.market.gate.judge import JudgedRows, gather, judge_rows
from fondaco.market.gate.judges import JUDGES
from fondaco.market.gate.stale import stale
from fondaco.market.gate.verdict import Context
from fondaco.market.kinds import KINDS, Kind, kind_named
from fondaco.market.ports import Calendars, Fault, Parsed, Raw, Store
from fondaco.market.quality import Judged, Known, judge
from fondaco.market.quarantine import Quarantine
from fondaco.market.sessions import session_table
from fondaco.market.tables import BARS, PARSED, QUARANTINE, TABLES, table_named

INSTRUMENT_COLUMNS = ("instrument", "member")
"""Columns of kinds that hold an instrument's id."""

FLOWING = frozenset(
    {"bars_1d", "bars_intraday", "quotes", "trades", "chains", "yields", "macro", "funding"}
    | {"open_interest"}
)
"""Kinds of which something new should come all the time: old ones are stale."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a provider's raw answers say, each with its own raw answer."""

    parts: tuple[tuple[Raw, Parsed], ...]
    asked_at: datetime

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What the parsers set aside."""
        return tuple(fault for _, parsed in self.parts for fault in parsed.faults)

    @property
    def bars(self) -> pl.DataFrame:
        """The daily bars of all answers."""
        return pl.concat([pl.DataFrame(schema=PARSED), *(p.bars for _, p in self.parts)])

    def pages(self, kind: str) -> list[tuple[pl.DataFrame, datetime]]:
        """Return the rows of a kind, answer by answer."""
        return [(p.rows[kind], raw.asked_at) for raw, p in self.parts if kind in p.rows]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that have rows, in the order of their declaration."""
        held = {name for _, p in self.parts for name, rows in p.rows.items() if rows.height}
        for name in held:
            kind_named(name)
        return tuple(kind for kind in KINDS.values() if kind.name in held)

    @property
    def rows(self) -> int:
        """How many rows of any kind there are."""
        return self.bars.height + sum(
            rows.height for _, p in self.parts for rows in p.rows.values()
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """What one kind of an ingest came to. `since` and `until` are days.

    `rows` are those that were let in, whether the store had them before or not.
    """

    kind: str
    things: int
    since: date | None
    until: date | None
    rows_given: int
    rows_new: int
    rows_quarantined: int
    version: int
    faults: tuple[Fault, ...]
    rows: pl.DataFrame


class Intake:
    """Judges parsed rows and writes them: faults first, then each table in one version."""

    def __init__(self, store: Store, book: SymbolBook, calendars: Calendars) -> None:
        self._store = store
        self._book = book
        self._calendars = calendars
        self._quarantine = Quarantine(store)

    def take(
        self,
        answers: Answers,
        *,
        source: str,
        ingest_id: str,
        seen_at: datetime,
        reaches_now: bool = False,
    ) -> tuple[Taken, ...]:
        """Judge and keep what some answers say, kind by kind; daily bars come first.

        `seen_at` is when the desk learns it: rows that contradict stored ones of the same known
        time become revisions known then. `reaches_now` says that the newest rows were asked for,
        so that old ones are stale.
        """
        names = self._book.register(
            (i for _, parsed in answers.parts for i in parsed.instruments),
            source=source,
            ingest_id=ingest_id,
            known_at=answers.asked_at,
        )
        daily = self._judge_bars(answers, names)
        others = [self._judge_kind(kind, answers, names) for kind in answers.kinds]
        parsing = answers.faults
        every = (*parsing, *daily.faults, *(f for one in others for f in one.faults))
        self._store.append(
            QUARANTINE,
            fault_rows(every, ingest_id=ingest_id, known_at=seen_at),
            ingest_id=ingest_id,
        )
        self._rename(others, source=source, ingest_id=ingest_id, known_at=answers.asked_at)
        write = _Writer(self._store, ingest_id, seen_at)
        taken = []
        if not answers.bars.is_empty() or any(f.kind == BARS for f in parsing):
            mine = (*(f for f in parsing if f.kind == BARS), *daily.faults)
            taken.append(write.bars(daily.rows, mine))
            self._quarantine.close_gaps(
                daily.rows["instrument"].unique().to_list(),
                self._sessions_between,
                ingest_id,
                seen_at,
            )
        taken += [
            write.rows(one, tuple(f for f in parsing if f.kind == one.kind.name)) for one in others
        ]
        told = {one.kind for one in taken}
        left = [f for f in parsing if f.kind not in told]
        taken += [write.nothing(kind, left) for kind in dict.fromkeys(f.kind for f in left)]
        if not reaches_now:
            return tuple(taken)
        return self._with_stale(tuple(taken), answers, names, ingest_id)

    def _with_stale(
        self,
        taken: tuple[Taken, ...],
        answers: Answers,
        names: Mapping[InstrumentId, InstrumentId],
        ingest_id: str,
    ) -> tuple[Taken, ...]:
        """Mark the things whose newest row is older than it should be; their rows stay as kept."""
        found = []
        for one in taken:
            kind = kind_named(one.kind) if one.kind != BARS else None
            if one.kind not in FLOWING or not one.rows_given:
                found.append(one)
                continue
            of = kind.of if kind else "instrument"
            rows = self._kept_of(one.kind, of, answers, names)
            faults = stale(
                rows,
                kind=one.kind,
                of=of,
                venues=self._venues(rows[of].unique().to_list()) if of == "instrument" else {},
                calendars=self._calendars,
                asked_at=answers.asked_at,
            )
            found.append(replace(one, faults=(*one.faults, *faults)))
            marks = fault_rows(faults, ingest_id=ingest_id, known_at=answers.asked_at)
            self._store.append(QUARANTINE, marks, ingest_id=ingest_id)
        return tuple(found)

    def _kept_of(
        self, name: str, of: str, answers: Answers, names: Mapping[InstrumentId, InstrumentId]
    ) -> pl.DataFrame:
        """Return the kept rows of the things and sources that some answers speak of."""
        told = [answers.bars] if name == BARS else [rows for rows, _ in answers.pages(name)]
        series = pl.concat([rows.select(of, "source") for rows in told]).unique()
        if of == "instrument":
            series = series.with_columns(pl.col(of).replace(names))
        about = tuple(InstrumentId(one) for one in series[of].drop_nulls().unique().sort())
        kept = self._store.read(name, instruments=about)
        return kept.join(series, on=[of, "source"], how="semi", maintain_order="left")

    def _venues(self, names: Sequence[str]) -> dict[str, str]:
        return {name: i.venue for name, i in self._book_of(names).items()}

    def _book_of(self, names: Iterable[str]) -> dict[str, Instrument]:
        """Return those of some instruments that the book knows."""
        found = {}
        for name in names:
            try:
                found[name] = self._book.get(InstrumentId(name))
            except NotFound:
                continue  # what the book does not know is judged without its venue
        return found

    def _rename(
        self, judged: Sequence[JudgedRows], *, source: str, ingest_id: str, known_at: datetime
    ) -> None:
        """Enter the tickers that renames and delistings change into the book."""
        for one in judged:
            if one.kind.name == ACTIONS and one.rows.height:
                changed = with_dated_symbols(self._book.all(), one.rows)
                self._book.register(changed, source=source, ingest_id=ingest_id, known_at=known_at)

    def _judge_bars(self, answers: Answers, names: Mapping[InstrumentId, InstrumentId]) -> Judged:
        bars = answers.bars.with_columns(pl.col("instrument").replace(names))
        # Pages of one ask are judged together: how the source cut them changes nothing.
        bars = bars.unique(keep="first", maintain_order=True)
        moves = frozenset(
            (str(names[move.instrument]), move.session)
            for _, parsed in answers.parts
            for move in parsed.moves
        )
        return judge(bars, replace(self._known(bars), moves=moves), answers.asked_at)

    def _known(self, bars: pl.DataFrame) -> Known:
        instruments = tuple(bars["instrument"].unique().sort())
        series = bars.select("instrument", "source").unique()
        kept = self._store.read(BARS, instruments=instruments).join(
            series, on=["instrument", "source"], how="semi", maintain_order="left"
        )
        book = {i: self._book.get(i) for i in instruments}
        days = pl.concat([bars["session"], kept["session"]])
        return Known(
            bars=kept,
            held=self._quarantine.held(instruments),
            freed=self._quarantine.freed(),
            sessions=session_table(self._calendars, {i.venue for i in book.values()}, days),
            venues=pl.DataFrame(
                [(name, i.venue, i.asset_class.value) for name, i in book.items()],
                schema=dict.fromkeys(("instrument", "venue", "asset_class"), pl.String),
                orient="row",
            ),
            actions=told_factors(self._store.read(ACTIONS, instruments=instruments)),
        )

    def _judge_kind(
        self, kind: Kind, answers: Answers, names: Mapping[InstrumentId, InstrumentId]
    ) -> JudgedRows:
        rows = gather(answers.pages(kind.name), kind)
        given = [c for c in INSTRUMENT_COLUMNS if c in kind.parsed]
        rows = rows.with_columns(pl.col(c).replace(names) for c in given)
        return judge_rows(rows, self._context(kind, rows), JUDGES.get(kind.name, ()))

    def _context(self, kind: Kind, rows: pl.DataFrame) -> Context:
        things = rows[kind.of].drop_nulls().unique().sort()
        kept = self._kept(kind, things, rows["source"].drop_nulls().unique())
        decided = self._quarantine.decided(kind.name)
        if kind.of != "instrument":
            return Context(kind, kept, KINDS["actions"].table.empty(), decided=decided)
        found = self._book_of(things)
        actions = self._kept(KINDS["actions"], things, None)
        return Context(
            kind,
            kept,
            actions,
            {name: i.asset_class for name, i in found.items()},
            {name: i.venue for name, i in found.items()},
            self._calendars,
            decided,
        )

    def _kept(self, kind: Kind, things: pl.Series, sources: pl.Series | None) -> pl.DataFrame:
        about = tuple(InstrumentId(name) for name in things)
        kept = self._store.read(kind.name, instruments=about)
        if sources is not None:
            kept = kept.filter(pl.col("source").is_in(sources.to_list()))
        return kept

    def _sessions_between(self, instrument: str, first: date, last: date) -> tuple[date, ...]:
        venue = self._book.get(InstrumentId(instrument)).venue
        return self._calendars(venue).sessions(first, last)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Appends judged rows of one ingest and says what came of it."""

    store: Store
    ingest_id: str
    seen_at: datetime

    def bars(self, rows: pl.DataFrame, faults: tuple[Fault, ...]) -> Taken:
        bad = sum(1 for fault in faults if fault.row)
        new, version = self._append(BARS, rows, list(TABLES[BARS].schema))
        return Taken(
            BARS,
            rows["instrument"].n_unique(),
            _day(rows["session"].min()),
            _day(rows["session"].max()),
            rows.height + bad,
            new,
            bad,
            version,
            faults,
            rows,
        )

    def rows(self, judged: JudgedRows, parsing: tuple[Fault, ...]) -> Taken:
        kind, rows = judged.kind, judged.rows
        new, version = self._append(kind.name, rows, list(kind.table.schema))
        unread = sum(1 for fault in parsing if fault.row)
        return Taken(
            kind.name,
            rows[kind.of].n_unique(),
            _day(rows["ts"].min()),
            _day(rows["ts"].max()),
            judged.given + unread,
            new,
            judged.set_aside + unread,
            version,
            (*parsing, *judged.faults),
            rows,
        )

    def nothing(self, kind: str, faults: Sequence[Fault]) -> Taken:
        mine = tuple(fault for fault in faults if fault.kind == kind)
        bad = sum(1 for fault in mine if fault.row)
        rows = table_named(kind).empty()
        return Taken(kind, 0, None, None, bad, 0, bad, self.store.version(kind), mine, rows)

    def _append(self, table: str, rows: pl.DataFrame, columns: list[str]) -> tuple[int, int]:
        ready = rows.with_columns(ingest_id=pl.lit(self.ingest_id)).select(columns)
        done = self.store.append(table, ready, ingest_id=self.ingest_id, seen_at=self.seen_at)
        return done.rows_new, done.version


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
