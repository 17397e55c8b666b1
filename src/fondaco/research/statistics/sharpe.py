"""How sure a Sharpe ratio is: its error, the probability that it is real, the record it needs.

Everything is per session unless a name says annual; nothing is scaled to a year, since the error
of a ratio is not. Returns are in excess of whatever they are to be judged against.

Sources: Mertens (2002), Comments on variance of the IID estimator in Lo (2002), working paper;
Bailey and Lopez de Prado (2012), The Sharpe Ratio Efficient Frontier, Journal of Risk 15(2); Lo
(2002), The Statistics of Sharpe Ratios, Financial Analysts Journal 58(4).
"""

from dataclasses import dataclass
from math import erfc, inf, isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fondaco.core.errors import InvalidInput

RETURNS_MIN = 3
LAGS_MAX = 252


@dataclass(frozen=True, slots=True)
class Shape:
    """What the sampling error of a Sharpe ratio rests on.

    `sharpe` is per session, over the deviation with n - 1; `skewness` and `kurtosis` are the
    standardised third and fourth moments of the sample (n, not n - 1): kurtosis is 3 for a normal.
    Raises InvalidInput for numbers that no sample can have: a kurtosis below skewness^2 + 1, fewer
    than three sessions, NaN or infinity.
    """

    sharpe: float
    skewness: float
    kurtosis: float
    sessions: int

    def __post_init__(self) -> None:
        for name in ("sharpe", "skewness", "kurtosis"):
            _finite(name, getattr(self, name))
        if self.sessions < RETURNS_MIN:
            raise InvalidInput(
                "too few returns for a Sharpe ratio to have an error",
                value=self.sessions,
                bound=f">= {RETURNS_MIN}",
            )
        least = self.skewness**2 + 1.0
        if self.kurtosis < least * (1.0 - 1e-9):
            raise InvalidInput(
                "no returns have so low a kurtosis with this skewness",
                value=self.kurtosis,
                bound=f">= {least:.6g}",
                remedy="Give the kurtosis itself, 3 for a normal, not the excess over it.",
            )


def shape_of(returns: ArrayLike, *, lags: int = 0) -> Shape:
    """Return the ratio and the moments of a series of returns, (T,).

    The error of Mertens holds for returns that do not hang on each other. Where they do, a luckless
    strategy passes too often: with an autocorrelation of 0.3, at a level of 5 per cent, in 12 runs
    of 100; in 6 with `lags` of 5. With `lags` above 0, `sessions` is the number of unrelated
    returns that would pin down the mean as well: T over 1 + 2 sum of w_k rho_k, k = 1..lags,
    w_k = 1 - k / (lags + 1) (Lo 2002 with the weights of Newey and West 1987), never above T:
    returns that revert buy no certainty.

    Raises InvalidInput for fewer than three returns, for NaN or infinity, for returns that do not
    vary, and for lags outside 0..min(T - 2, 252).

    >>> shape = shape_of([0.01, -0.01, 0.02, 0.0])
    >>> round(shape.sharpe, 4), round(shape.kurtosis, 4), shape.sessions
    (0.3873, 1.64, 4)
    """
    series = _series(returns)
    away = series - series.mean()
    squares = away * away
    variance = float(squares.mean())
    # Rounding leaves a constant series with a last digit of variance.
    if variance <= (1e-14 * float(np.abs(series).max())) ** 2 * len(series):
        raise InvalidInput(
            "returns that do not vary have no Sharpe ratio",
            value=f"{float(series[0])!r}, {len(series)} times",
            remedy="Check that the strategy ever held a position.",
        )
    deviation = sqrt(variance * len(series) / (len(series) - 1))
    scaled = away / sqrt(variance)
    return Shape(
        float(series.mean()) / deviation,
        float((scaled**3).mean()),
        float((scaled**4).mean()),
        _unrelated(scaled, lags),
    )


def sharpe_error(shape: Shape, at: float | None = None) -> float:
    """Return the standard error of the Sharpe ratio, per session.

    sqrt((1 - skewness s + (kurtosis - 1) / 4 s^2) / (n - 1)): Bailey and Lopez de Prado (2012),
    after Mertens (2002). `at` evaluates it at another ratio than the one observed, for
    instance at 0: the error under the hypothesis of no edge. Raises InvalidInput for an `at` that
    is not a number.

    >>> round(sharpe_error(Shape(0.1, 0.0, 3.0, 253)), 6)
    0.063151
    >>> round(sharpe_error(Shape(0.1, -1.0, 9.0, 253)), 6)
    0.066667
    """
    ratio = shape.sharpe if at is None else _finite("ratio", at)
    return sqrt(_unit_variance(shape, ratio) / (shape.sessions - 1))


def probabilistic_sharpe(shape: Shape, benchmark: float = 0.0) -> float:
    """Return the probability that the true Sharpe ratio lies above a benchmark, 0 to 1.

    Phi((s - benchmark) / error): Bailey and Lopez de Prado (2012), the PSR. Both are per
    session. It speaks of one strategy that nobody chose among others: see `deflated_sharpe`.
    Raises InvalidInput for a benchmark that is not a number.

    >>> round(probabilistic_sharpe(Shape(0.1, 0.0, 3.0, 253)), 4)
    0.9433
    >>> round(probabilistic_sharpe(Shape(0.1, 0.0, 3.0, 253), benchmark=0.1), 4)
    0.5
    """
    return 0.5 * erfc(-distance(shape, benchmark) / sqrt(2.0))


def minimum_track_record(shape: Shape, benchmark: float = 0.0, confidence: float = 0.95) -> float:
    """Return how many sessions would be needed to be sure that the ratio is above a benchmark.

    1 + (1 - skewness s + (kurtosis - 1) / 4 s^2) (Z / (s - benchmark))^2, at the ratio and moments
    observed: Bailey and Lopez de Prado (2012), equation 13. Infinite where the ratio is not above
    the benchmark: no record would do. `confidence` lies above 0.5 and below 1. Raises InvalidInput
    outside of that.

    >>> round(minimum_track_record(Shape(0.1, 0.0, 3.0, 253)), 1)
    272.9
    """
    _finite("benchmark", benchmark)
    if not 0.5 < confidence < 1.0:
        raise InvalidInput("no such confidence", value=confidence, bound="above 0.5, below 1")
    if shape.sharpe <= benchmark:
        return inf
    quantile = NormalDist().inv_cdf(confidence) / (shape.sharpe - benchmark)
    return 1.0 + _unit_variance(shape, shape.sharpe) * quantile**2


def distance(shape: Shape, benchmark: float = 0.0) -> float:
    """Return by how many standard errors the ratio lies above a benchmark, negative if below.

    Infinite where two-valued returns leave no error at all: the limit of ever smaller ones.
    Raises InvalidInput for a benchmark that is not a number.

    >>> round(distance(Shape(0.1, 0.0, 3.0, 253)), 4)
    1.5835
    """
    above = shape.sharpe - _finite("benchmark", benchmark)
    error = sharpe_error(shape)
    if error > 0.0:
        return above / error
    return 0.0 if above == 0.0 else inf if above > 0.0 else -inf


def _unit_variance(shape: Shape, ratio: float) -> float:
    """Return the variance of sqrt(n - 1) times the ratio; rounding may leave it below 0."""
    return max(0.0, 1.0 - shape.skewness * ratio + (shape.kurtosis - 1.0) / 4.0 * ratio**2)


def _unrelated(scaled: NDArray[np.float64], lags: int) -> int:
    sessions = len(scaled)
    most = min(sessions - 2, LAGS_MAX)
    if not 0 <= lags <= most:
        raise InvalidInput("no such number of lags", value=lags, bound=f"0 to {most}")
    inflation = 1.0
    for lag in range(1, lags + 1):
        weight = 1.0 - lag / (lags + 1)
        inflation += 2.0 * weight * float(scaled[lag:] @ scaled[:-lag]) / sessions
    return max(RETURNS_MIN, int(sessions / max(1.0, inflation)))


def _series(returns: ArrayLike) -> NDArray[np.float64]:
    series = np.asarray(returns, dtype=np.float64)
    if series.ndim != 1 or len(series) < RETURNS_MIN:
        raise InvalidInput(
            "a Sharpe ratio needs one series of returns",
            value=f"an array of shape {series.shape}",
            bound=f"(T,), T >= {RETURNS_MIN}",
        )
    wrong = np.flatnonzero(~np.isfinite(series))
    if len(wrong):
        raise InvalidInput(
            "a return is not a number",
            value=f"{series[wrong[0]]} at {wrong[0]}, {len(wrong)} in all",
            remedy="Leave the sessions without a return out.",
        )
    return series


def _finite(name: str, value: float) -> float:
    if not isfinite(value):
        raise InvalidInput(f"the {name} is not a number", value=value, bound="a finite number")
    return value
