"""Exports: read back whole by other readers, safe in a spreadsheet, the same bytes each time."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from fondaco.backtest.detail import Trip
from fondaco.backtest.export import Shape, csv_of, files_of
from fondaco.backtest.records import TABLES, Tables
from fondaco.backtest.result import BacktestResult
from fondaco.market.fakes import simulated_panel
from fondaco.trading.cost_model.model import CostModel
from unit.backtest.played import index_on, played_on, result_on

Made = tuple[BacktestResult, Tables]


@pytest.fixture(scope="module")
def made() -> Made:
    panel = simulated_panel(5, 120, 3)
    weights = np.full(panel.close.shape, np.nan)
    weights[::9] = np.random.default_rng(5).dirichlet(np.ones(3), len(weights[::9])) * 0.8
    played = played_on(panel, weights, costs=CostModel.flat(Decimal(5), Decimal("1.00")))
    return result_on(played, index_on(panel))


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_csv_is_read_back_by_another_reader_to_the_last_digit(made: Made) -> None:
    result, tables = made
    files = files_of(result, tables, "csv")
    assert sorted(files) == sorted(f"{name}.csv" for name in TABLES)
    for name in TABLES:
        rows = rows_of(files[f"{name}.csv"])
        assert len(rows) == tables[name].height > 0
        assert list(rows[0]) == tables[name].columns
    fills = rows_of(files["fills.csv"])
    assert [Decimal(row["price"]) for row in fills] == tables["fills"]["price"].to_list()
    assert [Decimal(row["fee"]) for row in fills] == tables["fills"]["fee"].to_list()
    equity = rows_of(files["equity.csv"])
    assert Decimal(equity[-1]["equity"]) == result.end_equity


def test_parquet_keeps_every_type(made: Made) -> None:
    result, tables = made
    for name, content in files_of(result, tables, "parquet").items():
        assert pl.read_parquet(io.BytesIO(content)).equals(tables[name.removesuffix(".parquet")])


@pytest.mark.parametrize("shape", ["csv", "parquet", "quantconnect", "backtrader"])
def test_the_same_backtest_gives_the_same_bytes(made: Made, shape: Shape) -> None:
    result, tables = made
    assert files_of(result, tables, shape) == files_of(result, dict(tables), shape)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_is_taken_for_a_formula(start: str) -> None:
    nasty = f'{start}HYPERLINK("http://x","y")'
    table = pl.DataFrame({"symbol": [nasty, "A=B"], nasty: ["x", "y"], "profit": [-1.5, 2.0]})
    read = list(csv.reader(io.StringIO(csv_of(table).decode(), newline="")))
    assert read[0] == ["symbol", f"'{nasty}", "profit"]
    assert read[1] == [f"'{nasty}", "x", "-1.5"]  # a number keeps its sign and stays a number
    assert read[2] == ["A=B", "y", "2.0"]


def test_a_nasty_symbol_is_safe_in_every_shape_of_csv(made: Made) -> None:
    result, tables = made
    nasty = {
        name: table.with_columns(pl.lit("=cmd|' /C calc'!A0").alias("symbol"))
        if "symbol" in table.columns
        else table
        for name, table in tables.items()
    }
    nasty["positions"] = nasty["positions"].unique("session", maintain_order=True)
    for shape in ("csv", "quantconnect", "backtrader"):
        for name, content in files_of(result, nasty, shape).items():  # type: ignore[arg-type]
            if not name.endswith(".csv"):
                continue
            cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
            assert not any(cell.startswith("=") for cell in cells), (shape, name)


def test_quantconnect_closed_trades_have_the_columns_of_its_export(made: Made) -> None:
    # The header of the documentation's own example ("Export Trades", quantconnect.com/docs).
    header = (
        "Entry Time,Symbols,Exit Time,Direction,Entry Price,Exit Price,Quantity,P&L,Fees,MAE,MFE,"
        "Drawdown,IsWin,Order Ids"
    )
    result, tables = made
    content = files_of(result, tables, "quantconnect")["trades.csv"]
    assert content.decode().partition("\n")[0] == header
    row = rows_of(content)[0]
    assert result.detail is not None
    first = min(result.detail.trips, key=lambda trip: trip.opened)
    assert row["Entry Time"] == f"{first.opened.isoformat()}T00:00:00Z"
    assert Decimal(row["P&L"]) - Decimal(row["Fees"]) == pytest.approx(first.profit)
    assert row["Direction"] == "Buy"


def test_the_lean_result_has_what_its_report_reads(made: Made) -> None:
    result, tables = made
    document = json.loads(files_of(result, tables, "quantconnect")["result.json"])
    equity = document["charts"]["Strategy Equity"]["series"]["Equity"]["values"]
    assert len(equity) == result.sessions
    assert equity[-1]["y"] == pytest.approx(float(result.end_equity))
    assert date.fromtimestamp(equity[0]["x"]) in {result.since}  # noqa: DTZ012 - midnight, UTC
    assert document["charts"]["Benchmark"]["series"]["Benchmark"]["values"]
    needed = {"Id", "Type", "Status", "Time", "Tag", "Quantity", "Price", "SecurityType"}
    assert len(document["orders"]) == tables["orders"].height
    for number, order in document["orders"].items():
        assert needed | {"BrokerId", "ContingentId", "Symbol"} <= set(order)
        assert order["Id"] == int(number)
    bought = sum(order["Quantity"] for order in document["orders"].values())
    assert bought == sum(
        trade.quantity * (1 if trade.side == "buy" else -1) for trade in result.trades
    )


def test_a_short_trade_is_sold_first(made: Made) -> None:
    result, tables = made
    short = Trip("A", date(2020, 1, 2), date(2020, 1, 3), *[Decimal(-5)], *[Decimal(1)] * 4,
                 1.0, "new target", "", "")  # fmt: skip
    trades = tables["trades"]
    line = pl.DataFrame({name: [getattr(short, name)] for name in trades.columns}, trades.schema)
    content = files_of(result, {**tables, "trades": line}, "quantconnect")["trades.csv"]
    (row,) = rows_of(content)
    assert (row["Direction"], float(row["Quantity"])) == ("Sell", 5.0)


def test_backtrader_tables_are_those_of_its_pyfolio_analyzer(made: Made) -> None:
    result, tables = made
    files = files_of(result, tables, "backtrader")
    heads = {name: content.decode().partition("\n")[0] for name, content in files.items()}
    assert heads["returns.csv"] == "index,return"
    assert heads["transactions.csv"] == "date,amount,price,sid,symbol,value"
    assert heads["positions.csv"] == "Datetime,SIM00,SIM01,SIM02,cash"
    assert heads["gross_lev.csv"] == "index,gross_lev"
    assert heads["equity_feed.csv"] == "datetime,open,high,low,close,volume,openinterest"
    # Positions and cash are the equity; compounded returns are its growth; fills are the cash.
    last = rows_of(files["positions.csv"])[-1]
    whole = sum(float(value) for name, value in last.items() if name != "Datetime")
    assert whole == pytest.approx(float(result.end_equity))
    growth = np.prod([1 + float(row["return"]) for row in rows_of(files["returns.csv"])])
    assert growth == pytest.approx(float(result.end_equity / result.capital))
    moved = sum(float(row["value"]) for row in rows_of(files["transactions.csv"]))
    assert moved - float(result.metrics.cost) == pytest.approx(
        float(last["cash"]) - float(result.capital)
    )


def test_a_run_without_a_trade_is_exported_too() -> None:
    panel = simulated_panel(5, 20, 2)
    weights = np.full(panel.close.shape, np.nan)
    weights[3] = 0.0
    result, tables = result_on(played_on(panel, weights))
    for shape in ("csv", "parquet", "quantconnect", "backtrader"):
        assert files_of(replace(result), tables, shape)  # type: ignore[arg-type]
