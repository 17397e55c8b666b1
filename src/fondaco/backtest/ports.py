"""What a backtest needs of the world: where results and reports are kept. Fakes in `fakes.py`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from fondaco.backtest.result import BacktestResult, BacktestSummary

if TYPE_CHECKING:
    from fondaco.backtest.records import Tables  # frames take half a second to load

Shape = Literal["csv", "parquet", "quantconnect", "backtrader"]
"""In which shape a backtest is exported."""


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
    """Keeps a backtest's report, one HTML file each, its tables, and what is exported of it."""

    def save(self, backtest_id: str, html: str) -> str:
        """Keep the report whole or not at all, and return where it can be opened.

        The same id again replaces it. Raises Unavailable when it cannot be written.
        """
        ...

    def get(self, backtest_id: str) -> str:
        """Return the report's HTML; raises NotFound."""
        ...

    def where(self, backtest_id: str) -> str | None:
        """Return where the report can be opened, None when there is none."""
        ...

    def save_tables(self, backtest_id: str, tables: "Tables") -> None:
        """Keep a run's whole record by the names of its tables; the same id again replaces it.

        Raises Unavailable when it cannot be written.
        """
        ...

    def tables(self, backtest_id: str) -> "Tables":
        """Return a run's whole record; raises NotFound where none is kept."""
        ...

    def export(self, backtest_id: str, shape: str, files: Mapping[str, bytes]) -> Mapping[str, str]:
        """Write the files of an export, each whole or not at all; return where each is.

        The same shape again replaces them. Raises Unavailable when it cannot be written.
        """
        ...
