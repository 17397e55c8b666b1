"""A run's whole record as tables: fills, orders, round trips, equity and positions.

They are kept beside the report, so that an export has every fill and the result stays small.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl

from fondaco.backtest.detail import Trip
from fondaco.backtest.movements import Array, Movements
from fondaco.core.orders import Order
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.orders import REASONS

Tables = Mapping[str, pl.DataFrame]
TABLES: Final = ("fills", "orders", "trades", "equity", "positions")
_MONEY: Final = pl.Decimal(38, 6)
_STATES: Final = {
    int(x.Event.CANCELLED): "cancelled",
    int(x.Event.EXPIRED): "expired",
    int(x.Event.REJECTED): "refused",
}


def records_of(
    moves: Movements, orders: dict[int, Order], trips: Sequence[Trip], benchmark: Array | None
) -> Tables:
    """Return the tables of a run by the names of `TABLES`, in the order of time.

    Prices and fees of fills are in the instrument's currency, all else in the account's; times
    are the closes of bars, in UTC.
    """
    return {
        "fills": _fills(moves),
        "orders": _orders(moves, orders),
        "trades": _trades(trips),
        "equity": _equity(moves, benchmark),
        "positions": _positions(moves),
    }


def _fills(moves: Movements) -> pl.DataFrame:
    played, events = moves.played, moves.played.swept.fills
    book, columns = played.book, events[:, x.E_COLUMN].tolist()
    days = played.panel.sessions.astype("datetime64[D]")
    currencies = [played.tape.currencies[c] for c in played.tape.names[x.CURRENCY].tolist()]
    return pl.DataFrame(
        {
            "session": days[events[:, x.E_ROW]],
            "time": played.tape.closes_at[events[:, x.E_ROW]].astype("datetime64[us]"),
            "decided": days[events[:, x.E_DECIDED]],
            "order": events[:, x.E_ORDER],
            "symbol": [
                _symbol(moves, c, r) for c, r in zip(columns, events[:, x.E_ROW], strict=True)
            ],
            "instrument": [str(book[c].id) for c in columns],
            "side": np.where(events[:, x.E_QUANTITY] > 0, "buy", "sell").tolist(),
            "quantity": np.abs(events[:, x.E_QUANTITY]),
            "price": _money(events[:, x.E_PRICE]),
            "fee": _money(events[:, x.E_FEE]),
            "currency": [currencies[c] for c in columns],
        },
        schema_overrides={
            "symbol": pl.String,
            "instrument": pl.String,
            "side": pl.String,
            "currency": pl.String,
        },
    ).with_columns(pl.col("time").dt.replace_time_zone("UTC"))


def _orders(moves: Movements, orders: dict[int, Order]) -> pl.DataFrame:
    played = moves.played
    days = played.panel.sessions.astype("datetime64[D]")
    ended = {
        event[x.E_ORDER]: (_STATES[event[x.E_KIND]], REASONS[event[x.E_WHY]])
        for event in moves.of(x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED).tolist()
    }
    filled: dict[int, int] = {}
    for number, quantity in played.swept.fills[:, [x.E_ORDER, x.E_QUANTITY]].tolist():
        filled[number] = filled.get(number, 0) + abs(quantity)
    rows: list[dict[str, Any]] = []
    for event in moves.of(x.Event.ACCEPTED, x.Event.REJECTED).tolist():
        number, order = event[x.E_ORDER], orders.get(event[x.E_ORDER])
        whole = abs(event[x.E_QUANTITY]) >= x.ALL
        done = filled.get(number, 0)
        state, reason = ended.get(number, ("filled" if done else "working", ""))
        rows.append(
            {
                "order": number,
                "decided": days[event[x.E_ROW]].item(),
                "symbol": _symbol(moves, event[x.E_COLUMN], event[x.E_ROW]),
                "side": "buy" if event[x.E_QUANTITY] > 0 else "sell",
                "quantity": None if whole else abs(event[x.E_QUANTITY]),
                "kind": "market" if order is None else order.kind.value,
                "filled": done,
                "state": state,
                "reason": reason,
            }
        )
    return pl.DataFrame(
        rows,
        schema={
            "order": pl.Int64,
            "decided": pl.Date,
            "symbol": pl.String,
            "side": pl.String,
            "quantity": pl.Int64,
            "kind": pl.String,
            "filled": pl.Int64,
            "state": pl.String,
            "reason": pl.String,
        },
    )


def _trades(trips: Sequence[Trip]) -> pl.DataFrame:
    schema: dict[str, Any] = {
        "symbol": pl.String,
        "opened": pl.Date,
        "closed": pl.Date,
        "quantity": _MONEY,
        "price_in": _MONEY,
        "price_out": _MONEY,
        "fees": _MONEY,
        "profit": _MONEY,
        "days": pl.Float64,
        "ended": pl.String,
        "why": pl.String,
        "why_out": pl.String,
        "restated": pl.Boolean,
    }
    return pl.DataFrame({name: [getattr(trip, name) for trip in trips] for name in schema}, schema)


def _equity(moves: Movements, benchmark: Array | None) -> pl.DataFrame:
    series, first = moves.played.series, moves.played.tape.first
    record = moves.played.swept.record[:, first:]
    earned = np.concatenate([[0.0], series.returns])
    closes = np.full(len(earned), np.nan) if benchmark is None else benchmark
    return pl.DataFrame(
        {
            "session": series.days.astype("datetime64[D]"),
            "equity": _money(record[x.EQUITY]),
            "cash": _money(record[x.R_CASH]),
            "gross": _money(record[x.EXPOSURE]),
            "return": earned,
            "benchmark": pl.Series(closes).fill_nan(None),
        }
    )


def _positions(moves: Movements) -> pl.DataFrame:
    """Return what was held at each close, a row for each name held."""
    played, first = moves.played, moves.played.tape.first
    rows, columns = np.nonzero(moves.held[first:])
    symbols = [instrument.symbol for instrument in played.book]
    return pl.DataFrame(
        {
            "session": played.series.days.astype("datetime64[D]")[rows],
            "symbol": [symbols[column] for column in columns.tolist()],
            "quantity": moves.held[first:][rows, columns],
            "value": moves.value[first:][rows, columns],
        },
        schema_overrides={"symbol": pl.String},
    )


def _symbol(moves: Movements, column: int, row: int) -> str:
    instrument = moves.played.book[column]
    return instrument.symbol_on(moves.played.panel.sessions[row].item()) or instrument.symbol


def _money(micros: Counts) -> pl.Series:
    """Return micros as exact decimals."""
    return pl.Series([from_micros(count) for count in micros.tolist()], dtype=_MONEY)
