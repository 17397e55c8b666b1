"""Rows of one series in time: kept ones and new ones together, each new one seen as it came."""

import polars as pl

from fondaco.market.gate.verdict import ROW, RULE, Context

KEPT_ROWS_MAX = 2_000
"""Kept rows of a series, the newest before and among the new ones, that it is judged with."""

NEW = "is_new"


def timeline(rows: pl.DataFrame, context: Context, columns: list[str]) -> pl.DataFrame:
    """Return good new rows and kept ones, by series in time order; kept rows have row number -1.

    Columns are those of the series, `ts`, `known_at`, those asked for, the row number and `is_new`.
    """
    by = context.series
    names = list(dict.fromkeys([*by, "ts", "known_at", *columns]))
    new = rows.filter(pl.col(RULE).is_null()).select(
        *names, pl.col(ROW).cast(pl.Int64), pl.lit(True).alias(NEW)
    )
    kept = context.kept.select(
        *names, pl.lit(-1, pl.Int64).alias(ROW), pl.lit(False).alias(NEW)
    ).join(new.select(by).unique(), on=by, how="semi")
    if kept.height:
        last = new.group_by(by).agg(pl.col("ts").max().alias("until"))
        kept = kept.join(last, on=by).filter(pl.col("ts") <= pl.col("until")).drop("until")
        kept = kept.sort(*by, "ts").group_by(by, maintain_order=True).tail(KEPT_ROWS_MAX)
        kept = kept.select(new.columns)
    return pl.concat([kept, new]).sort(*by, "ts", "known_at", ROW)
