"""Corporate actions: the factors that they give to bars, and the tickers that they change.

Sources tell splits and dividends in two ways: by a factor with each bar, or by rows of the kind
`actions`. Which of the two counts is decided for each session, and never both do:

1. A bar with a factor other than 1 counts by itself: its source has spoken.
2. Else the actions whose ex-date is that session, or a day without a bar before it, count. They
   are those of one source for an instrument: the bars' own when it has told any, else by
   `sources.PREFERENCE`, then by name.
3. Prices that a source adjusted itself (`BACK_ADJUSTED`) take no actions.
4. A factor that the closes do not bear out, by the jump rule, counts as 1: a source that adjusts
   its history late would otherwise be adjusted twice.
5. What is not told is not guessed: a spin-off without a factor, cash in another currency and cash
   not below the close before it change nothing, and `judged_actions` says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import polars as pl

from fondaco.core.instrument import DatedSymbol, Instrument
from fondaco.market.identity import UNDATED, origin_of
from fondaco.market.jumps import JUMP_MAX
from fondaco.market.sources import PREFERENCE

ACTIONS: Final = "actions"
BACK_ADJUSTED: Final = frozenset({"bundled:skfolio", "file:adjusted"})
"""Sources whose prices are adjusted before they reach the desk."""
_CAPITAL: Final = ("split", "spin_off")
_CASH: Final = ("dividend", "special")
_SPLIT_MOST: Final = 0.8
_SPLIT_LEAST: Final = 1.25
"""A bar's factor that no action explains is of a split from four for five on, else of cash."""
_DAY: Final = timedelta(days=1)
_AT: Final = ["instrument", "session"]


def with_actions(
    bars: pl.DataFrame,
    actions: pl.DataFrame,
    currencies: Mapping[str, str],
    *,
    cash: bool = True,
    told_in_time: bool = False,
) -> pl.DataFrame:
    """Return bars whose `factor` holds what the actions say, where the bar itself says nothing.

    `bars` are rows of `bars_1d`, one for each instrument and session; `actions` rows of `actions`
    that were known. `currencies` is what each instrument is priced in. Without `cash`, factors
    are those of splits and spin-offs alone. With `told_in_time`, an action counts only when it
    was known before the bar was.
    """
    judged = judged_actions(bars, actions, currencies, told_in_time=told_in_time)
    if judged.is_empty() and cash:
        return bars
    capital = pl.col("action").is_in(_CAPITAL)
    told = judged.filter(pl.col("why") == "").group_by(_AT).agg(
        (pl.col("value") if cash else pl.col("value").filter(capital)).product().alias("told")
    )  # fmt: skip
    named = judged.filter((pl.col("why") == OWN) & capital & (pl.col("factor") > 0))
    split = named.group_by(_AT).agg(pl.col("factor").product().alias("split"))
    found = bars.join(told, on=_AT, how="left", maintain_order="left").join(
        split, on=_AT, how="left", maintain_order="left"
    )
    own = pl.col("factor")
    if not cash:
        far = (own <= _SPLIT_MOST) | (own >= _SPLIT_LEAST)
        own = pl.when(own != 1.0).then(
            pl.coalesce("split", pl.when(far).then(own).otherwise(1.0))
        ).otherwise(1.0)  # fmt: skip
    return found.with_columns(factor=own * pl.col("told").fill_null(1.0)).drop("told", "split")


OWN: Final = "the bar has a factor of its own"
LATER: Final = "told after the bar was known"
OTHER_SOURCE: Final = "another source is preferred"
NO_BAR: Final = "no bar on or after the ex-date yet"
NO_BAR_BEFORE: Final = "no bar before the ex-date"
ADJUSTED: Final = "the source adjusts its prices itself"
NO_FACTOR: Final = "neither a factor nor cash is told"
CURRENCY: Final = "paid in another currency than the price"
TOO_MUCH: Final = "the cash is not below the close before it"
IDLE: Final = "the closes do not bear it out"


def judged_actions(
    bars: pl.DataFrame,
    actions: pl.DataFrame,
    currencies: Mapping[str, str],
    *,
    told_in_time: bool = False,
) -> pl.DataFrame:
    """Return splits, dividends and spin-offs with the session on which each takes effect.

    `value` is what each multiplies earlier prices by, and `why` the reason for which it does
    nothing, empty for one that counts. Cash of one ex-date comes off the close before it
    together: 1 - amounts / close.
    """
    money = actions.filter(
        pl.col("action").is_in([*_CAPITAL, *_CASH])
        & pl.col("instrument").is_in(bars["instrument"].unique().to_list())
    ).select(
        "instrument", "ex_date", "action", "factor", "amount", "currency", "source", "known_at"
    )
    if money.is_empty():
        return money.with_columns(session=pl.lit(None, pl.Date), value=pl.lit(1.0), why=pl.lit(""))
    met = _met(bars, money)
    best = _best_sources(met, money, told_in_time=told_in_time)
    priced = pl.col("instrument").replace_strict(
        dict(currencies), default=None, return_dtype=pl.String
    )
    given, paid = (
        pl.col("factor") > 0,
        pl.col("action").is_in(_CASH) & pl.col("amount").is_not_null(),
    )
    reasons = (
        (pl.col("session").is_null(), NO_BAR),
        (pl.col("before").is_null(), NO_BAR_BEFORE),
        (pl.col("bar_source").is_in(list(BACK_ADJUSTED)), ADJUSTED),
        (pl.lit(told_in_time) & (pl.col("known_at") > pl.col("bar_known")), LATER),
        (pl.col("source") != pl.col("best"), OTHER_SOURCE),
        (pl.col("own") != 1.0, OWN),
        (~(given.fill_null(False) | paid), NO_FACTOR),
        (~given.fill_null(False) & pl.col("currency").ne(priced).fill_null(False), CURRENCY),
    )
    why = pl.lit("")
    for is_so, reason in reversed(reasons):
        why = pl.when(is_so.fill_null(False)).then(pl.lit(reason)).otherwise(why)
    met = met.join(best, on="row", how="left", maintain_order="left").with_columns(why=why)
    return _borne_out(_valued(met)).drop(
        "row", "before", "close", "own", "bar_source", "bar_known", "best"
    )


def _met(bars: pl.DataFrame, money: pl.DataFrame) -> pl.DataFrame:
    """Return each action with the bar that it takes effect on, and the close before that."""
    series = (
        bars.filter(pl.col("instrument").is_in(money["instrument"].unique().to_list()))
        .select(
            "instrument", "session", "close", own="factor", bar_source="source",
            bar_known="known_at",
        )
        .sort("instrument", "session")
        .with_columns(before=pl.col("close").shift(1).over("instrument"))
        .sort("session")
    )  # fmt: skip
    return (
        money.sort("ex_date", "instrument", "action", "source")
        .with_row_index("row")
        .join_asof(
            series.with_columns(ex_date="session"),
            on="ex_date",
            by="instrument",
            strategy="forward",
            check_sortedness=False,
        )
    )


def _best_sources(met: pl.DataFrame, money: pl.DataFrame, *, told_in_time: bool) -> pl.DataFrame:
    """Return for each action, by row, the source whose actions count on its bar."""
    ranks = {name: PREFERENCE.index(origin_of(name)) for name in money["source"].unique()}
    tellers = money.group_by("instrument", best="source").agg(
        pl.col("known_at").min().alias("since")
    )
    tellers = tellers.with_columns(rank=pl.col("best").replace_strict(ranks, return_dtype=pl.Int64))
    found = met.select("row", "instrument", "bar_source", "bar_known").join(
        tellers, on="instrument"
    )
    if told_in_time:
        found = found.filter(pl.col("since") <= pl.col("bar_known"))
    return (
        found.with_columns(other=pl.col("best").ne_missing(pl.col("bar_source")))
        .sort("row", "other", "rank", "best")
        .unique("row", keep="first", maintain_order=True)
        .select("row", "best")
    )


def _valued(met: pl.DataFrame) -> pl.DataFrame:
    """Fill in what each action that counts multiplies earlier prices by."""
    counts, given = pl.col("why") == "", (pl.col("factor") > 0).fill_null(False)
    met = met.sort("instrument", "ex_date", "row").with_columns(
        value=pl.when(counts & given).then("factor").otherwise(1.0),
        paid=pl.when(counts & ~given).then("amount").otherwise(0.0),
    )
    # Cash is told per share of its own ex-date: after the splits of earlier days on one bar.
    day = [*_AT, "ex_date"]
    steps = met.group_by(day, maintain_order=True).agg(pl.col("value").product().alias("step"))
    ahead = pl.col("step").cum_prod().shift(1, fill_value=1.0).over(_AT)
    met = met.join(steps.with_columns(ahead=ahead), on=day, how="left", nulls_equal=True)
    paid = pl.col("paid")
    left = pl.col("before") * pl.col("ahead") - (paid.cum_sum().over(day) - paid)
    cash, whole = counts & ~given, paid < left
    return met.with_columns(
        why=pl.when(cash & ~whole).then(pl.lit(TOO_MUCH)).otherwise("why"),
        value=pl.when(cash & whole).then(1.0 - paid / left).otherwise("value"),
    ).drop("step", "ahead", "paid")


def _borne_out(met: pl.DataFrame) -> pl.DataFrame:
    """Set aside what would make a jump of closes that do not jump without it."""
    counts = pl.col("why") == ""
    whole = pl.col("value").filter(counts).product().over(_AT)
    move = pl.col("close") / pl.col("before") - 1.0
    jumps = pl.col("close") / (pl.col("before") * whole) - 1.0
    idle = counts & (pl.col("before") > 0) & (jumps.abs() > JUMP_MAX) & (move.abs() <= JUMP_MAX)
    return met.with_columns(
        value=pl.when(idle).then(1.0).otherwise("value"),
        why=pl.when(idle).then(pl.lit(IDLE)).otherwise("why"),
    )


def money_of(instruments: Iterable[Instrument]) -> dict[str, str]:
    """Return the currency of each instrument, by id."""
    return {str(one.id): one.currency for one in instruments}


def told_factors(actions: pl.DataFrame) -> dict[str, list[tuple[date, float]]]:
    """Return by instrument the days and factors of the actions that have one, in day order.

    An action that several sources tell counts once.
    """
    told = actions.filter(pl.col("factor") > 0).sort("ex_date", "action", "known_at", "source")
    told = told.unique(["instrument", "ex_date", "action"], keep="last", maintain_order=True)
    found: dict[str, list[tuple[date, float]]] = {}
    for name, day, factor in told.select("instrument", "ex_date", "factor").rows():
        found.setdefault(name, []).append((day, factor))
    return found


def with_dated_symbols(
    instruments: Iterable[Instrument], actions: pl.DataFrame
) -> tuple[Instrument, ...]:
    """Return the instruments whose tickers change by renames and delistings, for `book.register`.

    A rename's ex-date is the first day of the new ticker, the day before it the last of the old
    one. A delisting's ex-date is the last day of the last ticker; a ticker that began later stays.
    Instruments that nothing changes are left out.
    """
    told: dict[str, list[tuple[date, str, str | None]]] = {}
    rows = actions.filter(pl.col("action").is_in(["rename", "delisting"])).sort(
        "ex_date", "action", descending=[False, True]
    )
    for name, day, action, symbol in rows.select(
        "instrument", "ex_date", "action", "symbol"
    ).rows():
        told.setdefault(name, []).append((day, action, symbol))
    found = []
    for one in instruments:
        symbols = one.symbols
        for day, action, symbol in told.get(str(one.id), ()):
            symbols = (
                _ended(symbols, day) if action == "delisting" else _renamed(symbols, day, symbol)
            )
        if symbols != one.symbols:
            found.append(replace(one, symbols=symbols))
    return tuple(found)


def _renamed(
    symbols: tuple[DatedSymbol, ...], day: date, symbol: str | None
) -> tuple[DatedSymbol, ...]:
    if symbol is None:
        return symbols
    if any(s.symbol == symbol and s.covers(day) for s in symbols):
        # The book has the new ticker: all that may be learnt is on which day it began.
        return tuple(
            replace(s, start=day) if s.symbol == symbol and s.start == UNDATED else s
            for s in symbols
        )
    before = tuple(
        replace(s, end=day - _DAY) if s.start < day and s.covers(day) else s for s in symbols
    )
    later = [s.start for s in symbols if s.start > day]
    end = min(later) - _DAY if later else None
    return tuple(sorted((*before, DatedSymbol(symbol, day, end)), key=lambda s: s.start))


def _ended(symbols: tuple[DatedSymbol, ...], day: date) -> tuple[DatedSymbol, ...]:
    last = max(symbols, key=lambda s: s.start)
    if last.start > day or (last.end is not None and last.end <= day):
        return symbols
    return tuple(replace(s, end=day) if s is last else s for s in symbols)
