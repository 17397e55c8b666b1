"""Option chains: quotes that contradict each other, the underlying, or themselves.

Contracts of one root and expiry are compared. Only what could be traded against is called wrong:
bids are compared with asks, so that wide markets are no fault.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fondaco.market.gate.verdict import (
    ROW,
    Check,
    Context,
    Mark,
    Verdict,
    good_of,
    marked,
    set_aside,
    set_rows_aside,
)

TICK = 0.05
"""What a contradiction must be worth to count: the tick of most listed options."""
CARRY_LOW, CARRY_HIGH = -0.05, 0.15
"""Bounds of rate less dividend yield, a year, within which call and put must agree."""
UNDERLYING_MAX = 0.20
"""How far the underlying's price may lie from the one that its options imply, as a share."""
IV_LOW, IV_HIGH = 0.01, 5.0
STANDARD_UNITS = 100.0
PAIRS_MIN = 3
DAYS_A_YEAR = 365.0
GREEKS = ("iv", "delta", "gamma", "vega", "theta", "rho")

_GROUP = ["instrument", "ts", "root", "source"]
_EXPIRY = [*_GROUP, "expiry"]
Numbers = NDArray[np.float64]


def judge_chains(rows: pl.DataFrame, context: Context) -> Verdict:  # noqa: ARG001 - a Judge
    """Set aside contracts that cannot be; empty what means nothing; mark what does not agree."""
    bid, ask = pl.col("bid"), pl.col("ask")
    both = (bid > 0) & (ask > 0)
    rows = set_aside(
        rows,
        [
            Check("bounds", pl.col("strike") <= 0, pl.lit("the strike is not above zero")),
            Check(
                "expired",
                pl.col("expiry") < pl.col("ts").dt.date(),
                pl.format("it expired on {}", "expiry"),
            ),
            Check("crossed", both & (bid > ask), pl.format("bid {} above ask {}", bid, ask)),
        ],
    )
    iv = pl.col("iv")
    marks = marked(
        rows,
        [
            Check("no_iv", iv == 0, pl.lit("a volatility of 0")),
            Check("odd_iv", (iv > 0) & ~iv.is_between(IV_LOW, IV_HIGH), pl.format("{}", iv)),
            Check("adjusted", _is_adjusted(), pl.format("root {}", "root")),
            Check(
                "one_sided",
                (bid > 0).fill_null(False) ^ (ask > 0).fill_null(False),
                pl.lit("one side alone"),
            ),
        ],
    )
    rows = rows.with_columns(pl.when(iv == 0).then(None).otherwise(c).alias(c) for c in GREEKS)
    rows, odd = _against_underlying(rows)
    rows = set_rows_aside(rows, "arbitrage", _arbitrage(rows))
    return Verdict(rows, (*marks, *odd, *_convexity(rows), *_parity(rows)))


def _is_adjusted() -> pl.Expr:
    digit = pl.col("root").str.contains(r"\d$")
    units = pl.col("deliverable").is_not_null() & (pl.col("deliverable") != STANDARD_UNITS)
    return digit | units


def implied(rows: pl.DataFrame) -> pl.DataFrame:
    """Return, for each moment and root, the price of the underlying that pairs of options imply.

    That is the median of call less put plus strike over the pairs of the nearest three expiries,
    where both sides of both are quoted; carry is left out.
    """
    quoted = good_of(rows).filter((pl.col("bid") > 0) & (pl.col("ask") >= pl.col("bid")))
    quoted = quoted.with_columns(mid=(pl.col("bid") + pl.col("ask")) / 2)
    sides = [
        quoted.filter(pl.col("right") == right).select(
            *_EXPIRY, "strike", pl.col("mid").alias(right)
        )
        for right in ("call", "put")
    ]
    pairs = sides[0].join(sides[1], on=[*_EXPIRY, "strike"])
    pairs = pairs.filter(pl.col("expiry").rank("dense").over(_GROUP) <= 3)
    return (
        pairs.with_columns(forward=pl.col("call") - pl.col("put") + pl.col("strike"))
        .group_by(_GROUP)
        .agg(implied=pl.col("forward").median(), pairs=pl.len())
        .filter(pl.col("pairs") >= PAIRS_MIN)
    )


def _against_underlying(rows: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Mark, ...]]:
    """Empty an underlying's price that its options contradict; they are many and it is one."""
    met = rows.join(implied(rows), on=_GROUP, how="left", maintain_order="left")
    far = (pl.col("underlying") / pl.col("implied") - 1).abs() > UNDERLYING_MAX
    far = far.fill_null(False) & ~_is_adjusted()
    marks = marked(
        met,
        [
            Check(
                "underlying",
                far,
                pl.format("{} given, {} implied", "underlying", pl.col("implied").round(2)),
            )
        ],
    )
    emptied = met.with_columns(underlying=pl.when(~far).then("underlying"))
    return emptied.drop("implied", "pairs"), marks


def _arbitrage(rows: pl.DataFrame) -> dict[int, str]:
    """Return the rows that contradict several others: the worst goes first, until none is left."""
    quoted = good_of(rows).filter((pl.col("bid") >= 0) & (pl.col("ask") > 0))
    found: dict[int, str] = {}
    for (*_, right), part in quoted.group_by([*_EXPIRY, "right"], maintain_order=True):
        part = part.sort("strike")
        strike, bid, ask = (part[name].to_numpy() for name in ("strike", "bid", "ask"))
        against = _contradictions(strike, bid, ask, is_call=right == "call")
        counts = against.sum(axis=0) + against.sum(axis=1)
        while counts.size and counts.max() > 1:
            worst = int(counts.argmax())
            found[part[ROW][worst]] = (
                f"{right} {strike[worst]:g} at {bid[worst]:g} to {ask[worst]:g} contradicts "
                f"{int(counts[worst])} others of its expiry"
            )
            against[worst, :] = against[:, worst] = False
            counts = against.sum(axis=0) + against.sum(axis=1)
    return found


def _contradictions(
    strike: Numbers, bid: Numbers, ask: Numbers, *, is_call: bool
) -> NDArray[np.bool_]:
    """Return, for strikes in order, which bid (row) can be sold against which ask (column).

    A call falls and a put rises with the strike, neither by more than the strikes differ (of
    calls bought below and puts bought above: Hull, section 11.6, Merton 1973 theorem 4).
    """
    below = np.arange(strike.size)[:, None] > np.arange(strike.size)[None, :]
    width = np.abs(strike[:, None] - strike[None, :])
    edge = bid[:, None] - ask[None, :]
    dearer = below if is_call else below.T  # the contract that must not be the dearer one
    monotone = dearer & (edge > TICK)
    steep = dearer.T & (edge > width + TICK)
    return monotone | steep


def _convexity(rows: pl.DataFrame) -> tuple[Mark, ...]:
    """Mark a bid above the line between the asks of the strikes beside it."""
    quoted = good_of(rows).filter((pl.col("bid") > 0) & (pl.col("ask") > 0))
    by = [*_EXPIRY, "right"]
    line = quoted.sort(*by, "strike").with_columns(
        *(pl.col(c).shift(n).over(by).alias(f"{c}{n}") for c in ("strike", "ask") for n in (1, -1))
    )
    weight = (pl.col("strike-1") - pl.col("strike")) / (pl.col("strike-1") - pl.col("strike1"))
    between = weight * pl.col("ask1") + (1 - weight) * pl.col("ask-1")
    return marked(
        line,
        [
            Check(
                "convexity",
                pl.col("bid") > between + TICK,
                pl.format("bid {}, {} between its neighbours", "bid", between.round(3)),
            )
        ],
    )


def _parity(rows: pl.DataFrame) -> tuple[Mark, ...]:
    """Mark both legs of a pair that could be traded against the underlying, whatever the carry."""
    spot = rows.group_by(_GROUP).agg(pl.col("underlying").median().alias("given"))
    spot = spot.join(implied(rows), on=_GROUP, how="left").with_columns(
        spot=pl.coalesce("given", "implied")
    )
    quoted = good_of(rows).filter((pl.col("bid") > 0) & (pl.col("ask") > 0) & ~_is_adjusted())
    names = [ROW, "bid", "ask"]
    call, put = (
        quoted.filter(pl.col("right") == right).select(
            *_EXPIRY, "strike", *(pl.col(n).alias(f"{right}_{n}") for n in names)
        )
        for right in ("call", "put")
    )
    pairs = call.join(put, on=[*_EXPIRY, "strike"]).join(spot, on=_GROUP)
    years = (pl.col("expiry") - pl.col("ts").dt.date()).dt.total_days() / DAYS_A_YEAR
    # American bounds (Hull, section 11.4) with the carry at its bounds: S e^-15 %T - K <= C - P.
    low = pl.col("spot") * (-CARRY_HIGH * years).exp() - pl.col("strike")
    high = (
        pl.col("spot") * (-CARRY_LOW * years).exp() - pl.col("strike") * (-CARRY_HIGH * years).exp()
    )
    slack = TICK + 0.005 * pl.col("spot")
    rich = pl.col("call_bid") - pl.col("put_ask") > high + slack
    cheap = pl.col("call_ask") - pl.col("put_bid") < low - slack
    broken = pairs.filter((rich | cheap).fill_null(False))
    marks = []
    for at in broken.iter_rows(named=True):
        reason = (
            f"strike {at['strike']:g}: call {at['call_bid']:g} to {at['call_ask']:g}, put "
            f"{at['put_bid']:g} to {at['put_ask']:g}, underlying {at['spot']:g}"
        )
        marks += [Mark(at[f"{right}_{ROW}"], "parity", reason) for right in ("call", "put")]
    return tuple(marks)
