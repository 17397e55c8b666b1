"""A trial that was made elsewhere and is noted by hand."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite

import numpy as np

from fondaco.core.capability import Caller
from fondaco.core.errors import InvalidInput
from fondaco.core.ids import content_hash
from fondaco.portfolio.measures.numbers import SESSIONS_PER_YEAR
from fondaco.research.standing import shape_or_none, standing_of
from fondaco.research.trial_ledger import Kind, Trial, TrialStore
from fondaco.research.trial_results import Noted
from fondaco.research.trial_search import row_of
from fondaco.research.trials import Measured

_EPOCH = date(1970, 1, 1)
NO_DATA = -1
"""The version of data that is not the desk's: its own start at 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a trial: `returns` as text, `day=return` with commas or spaces between."""

    strategy: str
    family: str
    since: datetime
    until: datetime
    note: str
    sharpe: float | None
    sessions: int | None
    returns: str


def count_noted(trials: TrialStore, told: Told, caller: Caller, now: datetime) -> Noted:
    """Count what was told as a trial; the same words again are the same trial.

    Raises InvalidInput for returns that cannot be read, or lie outside of the span.
    """
    trial = _trial(told, caller, now)
    new = trials.add(trial)
    kept = trial if new else trials.get(trial.content)
    return Noted(row_of(kept), new, standing_of(trials, kept))


def _trial(told: Told, caller: Caller, now: datetime) -> Trial:
    measured = _measured(told)
    said = [
        "noted",
        told.strategy,
        told.family,
        told.since.isoformat(),
        told.until.isoformat(),
        told.note,
        dict(measured.metrics),
        [list(measured.days), list(measured.returns)],
    ]
    return Trial(
        content=content_hash(said),
        strategy=told.strategy,
        family=told.family,
        parameters={},
        author=caller.actor,
        surface=caller.surface,
        kind=Kind.NOTED,
        at=now,
        code="",
        data_version=NO_DATA,
        instruments=0,
        label=None,
        since=told.since,
        until=told.until,
        costs="",
        costs_dated=None,
        metrics=dict(measured.metrics),
        days=tuple(measured.days),
        returns=tuple(measured.returns),
        lineage=told.note,
    )


def _measured(told: Told) -> Measured:
    """Return what can be known: from the returns where there are any, else as it was told."""
    if not told.returns:
        given = {"sharpe": told.sharpe, "sessions": told.sessions}
        return Measured({name: float(x) for name, x in given.items() if x is not None})
    found = read_returns(told.returns)
    first, last = told.since.date(), told.until.date()
    outside = next((day for day in found if not first <= day <= last), None)
    if outside is not None:
        raise InvalidInput(
            "a return lies outside of the trial's span", value=outside, bound=f"{first} to {last}"
        )
    shape = shape_or_none(np.array(list(found.values())))
    metrics = {"sessions": float(len(found))}
    if shape is not None:
        metrics["sharpe"] = shape.sharpe * SESSIONS_PER_YEAR**0.5
    days = [(day - _EPOCH).days for day in found]
    return Measured(metrics, days, list(found.values()))


def read_returns(text: str) -> dict[date, float]:
    """Return daily returns by day from `day=return`, with commas, spaces or lines between.

    Raises InvalidInput for what cannot be read, days that do not rise, and a loss of more than
    everything.

    >>> read_returns("2019-06-27=0.004, 2019-06-28=-0.0012")
    {datetime.date(2019, 6, 27): 0.004, datetime.date(2019, 6, 28): -0.0012}
    """
    found: dict[date, float] = {}
    last = date.min
    for part in re.split(r"[\s,;]+", text.strip(" \t\r\n,;")):
        day, value = _read(part)
        if day <= last:
            raise InvalidInput(
                "the days of the returns must rise", value=day, bound=f"after {last}"
            )
        found[day], last = value, day
    return found


def _read(part: str) -> tuple[date, float]:
    written, _, number = part.partition("=")
    try:
        day, value = date.fromisoformat(written), float(number)
    except ValueError:
        day, value = date.min, float("nan")
    if not isfinite(value) or value < -1.0:
        raise InvalidInput(
            "this is no daily return",
            value=part[:40],
            bound="day=return, a share of at least -1, e.g. 2019-06-28=0.0012",
        )
    return day, value
