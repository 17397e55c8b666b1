"""False alarms and power of what is said of a chosen ratio: PSR, DSR, PBO, many tests at once.

A year is 252 sessions; returns are normal unless the conditions say otherwise. A level that is a
bound (DSR, families of tests) may be undercut, never passed. Fixed seeds: the same rows every time.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from bench.statistics.rows import Row, row
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.stats import norm

from fondaco.research.statistics.deflated import deflated_sharpe, expected_maximum
from fondaco.research.statistics.effective import Stream, effective_trials
from fondaco.research.statistics.multiple import (
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    sharpe_p_value,
)
from fondaco.research.statistics.overfit import overfitting
from fondaco.research.statistics.sharpe import (
    Shape,
    minimum_track_record,
    probabilistic_sharpe,
    shape_of,
)

Column = NDArray[np.float64]
Matrix = NDArray[np.float64]
Draw = Callable[[np.random.Generator], Matrix]
LEVEL = 0.05
BAR = 1.0 - LEVEL
YEAR = 252


def rows(repetitions: int = 2_000) -> list[Row]:
    """Return every row; 2,000 repetitions take about a minute on one core."""
    made = (_probabilities, _records, _deflated, _misuses, _overfitted, _families)
    return [one for make in made for one in make(repetitions)]


def _probabilities(repetitions: int) -> Iterator[Row]:
    """PSR above 0 of a strategy that nobody chose."""

    def exponential(rng: np.random.Generator, sign: float) -> Column:
        return sign * (rng.exponential(size=YEAR) - 1.0)

    laws: tuple[tuple[str, Callable[[np.random.Generator], Column], int], ...] = (
        ("252 days, normal", lambda rng: rng.standard_normal(YEAR), 0),
        ("252 days, exponential, skewness 2", partial(exponential, sign=1.0), 0),
        ("252 days, exponential, skewness -2", partial(exponential, sign=-1.0), 0),
        ("252 days, Student t of 4", lambda rng: rng.standard_t(4, YEAR), 0),
        ("504 days, AR(1) 0.3, lags ignored", partial(_series, n=504, memory=0.3), 0),
        ("504 days, AR(1) 0.3, 10 lags", partial(_series, n=504, memory=0.3), 10),
        ("504 days, AR(1) -0.3, 10 lags", partial(_series, n=504, memory=-0.3), 10),
    )
    many = 4 * repetitions
    for conditions, draw, lags in laws:
        rng = np.random.default_rng(1)
        hits = sum(_sure(shape_of(draw(rng), lags=lags)) for _ in range(many))
        yield row("PSR", "false alarms", hits, many, conditions, LEVEL)
    for sharpe in (0.5, 1.0, 1.5):
        rng = np.random.default_rng(2)
        hits = sum(_sure(shape_of(_series(rng, 1_260, sharpe=sharpe))) for _ in range(repetitions))
        yield row("PSR", "power", hits, repetitions, f"1,260 days, true Sharpe {sharpe}")


def _records(repetitions: int) -> Iterator[Row]:
    """A record as long as the minimum for a ratio that is there: sure in half of the cases."""
    needed = minimum_track_record(Shape(1.0 / np.sqrt(YEAR), 0.0, 3.0, YEAR))
    rng = np.random.default_rng(3)
    sessions = round(needed)
    hits = sum(_sure(shape_of(_series(rng, sessions, sharpe=1.0))) for _ in range(repetitions))
    seen = f"true Sharpe 1 over its own minimum of {sessions} days: 0.5 by construction"
    yield row("minimum track record", "power", hits, repetitions, seen)


def _deflated(repetitions: int) -> Iterator[Row]:
    """DSR of the best of many, with their effective number."""
    few = max(1, repetitions // 5)
    for conditions, draw in _luckless().items():
        rng = np.random.default_rng(4)
        hits = sum(_promoted(draw(rng), rng) for _ in range(few))
        yield row("DSR, effective trials", "false alarms", hits, few, conditions, LEVEL)
    for sharpe in (1.0, 1.5):
        rng = np.random.default_rng(5)
        hits = sum(_planted(rng, sharpe) for _ in range(max(1, few // 2)))
        seen = f"15 years, one of 101 trials has Sharpe {sharpe} and must be chosen"
        yield row("DSR, effective trials", "power", hits, max(1, few // 2), seen)


def _luckless() -> dict[str, Draw]:
    def mixed(rng: np.random.Generator) -> Matrix:
        parts = (_alike(rng, 60, 0.8), _alike(rng, 30, 0.95), _alike(rng, 10, 0.0))
        return np.vstack(parts)

    def mirrored(rng: np.random.Generator) -> Matrix:
        ten = _alike(rng, 10, 0.0)
        return np.vstack([ten, -ten])

    def crashing(rng: np.random.Generator) -> Matrix:
        return 1.0 - rng.exponential(size=(50, YEAR))

    return {
        "252 days, best of 50 unrelated": partial(_alike, count=50, correlation=0.0),
        "252 days, best of 200 at 0.8": partial(_alike, count=200, correlation=0.8),
        "252 days, best of 20 at 0.95": partial(_alike, count=20, correlation=0.95),
        "252 days, best of 60 at 0.8, 30 at 0.95, 10 unrelated": mixed,
        "252 days, best of 10 and their opposites": mirrored,
        "252 days, best of 50 with skewness -2": crashing,
    }


def _misuses(repetitions: int) -> Iterator[Row]:
    """What the deflation is for: the same luckless trials without it, or with half of it."""
    rng = np.random.default_rng(6)
    bare = clusters = spread = 0
    for _ in range(repetitions):
        family = _alike(rng, 200, 0.8)
        ratios = _ratios(family)
        shape = shape_of(family[ratios.argmax()])
        bare += probabilistic_sharpe(shape_of(_best(_alike(rng, 50, 0.0)))) >= BAR
        clusters += deflated_sharpe(shape, 1.0).probability >= BAR
        # 5.4 is the effective number of 200 at 0.8.
        hurdle = float(ratios.std(ddof=1)) * expected_maximum(5.4)
        spread += probabilistic_sharpe(shape, hurdle) >= BAR
    alike = "252 days, best of 200 at 0.8"
    cases = (
        ("MISUSED: PSR of a chosen trial", bare, "252 days, best of 50 unrelated"),
        ("MISUSED: DSR, a cluster as one trial", clusters, alike),
        ("MISUSED: DSR, effective trials and the trials' own spread", spread, alike),
    )
    for name, hits, conditions in cases:
        yield row(name, "false alarms", hits, repetitions, conditions, LEVEL)


def _overfitted(repetitions: int) -> Iterator[Row]:
    """PBO: the chosen set at or below the median, once a family; overfitting said and denied."""
    few = max(1, repetitions // 4)
    rng = np.random.default_rng(7)
    luckless = [overfitting(rng.standard_normal((504, 20)), blocks=8) for _ in range(few)]
    # One split of each family: the splits of one family are not independent of each other.
    hits = sum(one.logits[0] <= 0.0 for one in luckless)
    mean = float(np.mean([one.probability for one in luckless]))
    seen = f"504 days, 20 luckless sets, 8 blocks, one split; mean of all splits {mean:.3f}"
    yield row("PBO, chosen at or below median", "false alarms", hits, few, seen, 0.5)
    hits = sum(one.probability < LEVEL for one in luckless)
    seen = "504 days, 20 luckless sets, 8 blocks; no level is promised"
    yield row("PBO under 0.05", "false alarms", hits, few, seen)
    for sharpe in (1.5, 3.0):
        rng = np.random.default_rng(8)
        hits = sum(_kept(rng, sharpe) for _ in range(few))
        seen = f"2,016 days, one of 20 sets has Sharpe {sharpe}, 8 blocks"
        yield row("PBO under 0.05", "power", hits, few, seen)


def _kept(rng: np.random.Generator, sharpe: float) -> bool:
    family = rng.standard_normal((2_016, 20))
    family[:, 0] += sharpe / np.sqrt(YEAR)
    return overfitting(family, blocks=8).probability < LEVEL


def _families(repetitions: int) -> Iterator[Row]:
    """Many tests at once: any false discovery without an edge; the edges found."""
    ways = (("Benjamini-Hochberg", benjamini_hochberg), ("Holm", holm))
    for name, adjust in (*ways, ("Benjamini-Yekutieli", benjamini_yekutieli)):
        for shared in (0.0, 0.5):
            luckless = _scores(9, repetitions, shared)
            hits = sum(bool((adjust(norm.sf(one)) <= LEVEL).any()) for one in luckless)
            seen = f"any of 50 tests without an edge, correlation {shared}"
            yield row(name, "false alarms", hits, repetitions, seen, LEVEL)
        edges = _scores(10, repetitions, 0.0)
        edges[:, :5] += 3.5
        found = [int((adjust(norm.sf(one)) <= LEVEL)[:5].sum()) for one in edges]
        seen = "of 5 edges of 3.5 errors among 50 tests"
        yield row(name, "power", sum(found), 5 * repetitions, seen)
        if adjust is benjamini_hochberg:
            yield _false_share(edges, repetitions)
    rng = np.random.default_rng(11)
    hits = sum(
        sharpe_p_value(shape_of(rng.standard_normal(YEAR))) <= 0.01 for _ in range(repetitions)
    )
    yield row("p-value of a ratio", "false alarms", hits, repetitions, "252 days, at 0.01", 0.01)


def _false_share(edges: Matrix, repetitions: int) -> Row:
    """Return in how many families a discovery, drawn by lot, is false: a mean share as a count."""
    rng = np.random.default_rng(12)
    hits = 0
    for one in edges:
        found = np.flatnonzero(benjamini_hochberg(norm.sf(one)) <= LEVEL)
        hits += bool(len(found)) and bool(rng.choice(found) >= 5)
    seen = "one discovery by lot is false; 5 edges among 50 tests, 45/50 of 0.05"
    return row("Benjamini-Hochberg", "false alarms", hits, repetitions, seen, 0.045)


def _scores(seed: int, count: int, shared: float) -> Matrix:
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((count, 50))
    scores: Matrix = np.sqrt(shared) * rng.standard_normal((count, 1)) + np.sqrt(1 - shared) * own
    return scores


def _series(rng: np.random.Generator, n: int, memory: float = 0.0, sharpe: float = 0.0) -> Column:
    """Return an AR(1) of unit deviation with this annual ratio, (n,)."""
    shocks = rng.normal(0.0, np.sqrt(1.0 - memory**2), n + 100)
    found: Column = lfilter([1.0], [1.0, -memory], shocks)[100:]
    return found + sharpe / np.sqrt(YEAR)


def _alike(rng: np.random.Generator, count: int, correlation: float, n: int = YEAR) -> Matrix:
    own = rng.standard_normal((count, n))
    mixed: Matrix = (
        np.sqrt(correlation) * rng.standard_normal((1, n)) + np.sqrt(1 - correlation) * own
    )
    return mixed


def _sure(shape: Shape) -> bool:
    return probabilistic_sharpe(shape) >= BAR


def _ratios(family: Matrix) -> Column:
    ratios: Column = family.mean(axis=1) / family.std(axis=1, ddof=1)
    return ratios


def _best(family: Matrix) -> Column:
    best: Column = family[_ratios(family).argmax()]
    return best


def _counted(family: Matrix, rng: np.random.Generator) -> float:
    days = np.arange(family.shape[1], dtype=np.int32)
    return effective_trials([Stream(days, one) for one in family], rng=rng).effective


def _promoted(family: Matrix, rng: np.random.Generator) -> bool:
    shape = shape_of(_best(family))
    return deflated_sharpe(shape, _counted(family, rng)).probability >= BAR


def _planted(rng: np.random.Generator, sharpe: float) -> bool:
    family = rng.standard_normal((101, 15 * YEAR))
    family[0] += sharpe / np.sqrt(YEAR)
    return bool(_ratios(family).argmax() == 0) and _promoted(family, rng)
