"""A backtest as QuantConnect's tools read one: closed trades as CSV, a LEAN result as JSON.

The CSV has the columns of "Export Trades" of its API (quantconnect.com/docs, Read Backtest). The
JSON has what LEAN's report reads of a result: the chart "Strategy Equity" with its series
"Equity", the chart "Benchmark", and the orders by number (LEAN `Report/ResultsUtil.cs`,
`Common/Orders/OrderJsonConverter.cs`).
"""

import json
from datetime import UTC, date, datetime, time
from typing import Any, Final

import polars as pl

from fondaco.backtest.records import Tables
from fondaco.backtest.result import BacktestResult

_TYPES: Final = {"market": 0, "limit": 1, "stop": 2, "stop_limit": 3, "trailing_stop": 2}
"""LEAN's OrderType; its trailing stop has a number that older reports refuse: a stop there."""
_FILLED, _CANCELED, _SUBMITTED, _INVALID = 3, 5, 1, 7
_STATES: Final = {"filled": _FILLED, "cancelled": _CANCELED, "expired": _CANCELED}
_STATES_ALL: Final = {**_STATES, "refused": _INVALID, "working": _SUBMITTED}
_EQUITY_TYPE: Final = 1


def quantconnect_files(result: BacktestResult, tables: Tables) -> tuple[pl.DataFrame, bytes]:
    """Return the closed trades, and the result as JSON."""
    document = {
        "charts": {
            "Strategy Equity": _chart(
                "Strategy Equity",
                "Equity",
                tables["equity"]["session"].to_list(),
                tables["equity"]["equity"].to_list(),
                "$",
            ),
            "Benchmark": _chart(
                "Benchmark",
                "Benchmark",
                tables["equity"]["session"].to_list(),
                tables["equity"]["benchmark"].to_list(),
                "",
            ),
        },
        "orders": _orders(tables),
        "statistics": {},
        "runtimeStatistics": {},
        "profitLoss": {},
        "algorithmConfiguration": {
            "name": f"{result.id} {result.strategy}",
            "accountCurrency": result.currency,
            "startDate": f"{result.since.isoformat()}T00:00:00Z",
            "endDate": f"{result.until.isoformat()}T00:00:00Z",
            "tradingDaysPerYear": 252,
        },
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _trades(tables["trades"]), text.encode()


def _trades(trips: pl.DataFrame) -> pl.DataFrame:
    """Return the closed trades by entry; excursions are not known and left empty."""
    none = pl.lit(None, pl.Float64)
    return trips.sort("opened", maintain_order=True).select(
        pl.col("opened").cast(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("Entry Time"),
        pl.col("symbol").alias("Symbols"),
        pl.col("closed").cast(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("Exit Time"),
        pl.when(pl.col("quantity") > 0)
        .then(pl.lit("Buy"))
        .otherwise(pl.lit("Sell"))
        .alias("Direction"),
        pl.col("price_in").alias("Entry Price"),
        pl.col("price_out").alias("Exit Price"),
        pl.col("quantity").cast(pl.Float64).abs().alias("Quantity"),
        (pl.col("profit") + pl.col("fees")).alias("P&L"),
        pl.col("fees").alias("Fees"),
        none.alias("MAE"),
        none.alias("MFE"),
        none.alias("Drawdown"),
        (pl.col("profit") > 0).cast(pl.Int8).alias("IsWin"),
        pl.lit("").alias("Order Ids"),
    )


def _chart(
    name: str, series: str, days: list[date], values: list[Any], unit: str
) -> dict[str, Any]:
    points = [
        {"x": _seconds(day), "y": float(value)}
        for day, value in zip(days, values, strict=True)
        if value is not None
    ]
    line = {"name": series, "unit": unit, "index": 0, "seriesType": 0, "values": points}
    return {"name": name, "series": {series: line}}


def _orders(tables: Tables) -> dict[str, Any]:
    priced = (
        tables["fills"]
        .group_by("order", maintain_order=True)
        .agg(
            (pl.col("price").cast(pl.Float64) * pl.col("quantity")).sum().alias("paid"),
            pl.col("quantity").sum(),
            pl.col("time").last(),
            pl.col("currency").last(),
        )
    )
    fills = {row["order"]: row for row in priced.iter_rows(named=True)}
    return {
        str(row["order"]): _order(row, fills.get(row["order"]))
        for row in tables["orders"].iter_rows(named=True)
    }


def _order(row: dict[str, Any], filled: dict[str, Any] | None) -> dict[str, Any]:
    size = row["quantity"] if row["quantity"] is not None else row["filled"]
    made: dict[str, Any] = {
        "Id": row["order"],
        "Type": _TYPES[row["kind"]],
        "Status": _STATES_ALL[row["state"]],
        "Time": f"{row['decided'].isoformat()}T00:00:00Z",
        "Tag": row["reason"],
        "Quantity": size if row["side"] == "buy" else -size,
        "Price": 0.0,
        "SecurityType": _EQUITY_TYPE,
        "BrokerId": [],
        "ContingentId": 0,
        "Symbol": {"Value": row["symbol"]},
    }
    if filled is not None:
        made["Price"] = filled["paid"] / filled["quantity"]
        made["PriceCurrency"] = filled["currency"]
        made["LastFillTime"] = filled["time"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return made


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
