"""Fakes of the ports: stores in memory, and a panel that tells its bars, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from fondaco.backtest.result import BacktestResult, BacktestSummary, summary_of
from fondaco.backtest.tape import Tape
from fondaco.core.errors import NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.market.first_bars import FirstBars, Moments
from fondaco.market.panel import Matrix
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts


class MemoryBacktests:
    """Keeps results in a dictionary."""

    def __init__(self) -> None:
        self._results: dict[str, BacktestResult] = {}

    def add(self, result: BacktestResult) -> str:
        """Keep a result once by its key."""
        for kept in self._results.values():
            if kept.key == result.key:
                return kept.id
        name = f"BT-{len(self._results) + 1}"
        self._results[name] = replace(result, id=name)
        return name

    def get(self, backtest_id: str) -> BacktestResult:
        """Return a result; raises NotFound."""
        if backtest_id not in self._results:
            raise NotFound(
                "no such backtest", value=backtest_id, remedy="`fondaco backtest list` shows them."
            )
        return self._results[backtest_id]

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[BacktestSummary, ...]:
        """Return results as lines, newest first."""
        found = [
            summary_of(r)
            for r in reversed(self._results.values())
            if strategy in (None, r.strategy)
        ]
        return tuple(found[:limit])


class MemoryReports:
    """Keeps reports in a dictionary."""

    def __init__(self) -> None:
        self._reports: dict[str, str] = {}

    def save(self, backtest_id: str, html: str) -> str:
        """Keep a report."""
        self._reports[backtest_id] = html
        return f"memory:{backtest_id}"

    def get(self, backtest_id: str) -> str:
        """Return a report; raises NotFound."""
        if backtest_id not in self._reports:
            raise NotFound("no report of this backtest", value=backtest_id)
        return self._reports[backtest_id]


class TapeBars:
    """The bars of a tape, as `market.prices.Prices` gives those of the store.

    Each row is known at its close, all of its bars at once, so a broker that reads them sees what
    a sweep over the tape sees, corporate actions included. Who asks for several instruments gets
    all of the tape's, in its order.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._closes = tape.closes_at.astype("datetime64[us]")

    def version(self) -> int:
        """Return 0: a tape never changes."""
        return 0

    def first_bars(
        self,
        instruments: Sequence[InstrumentId],
        *,
        known_by: datetime,
        after: datetime | None = None,
        decided: Sequence[datetime] = (),
    ) -> FirstBars:
        """Return the rows that closed after `after` and by `known_by`."""
        del decided
        tape = self._tape
        names = tape.instruments if len(instruments) > 1 else tuple(instruments)
        columns = [tape.instruments.index(name) for name in names]
        start = 0 if after is None else self._row(after)
        end = max(self._row(known_by), start)
        fields = {
            name: _prices(tape.plane(name), start, end, columns)
            for name in ("close", "open", "high", "low")
            if name == "close" or tape.planes[name] != tape.planes["close"]
        }
        if tape.has_volume:
            fields["volume"] = tape.plane("volume")[start:end, columns].astype(np.float64)
        closes = self._closes[start:end]
        opens: Moments = (closes.astype(np.int64) - 1).astype("datetime64[us]")
        return FirstBars(
            names,
            opens,
            closes,
            closes,
            fields,
            tape.bar_rows[x.ENDS, start:end] == 1,
            known_by,
            tape.first,
            self._actions(start, end, columns),
            _prices(tape.plane("mark"), start, end, columns),
        )

    def _row(self, moment: datetime) -> int:
        plain = np.datetime64(moment.replace(tzinfo=None), "us")
        return int(np.searchsorted(self._closes, plain, side="right"))

    def _actions(self, start: int, end: int, columns: Sequence[int]) -> Counts:
        found = self._tape.actions
        here = (found[:, x.A_ROW] >= start) & (found[:, x.A_ROW] < end)
        mine = found[here & np.isin(found[:, x.A_COLUMN], columns)].copy()
        mine[:, x.A_ROW] -= start
        mine[:, x.A_COLUMN] = [columns.index(one) for one in mine[:, x.A_COLUMN].tolist()]
        return mine


def _prices(plane: Counts, start: int, end: int, columns: Sequence[int]) -> Matrix:
    part = plane[start:end, columns].astype(np.float64)
    part[part == 0] = np.nan
    return part / MICRO
