"""Frozen values: a feed that repeats its last number while others of it move on."""

from dataclasses import dataclass

import polars as pl

from fondaco.market.gate.series import timeline
from fondaco.market.gate.verdict import ROW, Context, Mark, Verdict

OTHERS_MIN = 3
"""Series that must be there at a moment, this one counted, before standing still says anything."""
OTHERS_MOVED_MIN = 0.8
"""Share of the others that moved, on average over the run."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """Marks rows whose value is the same for the `run`-th time while others moved."""

    value: pl.Expr
    columns: tuple[str, ...]
    run: int

    def __call__(self, rows: pl.DataFrame, context: Context) -> Verdict:
        """Mark rows that stand still."""
        line = timeline(rows, context, list(self.columns)).with_columns(value=self.value)
        line = line.filter(pl.col("value").is_not_null())
        found = frozen_rows(line, context.series, self.run, at="ts")
        marks = tuple(
            Mark(row, "frozen", f"{value:g} for the {run}th time while {share:.0%} of others moved")
            for row, value, run, share in found.filter(pl.col(ROW) >= 0)
            .select(ROW, "value", "length", "share")
            .rows()
        )
        return Verdict(rows, marks)


def frozen_rows(line: pl.DataFrame, series: list[str], run: int, *, at: str) -> pl.DataFrame:
    """Return the rows of a timeline (`value`, in time order by series) that stand still.

    They have `length`, the rows of the run so far, and `share`, how many of the others moved.
    """
    others = [name for name in ("source",) if name in line.columns]
    moved = (pl.col("value") != pl.col("value").shift(1)).fill_null(True).over(series)
    line = line.with_columns(moved=moved).with_columns(
        length=pl.int_range(1, pl.len() + 1).over([*series, pl.col("moved").cum_sum().over(series)])
    )
    count = pl.len().over([at, *others])
    share = (pl.col("moved").sum().over([at, *others]) - pl.col("moved")) / (count - 1)
    line = line.with_columns(count=count, share=share)
    line = line.with_columns(
        share=pl.col("share").fill_nan(None).rolling_mean(run, min_samples=run).over(series)
    )
    return line.filter(
        (pl.col("length") >= run)
        & (pl.col("count") >= OTHERS_MIN)
        & (pl.col("share") >= OTHERS_MOVED_MIN)
    )
