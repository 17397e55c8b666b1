"""False alarms and power of the gate as a whole: the best of a search, asked for paper.

A search makes so many trials on the same sessions; its best by Sharpe ratio is validated, with a
span kept back that no trial touched, and asked for paper with every formal condition met. What is
left to the gate is the statistics: deflation over family and desk, overfitting, and the span kept
back. Fixed seeds: the same rows every time.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import sqrt

import numpy as np
from bench.statistics.rows import Row, row
from numpy.typing import NDArray

from fondaco.core.instrument import Origin
from fondaco.research.gate import Case, judge
from fondaco.research.standing import RawCounts, shape_or_none, standing_among
from fondaco.research.trial_ledger import Evidence, Kind, Stage, Trial
from fondaco.research.trials import line_of

Matrix = NDArray[np.float64]
YEAR = 252
LEVEL = 0.05
FIRST = datetime(2004, 1, 2, 21, tzinfo=UTC)
TODAY = date(2019, 6, 28)


def rows(repetitions: int = 40) -> list[Row]:
    """Return every row; 40 repetitions take some minutes on one core."""
    return [*_false_alarms(repetitions), *_power(repetitions)]


def _false_alarms(repetitions: int) -> Iterator[Row]:
    searches = (
        (1, 0.0, 5 * repetitions),
        (200, 0.0, 2 * repetitions),
        (200, 0.8, 4 * repetitions),
        (1_000, 0.0, 2 * repetitions),
        (1_000, 0.8, 2 * repetitions),
    )
    for trials, likeness, times in searches:
        rng = np.random.default_rng(51)
        hits = sum(promoted(noise(rng, trials, 4 * YEAR, likeness), rng) for _ in range(times))
        said = f"best of {trials:,} luckless, correlation {likeness}, 4 years and 1 kept back"
        yield row("promotion to paper", "false alarms", hits, times, said, LEVEL)


def _power(repetitions: int) -> Iterator[Row]:
    for sharpe in (1.0, 1.5, 2.0):
        rng = np.random.default_rng(52)
        hits = sum(planted(rng, sharpe) for _ in range(repetitions))
        said = f"true Sharpe {sharpe} among 100 luckless of its family, 12 years and 3 kept back"
        yield row("promotion to paper", "power", hits, repetitions, said)


def planted(rng: np.random.Generator, sharpe: float) -> bool:
    """Return whether the planted strategy itself is found among 100 others and promoted."""
    returns = noise(rng, 101, 12 * YEAR, 0.0)
    daily = sharpe / sqrt(YEAR)
    returns[:, 0] += 0.01 * daily
    if int(_ratios(returns).argmax()) != 0:
        return False
    return promoted(returns, rng, drift=daily, kept=3 * YEAR)


def noise(rng: np.random.Generator, trials: int, sessions: int, likeness: float) -> Matrix:
    """Return the returns of trials without skill that correlate alike, (T, N), 1 % a day."""
    own = rng.standard_normal((sessions, trials))
    if likeness:
        shared = rng.standard_normal((sessions, 1))
        own = sqrt(likeness) * shared + sqrt(1.0 - likeness) * own
    return 0.01 * own


def promoted(
    returns: Matrix, rng: np.random.Generator, *, drift: float = 0.0, kept: int = YEAR
) -> bool:
    """Return whether the best of some trials passes; `drift` is its true ratio per session."""
    later = 0.01 * (rng.standard_normal(kept) + drift)
    if not later.mean() > 0.0:
        return False  # it fails on the span kept back: no need to measure the rest
    best = int(_ratios(returns).argmax())
    trials = [trial_of(number, column) for number, column in enumerate(returns.T)]
    raw = RawCounts(len(trials), len(trials), len(trials))
    standing = standing_among([line_of(trial) for trial in trials], trials[best], raw)
    case = Case(
        evidence=evidence_of(trials[best]),
        standing=standing,
        searched=shape_or_none(returns[:, best]),
        holdout=shape_or_none(later),
        own=True,
        touched=(),
        code_now="code",
        today=TODAY,
    )
    return all(condition.met for condition in judge(case, Stage.PAPER))


def _ratios(returns: Matrix) -> NDArray[np.float64]:
    ratios: NDArray[np.float64] = returns.mean(axis=0) / returns.std(axis=0)
    return ratios


def trial_of(number: int, returns: NDArray[np.float64]) -> Trial:
    """Return a trial of a tuner."""
    first = (FIRST - datetime(1970, 1, 1, tzinfo=UTC)).days
    return Trial(
        content=sha256(f"{number} {returns[:3].tolist()}".encode()).hexdigest(),
        strategy="searched",
        family="searched",
        parameters={"number": number},
        author="tuner",
        surface="cli",
        kind=Kind.TUNE,
        at=FIRST,
        code="code",
        data_version=1,
        instruments=20,
        label=Origin.FILE,
        since=FIRST,
        until=FIRST + timedelta(len(returns) - 1),
        costs="5 bp",
        costs_dated=TODAY,
        metrics={},
        days=tuple(range(first, first + len(returns))),
        returns=tuple(returns.tolist()),
    )


def evidence_of(trial: Trial) -> Evidence:
    """Return evidence whose formal conditions are all met."""
    after = trial.until.date() + timedelta(1)
    return Evidence(
        id="EV-1",
        key="key",
        strategy=trial.strategy,
        family=trial.family,
        code=trial.code,
        parameters=trial.parameters,
        author="tuner",
        surface="cli",
        at=trial.at,
        data_version=1,
        instruments=20,
        label=Origin.FILE,
        proof="cut at 12 bars",
        costs=trial.costs,
        costs_dated=trial.costs_dated,
        trial=trial.content,
        since=trial.since.date(),
        until=trial.until.date(),
        holdout="kept back",
        holdout_since=after,
        holdout_until=after + timedelta(YEAR),
        touched=(),
        overfit=None,
        overfit_sets=1,
    )
