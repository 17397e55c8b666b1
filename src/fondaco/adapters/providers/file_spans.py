"""Spans with a start and an end, as rows that each were known when they came true."""

from datetime import timedelta

import polars as pl

from fondaco.adapters.providers.file_options import FileOptions
from fondaco.adapters.providers.file_table import PLACE
from fondaco.adapters.providers.file_things import listed_days
from fondaco.adapters.providers.file_times import at_hour, days
from fondaco.core.errors import InvalidInput

DAY = timedelta(days=1)


def changes_as_spans(
    table: pl.DataFrame, columns: dict[str, str], options: FileOptions
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return a list of who came and who left on a day as spans: symbol, start, end.

    A cell may name several, with commas between. Who left without having come in this list has
    no start, which the gate sets aside: nothing says since when it was there.
    """
    assert options.shape.changes is not None
    sides = options.shape.changes
    absent = [name for name in sides if name not in table.columns]
    if absent or "date" not in columns:
        raise InvalidInput(
            "a list of changes needs a day, and columns of who came and who left",
            value=", ".join(c for c in table.columns if c != PLACE),
            bound=f"a date, {sides[0]} and {sides[1]}",
        )
    came, left = (
        pl.DataFrame(
            [
                table[name].cast(pl.String).str.split(",").alias("symbol"),
                days(table[columns["date"]], options.times).alias("day"),
                table[PLACE],
            ]
        )
        .explode("symbol")
        .with_columns(pl.col("symbol").str.strip_chars())
        .filter(pl.col("symbol") != "")
        .sort("day", maintain_order=True)
        for name in sides
    )
    left = left.with_row_index("n")
    spans = came.rename({"day": "start"}).join_asof(
        left.rename({"day": "end", PLACE: "until"}),
        left_on="start",
        right_on="end",
        by="symbol",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    alone = left.filter(~pl.col("n").is_in(spans["n"].drop_nulls().to_list()))
    alone = alone.rename({"day": "end"}).with_columns(start=pl.lit(None, pl.Date))
    shown = ["symbol", "start", "end", PLACE]
    return pl.concat([spans.select(shown), alone.select(shown)]), {
        name: name for name in ("symbol", "start", "end")
    }


def as_revisions(rows: pl.DataFrame, options: FileOptions) -> pl.DataFrame:
    """Return spans without a look ahead: each known at its start, and its end when that came.

    `ts` stays the start. The known time is the midnight that begins the day on which it holds.
    """
    zone = options.times.zone
    after = rows["end"] if options.shape.ends == "after" else rows["end"] + DAY
    last = rows["end"] - DAY if options.shape.ends == "after" else rows["end"]
    rows = rows.with_columns(
        at_hour(rows["start"], "start", zone).alias("began"),
        at_hour(after, "start", zone).alias("ended"),
        last.alias("end"),
    )
    begun = rows.filter(pl.col("start").is_not_null() | pl.col("end").is_null()).with_columns(
        known_at=pl.coalesce("known_at", "began"), end=pl.lit(None, pl.Date)
    )
    over = rows.filter(pl.col("end").is_not_null()).with_columns(
        known_at=pl.coalesce("known_at", "ended")
    )
    return pl.concat([begun, over]).drop("began", "ended")


def as_listings(
    rows: pl.DataFrame, table: pl.DataFrame, columns: dict[str, str], options: FileOptions
) -> pl.DataFrame:
    """Return the actions of tickers that came and went: a listing, a delisting, or neither.

    That a ticker is gone is known by the end of the next day on which another one was seen last.
    """
    zone = options.times.zone
    parts = []
    for found in listed_days(table, columns, options):
        if found.name == "last_seen":
            word, told = (
                "delisting",
                _next_day(found, days(table[columns["last_seen"]], options.times)),
            )
        else:
            word, told = "listing", found
        part = rows.with_columns(
            found.alias("ex_date"),
            at_hour(found, "start", zone).alias("ts"),
            at_hour(told, "end", zone).alias("known_at"),
            action=pl.lit(word),
        )
        parts.append(part.filter(pl.col("ex_date").is_not_null()))
    return pl.concat(parts) if parts else rows.clear()


def _next_day(found: pl.Series, every: pl.Series) -> pl.Series:
    known = pl.DataFrame({"day": every.unique().drop_nulls().sort()}).with_columns(told="day")
    asked = pl.DataFrame({"day": found}).with_row_index("n")
    met = asked.sort("day", nulls_last=True).join_asof(
        known, on="day", strategy="forward", allow_exact_matches=False, check_sortedness=False
    )
    return met.sort("n")["told"]
