"""What the feed rests on at this desk: the ingestor that fetches, the store that has, the hours.

Every figure that the feed shows was kept raw, judged and appended before it was seen.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed.errors import NoRoute, NoSource
from fondaco.market.feed.freshness import Trading, fresh_until
from fondaco.market.feed.ports import Taken
from fondaco.market.feed.values import Answer, Attempt, Held, Wanted
from fondaco.market.hours import Phase, last_closed, market_state
from fondaco.market.identity import source_name
from fondaco.market.kinds import kind_named
from fondaco.market.ports import Ask, Calendars, Instruments, Store
from fondaco.market.quote_results import BarsAsked, TriedLine
from fondaco.market.sheets import Market
from fondaco.market.tables import BARS, INGESTS

if TYPE_CHECKING:
    from fondaco.market.feed.feed import Feed
    from fondaco.market.ingest import Ingestor

VENUES = {Market.US: "XNYS", Market.INDIA: "XNSE"}
SNAPSHOTS = ("quotes", "chains", "depth")
"""Kinds of which only the newest moment is the answer."""


class IngestorIntake:
    """Asks one provider by the desk's one road; the feed's `Intake`."""

    def __init__(self, ingestor: "Ingestor", instruments: Instruments, clock: Clock) -> None:
        self._ingestor = ingestor
        self._instruments = instruments
        self._clock = clock

    def take(self, provider: str, ask: Ask) -> Taken:
        """Return what was let in, by symbol as asked.

        Raises Unanswered: with cause BAD when rows came and the gate let none of them in.
        """
        try:
            let = self._ingestor.fetch(provider, ask)
        except (InvalidInput, NotFound) as error:
            # It takes no such symbol, or names a venue without a calendar: the next one may do.
            raise Unanswered(
                error.reason, provider=provider, cause=Cause.EMPTY, value=error.value
            ) from error
        rows = let.rows.get(ask.kind)
        report = let.report
        source = source_name(report.origin, report.provider)
        if rows is None or rows.is_empty():
            raise Unanswered(
                "nothing of what came was let in by the quality gate",
                provider=provider,
                cause=Cause.BAD if report.faults else Cause.EMPTY,
                value=", ".join(f"{f.count} {f.rule}" for f in report.faults) or None,
                remedy="`fondaco market faults` shows what was set aside and why.",
            )
        day = self._clock.now().date()
        parts = {symbol: self._of(rows, ask.kind, symbol, day) for symbol in ask.symbols}
        held = {symbol: part for symbol, part in parts.items() if part.height}
        return Taken(held, report.ingest_id, source)

    def _of(self, rows: pl.DataFrame, kind: str, symbol: str, day: date) -> pl.DataFrame:
        about = about_of(kind, symbol, self._instruments, day)
        of = "instrument" if kind == BARS else kind_named(kind).of
        if about is not None:
            found = rows.filter(pl.col(of) == about)
        else:  # a kind asked for without a symbol; of an instrument that is not known: nothing
            found = rows.clear() if of == "instrument" else rows
        return newest_moment(found) if kind in SNAPSHOTS else found


class StoreKept:
    """Reads from the market store what some process of the desk took in before."""

    def __init__(
        self,
        store: Store,
        instruments: Instruments,
        hours: Callable[[Market, datetime], Trading | None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._instruments = instruments
        self._hours = hours
        self._clock = clock

    def kept(self, wanted: Wanted, symbol: str) -> Held | None:
        """Return the rows of one symbol with when they were asked, or None.

        A question with a span or options is not answered from the store: what it would have
        brought is not on record.
        """
        now = self._clock.now()
        if wanted.key(symbol).rest:
            return None
        about = about_of(wanted.kind, symbol, self._instruments, now.date())
        if about is None:
            return None
        rows = self._store.read(wanted.kind, as_of=now, instruments=(about,))  # type: ignore[arg-type]
        rows = rows.filter(pl.col("source").str.starts_with("live"))
        if rows.is_empty():
            return None
        rows = newest_moment(rows) if wanted.kind in SNAPSHOTS else rows
        newest = rows.sort("ts", "ingest_id").row(-1, named=True)
        asked = self._store.read(INGESTS).filter(pl.col("ingest") == newest["ingest_id"])
        if asked.is_empty():
            return None
        asked_at: datetime = asked["ts"][0]
        until = fresh_until(wanted.kind, asked_at, self._hours(wanted.market, asked_at))
        rows = rows.filter(pl.col("source") == newest["source"])
        return Held(rows, newest["source"], newest["ingest_id"], asked_at, until.at, until.why)


def about_of(kind: str, symbol: str, instruments: Instruments, day: date) -> str | None:
    """Return what rows of a kind are about for a symbol: an instrument's id, or the symbol.

    None for a symbol that is not known, or a kind that is asked for without one.
    """
    if kind != BARS and kind_named(kind).of != "instrument":
        return symbol or None
    try:
        return instruments.by_symbol(symbol, day).id
    except NotFound:
        return None


def newest_moment(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the newest `ts`."""
    return rows.filter(pl.col("ts") == pl.col("ts").max())


class CalendarHours:
    """Says whether a market trades, by the calendar of its first venue; the feed's `Hours`."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars

    def __call__(self, market: Market, moment: datetime) -> Trading | None:
        """Return whether it trades; None for a market that never closes or is not one place."""
        if market not in VENUES:
            return None
        calendar = self._calendars(VENUES[market])
        try:
            state = market_state(calendar, moment)
        except InvalidInput:  # beyond the days that the calendar knows
            return None
        last = last_closed(calendar, moment)
        return Trading(
            state.phase is Phase.OPEN,
            state.next_open,
            state.next_close,
            state.reason,
            None if last is None else calendar.close(last),
        )


class DeskFeed:
    """The feed as the desk's capabilities ask it; `ports.Feeds`."""

    def __init__(self, feed: "Feed") -> None:
        self._feed = feed

    def quotes(
        self,
        market: Market,
        symbols: tuple[str, ...],
        *,
        witnesses: int,
        max_age: timedelta | None,
    ) -> tuple[Answer | None, list[TriedLine]]:
        """Return the quotes that some source gave, and what was tried for them."""
        wanted = Wanted("quotes", market, symbols)
        try:
            answer = self._feed.ask(wanted, max_age=max_age, witnesses=witnesses, partly=True)
        except NoSource as error:
            return None, [_tried(attempt) for attempt in error.attempts]
        except NoRoute:
            return None, []
        return answer, [_tried(attempt) for attempt in answer.attempts]

    def bars(self, market: Market, symbols: tuple[str, ...], *, since: date) -> BarsAsked:
        """Take in the daily bars of symbols, and say which source gave which."""
        wanted = Wanted("bars_1d", market, symbols, since=since)
        try:
            answer = self._feed.ask(wanted, partly=True)
        except NoSource as error:
            return BarsAsked({}, symbols, tuple(_tried(attempt) for attempt in error.attempts))
        except NoRoute:
            return BarsAsked({}, symbols, ())
        given: dict[str, list[str]] = {}
        for symbol, held in answer.parts.items():
            given.setdefault(held.source, []).append(symbol)
        sources = {source: tuple(names) for source, names in given.items()}
        return BarsAsked(sources, answer.unknown, tuple(_tried(a) for a in answer.attempts))


def _tried(attempt: Attempt) -> TriedLine:
    return TriedLine(attempt.provider, attempt.outcome.value, attempt.reason)
