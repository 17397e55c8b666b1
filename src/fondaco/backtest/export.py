"""Files of a backtest for other tools: CSV and Parquet, and the shapes that others load.

The same backtest gives the same bytes. In CSV a text that a spreadsheet would take for a formula
gets an apostrophe in front; numbers stay numbers.
"""

from collections.abc import Callable, Mapping
from io import BytesIO

import polars as pl

from fondaco.backtest.export_backtrader import backtrader_tables
from fondaco.backtest.export_quantconnect import quantconnect_files
from fondaco.backtest.ports import Shape
from fondaco.backtest.records import TABLES, Tables
from fondaco.backtest.result import BacktestResult
from fondaco.market.spreadsheet import inert


def files_of(result: BacktestResult, tables: Tables, shape: Shape) -> dict[str, bytes]:
    """Return the files of an export by name."""
    return _SHAPES[shape](result, tables)


def csv_of(table: pl.DataFrame) -> bytes:
    """Return a table as CSV, safe to open in a spreadsheet.

    >>> csv_of(pl.DataFrame({"symbol": ["=1+1", "AAPL"], "profit": [-1.5, 2.0]})).decode()
    "symbol,profit\\n'=1+1,-1.5\\nAAPL,2.0\\n"
    """
    return inert(table).write_csv(line_terminator="\n").encode()


def parquet_of(table: pl.DataFrame) -> bytes:
    """Return a table as Parquet, every type kept."""
    content = BytesIO()
    table.write_parquet(content, statistics=False)
    return content.getvalue()


def _csv(_: BacktestResult, tables: Tables) -> dict[str, bytes]:
    return {f"{name}.csv": csv_of(tables[name]) for name in TABLES}


def _parquet(_: BacktestResult, tables: Tables) -> dict[str, bytes]:
    return {f"{name}.parquet": parquet_of(tables[name]) for name in TABLES}


def _quantconnect(result: BacktestResult, tables: Tables) -> dict[str, bytes]:
    trades, document = quantconnect_files(result, tables)
    return {"trades.csv": csv_of(trades), "result.json": document}


def _backtrader(_: BacktestResult, tables: Tables) -> dict[str, bytes]:
    return {f"{name}.csv": csv_of(table) for name, table in backtrader_tables(tables).items()}


_SHAPES: Mapping[Shape, Callable[[BacktestResult, Tables], dict[str, bytes]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "quantconnect": _quantconnect,
    "backtrader": _backtrader,
}
