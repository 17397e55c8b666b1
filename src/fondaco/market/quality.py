"""The quality gate: parsed rows in; rows that are let in and located faults out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import prod
from typing import Any

import polars as pl

from fondaco.market.faults import fault_id, make_fault, row_text
from fondaco.market.gaps import gaps
from fondaco.market.gate.daily import daily_marks
from fondaco.market.jumps import Kind, Scan, Step, scan
from fondaco.market.ports import Fault
from fondaco.market.row_rules import break_of_rule, repeats

_SERIES = ["instrument", "source"]
_STEP = [*_SERIES, "session", "close", "factor"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk knew before: all that the gate compares new rows with.

    `bars` are the kept bars of the series at hand, `held` their open quarantined rows (instrument,
    source, session, factor), `freed` the faults whose rows a person has decided on (instrument,
    source, session, id, rule, discarded). `sessions` is the calendar: venue, session, number,
    closes_at; `venues` maps instrument to venue and asset class. `moves` are large moves
    (instrument, session) that were checked against another source; `actions` the days and factors
    of corporate actions by instrument.
    """

    bars: pl.DataFrame
    held: pl.DataFrame
    freed: pl.DataFrame
    sessions: pl.DataFrame
    venues: pl.DataFrame
    moves: frozenset[tuple[str, date]] = frozenset()
    actions: Mapping[str, Sequence[tuple[date, float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate decided. `rows` are `bars_1d` without the ingest id."""

    rows: pl.DataFrame
    faults: tuple[Fault, ...]


def judge(parsed: pl.DataFrame, known: Known, asked_at: datetime) -> Judged:
    """Let good rows in and name what is wrong with the others.

    `parsed` has the columns of `tables.PARSED`. Rows that break a rule of their own are set
    aside first; then each close is compared with the last good one (`jumps.py`).
    """
    rows = (
        _undecided(parsed, known)
        .join(known.venues, on="instrument")
        .join(
            known.sessions.select("venue", "session", ts="closes_at"),
            on=["venue", "session"],
            how="left",
        )
    )
    rows = repeats(break_of_rule(rows, known.bars, asked_at))
    rows = rows.sort(*_SERIES, "session", "where").with_row_index("index")
    found = _scan_all(rows, known)
    rows = _with_jumps(rows, found)
    bad = rows.filter(pl.col("rule").is_not_null())
    good = rows.filter(pl.col("rule").is_null()).with_columns(
        known_at=pl.coalesce("known_at", "ts")
    )
    let_in = good.select([name for name in known.bars.columns if name != "ingest_id"])
    return Judged(
        let_in,
        (
            *_faults(bad, asked_at),
            *_seams(known, found, asked_at),
            *_gaps(rows, known, asked_at),
            *daily_marks(let_in, known.bars, asked_at),
        ),
    )


def _undecided(parsed: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Leave out rows that a person has decided on: let in or discarded, so it stays."""
    key = [*_SERIES, "session"]
    if known.freed.is_empty():
        return parsed
    rules = known.freed.group_by(key).agg("id", "rule")
    met = parsed.with_row_index("at").join(rules, on=key)
    decided = [
        row["at"]
        for row in met.iter_rows(named=True)
        if any(_fault_id(rule, row) in row["id"] for rule in row["rule"])
    ]
    return parsed.with_row_index("at").filter(~pl.col("at").is_in(decided)).drop("at")


def _fault_id(rule: str, row: dict[str, Any]) -> str:
    return fault_id(rule, row["source"], row["instrument"], row["session"], row_text(row))


def _scan_all(rows: pl.DataFrame, known: Known) -> Scan:
    """Scan each series; indices below zero are those of kept bars, -1 being the first."""
    new = rows.select(
        *_STEP,
        "index",
        kind=pl.when(pl.col("rule").is_null()).then(Kind.NEW.value).otherwise(Kind.BAD.value),
    )
    taken = rows.select(*_SERIES, "session").unique()
    key = [*_SERIES, "session"]
    freed = (
        known.freed.filter(~pl.col("discarded"))
        .select(key)
        .unique()
        .with_columns(kind=pl.lit(Kind.FREED.value))
    )
    kept = (
        known.bars.with_row_index("index")
        .join(freed, on=key, how="left")
        .select(
            *_STEP,
            index=-1 - pl.col("index").cast(pl.Int64),
            kind=pl.col("kind").fill_null(Kind.KEPT.value),
        )
    )
    held = known.held.select(
        *_SERIES,
        "session",
        close=pl.lit(None, pl.Float64),
        factor="factor",
        index=pl.lit(0, pl.Int64),
        kind=pl.lit(Kind.HELD.value),
    )
    old = pl.concat([kept, held]).join(taken, on=key, how="anti")
    whole = pl.col("index", "kind").cast(pl.Int64)
    steps = pl.concat([new.select(kept.columns), old], how="vertical_relaxed").with_columns(whole)
    steps = steps.with_columns(factor=pl.when(pl.col("factor") > 0).then("factor").otherwise(1.0))
    is_checked = _checked(rows, known)
    found = Scan()
    for _, series in steps.sort(*_SERIES, "session").group_by(_SERIES, maintain_order=True):
        told = known.actions.get(series["instrument"][0], ())
        part = scan(_steps(series, told), is_checked)
        found.jumps.update(part.jumps)
        found.units.update(part.units)
        found.idle.update(part.idle)
        found.seams.update(part.seams)
    return found


def _steps(series: pl.DataFrame, told: Sequence[tuple[date, float]]) -> Iterator[Step]:
    """Give the rows of one series, each with what actions told since the row before.

    A row that brings a factor of its own has told it itself.
    """
    before = date.max
    for session, close, factor, index, kind in series.select(
        "session", "close", "factor", "index", "kind"
    ).rows():
        ratios = (ratio for day, ratio in told if before < day <= session)
        yield Step(
            index, Kind(kind), session, close, factor, prod(ratios) if factor == 1.0 else 1.0
        )
        before = session


def _checked(rows: pl.DataFrame, known: Known) -> Callable[[int], bool]:
    def is_checked(index: int) -> bool:
        row = rows.row(index, named=True)
        return (row["instrument"], row["session"]) in known.moves

    return is_checked


def _with_jumps(rows: pl.DataFrame, found: Scan) -> pl.DataFrame:
    every = (("jump", found.jumps), ("unit", found.units), ("idle_factor", found.idle))
    for rule, reasons in every:
        reason = pl.col("index").replace_strict(reasons, default=None, return_dtype=pl.String)
        rows = rows.with_columns(
            rule=pl.when(reason.is_not_null()).then(pl.lit(rule)).otherwise("rule"),
            reason=pl.coalesce(reason, "reason"),
        )
    return rows


def _faults(bad: pl.DataFrame, asked_at: datetime) -> list[Fault]:
    return [
        make_fault(
            row["rule"],
            row["reason"],
            source=row["source"],
            instrument=row["instrument"],
            session=row["session"],
            where=row["where"],
            row=row_text(row),
            seen_at=asked_at,
        )
        for row in bad.iter_rows(named=True)
    ]


def _seams(known: Known, found: Scan, asked_at: datetime) -> list[Fault]:
    faults = []
    for index, reason in found.seams.items():
        row = known.bars.row(-1 - index, named=True)
        day = row["session"].isoformat()
        faults.append(
            make_fault(
                "seam",
                reason,
                source=row["source"],
                session=row["session"],
                instrument=row["instrument"],
                where=f"kept bar of {day}",
                row="",
                seen_at=asked_at,
            )
        )
    return faults


def _gaps(rows: pl.DataFrame, known: Known, asked_at: datetime) -> list[Fault]:
    columns = [*_SERIES, "session"]
    past = rows.filter(pl.col("rule").ne_missing("future"))  # a wrong year is no end of a series
    seen = pl.concat(
        [past.select(columns), known.bars.select(columns), known.held.select(columns)]
    ).join(known.venues, on="instrument")
    return [
        make_fault(
            "gap",
            f"{gap.sessions} session{'s' * (gap.sessions > 1)} without a row",
            source=gap.source,
            instrument=gap.instrument,
            session=gap.first,
            where=gap.where,
            row="",
            seen_at=asked_at,
        )
        for gap in gaps(seen, known.sessions)
    ]
