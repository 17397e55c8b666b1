"""Rules that one row can break by itself, as polars expressions."""

from datetime import datetime, timedelta

import polars as pl

from fondaco.core.instrument import AssetClass
from fondaco.market.tables import PRICES

_SERIES = ["instrument", "source"]
BELOW_ZERO = frozenset({AssetClass.FUTURE.value, AssetClass.CASH.value})
"""What may truly trade at zero and below: WTI closed at -37.63 on 2020-04-20 (CME)."""


def break_of_rule(rows: pl.DataFrame, history: pl.DataFrame, asked_at: datetime) -> pl.DataFrame:
    """Return the rows with `rule` and `reason`: the first rule that each breaks, else null.

    `rows` are parsed rows with `ts` (null where there was no session); `history` holds the bars
    of the same instruments and sources that were kept before.
    """
    rows = rows.join(_supplied(rows, history), on=_SERIES, how="left", maintain_order="left")
    checks = [*_time_checks(asked_at), *_missing_checks(), *_number_checks()]
    rules = [pl.when(broken).then(pl.lit(rule)) for rule, broken, _ in checks]
    reasons = [pl.when(broken).then(reason) for _, broken, reason in checks]
    return rows.with_columns(rule=pl.coalesce(rules), reason=pl.coalesce(reasons)).drop(
        f"has_{name}" for name in (*PRICES, "volume")
    )


def repeats(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with `rule` and `reason` set where a session stands more than once.

    Of equal rows the first stays good. Where rows of one session differ, none can be trusted.
    """
    key = [*_SERIES, "session"]
    content = pl.struct(*PRICES, "volume", "factor", "known_at")
    good = pl.col("rule").is_null()
    different = content.n_unique().over(key) > 1
    again = pl.int_range(pl.len()).over(key) > 0
    judged = rows.filter(good).with_columns(
        rule=pl.when(different).then(pl.lit("duplicate")).when(again).then(pl.lit("repeated")),
        reason=pl.when(different)
        .then(pl.format("the session stands {} times with different numbers", pl.len().over(key)))
        .when(again)
        .then(pl.lit("an equal row stands before this one")),
    )
    return pl.concat([rows.filter(~good), judged])


def _supplied(rows: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """Return which columns each source has of each instrument."""
    columns = [*_SERIES, *PRICES, "volume"]
    both = pl.concat([rows.select(columns), history.select(columns)])
    return both.group_by(_SERIES).agg(
        *(_number(name).any().alias(f"has_{name}") for name in PRICES),
        (pl.col("volume") > 0).any().alias("has_volume"),
    )


def _number(name: str) -> pl.Expr:
    return pl.col(name).is_finite().fill_null(False)


def _time_checks(asked_at: datetime) -> list[tuple[str, pl.Expr, pl.Expr]]:
    ts, known_at = pl.col("ts"), pl.col("known_at")
    tomorrow = asked_at.date() + timedelta(days=1)
    return [
        (
            "future",
            pl.col("session") > tomorrow,
            pl.format(
                "{} lies ahead: the row was fetched at {}",
                pl.col("session"),
                pl.lit(asked_at.isoformat()),
            ),
        ),
        ("session", ts.is_null(), pl.format("the market had no session on {}", pl.col("session"))),
        (
            "future",
            ts > asked_at,
            pl.format(
                "the session closes at {}, after the row was fetched at {}",
                ts,
                pl.lit(asked_at.isoformat()),
            ),
        ),
        (
            "future",
            known_at > asked_at,
            pl.format(
                "known at {}, after the row was fetched at {}",
                known_at,
                pl.lit(asked_at.isoformat()),
            ),
        ),
        ("known", known_at < ts, pl.format("known at {}, before the close at {}", known_at, ts)),
    ]


def _missing_checks() -> list[tuple[str, pl.Expr, pl.Expr]]:
    close = [("missing", ~_number("close"), pl.lit("the close is not a number"))]
    others = [
        (
            "missing",
            pl.col(f"has_{name}") & ~_number(name),
            pl.lit(f"the {name} is not a number, though the source has it on other days"),
        )
        for name in ("open", "high", "low", "volume")
    ]
    return close + others


def _number_checks() -> list[tuple[str, pl.Expr, pl.Expr]]:
    open_, high, low, close = (pl.col(name) for name in PRICES)
    held = ~pl.col("asset_class").is_in(sorted(BELOW_ZERO))
    prices = [
        ("price", held & (pl.col(name) <= 0), pl.format(f"the {name} is {{}}", name))
        for name in PRICES
    ]
    volume, factor = pl.col("volume"), pl.col("factor")
    outside = [
        (
            "outside",
            (pl.col(name) > high) | (pl.col(name) < low),
            pl.format(f"the {name} {{}} lies outside {{}} to {{}}", name, "low", "high"),
        )
        for name in ("close", "open")
    ]
    return [
        *prices,
        (
            "factor",
            factor.is_null() | ~factor.is_finite() | (factor <= 0),
            pl.format("the factor is {}", factor.cast(pl.String).fill_null("missing")),
        ),
        ("volume", volume < 0, pl.format("the volume is {}", volume)),
        ("high_low", high < low, pl.format("the high {} lies below the low {}", high, low)),
        *outside,
        (
            "outside",
            pl.max_horizontal(open_, close) > high,
            pl.format("a price lies above the high {}", high),
        ),
        ("zero_volume", pl.col("has_volume") & (volume == 0), pl.lit("nothing was traded")),
    ]
