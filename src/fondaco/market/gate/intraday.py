"""Intraday bars and trades: their numbers, and the hours of the venue."""

from datetime import date, datetime, timedelta

import polars as pl

from fondaco.core.errors import NotFound
from fondaco.market.gate.quotes import below_zero
from fondaco.market.gate.series import timeline
from fondaco.market.gate.verdict import (
    ASKED_AT,
    ROW,
    Check,
    Context,
    Mark,
    Verdict,
    marked,
    set_aside,
)
from fondaco.market.ports import Calendar
from fondaco.market.tables import PRICES, UTC_TIME

EXTENDED = {
    **dict.fromkeys(
        ("XNYS", "XNAS", "ARCX", "XASE", "BATS", "USEQ"),
        (timedelta(hours=5, minutes=30), timedelta(hours=4)),
    ),
    **dict.fromkeys(("XNSE", "XBOM"), (timedelta(minutes=15), timedelta(minutes=30))),
}
"""How long before the open and after the close trades are printed: 04:00 to 20:00 in New York;
09:00 to 16:00 at NSE and BSE, whose pre-open and closing sessions frame 09:15 to 15:30."""
NO_EXTENSION = (timedelta(0), timedelta(0))
HIGH_VOLUME_TIMES = 500.0
HIGH_VOLUME_ROWS = 200
HIGH_VOLUME_ROWS_MIN = 20


def judge_bars(rows: pl.DataFrame, context: Context) -> Verdict:
    """Set aside bars that cannot be, are not over, or lie outside the hours."""
    high, low = pl.col("high"), pl.col("low")
    checks = [
        *below_zero(PRICES, context),
        Check("high_low", high < low, pl.format("the high {} lies below the low {}", high, low)),
        *(
            Check(
                "outside",
                (pl.col(name) > high) | (pl.col(name) < low),
                pl.format(f"the {name} {{}} lies outside {{}} to {{}}", name, low, high),
            )
            for name in ("open", "close")
        ),
        Check(
            "unfinished",
            pl.col("final") & (pl.col("ts") > pl.col(ASKED_AT)),
            pl.format("it ends at {}, asked for at {}", "ts", ASKED_AT),
        ),
    ]
    rows = set_aside(rows, checks)
    verdict = judge_hours(rows, context)
    return Verdict(verdict.rows, (*verdict.marks, *_high_volume(verdict.rows, context)))


def judge_trades(rows: pl.DataFrame, context: Context) -> Verdict:
    """Set aside trades without size or price, or outside the hours."""
    rows = set_aside(
        rows,
        [
            *below_zero(("price",), context),
            Check("volume", pl.col("size") <= 0, pl.format("the size is {}", "size")),
        ],
    )
    return judge_hours(rows, context)


def judge_hours(rows: pl.DataFrame, context: Context) -> Verdict:
    """Set aside what is stamped outside the venue's session, pre-market and post-market included.

    Instruments whose venue the book or the calendars do not know have no hours to break.
    """
    spans = _spans(rows, context)
    if spans.is_empty():
        return Verdict(rows)
    venues = pl.DataFrame(
        {"instrument": list(context.venues), "venue": list(context.venues.values())},
        schema={"instrument": pl.String, "venue": pl.String},
    )
    known = spans["venue"].unique().to_list()
    met = rows.join(venues, on="instrument", how="left", maintain_order="left").with_row_index("at")
    placed = (
        met.filter(pl.col("venue").is_in(known) & pl.col("ts").is_not_null())
        .sort("ts")
        .join_asof(spans, left_on="ts", right_on="opens", by="venue", check_sortedness=False)
    )
    outside = placed.filter((pl.col("ts") > pl.col("closes")).fill_null(True))["at"]
    check = Check(
        "hours",
        pl.col("at").is_in(outside.to_list()),
        pl.format("{} had no session at {}", "venue", "ts"),
    )
    return Verdict(set_aside(met, [check]).drop("at", "venue"))


def phases(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    """Return "pre", "regular", "post" or null (closed) for the `ts` and `venue` of each row.

    `spans` come from `session_spans`. A window holds both its ends: a bar is stamped by its close.
    """
    met = rows.with_row_index("at").sort("ts")
    met = met.join_asof(spans, left_on="ts", right_on="opens", by="venue", check_sortedness=False)
    ts = pl.col("ts")
    phase = (
        pl.when(ts > pl.col("closes"))
        .then(pl.lit(None, pl.String))
        .when(ts < pl.col("first"))
        .then(pl.lit("pre"))
        .when(ts <= pl.col("last"))
        .then(pl.lit("regular"))
        .when(pl.col("last").is_not_null())
        .then(pl.lit("post"))
    )
    return met.with_columns(phase=phase).sort("at")["phase"]


def session_spans(calendar: Calendar, since: date, until: date) -> pl.DataFrame:
    """Return venue, opens, closes (pre and post included), first and last of each session."""
    before, after = EXTENDED.get(calendar.venue, NO_EXTENSION)
    low, high = calendar.reach
    since, until = max(low, since), min(high, until)
    days = calendar.sessions(since, until) if since <= until else ()
    rows = [
        (calendar.venue, w[0][0] - before, w[-1][1] + after, w[0][0], w[-1][1])
        for w in (calendar.windows(day) for day in days)
    ]
    times = dict.fromkeys(("opens", "closes", "first", "last"), UTC_TIME)
    return pl.DataFrame(rows, schema={"venue": pl.String, **times}, orient="row").sort("opens")


def _spans(rows: pl.DataFrame, context: Context) -> pl.DataFrame:
    first, last = rows["ts"].min(), rows["ts"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return pl.DataFrame()
    day = timedelta(days=2)
    parts = []
    for venue in sorted(set(context.venues.values())):
        try:
            calendar = context.calendars(venue) if context.calendars else None
        except NotFound:
            continue
        if calendar is not None:
            parts.append(session_spans(calendar, first.date() - day, last.date() + day))
    return pl.concat(parts) if parts else pl.DataFrame()


def _high_volume(rows: pl.DataFrame, context: Context) -> tuple[Mark, ...]:
    line = timeline(rows, context, ["volume"]).with_columns(
        usual=pl.col("volume")
        .rolling_median(HIGH_VOLUME_ROWS, min_samples=HIGH_VOLUME_ROWS_MIN)
        .shift(1)
        .over(context.series)
    )
    high = line.filter(
        (pl.col(ROW) >= 0) & (pl.col("volume") > HIGH_VOLUME_TIMES * pl.col("usual"))
    )
    reason = rows.select(ROW).join(
        high.select(pl.col(ROW).cast(pl.UInt32), "usual"), on=ROW, how="left", maintain_order="left"
    )
    rows = rows.with_columns(usual=reason["usual"])
    return marked(
        rows,
        [
            Check(
                "high_volume",
                pl.col("usual").is_not_null(),
                pl.format("volume {}, the median before is {}", "volume", "usual"),
            )
        ],
    )
