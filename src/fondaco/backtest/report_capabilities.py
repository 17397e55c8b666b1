"""What the outside may ask of finished backtests: a report, a comparison, files of them."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from fondaco.backtest.compare import COMPARED_MAX, Comparison, compare
from fondaco.backtest.compare_view import view_comparison
from fondaco.backtest.ports import BacktestStore, ReportStore, Shape
from fondaco.backtest.result import BacktestReport
from fondaco.backtest.views import view_report
from fondaco.core.capability import Effect, capability
from fondaco.core.quantities import BacktestId
from fondaco.core.view import Block, Column, Table, Text, Tone


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export: its name, where it lies, how many bytes it has."""

    name: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export, in the order of their names."""

    backtest: str
    shape: str
    files: tuple[ExportedFile, ...]


def view_exported(result: Exported) -> list[Block]:
    """Return the files as a table."""
    columns = (Column("File"), Column("Bytes", "number"), Column("Where"))
    rows = tuple((file.name, file.size, file.path) for file in result.files)
    title = f"{result.backtest} as {result.shape}"
    return [Table(title, columns, rows), Text(_NOTES[result.shape], Tone.MUTED)]


_NOTES = {
    "csv": "A text that a spreadsheet would take for a formula has an apostrophe in front.",
    "parquet": "Every type is kept; polars, pandas and DuckDB read it.",
    "quantconnect": "trades.csv has the columns of QuantConnect's closed trades, result.json what "
    "`lean report --backtest-results` reads. Neither was tried against a live QuantConnect.",
    "backtrader": "The tables of Backtrader's PyFolio analyzer; equity_feed.csv loads with "
    "GenericCSVData(dtformat='%Y-%m-%d').",
}


@capability("backtest.report", Effect.READ, view=view_report)
def report(
    backtests: BacktestStore, reports: ReportStore, /, *, backtest: BacktestId
) -> BacktestReport:
    """Show all of a backtest: every measure, rolling curves, costs, journal, attribution.

    Says where its HTML file lies, which needs nothing else to be read.

    Example:
        fondaco backtest report BT-1
    """
    return BacktestReport(backtests.get(backtest), reports.where(backtest), f"/reports/{backtest}")


@capability("backtest.compare", Effect.READ, view=view_comparison)
def compare_backtests(
    backtests: BacktestStore,
    /,
    *,
    backtest: Annotated[
        tuple[BacktestId, ...],
        Field(
            min_length=2,
            max_length=COMPARED_MAX,
            description="backtest ids, the first is what the others are held against, e.g. BT-3",
        ),
    ],
) -> Comparison:
    """Set backtests side by side with the benchmark, over the sessions that all of them traded.

    A lead comes with its standard error: two strategies are rarely as different as they look.

    Example:
        fondaco backtest compare BT-1 BT-2
    """
    return compare([backtests.get(one) for one in backtest])


@capability("backtest.export", Effect.WRITE, view=view_exported, to_model=False)
def export(
    backtests: BacktestStore,
    reports: ReportStore,
    /,
    *,
    backtest: BacktestId,
    shape: Annotated[
        Shape, Field(description="csv, parquet, quantconnect or backtrader, e.g. parquet")
    ] = "csv",
) -> Exported:
    """Write a backtest's fills, orders, round trips, equity and positions to files.

    As CSV (safe to open in a spreadsheet) or Parquet, or in the shapes that users of QuantConnect
    and Backtrader load. The same again replaces the files.

    Example:
        fondaco backtest export BT-1 --shape parquet
    """
    from fondaco.backtest.export import files_of  # frames take half a second to load

    files = files_of(backtests.get(backtest), reports.tables(backtest), shape)
    places = reports.export(backtest, shape, files)
    return Exported(
        backtest,
        shape,
        tuple(
            ExportedFile(name, places[name], len(content))
            for name, content in sorted(files.items())
        ),
    )
