"""From a finished search to its result: leaderboard, choice, and what that earned out of sample."""

from collections.abc import Sequence
from math import ceil, inf
from typing import Literal

import numpy as np

from fondaco.backtest import words
from fondaco.backtest.cautions import cut
from fondaco.backtest.request import Request
from fondaco.backtest.tuning import words as said
from fondaco.backtest.tuning.ports import Tried
from fondaco.backtest.tuning.result import Forward, Kept, Stretch, TunedSet, TuneResult
from fondaco.backtest.tuning.search import Search
from fondaco.backtest.tuning.study import importance
from fondaco.backtest.tuning.walk import Rows, Vector, Walked, ratios, walked, window_means
from fondaco.core.errors import InvalidInput
from fondaco.market.panel import Matrix
from fondaco.portfolio.measures.drawdowns import drawdowns
from fondaco.portfolio.measures.numbers import Days, finite
from fondaco.portfolio.measures.ratios import sharpe, sharpe_error
from fondaco.portfolio.measures.returns import cagr, wealth
from fondaco.research.standing import standing_of

SETS_SHOWN_MAX = 50
CURVE_POINTS_MAX = 500


def result_of(search: Search, asked: Request, held: Kept | None) -> TuneResult:
    """Return the result of a study; raises InvalidInput with the first fault where no set ran."""
    complete = search.complete
    if not complete:
        raise _no_set(search)
    stage, windows, tried = search.stage, search.windows, search.tried
    days = stage.panel.sessions[stage.tape.first :]
    proposed = [search.proposed(one) for one in complete]
    streams = search.streams
    walk = walked(streams, proposed, windows)
    assert walk.next is not None  # every complete set is proposed by then
    means = dict(
        zip((one.number for one in complete), window_means(streams, proposed, windows), strict=True)
    )
    sets = [_tuned(one, means.get(one.number)) for one in sorted(tried, key=_order)]
    best = complete[walk.next]
    assert best.trial is not None
    desk, tape, request = search.desk, stage.tape, stage.request
    point: Literal["open", "close"] = "open" if tape.fills_at_open else "close"
    return TuneResult(
        study=search.study,
        seed=search.tuning.seed,
        strategy=asked.strategy,
        code=asked.code is not None,
        parameters=dict(asked.parameters),
        space=tuple(axis.shown for axis in search.tuning.space.axes),
        asked=search.tuning.trials,
        tried=len(tried),
        complete=len(complete),
        pruned=sum(one.state == "pruned" for one in tried),
        failed=sum(one.state == "failed" for one in tried),
        trials_new=sum(one.new for one in tried),
        leaderboard=tuple(sets[:SETS_SHOWN_MAX]),
        chosen=_tuned(best, means[best.number]),
        standing=standing_of(desk.trials, desk.trials.get(best.trial)),
        forward=_forward(search, walk, streams, days),
        held=held,
        values=tuple(_ratio(one) if one.state == "complete" else None for one in tried),
        importance=importance(search.tuning.space, search.history(windows.count)),
        symbols=len(stage.book),
        since=days[0].item(),
        until=days[-1].item(),
        sessions=len(days),
        label=stage.panel.origin,
        data_version=stage.panel.version,
        fill_point=point,
        fill_rule=words.fill_rule(point),
        currency=tape.currency,
        capital=request.capital,
        costs=words.cost_words(request.costs, tape.currency),
        warnings=_warnings(search, asked, held, days),
        created_at=desk.clock.now(),
    )


def _no_set(search: Search) -> InvalidInput:
    faults = [one.reason for one in search.tried if one.reason]
    return InvalidInput(
        "no set of the space could be played in full",
        value=f"{len(search.tried):,} sets tried; the first: {faults[0]}",
        remedy="Vary other parameters, or take a longer span.",
    )


def _tuned(one: Tried, mean: float | None) -> TunedSet:
    return TunedSet(
        one.number, one.varied, one.state, one.reason, one.figures, mean, one.trial, one.new
    )


def _ratio(one: Tried) -> float | None:
    return None if one.figures is None else one.figures.sharpe


_PLACES = {"complete": 0, "pruned": 1, "failed": 2}


def _order(one: Tried) -> tuple[int, float, int]:
    """Return what sets are sorted by: played in full first, the Sharpe ratio falling."""
    ratio = _ratio(one)
    return _PLACES[one.state], inf if ratio is None else -ratio, one.number


def _forward(search: Search, walk: Walked, streams: Matrix, days: Days) -> Forward | None:
    if search.tuning.walk is None:
        return None
    kind, train, test = search.tuning.walk
    best = int(np.argmax(ratios(streams, walk.rows))) if len(walk.rows) > 1 else 0
    begins, ends = days[walk.rows[0]], days[walk.rows[-1] + 1]
    shown = _shown(len(walk.rows) + 1)
    marks = np.append(days[walk.rows], ends)[shown]
    return Forward(
        kind,
        train,
        test,
        search.windows.count,
        sum(one != other for one, other in zip(walk.choices, walk.choices[1:], strict=False)),
        begins.item(),
        ends.item(),
        len(walk.rows),
        _stretch(walk.returns, shown),
        _stretch(streams[walk.rows, best], shown),
        tuple(marks.astype("datetime64[D]").tolist()),
    )


def _stretch(returns: Vector, shown: Rows) -> Stretch:
    curve = wealth(returns)
    return Stretch(
        finite(sharpe(returns)),
        cagr(returns),
        float(drawdowns(curve).min()),
        tuple(np.round(curve[shown], 6).tolist()),
    )


def _shown(points: int) -> Rows:
    """Return the points that are drawn, evenly spaced, the last one among them."""
    step = max(1, ceil(points / CURVE_POINTS_MAX))
    return np.arange(points - 1, -1, -step, dtype=np.int64)[::-1]


def _warnings(search: Search, asked: Request, held: Kept | None, days: Days) -> tuple[str, ...]:
    stage, sessions = search.stage, len(days)
    found = [ratio for ratio in map(_ratio, search.complete) if ratio is not None]
    best = max(found, default=None)
    until = days[-1].item() if held is None else held.until
    found_words: Sequence[str | None] = (
        said.NOT_WALKED if search.tuning.walk is None else None,
        said.NOTHING_KEPT if held is None else None,
        words.best_of(len(search.complete), best),
        said.all_tried(len(search.tried), search.tuning.trials),
        cut(asked.since, stage.panel.sessions[0].item(), "start"),
        cut(asked.until, until, "end"),
        words.short_span(sessions, sharpe_error(best or 0.0, sessions)),
        words.survivors(stage.panel.origin, len(stage.book)),
    )
    return tuple(one for one in found_words if one is not None)
