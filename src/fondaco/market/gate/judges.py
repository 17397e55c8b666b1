"""Which judges look at the rows of each kind, in order."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from fondaco.market.gate.chains import judge_chains
from fondaco.market.gate.frozen import Frozen
from fondaco.market.gate.intraday import judge_bars, judge_hours, judge_trades
from fondaco.market.gate.judge import Judge
from fondaco.market.gate.levels import Level
from fondaco.market.gate.models import Usual
from fondaco.market.gate.quotes import judge_depth, judge_quotes, mid
from fondaco.market.gate.vintages import judge_vintages

FROZEN_INTRADAY = 30
FROZEN_DAYS = 6
SILENCE_MAX = timedelta(hours=1)


def _change(value: pl.Expr) -> pl.Expr:
    """Return the log change of a value that is above zero, inside a session: nights are longer."""
    return pl.when(pl.col("ts").diff() <= SILENCE_MAX).then((value / value.shift(1)).log())


_QUOTED = ("bid", "ask", "last", "previous_close")
_PRICE = pl.coalesce(mid(), pl.when(pl.col("last") > 0).then("last"))
_CLOSE = pl.col("close")
_SPREAD = (pl.col("ask") - pl.col("bid")) / mid()

JUDGES: Mapping[str, tuple[Judge, ...]] = {
    "bars_intraday": (
        judge_bars,
        Level(_CLOSE, ("close",)),
        Frozen(_CLOSE, ("close",), FROZEN_INTRADAY),
        Usual(
            {
                "change": _change(_CLOSE),
                "range": (pl.col("high") / pl.col("low")).log(),
                "volume": pl.col("volume").log1p(),
            },
            ("high", "low", "close", "volume"),
        ),
    ),
    "quotes": (
        judge_quotes,
        judge_hours,
        Level(_PRICE, _QUOTED),
        Usual({"change": _change(_PRICE), "spread": _SPREAD}, _QUOTED),
    ),
    "trades": (
        judge_trades,
        Level(pl.col("price"), ("price",)),
        Usual(
            {"change": _change(pl.col("price")), "size": pl.col("size").log1p()},
            ("price", "size"),
        ),
    ),
    "depth": (judge_depth,),
    "chains": (judge_chains,),
    "macro": (
        judge_vintages,
        Level(pl.col("value"), ("value",), steady=True, spikes=False),
        Usual(
            {"change": pl.col("value").diff()},
            ("value",),
            season="weekday",
            drops=False,
            floor=1e-6,
        ),
    ),
    "yields": (
        Level(pl.col("percent"), ("percent",), steady=True, spikes=False),
        Frozen(pl.col("percent"), ("percent",), FROZEN_DAYS),
        Usual(
            {"change": pl.col("percent").diff()},
            ("percent",),
            season="weekday",
            drops=False,
            floor=1e-6,
        ),
    ),
    "funding": (Usual({"rate": pl.col("rate")}, ("rate",), drops=False, floor=1e-6),),
    "open_interest": (
        Level(pl.col("contracts"), ("contracts",), steady=True, spikes=False),
        Usual({"change": pl.col("contracts").log1p().diff()}, ("contracts",), drops=False),
    ),
}
