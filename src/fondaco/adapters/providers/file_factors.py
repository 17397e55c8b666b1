"""Adjustment factors: from a column of the bars' file, or from a file of their own."""

from collections.abc import Sequence

import polars as pl

from fondaco.adapters.providers.file_days import session_days
from fondaco.adapters.providers.file_options import FileOptions, columns_of
from fondaco.adapters.providers.file_table import PLACE
from fondaco.core.errors import InvalidInput

_FACTORS = ("factor", "price_factor", "split_factor")


def with_factors(
    bars: pl.DataFrame, factors: pl.DataFrame | None, options: FileOptions
) -> pl.DataFrame:
    """Return the bars with `factor`: what makes earlier prices comparable with this session's.

    A mapped `factor` is that already; `next_factor` is that of the following row of the symbol.
    A `split` (shares after over before) and a `dividend` (money per share after the split) of the
    ex-date make one: the dividend is a part of the close before.
    A factors file holds either `factor` (effective on its date) or `price_factor` and
    `split_factor`: cumulative, for all dates up to and with the row's own. 1 where nothing is
    said.
    """
    once = bars.sort("key", "session", maintain_order=True).unique(
        ["key", "session"], keep="first", maintain_order=True
    )
    if factors is None:
        following = pl.col("next_factor").shift(1).over("key")
        once = once.with_columns(factor=pl.coalesce("factor", following, _of_events()))
    else:
        columns = columns_of(
            [c for c in factors.columns if c != PLACE],
            "factors_mapping",
            ("symbol", "date", *_FACTORS),
            options.factors_mapping,
            ("symbol", "date"),
        )
        table = _read(factors, columns, options)
        once = once.drop("factor")
        once = (
            once.join(table, on=["key", "session"], how="left")
            if "factor" in columns
            else _cumulative(once, table)
        )
    bars = bars.drop("factor").join(
        once.select("key", "session", "factor"),
        on=["key", "session"],
        how="left",
        maintain_order="left",
    )
    return bars.with_columns(pl.col("factor").fill_null(1.0))


def _of_events() -> pl.Expr:
    """Return the factor of a row's split and dividend; null where it tells of neither.

    Prices before a split are divided by it, so that the dividend is compared with a close of the
    same shares.
    """
    split = pl.col("split").fill_null(1.0)
    before = pl.col("close").shift(1).over("key") / split
    paid = pl.col("dividend").fill_null(0.0)
    part = pl.when(paid == 0).then(1.0).otherwise(1.0 - paid / before)
    told = pl.col("split").is_not_null() | pl.col("dividend").is_not_null()
    return pl.when(told).then(part / split)


def _read(factors: pl.DataFrame, columns: dict[str, str], options: FileOptions) -> pl.DataFrame:
    names = [n for n in _FACTORS if n in columns]
    if names not in (
        ["factor"],
        ["price_factor"],
        ["split_factor"],
        ["price_factor", "split_factor"],
    ):
        raise InvalidInput(
            "the factors file needs a factor, or price and split factors",
            value=", ".join(c for c in factors.columns if c != PLACE),
            bound="factor, or price_factor and split_factor",
        )
    table = pl.DataFrame(
        [
            factors[columns["symbol"]]
            .cast(pl.String)
            .str.strip_chars()
            .str.to_uppercase()
            .alias("key"),
            session_days(factors, columns["date"], options.date_format, options.zone),
            *(factors[columns[name]].cast(pl.Float64, strict=False).alias(name) for name in names),
            factors[PLACE],
        ]
    )
    _check_numbers(table, names)
    value = pl.col(names[0]) if len(names) == 1 else pl.col(names[0]) * pl.col(names[1])
    return (
        table.select("key", "session", factor=value)
        .unique(["key", "session"], keep="last", maintain_order=True)
        .sort("key", "session")
    )


def _check_numbers(table: pl.DataFrame, names: Sequence[str]) -> None:
    good = pl.all_horizontal(
        pl.col("session").is_not_null(),
        *(pl.col(n).is_finite().fill_null(False) & (pl.col(n) > 0) for n in names),
    )
    bad = table.filter(~good)
    if bad.height:
        row = bad.row(0, named=True)
        numbers = ", ".join(f"{name} {row[name]}" for name in names)
        raise InvalidInput(
            "the factors file has a row that cannot be used",
            value=f"{row[PLACE]}: {row['session']}, {numbers}",
            bound="a date and factors above 0",
            remedy="Correct the row: a wrong factor moves every earlier price.",
        )


def _cumulative(bars: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Turn factors that hold up to and with a date into one per session: before over now."""
    level = bars.sort("session").join_asof(
        table.sort("session"), on="session", by="key", strategy="forward", check_sortedness=False
    )
    level = level.with_columns(pl.col("factor").fill_null(1.0)).sort("key", "session")
    before = pl.col("factor").shift(1).over("key")
    return level.with_columns(factor=(before / pl.col("factor")).fill_null(1.0))
