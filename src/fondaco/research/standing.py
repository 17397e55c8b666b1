"""How a result stands after paying for every trial: counts, deflation, overfitting, intervals.

One trial is judged among all that the desk made. What is not known of a trial is counted at its
worst: one that was noted without returns, or that lies beyond what is read, counts as unlike every
other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil, isfinite, sqrt
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR
from fondaco.research.alike import Idea, alike_to
from fondaco.research.chosen_sets import overfit_among
from fondaco.research.standing_words import said_of, warnings_of
from fondaco.research.statistics.deflated import deflated_sharpe, expected_maximum
from fondaco.research.statistics.effective import Effective, Stream, effective_trials
from fondaco.research.statistics.intervals import ReturnIntervals, return_intervals
from fondaco.research.statistics.multiple import benjamini_hochberg, sharpe_p_value
from fondaco.research.statistics.sharpe import Shape, minimum_track_record, shape_of
from fondaco.research.trial_ledger import Kind, Line, Trial, TrialStore, Which
from fondaco.research.trial_results import Counts, Standing
from fondaco.research.trials import line_of

LINES_MAX = 2_000
"""Most streams that are read of the desk, and again of a family, newest first."""
DRAWS = 600
LAGS = 5
"""Days that a return may remember: with an autocorrelation of 0.3 that nobody counts, the
probabilistic Sharpe ratio cries wolf in 12 cases of 100 instead of 5 (`bench.statistics`)."""
_YEAR = sqrt(SESSIONS_PER_YEAR)

Column = NDArray[np.float64]
_Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class RawCounts:
    """How many trials the ledger holds: of a strategy, of its family by name, of the desk."""

    own: int
    family: int
    desk: int


def standing_of(store: TrialStore, trial: Trial, *, lines_max: int = LINES_MAX) -> Standing:
    """Return how a trial stands among all that were made until now.

    `lines_max` streams of the desk are read, newest first, and where that is not all of them, as
    many of its family; older ones count one each.
    """
    lines = lines_for(store, trial.family, lines_max=lines_max)
    raw = RawCounts(
        store.count(Which(strategy=trial.strategy)),
        store.count(Which(family=trial.family)),
        store.count(),
    )
    return standing_among(lines, trial, raw)


def lines_for(store: TrialStore, family: str, *, lines_max: int = LINES_MAX) -> tuple[Line, ...]:
    """Return the desk's newest trials with their streams, and a family's beyond them."""
    lines = store.lines(limit=lines_max)
    if len(lines) < lines_max:
        return lines
    seen = {line.content for line in lines}
    further = store.lines(Which(family=family), limit=lines_max)
    return (*lines, *(line for line in further if line.content not in seen))


def standing_among(lines: Sequence[Line], trial: Trial, raw: RawCounts) -> Standing:
    """Return how a trial stands among others; pure, the same to the bit for the same inputs.

    `lines` are trials that are known with their streams, this one among them or not; `raw` how
    many there are in all, at least those. Chance comes from the trial's content.

    The hurdle of either deflation is its effective number of trials times the spread of their
    ratios, one of each cluster. A ratio over n sessions is multiplied by sqrt(n - 1) first, and by
    this trial's 1 / sqrt(n - 1) at last, so that short trials, whose ratios lie wide apart, do not
    raise the bar for a long one. False discoveries are judged among all of the desk's trials; those
    without a ratio have a p-value of 1.
    """
    mine = line_of(trial)
    others = {line.content: line for line in lines} | {mine.content: mine}
    # In an order of their own: clusters are drawn, and the draws fall to members as they come.
    known = tuple(others[content] for content in sorted(others))
    circle = _circle(known, mine, raw)
    shape = None if mine.stream is None else shape_or_none(mine.stream.returns, lags=LAGS)
    compared = overfit_among(mine, circle.kin)
    found = Standing(
        own=circle.own.counts,
        family=circle.family.counts,
        desk=circle.desk.counts,
        alike=circle.alike,
        overfit=compared.probability,
        overfit_sets=compared.sets,
        overfit_left_out=compared.left_out,
        said="",
        warnings=(),
        **_figures(trial, mine.stream, shape, circle),
    )
    return replace(found, said=said_of(found), warnings=warnings_of(found))


@dataclass(frozen=True, slots=True)
class _Group:
    """Some trials, how many they are with those that were not read, and the clusters they form."""

    lines: tuple[Line, ...]
    counts: Counts
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Circle:
    """The trials around one: of its strategy, its family with look-alikes, and everyone.

    `kin` are those of its family by name and of its twins: the sets that it was chosen among.
    """

    own: _Group
    family: _Group
    desk: _Group
    alike: int
    kin: tuple[Line, ...]


def _circle(known: tuple[Line, ...], mine: Line, raw: RawCounts) -> _Circle:
    streams = () if mine.stream is None else (mine.stream,)
    idea = Idea(mine.strategy, mine.family, streams)
    found = alike_to(known, idea)
    strangers, twins = (
        {line.content for line in lines} for lines in (found.look_alikes, found.twins)
    )
    own = tuple(line for line in known if line.strategy == mine.strategy)
    family = tuple(line for line in known if idea.names(line) or line.content in strangers)
    desk = _group(known, raw.desk, mine.content)
    whole = desk if len(family) == len(known) else None
    wide = _group(family, raw.family + len(strangers), mine.content, same=whole)
    whole = wide if len(own) == len(family) else None
    narrow = _group(own, raw.own, mine.content, same=whole)
    kin = tuple(line for line in known if idea.names(line) or line.content in twins)
    whole = _at_least(desk, wide, narrow)
    return _Circle(narrow, _at_least(wide, narrow), whole, len(strangers), kin)


def _group(lines: tuple[Line, ...], raw: int, seed: str, same: _Group | None = None) -> _Group:
    """Cluster some trials; `same` is the group of these very lines, clustered before."""
    raw = max(raw, len(lines))
    if same is not None and same.counts.raw == raw:
        return replace(same, lines=lines)
    found = effective_among(lines, raw, seed)
    return _Group(lines, Counts(raw, found.effective), found.labels)


def effective_among(lines: Sequence[Line], raw: int, seed: str) -> Effective:
    """Return how many independent trials some count for, `raw` of them in all.

    Those that were not read, or have no stream, count one each. A look at a held-back span is a
    trial, but buys no luck of its own: it is the set that was searched, on other days, and nothing
    is chosen by it.
    """
    searched = _searched(lines)
    streams = [line.stream for line in searched if line.stream is not None]
    unseen = raw - len(streams) - (len(lines) - len(searched))
    return effective_trials(streams, unseen=unseen, rng=chance_of(seed))


def _searched(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.kind is not Kind.HOLDOUT)


def _at_least(group: _Group, *inner: _Group) -> _Group:
    """Let a group count for no less than those inside it: clusters are drawn, and draws vary."""
    raw = max(group.counts.raw, *(one.counts.raw for one in inner))
    effective = max(group.counts.effective, *(one.counts.effective for one in inner))
    return replace(group, counts=Counts(raw, effective))


def chance_of(content: str) -> np.random.Generator:
    """Return the generator that belongs to a trial's content: the same today and tomorrow."""
    return np.random.default_rng(int.from_bytes(sha256(content.encode()).digest()[:16]))


def shape_or_none(returns: Column, *, lags: int = 0) -> Shape | None:
    """Return the shape of some returns, None for too few or for returns that do not vary."""
    try:
        return shape_of(returns, lags=max(0, min(lags, len(returns) - 2)))
    except InvalidInput:  # no such series has a ratio: that is a finding here, not a fault
        return None


class _Figures(TypedDict):
    sessions: int
    sharpe: float | None
    sharpe_low: float | None
    sharpe_high: float | None
    cagr_low: float | None
    cagr_high: float | None
    drawdown_low: float | None
    drawdown_high: float | None
    luck_sharpe: float
    deflated: float | None
    deflated_desk: float | None
    false_discovery: float | None
    track_record: int | None


def _figures(trial: Trial, stream: Stream | None, shape: Shape | None, circle: _Circle) -> _Figures:
    bounds = None if stream is None or shape is None else _intervals(stream, trial.content)
    sessions = int(trial.metrics.get("sessions", 0)) if stream is None else len(stream.returns)
    shapes = _shapes(circle.desk.lines)
    sharpe, cagr, drawdown = _ends(bounds)
    return {
        "sessions": sessions,
        "sharpe": trial.metrics.get("sharpe") if shape is None else shape.sharpe * _YEAR,
        "sharpe_low": sharpe[0],
        "sharpe_high": sharpe[1],
        "cagr_low": cagr[0],
        "cagr_high": cagr[1],
        "drawdown_low": drawdown[0],
        "drawdown_high": drawdown[1],
        "luck_sharpe": luck_sharpe(circle.desk.counts.effective, sessions),
        "deflated": _deflated(shape, circle.family, shapes),
        "deflated_desk": _deflated(shape, circle.desk, shapes),
        "false_discovery": _false_discovery(trial.content, shapes, circle.desk.counts.raw),
        "track_record": None if shape is None else _track_record(shape, sessions),
    }


def luck_sharpe(trials: float, sessions: int) -> float:
    """Return the annual Sharpe ratio of the best of so many trials without skill; 0 for one.

    sqrt(252 / (n - 1)) x `expected_maximum(trials)`: the error of a ratio of 0, times the expected
    maximum of normals. 0 too for fewer than two sessions, which have no ratio.

    >>> round(luck_sharpe(10, 1_261), 2)
    0.7
    """
    return 0.0 if sessions < 2 else _YEAR / sqrt(sessions - 1) * expected_maximum(trials)


def _intervals(stream: Stream, seed: str) -> ReturnIntervals | None:
    """Return the intervals; None for a series of which a draw may not move, or lose all."""
    try:
        return return_intervals(stream.returns, rng=chance_of(seed), draws=DRAWS)
    except InvalidInput:  # `warnings_of` says that there is none
        return None


def _ends(bounds: ReturnIntervals | None) -> tuple[_Ends, _Ends, _Ends]:
    if bounds is None:
        return (None, None), (None, None), (None, None)
    found = (bounds.sharpe, bounds.cagr, bounds.drawdown)
    sharpe, cagr, drawdown = ((one.low, one.high) for one in found)
    return sharpe, cagr, drawdown


def _shapes(lines: Sequence[Line]) -> dict[str, Shape]:
    """Return the shape of each trial that has a ratio, by content."""
    found = (
        (line.content, shape_or_none(line.stream.returns, lags=LAGS))
        for line in lines
        if line.stream is not None
    )
    return {content: shape for content, shape in found if shape is not None}


def _deflated(shape: Shape | None, group: _Group, shapes: Mapping[str, Shape]) -> float | None:
    if shape is None:
        return None
    spread = _spread(group, shapes)
    deviation = None if spread is None else spread / sqrt(shape.sessions - 1)
    trials = max(1.0, group.counts.effective)
    return deflated_sharpe(shape, trials, deviation).probability


def _spread(group: _Group, shapes: Mapping[str, Shape]) -> float | None:
    """Return the deviation of the clusters' ratios, in errors of a ratio of 0; None for one."""
    seen = [line.content for line in _searched(group.lines) if line.stream is not None]
    members: dict[int, list[float]] = {}
    for content, label in zip(seen, group.labels, strict=True):
        if content in shapes:
            one = shapes[content]
            members.setdefault(label, []).append(one.sharpe * sqrt(one.sessions - 1))
    if len(members) < 2:
        return None
    return float(np.std([float(np.mean(ratios)) for ratios in members.values()], ddof=1))


def _false_discovery(content: str, shapes: Mapping[str, Shape], raw: int) -> float | None:
    if content not in shapes:
        return None
    p_values = np.ones(max(raw, len(shapes)))
    p_values[: len(shapes)] = [sharpe_p_value(shape) for shape in shapes.values()]
    return float(benjamini_hochberg(p_values)[list(shapes).index(content)])


def _track_record(shape: Shape, sessions: int) -> int | None:
    """Return the sessions needed; of returns that remember, as many more as they count for less."""
    needed = minimum_track_record(shape) * sessions / shape.sessions
    return ceil(needed) if isfinite(needed) else None
