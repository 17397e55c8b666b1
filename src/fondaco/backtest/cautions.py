"""What to be careful of in a result: each caution in words, with its numbers."""

from datetime import date
from typing import Literal

import numpy as np

from fondaco.backtest import words
from fondaco.backtest.play import Played
from fondaco.backtest.result import Metrics
from fondaco.portfolio.measures.ratios import sharpe_error
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.arrays import Counts

CUT_DAYS = 7
"""Prices may miss this many days of a span (a holiday week) before it is said."""
_MOVES = (x.Event.FILLED, x.Event.SPLIT, x.Event.DELISTED)


def cautions(played: Played, measured: Metrics, luck: float | None, trials: int) -> tuple[str, ...]:
    """Return the cautions of a run, most about its span and chance first."""
    series, panel, request = played.series, played.panel, played.request
    sessions = len(series.days)
    return tuple(
        said
        for said in (
            *cuts(played),
            words.short_span(sessions, sharpe_error(measured.sharpe or 0.0, sessions)),
            words.beaten_by_luck(measured.sharpe, luck, trials),
            words.survivors(panel.origin, len(played.book)),
            words.went_below_zero(min(played.run.cash), played.tape.currency, request.terms),
            words.went_short(_short_sessions(played), request.terms),
            words.held_back(played.blocked, played.not_judged),
            words.still_open(len(played.run.working)),
            words.old_prices(_stale(played)),
        )
        if said is not None
    )


def cuts(played: Played) -> tuple[str | None, str | None]:
    """Return the warnings that prices start later or end earlier than was asked."""
    request, days = played.request, played.panel.sessions
    return (
        _cut(request.since, days[0].item(), "start"),
        _cut(request.until, days[-1].item(), "end"),
    )


def _cut(asked: date | None, given: date, which: Literal["start", "end"]) -> str | None:
    """Return the warning when prices miss a week or more of what was asked."""
    if asked is None:
        return None
    gap = (given - asked if which == "start" else asked - given).days
    if gap < CUT_DAYS:
        return None
    return words.cut_short(asked.isoformat(), given.isoformat(), which)


def _short_sessions(played: Played) -> int:
    """Return how many sessions ended with a short position."""
    moves = np.zeros(played.tape.shape, dtype=np.int64)
    moved = _moves(played)
    np.add.at(moves, (moved[:, x.E_ROW], moved[:, x.E_COLUMN]), moved[:, x.E_QUANTITY])
    return int((np.cumsum(moves, axis=0) < 0).any(axis=1).sum())


def _moves(played: Played) -> Counts:
    """Return the events that moved shares: fills, splits and delistings."""
    log = played.swept.log
    found: Counts = log[np.isin(log[:, x.E_KIND], _MOVES)]
    return found


def _stale(played: Played) -> tuple[str, ...]:
    """Return the symbols of positions at the end whose last close is old."""
    close, moved = played.tape.plane("close")[-words.STALE_SESSIONS :], _moves(played)
    held = np.zeros(len(played.book), dtype=np.int64)
    np.add.at(held, moved[:, x.E_COLUMN], moved[:, x.E_QUANTITY])
    return tuple(
        instrument.symbol
        for column, instrument in enumerate(played.book)
        if held[column] and not close[:, column].any()
    )
