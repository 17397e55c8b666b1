"""Quotes and books: crossed, locked, one-sided and stub."""

import polars as pl

from fondaco.core.instrument import AssetClass
from fondaco.market.gate.verdict import (
    RULE,
    Check,
    Context,
    Verdict,
    marked,
    set_aside,
)

STUB_TIMES = 5.0
"""An ask at this many times the last trade, or a bid at that part of it, is no offer."""

MAY_BE_NEGATIVE = frozenset({AssetClass.FUTURE, AssetClass.CASH})


def there(name: str) -> pl.Expr:
    """Return whether a side of a quote is there: a bid of zero is none."""
    return (pl.col(name) != 0).fill_null(False)


def mid() -> pl.Expr:
    """Return the middle of a quote; null where there is none to speak of."""
    both = there("bid") & there("ask") & (pl.col("bid") <= pl.col("ask"))
    return pl.when(both & ~is_stub().fill_null(False)).then((pl.col("bid") + pl.col("ask")) / 2)


def is_stub() -> pl.Expr:
    """Return whether a side is far from the last trade, or else from yesterday's close."""
    near = pl.coalesce(pl.when(pl.col("last") > 0).then("last"), "previous_close")
    high = pl.col("ask") >= STUB_TIMES * near
    low = (pl.col("bid") > 0) & (pl.col("bid") <= near / STUB_TIMES)
    return (near > 0) & (high.fill_null(False) | low.fill_null(False))


def below_zero(names: tuple[str, ...], context: Context, *, zero_too: bool = True) -> list[Check]:
    """Return a check of each price: above zero, unless the instrument is a future or cash."""
    free = [name for name, asset in context.classes.items() if asset in MAY_BE_NEGATIVE]
    held = ~pl.col("instrument").is_in(free)
    return [
        Check(
            "price",
            held & ((pl.col(name) <= 0) if zero_too else (pl.col(name) < 0)),
            pl.format(f"the {name} is {{}}", name),
        )
        for name in names
    ]


def judge_quotes(rows: pl.DataFrame, context: Context) -> Verdict:
    """Set aside what is no quote; mark locked, one-sided and stub quotes."""
    bid, ask = pl.col("bid"), pl.col("ask")
    empty = ~(there("bid") | there("ask") | there("last"))
    both = there("bid") & there("ask")
    rows = set_aside(
        rows,
        [
            Check("empty_quote", empty, pl.lit("no bid, no ask and no last trade")),
            *below_zero(("bid", "ask", "last"), context, zero_too=False),
            Check("crossed", both & (bid > ask), pl.format("bid {} above ask {}", bid, ask)),
        ],
    )
    one = there("bid") ^ there("ask")
    marks = marked(
        rows,
        [
            Check("locked", both & (bid == ask), pl.format("bid and ask are {}", bid)),
            Check("one_sided", one, pl.format("bid {}, ask {}", _shown("bid"), _shown("ask"))),
            Check(
                "stub",
                is_stub(),
                pl.format("bid {}, ask {}, last {}", _shown("bid"), _shown("ask"), _shown("last")),
            ),
        ],
    )
    return Verdict(rows, marks)


def judge_depth(rows: pl.DataFrame, context: Context) -> Verdict:
    """Set aside a whole book whose best bid lies above its best ask."""
    rows = set_aside(rows, below_zero(("price",), context))
    moment = ["instrument", "ts", "source"]
    good = pl.col(RULE).is_null()
    best_bid = pl.col("price").filter(good & (pl.col("side") == "bid")).max().over(moment)
    best_ask = pl.col("price").filter(good & (pl.col("side") == "ask")).min().over(moment)
    rows = rows.with_columns(best_bid=best_bid, best_ask=best_ask)
    crossed = Check(
        "crossed",
        pl.col("best_bid") > pl.col("best_ask"),
        pl.format("the best bid {} lies above the best ask {}", "best_bid", "best_ask"),
    )
    return Verdict(set_aside(rows, [crossed]).drop("best_bid", "best_ask"))


def _shown(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null("none")
