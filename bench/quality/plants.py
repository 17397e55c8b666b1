"""The faults that are planted, each as it is met in the wild, seeded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from bench.quality.scenes import Scene

CASES = 20
Chance = np.random.Generator
Spoil = Callable[[pl.DataFrame, list[int], Chance], pl.DataFrame]
"""Takes the fresh rows and the places of one case, and returns the rows with it spoilt."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A kind of fault. `span` is how many rows in a row it hits, `marks` the rules that may mark
    it; a row that is set aside under whatever rule counts as caught.
    """

    name: str
    scene: str
    spoil: Spoil
    span: int = 1
    marks: frozenset[str] = frozenset()


def _at(places: list[int]) -> pl.Expr:
    return pl.int_range(pl.len()).is_in(places)


def times(factor: float, *columns: str) -> Spoil:
    """Multiply some columns."""
    return lambda rows, at, _: rows.with_columns(
        pl.when(_at(at)).then(pl.col(c) * factor).otherwise(c).alias(c) for c in columns
    )


def cells(**values: object) -> Spoil:
    """Put other values into some columns; an expression is worked out in its row."""
    return lambda rows, at, _: rows.with_columns(
        pl.when(_at(at))
        .then(value if isinstance(value, pl.Expr) else pl.lit(value))
        .otherwise(name)
        .cast(rows.schema[name])
        .alias(name)
        for name, value in values.items()
    )


def frozen(*columns: str) -> Spoil:
    """Repeat the row before the span."""

    def spoil(rows: pl.DataFrame, at: list[int], _: Chance) -> pl.DataFrame:
        before = rows.row(at[0] - 1, named=True)
        return cells(**{c: before[c] for c in columns})(rows, at, _)

    return spoil


def doubled(column: str) -> Spoil:
    """Give a row a second time with a number that differs."""

    def spoil(rows: pl.DataFrame, at: list[int], _: Chance) -> pl.DataFrame:
        more = rows[at].with_columns(pl.col(column) * 1.001, where=pl.col("where") + "b")
        return pl.concat([rows, more])

    return spoil


def other_share(level: float, *columns: str) -> Spoil:
    """Put the prices of another share there: the same moves at a level of their own."""
    return times(level, *columns)


def swapped(one: str, two: str) -> Spoil:
    """Exchange two columns."""
    return cells(**{one: pl.col(two), two: pl.col(one)})


_OHLC = ("open", "high", "low", "close")
_ODD = frozenset({"odd", "noticed"})

PLANTS: Sequence[Plant] = (
    Plant("price of zero", "daily", cells(low=0.0)),
    Plant("no close", "daily", cells(close=None)),
    Plant("high and low exchanged", "daily", swapped("high", "low")),
    Plant("close outside the range", "daily", cells(close=pl.col("high") * 1.01)),
    Plant("pence for pounds, 5 sessions", "daily", times(100, *_OHLC), span=5),
    Plant("thousandth of the price", "daily", times(0.001, *_OHLC)),
    Plant("another share's prices, 5 sessions", "daily", other_share(0.3, *_OHLC), span=5),
    Plant("a session twice that differs", "daily", doubled("close")),
    Plant("a day without a session", "daily", cells(session=pl.lit("2016-12-25").str.to_date())),
    Plant("a day that has not come", "daily", cells(session=pl.lit("2027-04-05").str.to_date())),
    Plant("volume below zero", "daily", times(-1, "volume")),
    Plant("volume times 1,000", "daily", times(1_000, "volume"), marks=frozenset({"high_volume"})),
    Plant("frozen for 10 sessions", "daily", frozen(*_OHLC), 10, frozenset({"frozen"})),
    Plant("30 % off for one session", "daily", times(1.3, *_OHLC), marks=_ODD),
    Plant("spike of 10 %", "minutes", times(1.1, *_OHLC), marks=_ODD),
    Plant("spike of 3 %", "minutes", times(1.03, *_OHLC), marks=_ODD),
    Plant("pence for pounds, 10 minutes", "minutes", times(100, *_OHLC), span=10),
    Plant("NaN in the close", "minutes", cells(close=float("nan"))),
    Plant("in the middle of the night", "minutes", cells(ts=pl.col("ts") - timedelta(hours=14))),
    Plant("stamped a week ahead", "minutes", cells(ts=pl.col("ts") + timedelta(days=7))),
    Plant("crossed", "quotes", swapped("bid", "ask")),
    Plant("stub: bid 0.01, ask 200,000", "quotes", cells(bid=0.01, ask=199_999.99), 1, _ODD),
    Plant("both sides 8 % off", "quotes", times(1.08, "bid", "ask"), marks=_ODD),
    Plant("no bid", "quotes", cells(bid=0.0), marks=frozenset({"one_sided"})),
    Plant("option quoted 3 times its price", "chain", times(3, "bid", "ask")),
    Plant("option at a tenth of its price", "chain", times(0.1, "bid", "ask")),
    Plant(
        "call and put exchanged",
        "chain",
        cells(
            right=pl.when(pl.col("right") == "call").then(pl.lit("put")).otherwise(pl.lit("call"))
        ),
    ),
    Plant("volatility of zero", "chain", cells(iv=0.0), marks=frozenset({"no_iv"})),
    Plant("yield as a share, not per cent", "treasury", times(0.01, "percent")),
    Plant("yield off by 1 point", "treasury", cells(percent=pl.col("percent") + 1.0), 1, _ODD),
    Plant(
        "curve point frozen for 10 days", "treasury", frozen("percent"), 10, frozenset({"frozen"})
    ),
    Plant("thousands for units", "macro", times(1_000, "value")),
    Plant("latest vintage dated back", "macro", cells(known_at=pl.col("ts"))),
)


def places(scene: Scene, plant: Plant, chance: Chance) -> list[list[int]]:
    """Return the rows that each case hits: a span of one series each, apart from each other.

    Each case leaves a few rows before and after itself in its series.
    """
    rows = scene.fresh.with_row_index("at")
    series = [c for c in ("instrument", "curve", "tenor", "series") if c in rows.columns]
    room = rows.with_columns(
        place=pl.int_range(pl.len()).over(series), height=pl.len().over(series)
    )
    if plant.scene == "chain":
        room = room.filter(pl.col("bid") > 1.0)
        if plant.name == "call and put exchanged":  # at the money the two are nearly the same
            far = (pl.col("strike") / pl.col("underlying") - 1).abs() > 0.1
            room = room.filter(far)
    elif scene.kind in {"bars_intraday", "quotes"}:
        clock = pl.col("ts").dt.convert_time_zone("America/New_York").dt.hour()
        room = room.filter(clock.is_between(10, 14))
    edge = 5
    room = room.filter(
        (pl.col("place") >= edge) & (pl.col("place") + plant.span + edge < pl.col("height"))
    )
    if plant.scene == "treasury" and plant.span == 1:
        room = room.filter(pl.col("percent") > 0.3)
    order = chance.permutation(room["at"].to_numpy())
    taken: list[list[int]] = []
    used: set[int] = set()
    for first in order:
        span = list(range(int(first), int(first) + plant.span))
        near = set(range(span[0] - edge, span[-1] + edge + 1))
        if near & used:
            continue
        taken.append(span)
        used |= near
        if len(taken) == CASES:
            break
    return taken
