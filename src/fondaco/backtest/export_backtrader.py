"""A backtest as Backtrader's users hold one: the tables of its PyFolio analyzer, an equity feed.

`returns`, `positions`, `transactions` and `gross_lev` are what `get_pf_items` gives (names and
order of columns as in its documentation); `equity_feed` loads with `GenericCSVData`, whose default
order of columns it has.
"""

import polars as pl

from fondaco.backtest.records import Tables


def backtrader_tables(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return the tables by name; the first session has a return of 0."""
    equity = tables["equity"]
    return {
        "returns": equity.select(pl.col("session").alias("index"), "return"),
        "positions": _positions(tables),
        "transactions": _transactions(tables),
        "gross_lev": equity.select(
            pl.col("session").alias("index"),
            (pl.col("gross").cast(pl.Float64) / pl.col("equity").cast(pl.Float64)).alias(
                "gross_lev"
            ),
        ),
        "equity_feed": _feed(equity),
    }


def _positions(tables: Tables) -> pl.DataFrame:
    """Return the value of each name and of cash, a row for each session."""
    sessions = tables["equity"].select("session", pl.col("cash").cast(pl.Float64))
    held = tables["positions"]
    names = sorted(held["symbol"].unique().to_list())
    wide = (
        held.pivot("symbol", index="session", values="value") if names else held.select("session")
    )
    found = sessions.join(wide, on="session", how="left", maintain_order="left")
    return found.select(
        pl.col("session").alias("Datetime"),
        *(pl.col(name).fill_null(0.0) for name in names),
        "cash",
    )


def _transactions(tables: Tables) -> pl.DataFrame:
    """Return every fill: amount with its sign, price, place of the name, value against cash."""
    fills = tables["fills"]
    places = {name: at for at, name in enumerate(sorted(fills["symbol"].unique().to_list()))}
    sign = pl.when(pl.col("side") == "buy").then(1).otherwise(-1)
    amount = sign * pl.col("quantity")
    price = pl.col("price").cast(pl.Float64)
    return fills.select(
        pl.col("session").alias("date"),
        amount.alias("amount"),
        price.alias("price"),
        pl.col("symbol").replace_strict(places, return_dtype=pl.Int64).alias("sid"),
        "symbol",
        (-amount * price).alias("value"),
    )


def _feed(equity: pl.DataFrame) -> pl.DataFrame:
    level = pl.col("equity")
    return equity.select(
        pl.col("session").alias("datetime"),
        *(level.alias(name) for name in ("open", "high", "low", "close")),
        pl.lit(0).alias("volume"),
        pl.lit(0).alias("openinterest"),
    )
