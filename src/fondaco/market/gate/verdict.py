"""Verdicts: which rows are set aside, which are kept and marked, and how both become faults."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import polars as pl

from fondaco.core.instrument import AssetClass
from fondaco.market.faults import make_fault, text_of
from fondaco.market.kinds import Kind
from fondaco.market.ports import Calendars, Fault

ROW, ASKED_AT, FILLED, RULE, REASON = "row_number", "asked_at", "filled", "rule", "reason"
EXTRA = (ROW, ASKED_AT, FILLED, RULE, REASON)
"""Columns that rows have while they are judged, beside those of `Kind.parsed`."""


class Check(NamedTuple):
    """A rule of one row: what breaks it, and the reason in words."""

    rule: str
    broken: pl.Expr
    reason: pl.Expr


class Mark(NamedTuple):
    """A row that is kept and has something odd."""

    row: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """What rows are judged against.

    `kept` are the rows in force of the same things and sources, in time order, `actions` the
    corporate actions known of them. `classes` and `venues` are by instrument. `calendars` None
    means that no hours are known. `decided` are rows, as text, that a person has settled.
    """

    kind: Kind
    kept: pl.DataFrame
    actions: pl.DataFrame
    classes: Mapping[str, AssetClass] = field(default_factory=dict)
    venues: Mapping[str, str] = field(default_factory=dict)
    calendars: Calendars | None = None
    decided: frozenset[str] = frozenset()

    @property
    def series(self) -> list[str]:
        """The columns that tell one series of rows from another, apart from time."""
        time = {"ts", "period", "day", "start", "end", "ex_date", "trade"}
        return [name for name in self.kind.key if name not in time]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Rows with `rule` and `reason` where they are set aside, and marks of rows that are kept."""

    rows: pl.DataFrame
    marks: tuple[Mark, ...] = ()


def set_aside(rows: pl.DataFrame, checks: Iterable[Check]) -> pl.DataFrame:
    """Return the rows with the first rule that each breaks; one set aside before stays so."""
    given = list(checks)
    if not given:
        return rows
    rules = [pl.when(c.broken.fill_null(False)).then(pl.lit(c.rule)) for c in given]
    reasons = [pl.when(c.broken.fill_null(False)).then(c.reason) for c in given]
    free = pl.col(RULE).is_null()
    return rows.with_columns(
        pl.when(free).then(pl.coalesce(rules)).otherwise(RULE).alias(RULE),
        pl.when(free).then(pl.coalesce(reasons)).otherwise(REASON).alias(REASON),
    )


def set_rows_aside(rows: pl.DataFrame, rule: str, reasons: Mapping[int, str]) -> pl.DataFrame:
    """Return the rows with a rule and reason for some of them, by row number."""
    if not reasons:
        return rows
    reason = pl.col(ROW).replace_strict(
        list(reasons), list(reasons.values()), default=None, return_dtype=pl.String
    )
    return set_aside(rows, [Check(rule, reason.is_not_null(), reason)])


def marked(rows: pl.DataFrame, checks: Iterable[Check]) -> tuple[Mark, ...]:
    """Return a mark for each rule that each good row breaks."""
    good = rows.filter(pl.col(RULE).is_null())
    found: list[Mark] = []
    for check in checks:
        broken = good.filter(check.broken.fill_null(False)).select(ROW, check.reason.alias(REASON))
        found += [Mark(row, check.rule, reason) for row, reason in broken.rows()]
    return tuple(found)


def good_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that no rule has set aside."""
    return rows.filter(pl.col(RULE).is_null())


def faults_of_bad(rows: pl.DataFrame, kind: Kind) -> tuple[Fault, ...]:
    """Return a fault for each row that is set aside; it holds all that a release needs."""
    return tuple(
        make_fault(
            row[RULE],
            row[REASON] or "",
            source=row["source"] or "",
            instrument=str(row[kind.of] or ""),
            session=_day(row["ts"]),
            where=row["where"] or "",
            row=_text(row, kind),
            seen_at=row[ASKED_AT],
            kind=kind.name,
        )
        for row in rows.filter(pl.col(RULE).is_not_null()).iter_rows(named=True)
    )


def faults_of_marks(rows: pl.DataFrame, marks: Iterable[Mark], kind: Kind) -> tuple[Fault, ...]:
    """Return one fault per thing, source, day and rule, however many rows it marks.

    So a feed of a thousand locked quotes is one line for a person to read.
    """
    given = pl.DataFrame(
        list(marks), schema={ROW: pl.UInt32, RULE: pl.String, REASON: pl.String}, orient="row"
    )
    if given.is_empty():
        return ()
    met = given.join(rows.drop(RULE, REASON), on=ROW).with_columns(day=pl.col("ts").dt.date())
    met = met.sort("ts", ROW)
    days = met.group_by(kind.of, "source", "day", RULE, maintain_order=True).agg(
        pl.len().alias("count"), pl.col("ts", REASON, ASKED_AT).first()
    )
    return tuple(
        make_fault(
            row[RULE],
            f"{row['count']:,} row{'s' * (row['count'] > 1)}, the first at "
            f"{row['ts'].isoformat()}: {row[REASON]}",
            source=row["source"],
            instrument=str(row[kind.of]),
            session=row["day"],
            where=f"kept rows of {row['day'].isoformat()}",
            row="",
            seen_at=row[ASKED_AT],
            kind=kind.name,
        )
        for row in days.iter_rows(named=True)
    )


def undecided(rows: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Leave out rows that a person has let in or discarded: they are not asked about again."""
    if not context.decided:
        return rows
    settled = [
        row[ROW]
        for row in rows.iter_rows(named=True)
        if _text(row, context.kind) in context.decided
    ]
    return rows.filter(~pl.col(ROW).is_in(settled))


def _text(row: Mapping[str, Any], kind: Kind) -> str:
    """Return a row as it came: a known time that was filled in is left empty."""
    cells = {name: row[name] for name in kind.parsed if name != "where"}
    return text_of(cells | ({"known_at": None} if row[FILLED] else {}))


def _day(moment: Any) -> date | None:
    return moment.date() if isinstance(moment, datetime) else None
