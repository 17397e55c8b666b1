"""What a validation measures on the searched span: each test as plain figures. Pure functions."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fondaco.backtest.movements import Movements
from fondaco.backtest.play import Played
from fondaco.backtest.tape import Decisions
from fondaco.backtest.validation.asked import Plan
from fondaco.backtest.validation.result import (
    Bootstrap,
    CrossValidation,
    Figures,
    ForecasterPath,
    Learning,
    OrderOfTrades,
    Overfitting,
    Permutation,
    Range,
    WalkForward,
)
from fondaco.backtest.validation.span import GROUP_MIN
from fondaco.backtest.validation.words import cross_words, learning_words, walk_words
from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Progress
from fondaco.market.panel import Panel
from fondaco.portfolio.measures.drawdowns import drawdowns
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR, finite
from fondaco.portfolio.measures.ratios import sharpe, vol_annual
from fondaco.portfolio.measures.returns import cagr, returns_of, wealth
from fondaco.research.chosen_sets import SAME_MIN
from fondaco.research.forecaster import Recipe
from fondaco.research.forecaster_paths import forecaster_paths
from fondaco.research.statistics.bootstrap import Interval, bootstrap_interval
from fondaco.research.statistics.intervals import return_intervals
from fondaco.research.statistics.overfit import overfitting
from fondaco.research.statistics.permutation import permutation_edge
from fondaco.research.statistics.samples import sharpe_of
from fondaco.research.statistics.trade_order import trade_order_drawdown
from fondaco.research.validation.choose import Chosen, choose_and_score, sharpe_ratios
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.walk import Walk
from fondaco.trading.costs import MICRO

Array = NDArray[np.float64]
Days = NDArray[np.datetime64]
YEAR = float(np.sqrt(SESSIONS_PER_YEAR))
PERIODS_MIN = 20
"""Fewer holding periods than this have no order worth drawing anew."""
POINTS_MAX = 1_000
HALVES = (16, 12, 8, 6, 4)
"""Blocks of the combinatorial halves: as many as leave a month in each."""


def figures_of(returns: Array) -> Figures:
    """Return how an account with these daily returns fared."""
    return Figures(
        len(returns),
        finite(sharpe(returns)),
        cagr(returns),
        finite(vol_annual(returns)),
        float(np.min(drawdowns(wealth(returns)))),
    )


def crossed(streams: Array, cut: CombinatorialPurged) -> CrossValidation:
    """Return the combinatorial test of the choice among K return streams, (T, K).

    With one stream nothing is chosen: its blocks are measured instead, and the words say so.
    """
    single = streams.shape[1] == 1
    if single:
        parts = _blocks(streams[:, 0], cut.groups)
        ratios = np.array([float(sharpe_ratios(part[:, None])[0]) for part in parts]) * YEAR
    else:
        chosen = choose_and_score(streams, cut)
        ratios = sharpe_ratios(chosen.paths.T) * YEAR
    loss_share = float((ratios < 0.0).mean())
    median, low = np.quantile(ratios, [0.5, 0.05]).tolist()
    splits = cut.get_n_splits()
    return CrossValidation(
        "blocks" if single else "paths",
        cut.groups,
        cut.test_groups,
        splits,
        int(cut.embargo),
        tuple(ratios.tolist()),
        median,
        low,
        loss_share,
        cross_words(len(ratios), streams.shape[1], splits, single=single),
    )


def walked(
    streams: Array, walk: Walk, days: Days, labels: Sequence[str]
) -> tuple[WalkForward, Array]:
    """Return what choosing the best of K streams, (T, K), on the past earned in the next window.

    `days` are those of the returns, `labels` name the streams. The second part are the stitched
    out-of-sample returns themselves.
    """
    chosen = choose_and_score(streams, walk)
    returns = chosen.paths[0, chosen.rows]
    figures, inside = figures_of(returns), float(chosen.scores.mean()) * YEAR
    kept = _thinned(len(chosen.rows))
    grown = wealth(returns)[1:]
    found = WalkForward(
        walk.kind,
        walk.train,
        walk.test,
        len(chosen.choices),
        days[chosen.rows[0]].item(),
        days[chosen.rows[-1]].item(),
        figures,
        inside,
        _often(chosen, labels),
        tuple(days[chosen.rows][kept].astype("datetime64[D]").tolist()),
        tuple(grown[kept].round(6).tolist()),
        walk_words(figures.sharpe, inside, streams.shape[1]),
    )
    return found, returns


def resampled(returns: Array, draws: int, rng: np.random.Generator) -> Bootstrap:
    """Return the intervals of Sharpe ratio, growth, volatility and drawdown."""
    found = return_intervals(returns, rng=rng, draws=draws)
    ranges = (
        Range("Sharpe ratio", *_ends(found.sharpe), "number"),
        Range("CAGR", *_ends(found.cagr), "percent"),
        Range("Volatility a year", *_ends(found.vol_annual), "percent"),
        Range("Maximum drawdown", *_ends(found.drawdown), "percent"),
    )
    return Bootstrap(ranges, draws, found.sharpe.mean_block)


def sharpe_low(returns: Array, draws: int, rng: np.random.Generator) -> float | None:
    """Return the lower end of the interval of the annual Sharpe ratio, at 95 %.

    None where the returns hardly ever move, so that some draw has no ratio.
    """
    try:
        return bootstrap_interval(returns, sharpe_of, rng=rng, draws=draws).low
    except InvalidInput:  # a finding here, not a fault: the test is then not judged
        return None


def reordered(periods: Array, draws: int, rng: np.random.Generator) -> OrderOfTrades | None:
    """Return how deep holding periods fall in other orders; None for fewer than 20 of them."""
    if len(periods) < PERIODS_MIN:
        return None
    found = trade_order_drawdown(periods, rng=rng, draws=draws)
    return OrderOfTrades(
        found.trades,
        found.observed,
        found.median,
        found.fall_95,
        found.fall_99,
        found.deeper_share,
        found.draws,
        found.purpose,
    )


def permuted(played: Played, draws: int, rng: np.random.Generator) -> Permutation:
    """Return whether the positions of a run know their own days' returns, moved in time."""
    held, earned = held_and_earned(played)
    found = permutation_edge(held, earned, rng=rng, draws=draws)
    return Permutation(
        found.statistic * SESSIONS_PER_YEAR,
        found.null_mean * SESSIONS_PER_YEAR,
        found.null_error * SESSIONS_PER_YEAR,
        found.p_value,
        found.draws,
        len(played.book),
    )


def learnt(panel: Panel, recipe: Recipe, plan: Plan, progress: Progress) -> Learning:
    """Return how well a forecaster ranks a panel's outcomes on purged folds, path by path."""
    found = forecaster_paths(
        panel, recipe, groups=plan.groups, test_groups=plan.test_groups, progress=progress
    )
    columns = zip(found.means.tolist(), found.errors.tolist(), found.sessions.tolist(), strict=True)
    paths = tuple(ForecasterPath(*column) for column in columns)
    horizon, embargo = recipe.walk.horizon, recipe.walk.embargo
    return Learning(
        paths,
        found.splits,
        horizon,
        embargo,
        float(np.median(found.means)),
        float(np.median(found.errors)),
        learning_words(len(paths), found.splits, horizon, embargo),
    )


def overfitted(streams: Array) -> Overfitting | None:
    """Return the probability that the choice among K streams is overfitted; None for one.

    In as many blocks as leave 21 sessions in each, 16 at most, 4 at least. Streams that are one
    set (see `chosen_sets`) count once: among copies the best is drawn by lot.
    """
    sets = different(streams)
    if sets.shape[1] < 2:
        return None
    blocks = next((n for n in HALVES if len(sets) >= GROUP_MIN * n), HALVES[-1])
    found = overfitting(sets, blocks=blocks)
    return Overfitting(
        found.probability,
        found.sets,
        found.splits,
        found.blocks,
        finite(found.slope),
        found.loss_probability,
    )


def different(streams: Array) -> Array:
    """Return the streams, (T, K), without those that are the same set as an earlier one.

    >>> different(np.array([[1.0, 2.0, 0.5], [0.0, 0.0, 2.0], [3.0, 6.0, 1.0]])).shape
    (3, 2)
    """
    kept: list[int] = []
    away = streams - streams.mean(axis=0)
    length = np.linalg.norm(away, axis=0)
    for column in range(streams.shape[1]):
        inner = away[:, kept].T @ away[:, column]
        if not (inner > SAME_MIN * length[kept] * length[column]).any():
            kept.append(column)
    return streams[:, kept]


def held_and_earned(played: Played) -> tuple[Array, Array]:
    """Return the positions held into each session and what they were held through, (S, K) both.

    Positions are shares of the equity at the close before; returns are of adjusted prices, 0 where
    a name has no bar. Orders that fill at a close hold their position from close to close: K is
    the number of names. Those that fill at an open part the session: the first K / 2 columns are
    held through the night, the others from open to close. Their product adds up to what the
    account returned before costs, exits within a bar apart.
    """
    moves, tape, panel = Movements(played), played.tape, played.panel
    first, equity = tape.first, played.series.equity[:-1, None]
    overnight, closes = moves.value[first:-1] / equity, _carried(panel.close)
    if not tape.fills_at_open:
        return overnight, _gains(closes[1:], closes[:-1])[first:]
    opened = tape.plane("open")[first + 1 :] / MICRO * moves.rates[first + 1 :]
    daytime = moves.held[first + 1 :] * opened / equity
    opens = panel.fields["open"]
    earned = (_gains(opens[1:], closes[:-1]), _gains(panel.close[1:], opens[1:]))
    return np.hstack([overnight, daytime]), np.hstack(earned)[first:]


def _gains(after: Array, before: Array) -> Array:
    """Return what prices gained, 0 where one is missing."""
    return np.nan_to_num(after / before - 1.0, nan=0.0)


def periods_of(played: Played, decisions: Decisions) -> Array:
    """Return what the account returned from each decision to the next, the last one to the end.

    They follow each other and compound to the whole: what came before the first decision is left
    out. A period's own inner fall is not in it.
    """
    rows = decisions.rows - played.tape.first
    ends = np.unique([*rows.tolist(), len(played.series.equity) - 1])
    return returns_of(played.series.equity[ends])


def _blocks(returns: Array, groups: int) -> list[Array]:
    """Return the groups of the combinatorial test: equal ones, the last with what is left."""
    length = len(returns) // groups
    cuts = [length * number for number in range(1, groups)]
    return np.split(returns, cuts)


def _often(chosen: Chosen, labels: Sequence[str]) -> dict[str, int]:
    counts = Counter(chosen.choices.tolist())
    return {labels[column]: times for column, times in counts.most_common()}


def _ends(found: Interval) -> tuple[float, float, float]:
    return found.estimate, found.low, found.high


def _thinned(rows: int) -> NDArray[np.int64]:
    """Return rows to draw, evenly, the last among them."""
    if rows <= POINTS_MAX:
        return np.arange(rows)
    return np.unique(np.linspace(0, rows - 1, POINTS_MAX).round().astype(np.int64))


def _carried(values: Array) -> Array:
    """Return values with each gap filled by the last one before it; NaN before the first."""
    known = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    last = np.maximum.accumulate(known, axis=0)
    return np.take_along_axis(values, last, axis=0)
