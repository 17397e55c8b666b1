"""Trials, evidence and noise for the tests of the ledger, the standing and the gate."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fondaco.core.instrument import Origin
from fondaco.research.gate import Case
from fondaco.research.standing import RawCounts, standing_among
from fondaco.research.statistics.sharpe import Shape
from fondaco.research.trial_ledger import Evidence, Kind, Trial
from fondaco.research.trial_results import Standing
from fondaco.research.trials import line_of
from unit.research.standings import STANDING

Matrix = NDArray[np.float64]
YEAR = 252
FIRST = datetime(2004, 1, 2, 21, tzinfo=UTC)
AT = datetime(2019, 6, 28, 21, tzinfo=UTC)


def trial_of(
    returns: Any = (), name: str = "a", *, strategy: str = "momentum", **changes: Any
) -> Trial:
    """Return a trial of some returns, from 2004-01-02 on, one each calendar day."""
    series = np.asarray(returns, dtype=np.float64)
    first = changes.pop("first", 0) + (FIRST.date() - date(1970, 1, 1)).days
    start = datetime.combine(date(1970, 1, 1), FIRST.timetz())
    values: dict[str, Any] = {
        "content": sha256(name.encode()).hexdigest(),
        "strategy": strategy,
        "family": strategy,
        "parameters": {"lookback": 252},
        "author": "ada",
        "surface": "cli",
        "kind": Kind.BACKTEST,
        "at": AT,
        "code": "code-1",
        "data_version": 3,
        "instruments": 20,
        "label": Origin.BUNDLED,
        "since": start + timedelta(first),
        "until": start + timedelta(first + max(len(series), 1) - 1),
        "costs": "5 bp of each traded value",
        "costs_dated": date(2019, 1, 2),
        "metrics": {"sharpe": 0.5},
        "days": tuple(range(first, first + len(series))),
        "returns": tuple(series.tolist()),
    }
    return Trial(**(values | changes))


def noise(seed: int, sessions: int, trials: int = 1, likeness: float = 0.0) -> Matrix:
    """Return the daily returns of trials without skill that correlate alike, (T, N), 1 % a day."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((sessions, trials))
    shared = rng.standard_normal((sessions, 1))
    return 0.01 * (sqrt(likeness) * shared + sqrt(1.0 - likeness) * own)


def standing_in(trials: list[Trial], number: int = 0, raw: RawCounts | None = None) -> Standing:
    """Return how one of some trials stands among them, all of one strategy unless `raw` says."""
    count = len(trials)
    lines = [line_of(trial) for trial in trials]
    return standing_among(lines, trials[number], raw or RawCounts(count, count, count))


def evidence_of(trial: Trial, **changes: Any) -> Evidence:
    """Return evidence of which every formal condition is met, 300 sessions kept back."""
    after = trial.until.date() + timedelta(1)
    values: dict[str, Any] = {
        "id": "EV-1",
        "key": "key-1",
        "strategy": trial.strategy,
        "family": trial.family,
        "code": trial.code,
        "parameters": trial.parameters,
        "author": "ada",
        "surface": "cli",
        "at": AT,
        "data_version": 3,
        "instruments": 20,
        "label": Origin.BUNDLED,
        "proof": "12 cuts, none changed the past",
        "costs": trial.costs,
        "costs_dated": trial.costs_dated,
        "trial": trial.content,
        "since": trial.since.date(),
        "until": trial.until.date(),
        "holdout": "f" * 64,
        "holdout_since": after,
        "holdout_until": after + timedelta(299),
        "touched": (),
        "overfit": None,
        "overfit_sets": 1,
    }
    return Evidence(**(values | changes))


GOOD = Shape(sharpe=0.1, skewness=0.0, kurtosis=3.0, sessions=300)
"""An annual ratio of 1.59 over 300 sessions."""


def case_for(standing: Standing = STANDING, **changes: Any) -> Case:
    """Return a case of which every formal condition is met."""
    values: dict[str, Any] = {
        "evidence": evidence_of(trial_of(np.zeros(3))),
        "standing": standing,
        "searched": GOOD,
        "holdout": GOOD,
        "own": True,
        "touched": (),
        "code_now": "code-1",
        "today": AT.date(),
    }
    return Case(**(values | changes))
