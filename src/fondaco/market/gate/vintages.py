"""Vintages: what was revised later must not be known earlier."""

import polars as pl

from fondaco.market.gate.verdict import ASKED_AT, Check, Context, Verdict, set_aside


def judge_vintages(rows: pl.DataFrame, context: Context) -> Verdict:  # noqa: ARG001 - a Judge
    """Set aside a latest vintage that says it was known before it was fetched.

    A source that gives only today's numbers has revised them since: dated back, they would tell
    the past what it did not know.
    """
    leak = ~pl.col("vintage") & (pl.col("known_at") < pl.col(ASKED_AT))
    reason = pl.format("known at {}, fetched at {}", "known_at", ASKED_AT)
    return Verdict(set_aside(rows, [Check("leak", leak, reason)]))
