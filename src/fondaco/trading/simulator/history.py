"""Bars as the kernel reads them, growing as more of them become known."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from fondaco.core.errors import InvalidInput
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.market.first_bars import FirstBars
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS, actions_of, delistings_of, merged
from fondaco.trading.simulator.arrays import Counts, Market
from fondaco.trading.simulator.concession import WINDOW, concession_planes
from fondaco.trading.simulator.prices import array_micros, array_shares, tidy
from fondaco.trading.simulator.terms import Lending, Terms, share_parts

CLOSE, OPEN, HIGH, LOW, VOLUME, MARK, HALF_SPREAD, SIGMA, ADV = range(9)
_PLANES: Final = 9
_FIRST_ROWS: Final = 64


class History:
    """What happened to some instruments, for accounts of one set of terms.

    Row 0 is blank: it stands before the first bar. Rows 1 to `rows` are the sessions that are
    known; `opens`, `closes` and `known` say when each opened, closed and became known, in
    microseconds since 1970.
    """

    def __init__(
        self,
        book: Sequence[Instrument],
        terms: Terms,
        first: FirstBars,
        lending: Mapping[InstrumentId, Lending],
    ) -> None:
        self.rows = 0
        self.opens, self.closes, self.known = (np.zeros(_FIRST_ROWS, np.int64) for _ in range(3))
        self._book, self._terms = tuple(book), terms
        self._factors = np.ones((_FIRST_ROWS, len(book)))
        self._stated = first.actions
        self.vector = self._vector(first, lending)
        rows = np.zeros((x.FX + 1, _FIRST_ROWS), dtype=np.int64)
        rows[x.ENDS], rows[x.FX] = 1, x.FX_UNIT
        self.market = Market(
            np.zeros((_PLANES, _FIRST_ROWS, len(book)), dtype=np.int64),
            self._names(lending),
            rows,
            NO_ACTIONS,
            terms.costs.table.stacked(),
        )
        self.extend(first)

    def moment(self, row: int) -> datetime:
        """Return when a row closed."""
        return _moment(int(self.closes[row]))

    def known_at(self, row: int) -> datetime:
        """Return when a row became known."""
        return _moment(int(self.known[row]))

    def entry(self, decided: int, next_open: int | None) -> int | None:
        """Return the row after which an order decided then is taken, None when not known yet.

        It is the last before the first session that opens at or after the decision.
        """
        row = int(np.searchsorted(self.opens[1 : self.rows + 1], decided, side="left"))
        if row < self.rows or (next_open is not None and next_open >= decided):
            return row
        return None

    def row_of(self, moment: int) -> int:
        """Return the last row that closed at or before a moment, 0 for none."""
        return int(np.searchsorted(self.closes[1 : self.rows + 1], moment, side="right"))

    def same(self, other: "History", rows: int) -> bool:
        """Return whether another history tells the same of its first rows."""
        until = rows + 1
        return other.rows >= rows and all(
            np.array_equal(mine, theirs)
            for mine, theirs in (
                (self.closes[:until], other.closes[:until]),
                (self.known[:until], other.known[:until]),
                (self.market.bars[:, :until], other.market.bars[:, :until]),
                (_upto(self.market.actions, rows), _upto(other.market.actions, rows)),
            )
        )

    def extend(self, more: FirstBars) -> None:
        """Take in sessions that follow those that are there."""
        count = len(more.closes_at)
        if count == 0:
            return
        start, end = self.rows + 1, self.rows + 1 + count
        self._grow(end)
        self.opens[start:end] = more.opens_at.astype("datetime64[us]").astype(np.int64)
        self.closes[start:end] = more.closes_at.astype("datetime64[us]").astype(np.int64)
        self.known[start:end] = more.known_at.astype("datetime64[us]").astype(np.int64)
        self.rows = end - 1
        self._write_prices(more, start, end)
        self._write_rows(more, start, end)
        self._write_actions(more, start, end)
        self._write_marks(more, start, end)
        if self._terms.concedes:
            self._write_concessions(start, end)

    def _vector(self, first: FirstBars, lending: Mapping[InstrumentId, Lending]) -> Counts:
        borrows = self._terms.carry.borrow > 0 or any(one.rate for one in lending.values())
        vector = self._terms.vector(first=0, foreign=False, borrows=borrows)
        fields = first.fields
        for place, plane, name in (
            (x.OPEN, OPEN, "open"),
            (x.HIGH, HIGH, "high"),
            (x.LOW, LOW, "low"),
            (x.VOLUME, VOLUME, "volume"),
        ):
            vector[place] = plane if name in fields else CLOSE
        vector[x.CLOSE], vector[x.MARK] = CLOSE, MARK
        vector[x.HALF_SPREAD], vector[x.SIGMA], vector[x.ADV] = HALF_SPREAD, SIGMA, ADV
        return vector

    def _names(self, lending: Mapping[InstrumentId, Lending]) -> Counts:
        names = np.zeros((x.NAMES_WIDTH, len(self._book)), dtype=np.int64)
        for i, one in enumerate(self._book):
            if one.lot < 1 or one.lot != int(one.lot):
                raise InvalidInput(
                    f"the lot of {one.symbol} cannot be traded here",
                    value=one.lot,
                    bound="1, 2, 3, …",
                )
            lent = lending.get(one.id, Lending())
            rate = self._terms.carry.borrow if lent.rate is None else lent.rate
            margin = self._terms.margin if lent.margin is None else lent.margin
            names[x.LOT, i], names[x.TICK, i] = int(one.lot), to_micros(one.tick)
            names[x.LOCATE, i] = -1 if lent.shares is None else lent.shares
            names[x.BORROW, i] = share_parts(rate)
            names[x.MARGIN : x.MARGIN + 4, i] = margin.parts()
        return names

    def _grow(self, end: int) -> None:
        room = len(self.opens)
        if end <= room:
            return
        more = 2 * end
        for name in ("opens", "closes", "known"):
            setattr(self, name, np.resize(getattr(self, name), more))
        bars = np.zeros((_PLANES, more, len(self._book)), dtype=np.int64)
        bars[:, :room] = self.market.bars
        rows = np.zeros((x.FX + 1, more), dtype=np.int64)
        rows[x.ENDS], rows[x.FX] = 1, x.FX_UNIT
        rows[:, :room] = self.market.rows
        factors = np.ones((more, len(self._book)))
        factors[:room] = self._factors
        self._factors = factors
        self.market = self.market._replace(bars=bars, rows=rows)

    def _write_prices(self, more: FirstBars, start: int, end: int) -> None:
        fields = more.fields
        part = np.zeros((MARK, end - start, len(self._book)), dtype=np.int64)
        array_micros(fields["close"], part[CLOSE])
        self._closes = part[CLOSE].copy()  # a bar without volume still says what a share is worth
        for plane, name in ((OPEN, "open"), (HIGH, "high"), (LOW, "low")):
            if name in fields:
                array_micros(fields[name], part[plane])
        if "volume" in fields:
            array_shares(fields["volume"], part[VOLUME])
            part[CLOSE][fields["volume"] == 0] = 0
        tidy(part, *(int(self.vector[place]) for place in (x.OPEN, x.HIGH, x.LOW)))
        self.market.bars[:MARK, start:end] = part

    def _write_rows(self, more: FirstBars, start: int, end: int) -> None:
        self.market.rows[x.MOMENT, start:end] = np.maximum.accumulate(self.closes[start:end])
        self.market.rows[x.ENDS, start:end] = more.ends
        table = self._terms.costs.table
        first = table.schedules[0].valid_from
        days = more.closes_at.astype("datetime64[D]").tolist()
        self.market.rows[x.SCHEDULE, start:end] = table.places([max(day, first) for day in days])

    def _write_actions(self, more: FirstBars, start: int, end: int) -> None:
        if more.actions is not None:
            moved = more.actions.copy()
            moved[:, x.A_ROW] += start
            if len(moved):
                actions = np.concatenate([self.market.actions, moved])
                self.market = self.market._replace(actions=np.ascontiguousarray(actions))
            return
        factors = more.fields["factor"]
        self._factors[start:end] = np.where(np.isnan(factors), 1.0, factors)
        ended = np.isnan(more.fields["close"][-1]).any()
        if not ended and bool((self._factors[start:end] == 1).all()):
            return
        closes = np.ascontiguousarray(self.market.bars[CLOSE, :end])
        days = self.closes[:end].astype("datetime64[us]").astype("datetime64[D]")
        found = merged(
            actions_of(self._factors[:end], closes), delistings_of(self._book, days, closes)
        )
        self.market = self.market._replace(actions=found)

    def _write_marks(self, more: FirstBars, start: int, end: int) -> None:
        """Write the last close so far of each row, restated for splits since."""
        mark = self.market.bars[MARK]
        if more.mark is not None:
            array_micros(more.mark, mark[start:end])
            return
        mark[start:end] = self._closes
        actions = self.market.actions
        for t in range(start, end):
            gone = np.flatnonzero(mark[t] == 0)
            if not len(gone):
                continue
            mark[t, gone] = mark[t - 1, gone]
            for row in actions[
                (actions[:, x.A_ROW] == t) & (actions[:, x.A_KIND] == x.Action.SPLIT)
            ]:
                i = row[x.A_COLUMN]
                if i in gone and mark[t, i] > 0:
                    mark[t, i] = max(mark[t, i] * row[x.A_SECOND] // row[x.A_FIRST], 1)

    def _write_concessions(self, start: int, end: int) -> None:
        begin = max(start - WINDOW - 2, 1)
        bars = self.market.bars
        has_volume = self.vector[x.VOLUME] != CLOSE
        volume = np.ascontiguousarray(bars[VOLUME, begin:end]) if has_volume else None
        mark = np.ascontiguousarray(bars[MARK, begin:end])
        planes = concession_planes(self._terms.costs, mark, volume)
        bars[HALF_SPREAD:, start:end] = planes[:, start - begin :]


def _upto(actions: Counts, row: int) -> Counts:
    found: Counts = actions[actions[:, x.A_ROW] <= row]
    return found


def _moment(micros: int) -> datetime:
    moment: datetime = np.datetime64(micros, "us").item()
    return moment.replace(tzinfo=UTC)
