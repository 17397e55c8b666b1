"""Marks of daily bars that are let in: frozen closes, volumes beyond all measure, odd moves."""

from datetime import datetime

import polars as pl

from fondaco.market.faults import make_fault
from fondaco.market.gate.frozen import frozen_rows
from fondaco.market.gate.models import Usual
from fondaco.market.gate.series import NEW
from fondaco.market.gate.verdict import ROW
from fondaco.market.ports import Fault

FROZEN_SESSIONS = 6
HIGH_VOLUME_TIMES = 50.0
HIGH_VOLUME_ROWS = 120
HIGH_VOLUME_ROWS_MIN = 20
_SERIES = ["instrument", "source"]

_USUAL = Usual(
    {
        "change": (pl.col("close") / (pl.col("close").shift(1) * pl.col("factor"))).log(),
        "range": (pl.col("high") / pl.col("low")).log(),
        "volume": pl.col("volume").log1p(),
    },
    (),
    season="weekday",
    drops=False,
)


def daily_marks(good: pl.DataFrame, kept: pl.DataFrame, asked_at: datetime) -> tuple[Fault, ...]:
    """Return the faults of bars that are let in and odd; none of them holds a row back.

    `good` are the new bars of `bars_1d` without their ingest; `kept` those of the same series that
    were there before. Models look at rows that were not there before alone.
    """
    key = [*_SERIES, "session"]
    columns = [*key, "ts", "open", "high", "low", "close", "volume", "factor"]
    new = good.select(columns).join(kept, on=key, how="anti").unique(key, keep="last")
    if new.is_empty():
        return ()
    new = new.sort(key).with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
    old = kept.select(columns).with_columns(pl.lit(-1, pl.Int64).alias(ROW))
    line = pl.concat(
        [
            old.with_columns(pl.lit(False).alias(NEW)),
            new.select(old.columns).with_columns(pl.lit(True).alias(NEW)),
        ]
    ).sort(*_SERIES, "session")
    found = [*_frozen(line), *_high_volume(line), *_unusual(line)]
    rows = {row[ROW]: row for row in new.iter_rows(named=True)}
    return tuple(
        make_fault(
            rule,
            reason,
            source=rows[number]["source"],
            instrument=rows[number]["instrument"],
            session=rows[number]["session"],
            where=f"kept bar of {rows[number]['session'].isoformat()}",
            row="",
            seen_at=asked_at,
        )
        for number, rule, reason in found
    )


def _frozen(line: pl.DataFrame) -> list[tuple[int, str, str]]:
    still = frozen_rows(line.with_columns(value="close"), _SERIES, FROZEN_SESSIONS, at="session")
    rows = still.filter(pl.col(ROW) >= 0).select(ROW, "value", "length", "share").rows()
    return [
        (row, "frozen", f"{value:g} for the {run}th session while {share:.0%} of others moved")
        for row, value, run, share in rows
    ]


def _high_volume(line: pl.DataFrame) -> list[tuple[int, str, str]]:
    usual = (
        pl.col("volume")
        .rolling_median(HIGH_VOLUME_ROWS, min_samples=HIGH_VOLUME_ROWS_MIN)
        .shift(1)
        .over(_SERIES)
    )
    rows = line.with_columns(usual=usual).filter(
        (pl.col(ROW) >= 0)
        & (pl.col("usual") > 0)
        & (pl.col("volume") > HIGH_VOLUME_TIMES * pl.col("usual"))
    )
    return [
        (row, "high_volume", f"volume {volume:,.0f}, the median before is {usual:,.0f}")
        for row, volume, usual in rows.select(ROW, "volume", "usual").rows()
    ]


def _unusual(line: pl.DataFrame) -> list[tuple[int, str, str]]:
    votes = _USUAL.votes(line, _SERIES)
    return [
        (row, "noticed" if count == 1 else "odd", f"{z:.0f} deviations; models: {names}")
        for row, z, count, names in votes.select(ROW, "z", "count", "names").rows()
    ]
