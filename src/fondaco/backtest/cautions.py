"""What to be careful of in a result: each caution in words, with its numbers."""

from datetime import date
from typing import Literal

from fondaco.backtest import words
from fondaco.backtest.movements import Movements
from fondaco.backtest.play import Played
from fondaco.backtest.result import Metrics
from fondaco.portfolio.measures.ratios import sharpe_error
from fondaco.trading.simulator import layout as x

CUT_DAYS = 7
"""Prices may miss this many days of a span (a holiday week) before it is said."""
_MOVES = (x.Event.FILLED, x.Event.SPLIT, x.Event.DELISTED)


def cautions(played: Played, measured: Metrics) -> tuple[str, ...]:
    """Return the cautions of a run itself; what its trials say of it stands in its standing."""
    series, panel, request = played.series, played.panel, played.request
    sessions = len(series.days)
    return tuple(
        said
        for said in (
            *cuts(played),
            words.short_span(sessions, sharpe_error(measured.sharpe or 0.0, sessions)),
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
        cut(request.since, days[0].item(), "start"),
        cut(request.until, days[-1].item(), "end"),
    )


def cut(asked: date | None, given: date, which: Literal["start", "end"]) -> str | None:
    """Return the warning when prices miss a week or more of what was asked, None when not."""
    if asked is None:
        return None
    gap = (given - asked if which == "start" else asked - given).days
    if gap < CUT_DAYS:
        return None
    return words.cut_short(asked.isoformat(), given.isoformat(), which)


def _short_sessions(played: Played) -> int:
    """Return how many sessions ended with a short position."""
    return int((Movements(played).held < 0).any(axis=1).sum())


def _stale(played: Played) -> tuple[str, ...]:
    """Return the symbols of positions at the end whose last close is old."""
    close = played.tape.plane("close")[-words.STALE_SESSIONS :]
    held = Movements(played).held[-1]
    return tuple(
        instrument.symbol
        for column, instrument in enumerate(played.book)
        if held[column] and not close[:, column].any()
    )
