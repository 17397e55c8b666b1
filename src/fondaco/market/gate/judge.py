"""Judges the rows of one kind: the edge first, then what the kind's own rules say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fondaco.market.gate import edge
from fondaco.market.gate.verdict import (
    ROW,
    Context,
    Mark,
    Verdict,
    faults_of_bad,
    faults_of_marks,
    good_of,
    set_aside,
    undecided,
)
from fondaco.market.kinds import Kind
from fondaco.market.ports import Fault

Judge = Callable[[pl.DataFrame, Context], Verdict]
"""Looks at the rows of a kind, of which some are set aside already."""


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """What the gate decided. `rows` have the kind's columns, without the ingest id.

    `given` counts the rows that came, overlap of answers included.
    """

    kind: Kind
    given: int
    rows: pl.DataFrame
    faults: tuple[Fault, ...]

    @property
    def set_aside(self) -> int:
        """How many rows were not let in."""
        return sum(1 for fault in self.faults if fault.row)


def gather(pages: Sequence[tuple[pl.DataFrame, datetime]], kind: Kind) -> pl.DataFrame:
    """Return the parsed rows of several answers, each with the time at which it was asked for."""
    parts = [edge.stamped(rows, kind, asked_at) for rows, asked_at in pages]
    return edge.numbered(pl.concat(parts))


def judge_rows(rows: pl.DataFrame, context: Context, judges: Sequence[Judge] = ()) -> JudgedRows:
    """Let good rows in and say what is wrong or odd about the others.

    `rows` come from `gather`, with instruments as the book knows them.
    """
    kind, given = context.kind, rows.height
    rows = set_aside(rows, [*edge.edge_checks(kind), *edge.time_checks(kind)])
    rows = undecided(edge.without_repeats(rows, kind), context)
    rows = edge.not_kept_yet(rows, context.kept, kind)
    marks: list[Mark] = [*edge.clock_marks(rows, kind)]
    for judge in judges:
        verdict = judge(rows, context)
        rows, marks = verdict.rows, [*marks, *verdict.marks]
    good = good_of(rows)
    kept = set(good[ROW].to_list())
    stands = [mark for mark in marks if mark.row in kept]
    faults = (*faults_of_bad(rows, kind), *faults_of_marks(good, stands, kind))
    return JudgedRows(kind, given, good.select([c.name for c in kind.columns]), faults)
