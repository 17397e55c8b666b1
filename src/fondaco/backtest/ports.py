"""What a backtest needs of the world: where results and reports are kept. Fakes in `fakes.py`."""

from typing import Protocol

from fondaco.backtest.result import BacktestResult, BacktestSummary


class BacktestStore(Protocol):
    """Keeps results for good, in the transaction that is open."""

    def add(self, result: BacktestResult) -> str:
        """Keep a result under the next id, BT-n, and return that id.

        The result comes with an empty id. One whose `key` is there already is not kept again: its
        first id is returned.
        """
        ...

    def get(self, backtest_id: str) -> BacktestResult:
        """Return a result with its id; raises NotFound."""
        ...

    def list(self, *, strategy: str | None = None, limit: int = 100) -> tuple[BacktestSummary, ...]:
        """Return results as lines, newest first."""
        ...


class ReportStore(Protocol):
    """Keeps a backtest's report, one HTML file each."""

    def save(self, backtest_id: str, html: str) -> str:
        """Keep the report whole or not at all, and return where it can be opened.

        The same id again replaces it. Raises Unavailable when it cannot be written.
        """
        ...

    def get(self, backtest_id: str) -> str:
        """Return the report's HTML; raises NotFound."""
        ...
