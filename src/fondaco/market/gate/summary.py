"""The state of the data at a glance: faults by source, kind and rule; coverage by kind."""

from datetime import datetime

import polars as pl

from fondaco.market.kinds import KINDS
from fondaco.market.ports import Store
from fondaco.market.results import CoverageLine, QualityLine, QualitySummary
from fondaco.market.rules import RULES
from fondaco.market.tables import BARS, QUARANTINE

HOUR_SECONDS = 3_600.0


def summary_of(store: Store, now: datetime) -> QualitySummary:
    """Return the faults and the coverage of every table that has rows."""
    return QualitySummary(now, _faults(store.read(QUARANTINE)), _coverage(store, now))


def _faults(rows: pl.DataFrame) -> tuple[QualityLine, ...]:
    lines = rows.group_by("source", "kind", "rule").agg(
        open=pl.col("resolved").is_null().sum(),
        resolved=pl.col("resolved").is_not_null().sum(),
        last_seen=pl.col("seen_at").max(),
    )
    return tuple(
        QualityLine(**row, severity=RULES[row["rule"]].severity.value)
        for row in lines.sort("source", "kind", "rule").iter_rows(named=True)
    )


def _coverage(store: Store, now: datetime) -> tuple[CoverageLine, ...]:
    lines = []
    of = {BARS: "instrument", **{name: kind.of for name, kind in KINDS.items()}}
    for kind, thing in of.items():
        if store.version(kind) < 0:
            continue
        rows = store.read(kind)
        held = rows.group_by("source").agg(
            things=pl.col(thing).n_unique(),
            rows=pl.len(),
            first_ts=pl.col("ts").min(),
            last_ts=pl.col("ts").max(),
            last_known_at=pl.col("known_at").max(),
        )
        lines += [
            CoverageLine(
                kind=kind,
                **row,
                age_hours=round((now - row["last_ts"]).total_seconds() / HOUR_SECONDS, 2),
            )
            for row in held.sort("source").iter_rows(named=True)
        ]
    return tuple(lines)
