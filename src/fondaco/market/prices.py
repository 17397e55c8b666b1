"""Prices: panels, last bars and first revisions, each as it was known at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import polars as pl

from fondaco.core.clock import utc
from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.instrument import AssetClass, InstrumentId, Origin
from fondaco.core.prices import Bar
from fondaco.market.actions import ACTIONS, judged_actions, money_of, with_actions
from fondaco.market.adjust import adjustment
from fondaco.market.first_bars import FirstBars, first_bars_of, one_source
from fondaco.market.identity import origin_of
from fondaco.market.kinds import kind_named
from fondaco.market.panel import Matrix, Panel
from fondaco.market.ports import Calendar, Calendars, Instruments, Newest, Store
from fondaco.market.quarantine import Quarantine, carry_factors
from fondaco.market.sources import choose_source
from fondaco.market.tables import BARS, PRICES

FIELDS = (*PRICES, "volume")

Adjusted = bool | Literal["splits"]
"""Whether prices are adjusted, for splits, spin-offs and cash; or for "splits" and spin-offs only.
"""


class Prices:
    """Reads prices from the store, as of a time; nothing known later is ever seen.

    Panels are adjusted for the splits and dividends known at `as_of`, told with the bars or as
    corporate actions (`actions.py` says which counts); single bars are raw. One reading rests on
    one source (`sources.py` holds the rule).
    """

    def __init__(self, store: Store, instruments: Instruments, calendars: Calendars) -> None:
        self._store = store
        self._instruments = instruments
        self._calendars = calendars
        self._quarantine = Quarantine(store)

    def calendar(self, venue: str) -> Calendar:
        """Return the calendar of a venue; raises NotFound."""
        return self._calendars(venue)

    def version(self) -> int:
        """Return the store version that is read now; -1 when there are no bars."""
        return self._store.version(BARS)

    def panel(
        self,
        instruments: Sequence[InstrumentId] | None = None,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        fields: Sequence[str] = FIELDS,
        origin: Origin | None = None,
        adjusted: Adjusted = True,
    ) -> Panel:
        """Return the bars of some instruments as arrays, adjusted to `as_of`.

        `instruments` None means every share of the source (no index, no fund). Columns come in
        the order asked for, else by symbol. Prices are multiplied by the factors of all later
        sessions known at `as_of` (also those after `until`) and volume is divided by them, so
        that price times volume stays the value traded. `open`, `high` and `low` are there only
        when every bar of the panel has them, `volume` when any has. Not `adjusted`, prices and
        volumes are those of their day, and a field `factor` tells what each bar restated. Adjusted
        for "splits", cash that was paid stays in the earlier prices. Raises
        InvalidInput for an unknown field, NotFound when nothing was known, Refused when no source
        has them all.
        """
        _check_fields(fields)
        version = self.version()
        rows = self._known(instruments, as_of)
        asked = instruments if instruments is not None else self._shares(rows)
        rows = rows.filter(pl.col("instrument").is_in(list(asked)))
        source = choose_source(_span(rows, since, until), instruments, origin)
        if source is None:
            raise NotFound(
                "no bars were known then",
                value=f"{len(asked)} instruments as of {utc(as_of).isoformat()}",
                remedy="`fondaco market ingest bundled` loads prices.",
            )
        rows = rows.filter(pl.col("source") == source)
        if instruments is None:
            held = set(_span(rows, since, until)["instrument"].unique())
            asked = [instrument for instrument in asked if instrument in held]
        rows = rows.filter(pl.col("instrument").is_in(list(asked)))
        rows = self._acted(rows, as_of, cash=adjusted != "splits")
        return _Grid(rows, tuple(asked)).panel(
            fields, since, until, origin_of(source), utc(as_of), version, adjusted=bool(adjusted)
        )

    def bars(
        self,
        instrument: InstrumentId,
        *,
        as_of: datetime,
        since: date | None = None,
        until: date | None = None,
        origin: Origin | None = None,
        adjusted: Adjusted = False,
    ) -> tuple[Bar, ...]:
        """Return the bars of one instrument, oldest first: raw, or adjusted to `as_of`.

        Adjusted prices are multiplied by the factors of all later sessions known at `as_of`,
        also those after `until`, and volumes divided by them.
        """
        if not adjusted:
            rows = self._series(instrument, as_of, since=since, until=until, origin=origin)
        else:
            whole = self._series(instrument, as_of, since=since, origin=origin)
            whole = self._acted(whole, as_of, cash=adjusted != "splits")
            rows = _span(_adjusted(whole), since, until)
        return tuple(_bar(row) for row in rows.iter_rows(named=True))

    def last_bar(self, instrument: InstrumentId, *, as_of: datetime) -> Bar | None:
        """Return the latest raw bar that was known at `as_of`, or None."""
        rows = self._series(instrument, as_of)
        return _bar(rows.row(-1, named=True)) if rows.height else None

    def first_bars(
        self,
        instruments: Sequence[InstrumentId],
        *,
        known_by: datetime,
        after: datetime | None = None,
        decided: Sequence[datetime] = (),
    ) -> FirstBars:
        """Return the sessions that closed after `after`, each bar as it was first known.

        What is known at `known_by` counts; later revisions change nothing. After each time in
        `decided` the bars come from the source that a reader at that time saw. A corporate action
        counts as it was first told, when that was before the bar of its session was known.
        """
        wanted = tuple(instruments)
        rows = self._store.read(BARS, as_of=utc(known_by), instruments=wanted, first=True)
        rows = carry_factors(rows, self._quarantine.held(wanted))
        book = [self._instruments.get(name) for name in wanted]
        calendars = {one.venue: self.calendar(one.venue) for one in book}
        return first_bars_of(
            one_source(rows, wanted, decided),
            book,
            calendars,
            known_by=known_by,
            after=after,
            mixed=rows["source"].n_unique() > 1,
            actions=self._actions(wanted, known_by, first=True),
        )

    def average_volume(
        self, instrument: InstrumentId, *, sessions: int, as_of: datetime
    ) -> Decimal | None:
        """Return the mean volume of the last `sessions` bars, in shares of the last of them.

        None where the source has no volume, or fewer bars than asked for. Volumes before a split
        are divided by its factor.
        """
        if sessions < 1:
            raise InvalidInput(
                "an average needs at least one session", value=sessions, bound=">= 1"
            )
        rows = self._acted(self._series(instrument, as_of), as_of).tail(sessions)
        if rows.height < sessions or rows["volume"].null_count():
            return None
        scale = adjustment(rows["factor"].to_numpy().reshape(-1, 1))[:, 0]
        return Decimal(str(round(float(np.mean(rows["volume"].to_numpy() / scale)), 2)))

    def actions(self, instrument: InstrumentId, *, as_of: datetime) -> pl.DataFrame:
        """Return the splits, dividends and spin-offs known of an instrument, and what each does.

        `session` is the bar that each takes effect on, `value` what it multiplies earlier prices
        by; `why` says why it does nothing, empty for one that counts.
        """
        told, bars = self._actions((instrument,), as_of), self._series(instrument, as_of)
        return judged_actions(bars, told, money_of((self._instruments.get(instrument),)))

    def origin(self, instrument: InstrumentId, *, as_of: datetime) -> Origin | None:
        """Return where the instrument's bars come from, or None when it has none."""
        source = choose_source(self._known((instrument,), as_of), (instrument,))
        return None if source is None else origin_of(source)

    def latest(self, *, as_of: datetime) -> datetime | None:
        """Return the close of the last session with a share's bar known at `as_of`, or None."""
        found = self.newest(as_of=as_of)
        return None if found is None else found.at

    def newest(self, *, as_of: datetime) -> Newest | None:
        """Return when the market last closed as known at `as_of`, where, and whose prices it are.

        None when no share had a bar then. The source is that of a panel of the whole market.
        """
        rows = self._known(None, as_of)
        rows = rows.filter(pl.col("instrument").is_in(self._shares(rows)))
        source = choose_source(rows, None)
        if source is None:
            return None
        last = rows.filter(pl.col("source") == source).sort("ts", "instrument").row(-1, named=True)
        venue = self._instruments.get(InstrumentId(last["instrument"])).venue
        return Newest(last["ts"], venue, origin_of(source))

    def _known(self, instruments: Sequence[InstrumentId] | None, as_of: datetime) -> pl.DataFrame:
        wanted = None if instruments is None else tuple(instruments)
        rows = self._store.read(BARS, as_of=utc(as_of), instruments=wanted)
        return carry_factors(rows, self._quarantine.held(wanted))

    def _actions(
        self,
        instruments: Sequence[InstrumentId] | None,
        as_of: datetime,
        *,
        first: bool = False,
    ) -> pl.DataFrame:
        """Return the corporate actions known at `as_of`."""
        if self._store.version(ACTIONS) < 0:
            return kind_named(ACTIONS).table.empty()
        wanted = None if instruments is None else tuple(instruments)
        return self._store.read(ACTIONS, as_of=utc(as_of), instruments=wanted, first=first)

    def _acted(self, bars: pl.DataFrame, as_of: datetime, *, cash: bool = True) -> pl.DataFrame:
        """Return bars of one source with the factors of corporate actions known at `as_of`."""
        if self._store.version(ACTIONS) < 0 and cash:
            return bars
        names = [InstrumentId(name) for name in bars["instrument"].unique()]
        told = self._actions(names, as_of)
        book = [self._instruments.get(InstrumentId(name)) for name in told["instrument"].unique()]
        return with_actions(bars, told, money_of(book), cash=cash)

    def _series(
        self,
        instrument: InstrumentId,
        as_of: datetime,
        *,
        since: date | None = None,
        until: date | None = None,
        origin: Origin | None = None,
    ) -> pl.DataFrame:
        rows = _span(self._known((instrument,), as_of), since, until)
        source = choose_source(rows, (instrument,), origin)
        return rows.clear() if source is None else rows.filter(pl.col("source") == source)

    def _shares(self, rows: pl.DataFrame) -> list[InstrumentId]:
        held = set(rows["instrument"].unique())
        book = [i for i in self._instruments.all() if i.id in held]
        return [
            i.id
            for i in sorted(book, key=lambda i: (i.symbol, i.id))
            if i.asset_class is AssetClass.EQUITY
        ]


class _Grid:
    """Bars laid out as session x instrument."""

    def __init__(self, rows: pl.DataFrame, instruments: tuple[InstrumentId, ...]) -> None:
        self._rows = rows
        self._instruments = instruments
        times = rows.group_by("session").agg(pl.col("ts").max()).sort("session")
        self._sessions = times["session"].to_numpy().astype("datetime64[D]")
        self._closes_at = times["ts"].dt.replace_time_zone(None).to_numpy()
        place = pl.DataFrame(
            {"instrument": list(instruments), "column": np.arange(len(instruments))}
        )
        joined = rows.select("instrument").join(
            place, on="instrument", how="left", maintain_order="left"
        )
        self._column = joined["column"].to_numpy()
        self._row = np.searchsorted(
            self._sessions, rows["session"].to_numpy().astype("datetime64[D]")
        )

    def field(self, name: str) -> Matrix:
        """Return one column of the bars as (T, N), NaN where there is no value."""
        grid = np.full((len(self._sessions), len(self._instruments)), np.nan)
        grid[self._row, self._column] = self._rows[name].cast(pl.Float64).to_numpy()
        return grid

    def panel(
        self,
        fields: Sequence[str],
        since: date | None,
        until: date | None,
        origin: Origin,
        as_of: datetime,
        version: int,
        *,
        adjusted: bool,
    ) -> Panel:
        """Return the panel of the span."""
        keep = np.ones(len(self._sessions), dtype=np.bool_)
        if since is not None:
            keep &= self._sessions >= np.datetime64(since)
        if until is not None:
            keep &= self._sessions <= np.datetime64(until)
        factors, close = self.field("factor"), self.field("close")
        scale = adjustment(factors) if adjusted else np.ones_like(factors)
        bars = ~np.isnan(close[keep])
        values: dict[str, Matrix] = {"close": (close * scale)[keep]}
        for name in fields:
            raw = self.field(name)
            seen = ~np.isnan(raw[keep])
            if name == "volume" and seen.any():
                values[name] = (raw / scale)[keep]
            elif name in PRICES and bool((seen == bars).all()):
                values[name] = (raw * scale)[keep]
        if not adjusted:
            values["factor"] = factors[keep]
        return Panel(
            self._sessions[keep],
            self._closes_at[keep],
            self._instruments,
            values,
            origin,
            as_of,
            version,
        )


def _span(rows: pl.DataFrame, since: date | None, until: date | None) -> pl.DataFrame:
    if since is not None:
        rows = rows.filter(pl.col("session") >= since)
    if until is not None:
        rows = rows.filter(pl.col("session") <= until)
    return rows


def _adjusted(rows: pl.DataFrame) -> pl.DataFrame:
    scale = adjustment(rows["factor"].to_numpy().reshape(-1, 1))[:, 0]
    return rows.with_columns(
        *(pl.col(name) * pl.Series(scale) for name in PRICES),
        volume=pl.col("volume") / pl.Series(scale),
    )


def _check_fields(fields: Sequence[str]) -> None:
    unknown = [name for name in fields if name not in FIELDS]
    if unknown:
        raise InvalidInput(
            "a panel has no such field", value=", ".join(unknown), bound=", ".join(FIELDS)
        )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _bar(row: dict[str, Any]) -> Bar:
    close = Decimal(str(row["close"]))
    others = {name: _exact(row[name]) for name in FIELDS if name != "close"}
    return Bar(
        instrument=row["instrument"],
        session=row["session"],
        ts=utc(row["ts"]),
        known_at=utc(row["known_at"]),
        close=close,
        **others,
    )
