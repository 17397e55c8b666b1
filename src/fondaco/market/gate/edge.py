"""The edge: what every row of every kind must be, whatever it says."""

from datetime import datetime, timedelta

import polars as pl

from fondaco.core.errors import InvalidInput
from fondaco.market.gate.verdict import ASKED_AT, FILLED, REASON, ROW, RULE, Check, Mark, marked
from fondaco.market.kinds import Column, Kind
from fondaco.market.tables import UTC_TIME

CLOCK_SKEW_MAX = timedelta(seconds=5)
"""How far a feed's clock may run before the desk's."""

AHEAD = frozenset({"events", "actions", "memberships", "fundamentals", "estimates"})
"""Kinds whose `ts` may lie ahead of what is known: an event that is due, an ex-date, a period."""

BY_DAY = frozenset({"yields", "flows", "macro", "classifications", "chains"})
"""Kinds whose `ts` may be the end of a day that is still running: it may lie a day ahead."""

LATEST_WINS = frozenset({"quotes", "depth"})
"""Kinds of which the last of several rows of one moment is the one that stands."""


def stamped(rows: pl.DataFrame, kind: Kind, asked_at: datetime) -> pl.DataFrame:
    """Return parsed rows of one answer with the columns that judging needs.

    An empty `known_at` becomes the time at which the answer was asked for, and never one before
    `ts` unless the kind speaks of what is ahead. Raises InvalidInput when columns are wrong: that
    is the provider's mistake, not its source's.
    """
    wrong = set(rows.columns) ^ set(kind.parsed)
    if wrong:
        raise InvalidInput(
            f"parsed rows of {kind.name} have the wrong columns",
            value=", ".join(sorted(wrong)),
            bound=", ".join(kind.parsed),
        )
    asked = pl.lit(asked_at, dtype=UTC_TIME)
    filled = pl.when(_leads(kind)).then(asked).otherwise(pl.max_horizontal("ts", asked))
    return (
        rows.select(list(kind.parsed))
        .cast(kind.parsed)  # type: ignore[arg-type]
        .with_columns(
            asked.alias(ASKED_AT),
            pl.col("known_at").is_null().alias(FILLED),
            pl.coalesce("known_at", filled).alias("known_at"),
            pl.lit(None, pl.String).alias(RULE),
            pl.lit(None, pl.String).alias(REASON),
        )
    )


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of all answers with their row numbers."""
    return rows.with_row_index(ROW)


def edge_checks(kind: Kind) -> list[Check]:
    """Return the checks of each column: filled where it must be, a number, in bounds, a word."""
    return [check for column in kind.columns for check in _column_checks(column)]


def time_checks(kind: Kind) -> list[Check]:
    """Return the checks of when a row happened and when it could be known."""
    ts, known, asked = pl.col("ts"), pl.col("known_at"), pl.col(ASKED_AT)
    ahead = timedelta(days=1) if kind.name in BY_DAY else CLOCK_SKEW_MAX
    length = pl.duration(seconds="seconds") if kind.name == "bars_intraday" else timedelta(0)
    still = pl.when(_leads(kind)).then(asked + length).otherwise(asked)
    return [
        Check(
            "clock",
            (ts > still + ahead) & (kind.name not in AHEAD),
            pl.format("stamped {}, asked for at {}", ts, asked),
        ),
        Check(
            "clock",
            known
            > pl.when(_leads(kind)).then(asked).otherwise(pl.max_horizontal(asked, ts))
            + CLOCK_SKEW_MAX,
            pl.format("known at {}, asked for at {}", known, asked),
        ),
        Check(
            "known",
            (known < ts) & ~_leads(kind),
            pl.format("known at {}, before it was at {}", known, ts),
        ),
    ]


def _leads(kind: Kind) -> pl.Expr:
    """Return whether a row may be known before its `ts`: it is due, or its bar is not finished."""
    if kind.name == "bars_intraday":
        return ~pl.col("final").fill_null(True)
    return pl.lit(kind.name in AHEAD)


def clock_marks(rows: pl.DataFrame, kind: Kind) -> tuple[Mark, ...]:
    """Return the rows that are stamped a little after the desk's clock."""
    if kind.name in AHEAD | BY_DAY:
        return ()
    ts, asked = pl.col("ts"), pl.col(ASKED_AT)
    return marked(
        rows,
        [
            Check(
                "ahead", ts > asked, pl.format("{} ms ahead", (ts - asked).dt.total_milliseconds())
            )
        ],
    )


def without_repeats(rows: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Return the rows with each said once, and what contradicts itself set aside.

    Equal rows of overlapping answers are one row, known when it was first told. Rows of one thing
    that were known at one time and differ are set aside, all of them; of quotes and book levels
    the last stands. Rows known at different times are revisions.
    """
    key = list(kind.key)
    rows = rows.sort(*key, "known_at", ROW)
    before = [pl.col(c.name).shift(1).over(key) for c in kind.columns]
    same = pl.all_horizontal(
        pl.col(c.name).eq_missing(old)
        for c, old in zip(kind.columns, before, strict=True)
        if c.name != "known_at"
    )
    known_before = pl.col("known_at").shift(1).over(key)
    at_once = pl.col(FILLED) | (pl.col("known_at") == known_before)
    again = same & at_once & (pl.int_range(pl.len()).over(key) > 0)
    rows = rows.filter(~again.fill_null(False))
    good = rows.filter(pl.col(RULE).is_null())
    moment = [*kind.key, "known_at"]
    if kind.name in LATEST_WINS:
        good = good.unique(moment, keep="last", maintain_order=True)
        return pl.concat([rows.filter(pl.col(RULE).is_not_null()), good]).sort(ROW)
    often = pl.len().over(moment)
    doubled = good.with_columns(
        pl.when(often > 1).then(pl.lit("duplicate")).alias(RULE),
        pl.when(often > 1)
        .then(pl.format("it stands {} times with different content", often))
        .alias(REASON),
    )
    return pl.concat([rows.filter(pl.col(RULE).is_not_null()), doubled]).sort(ROW)


def not_kept_yet(rows: pl.DataFrame, kept: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    """Leave out rows that say what is in force already: the same told again is no news."""
    values = [c.name for c in kind.columns if c.name != "known_at"]
    old = kept.select(*values, known_before="known_at").unique(values, keep="last")
    met = rows.join(old, on=values, how="left", nulls_equal=True, maintain_order="left")
    before, known = pl.col("known_before"), pl.col("known_at")
    told = (pl.col(FILLED) & (before <= known)) | (before == known)
    return met.filter(pl.col(RULE).is_not_null() | ~told.fill_null(False)).drop("known_before")


def _column_checks(column: Column) -> list[Check]:
    cell, name = pl.col(column.name), column.name
    checks = []
    if column.required and name != "known_at":
        checks.append(Check("missing", cell.is_null(), pl.lit(f"the {name} is empty")))
    if isinstance(column.dtype, pl.String):
        if column.required:
            blank = cell.str.strip_chars().str.len_chars() == 0
            checks.append(Check("missing", blank, pl.lit(f"the {name} is empty")))
        if column.holds.one_of:
            words = list(column.holds.one_of)
            checks.append(
                Check(
                    "word",
                    cell.is_not_null() & ~cell.is_in(words),
                    pl.format(f"the {name} is {{}}, none of {', '.join(words)}", cell),
                )
            )
    if isinstance(column.dtype, pl.Float64):
        no_number = cell.is_not_null() & ~cell.is_finite()
        checks.append(Check("unreadable", no_number, pl.lit(f"the {name} is not a number")))
    low, high = column.holds.low, column.holds.high
    if low is not None and high is not None:
        checks.append(
            Check(
                "bounds",
                (cell < low) | (cell > high),
                pl.format(f"the {name} {{}} lies outside {low:g} to {high:g}", cell),
            )
        )
    return checks
