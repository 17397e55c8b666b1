"""Fakes of the ports: stores in memory, and a panel that tells its bars, for tests."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from fondaco.backtest.records import Tables
from fondaco.backtest.result import BacktestResult, BacktestSummary, summary_of
from fondaco.backtest.tape import Tape
from fondaco.core.errors import NotFound
from fondaco.core.instrument import InstrumentId
from fondaco.core.prices import Bar
from fondaco.trading.costs import from_micros


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
        self._tables: dict[str, Tables] = {}
        self.exported: dict[tuple[str, str], dict[str, bytes]] = {}

    def save(self, backtest_id: str, html: str) -> str:
        """Keep a report."""
        self._reports[backtest_id] = html
        return f"memory:{backtest_id}"

    def get(self, backtest_id: str) -> str:
        """Return a report; raises NotFound."""
        if backtest_id not in self._reports:
            raise NotFound("no report of this backtest", value=backtest_id)
        return self._reports[backtest_id]

    def where(self, backtest_id: str) -> str | None:
        """Return a report's place."""
        return f"memory:{backtest_id}" if backtest_id in self._reports else None

    def save_tables(self, backtest_id: str, tables: Tables) -> None:
        """Keep tables."""
        self._tables[backtest_id] = dict(tables)

    def tables(self, backtest_id: str) -> Tables:
        """Return tables; raises NotFound."""
        if backtest_id not in self._tables:
            raise NotFound("no tables of this backtest", value=backtest_id)
        return self._tables[backtest_id]

    def export(self, backtest_id: str, shape: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Keep an export's files."""
        self.exported[backtest_id, shape] = dict(files)
        return {name: f"memory:{backtest_id}/{shape}/{name}" for name in files}


class TapeBars:
    """The bars of a tape, one at a time, as `market.prices.Prices` gives those of the store.

    Each bar is known at its close. The bars' opens and closes are what the tape trades and values
    at, so a broker that reads them has the same prices as a sweep over the tape.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._moments = [tape.moment(row) for row in range(len(tape.closes_at))]

    def next_bar(
        self, instrument: InstrumentId, *, after: datetime, known_by: datetime
    ) -> Bar | None:
        """Return the first bar that closed after `after` and was known by `known_by`."""
        column = self._tape.instruments.index(instrument)
        known = bisect_right(self._moments, known_by)
        for row in range(bisect_right(self._moments, after), known):
            if self._tape.close[row, column] > 0:
                return self._bar(row, column)
        return None

    def _bar(self, row: int, column: int) -> Bar:
        tape, moment = self._tape, self._moments[row]
        price = from_micros(int(tape.price[row, column]))
        close = from_micros(int(tape.close[row, column]))
        return Bar(
            tape.instruments[column],
            moment.date(),
            moment,
            moment,
            close,
            open=price if tape.fills_at_open else None,
        )
