"""Models that learn from kept rows what is usual, and mark what is not.

They see only rows that were kept before the ingest at hand, so a wrong row never teaches them.
Three vote: a robust z-score, an isolation forest over all series of the answer, and the residual
from the usual of the hour or the weekday. One vote is noticed, two are odd. All three, far out and
with a long history, set the row aside; without that history a model only marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fondaco.market.gate.series import NEW, timeline
from fondaco.market.gate.verdict import ROW, Context, Mark, Verdict, set_rows_aside

HISTORY_MIN = 60
"""Kept rows of a series before a model says anything of it."""
HISTORY_OUTLIER = 250
"""Kept rows of a series before models may set a row of it aside."""
Z_MAX = 10.0
Z_OUTLIER = 40.0
TO_DEVIATION = 1.4826
"""From the median absolute deviation to the deviation of a normal distribution."""
TREES = 100
TRAIN_ROWS_MAX = 5_000
SEED = 20_240_628
SEASON_ROWS_MIN = 20
ODD_SHARE = 0.01
"""Share of the kept rows that a forest holds for odd."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is looked at of a kind: features by name, over the columns of its rows.

    `season` is "hour" or "weekday". `drops` False means that rows are only ever marked. `floor` is
    the least deviation that counts: where all rows are equal, a hair is no surprise.
    """

    features: Mapping[str, pl.Expr]
    columns: tuple[str, ...]
    season: str = "hour"
    drops: bool = True
    floor: float = 1e-4

    def __call__(self, rows: pl.DataFrame, context: Context) -> Verdict:
        """Mark rows that are unusual, and set aside what all models hold for impossible."""
        line = timeline(rows, context, list(self.columns))
        votes = self.votes(line, context.series)
        reasons = {
            row: f"{z:.0f} deviations from what is usual; models: {names}"
            for row, z, names in votes.select(ROW, "z", "names").rows()
        }
        out = (pl.col("count") == 3) & (pl.col("z") > Z_OUTLIER)
        out &= (pl.col("history") >= HISTORY_OUTLIER) & self.drops
        aside = set(votes.filter(out)[ROW].to_list())
        marks = tuple(
            Mark(row, "noticed" if count == 1 else "odd", reasons[row])
            for row, count in votes.select(ROW, "count").rows()
            if row not in aside
        )
        kept = set_rows_aside(rows, "outlier", {row: reasons[row] for row in aside})
        return Verdict(kept, marks)

    def votes(self, line: pl.DataFrame, series: list[str]) -> pl.DataFrame:
        """Return the new rows that a model holds for unusual: row, z, count, names, history.

        `line` is a timeline by series in time order.
        """
        names = list(self.features)
        line = line.with_columns(
            (e.over(series) if series else e).alias(n) for n, e in self.features.items()
        ).with_columns(pl.when(pl.col(n).is_finite()).then(n).alias(n) for n in names)
        line = line.with_columns(history=(~pl.col(NEW)).sum().over(series))
        line = line.filter(pl.col("history") >= HISTORY_MIN)
        if line.filter(NEW).is_empty():
            return pl.DataFrame(
                schema={ROW: pl.Int64, "z": pl.Float64, "count": pl.Int64, "names": pl.String,
                        "history": pl.Int64}
            )  # fmt: skip
        line = _deviations(line, names, series, "z_", self.floor)
        scaled = [f"z_{n}" for n in names]
        line = line.with_columns(z=pl.max_horizontal(pl.col(n).abs() for n in scaled).fill_null(0))
        season = pl.col("ts").dt.hour() if self.season == "hour" else pl.col("ts").dt.weekday()
        line = _seasonal(line.with_columns(season=season), names, series, self.floor)
        new = line.filter(NEW).with_columns(
            is_far=pl.col("z") > Z_MAX,
            is_late=pl.col("residual") > Z_MAX,
            is_alone=pl.Series(_isolated(line, scaled)),
        )
        votes = {"z": "is_far", "forest": "is_alone", "season": "is_late"}
        return (
            new.with_columns(
                count=pl.sum_horizontal(pl.col(c).cast(pl.Int64) for c in votes.values()),
                names=pl.concat_str(
                    [pl.when(pl.col(c)).then(pl.lit(n)) for n, c in votes.items()],
                    separator=", ",
                    ignore_nulls=True,
                ),
            )
            .filter(pl.col("is_far") | pl.col("is_late"))
            .select(ROW, "z", "count", "names", "history")
        )


def _seasonal(
    line: pl.DataFrame, names: list[str], series: list[str], floor: float
) -> pl.DataFrame:
    """Add `residual`: the largest deviation from the kept rows of the same hour or weekday."""
    by = [*series, "season"]
    line = _deviations(line, names, by, "s_", floor)
    enough = (~pl.col(NEW)).sum().over(by) >= SEASON_ROWS_MIN
    largest = pl.max_horizontal(pl.col(f"s_{n}").abs() for n in names).fill_null(0)
    return line.with_columns(residual=pl.when(enough).then(largest).otherwise(0.0))


def _deviations(
    line: pl.DataFrame, names: list[str], by: list[str], prefix: str, floor: float
) -> pl.DataFrame:
    """Add each feature in deviations from the median of the kept rows with the same `by`."""
    kept = line.filter(~pl.col(NEW))
    middle = kept.group_by(by).agg(pl.col(n).median().alias(f"m_{n}") for n in names)
    far = (
        kept.join(middle, on=by)
        .group_by(by)
        .agg(
            ((pl.col(n) - pl.col(f"m_{n}")).abs().median() * TO_DEVIATION).alias(f"d_{n}")
            for n in names
        )
    )
    mean = (
        kept.join(middle, on=by)
        .group_by(by)
        .agg((pl.col(n) - pl.col(f"m_{n}")).abs().mean().alias(f"a_{n}") for n in names)
    )  # where most rows are equal the median deviation is 0: the mean one then measures
    met = line.join(middle, on=by, how="left", maintain_order="left")
    met = met.join(far, on=by, how="left", maintain_order="left")
    met = met.join(mean, on=by, how="left", maintain_order="left")
    scaled = [
        (
            (pl.col(n) - pl.col(f"m_{n}")) / pl.max_horizontal(f"d_{n}", f"a_{n}", pl.lit(floor))
        ).alias(f"{prefix}{n}")
        for n in names
    ]
    met = met.with_columns(scaled).with_columns(
        pl.when(pl.col(f"{prefix}{n}").is_finite()).then(f"{prefix}{n}").alias(f"{prefix}{n}")
        for n in names
    )
    return met.drop(f"{p}_{n}" for p in "mda" for n in names)


def _isolated(line: pl.DataFrame, scaled: list[str]) -> NDArray[np.bool_]:
    """Return which new rows are as easy to set apart as the oddest of a hundred kept ones.

    A forest knows no "far beyond", so its vote counts beside another alone.
    """
    from sklearn.ensemble import IsolationForest

    kept, new = line.filter(~pl.col(NEW)), line.filter(NEW)
    train = _filled(kept.tail(TRAIN_ROWS_MAX) if len(kept) > TRAIN_ROWS_MAX else kept, scaled)
    forest = IsolationForest(n_estimators=TREES, random_state=SEED).fit(train)
    least = float(np.quantile(forest.score_samples(train), ODD_SHARE))
    alone: NDArray[np.bool_] = forest.score_samples(_filled(new, scaled)) <= least
    return alone


def _filled(rows: pl.DataFrame, scaled: list[str]) -> Numbers:
    numbers: Numbers = rows.select(pl.col(scaled).fill_null(0.0)).to_numpy()
    return np.clip(numbers, -1e6, 1e6)
