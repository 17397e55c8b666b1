"""The features: causal functions of a panel, each a value with its unit, warm-up and source.

A feature of T sessions and N instruments is a (T, N) float array whose row t uses rows up to t
alone; `tests/unit/research/test_features_causal.py` proves it for each one at every bar. NaN means
not known: a price is missing in the window, or the warm-up is not over. Nothing is filled.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fondaco.core.errors import NotFound
from fondaco.market.panel import Matrix, Panel
from fondaco.research import kernels

SESSIONS_PER_YEAR = 252
SESSIONS_PER_MONTH = 21


@dataclass(frozen=True, slots=True)
class Feature:
    """A causal function of a panel, to be called like one: `feature(panel)` gives (T, N).

    `warm_up` is how many sessions must lie behind the first value. `window` is how many sessions
    before its own a value reads, None when it reads all the history (a recursion does). `across`
    says that a value rests on all instruments of the panel, not on its own alone.
    """

    name: str
    title: str
    unit: str
    warm_up: int
    window: int | None
    function: Callable[[Panel], Matrix]
    across: bool = False

    def __call__(self, panel: Panel) -> Matrix:
        """Return the feature of each session and instrument, (T, N)."""
        return self.function(panel)

    @property
    def doc(self) -> str:
        """Formula and source, as the function's docstring gives them."""
        return self.function.__doc__ or ""

    @property
    def method(self) -> str:
        """The name under which a fact says how it was derived."""
        return f"fondaco.research.features:{self.name}"


def _close(panel: Panel) -> Matrix:
    return np.ascontiguousarray(panel.close, dtype=np.float64)


def returns(sessions: int) -> Feature:
    """Return the feature close[t] / close[t - sessions] - 1."""

    def function(panel: Panel) -> Matrix:
        """Simple return close[t] / close[t - k] - 1 over k sessions, as a share.

        Source: Campbell, Lo and MacKinlay (1997), The Econometrics of Financial Markets, eq. 1.4.1.
        """
        return kernels.change(_close(panel), sessions, 0)

    title = f"return over {sessions} session{'s' if sessions > 1 else ''}"
    return Feature(f"return_{sessions}", title, "share", sessions, sessions, function)


def volatility(sessions: int) -> Feature:
    """Return the feature: annualised standard deviation of daily log returns."""

    def function(panel: Panel) -> Matrix:
        """Sample standard deviation of k daily log returns times the root of 252, as a share.

        Source: Hull, Options, Futures, and Other Derivatives, "Estimating volatility from
        historical data" (s with n - 1, divided by the root of the length of a day in years).
        """
        daily = kernels.deviation(kernels.log_change(_close(panel)), sessions, 1)
        return daily * float(np.sqrt(SESSIONS_PER_YEAR))

    title = f"annualised volatility {sessions}"
    return Feature(f"volatility_{sessions}", title, "share", sessions, sessions, function)


def momentum(lookback: int = SESSIONS_PER_YEAR, skip: int = SESSIONS_PER_MONTH) -> Feature:
    """Return the feature: return over a year that ends a month ago."""

    def function(panel: Panel) -> Matrix:
        """Momentum close[t - skip] / close[t - lookback] - 1, as a share.

        Source: Jegadeesh and Titman (1993), Journal of Finance 48, p. 65-91; the skipped month
        as in Asness, Moskowitz and Pedersen (2013), Journal of Finance 68, p. 937 (MOM2-12).
        """
        return kernels.change(_close(panel), lookback, skip)

    name = "momentum_12_1" if (lookback, skip) == (252, 21) else f"momentum_{lookback}_{skip}"
    title = "momentum " + name.removeprefix("momentum_").replace("_", "-")
    return Feature(name, title, "share", lookback, lookback, function)


def sma_distance(sessions: int) -> Feature:
    """Return the feature close / mean of the last closes - 1."""

    def function(panel: Panel) -> Matrix:
        """Distance to the simple moving average, close[t] / mean(close[t - k + 1 .. t]) - 1.

        Source: Brock, Lakonishok and LeBaron (1992), Journal of Finance 47, p. 1731-1764, whose
        moving-average rules compare these two.
        """
        close = _close(panel)
        average = kernels.mean(close, sessions)
        away = np.full_like(close, np.nan)
        np.divide(close, average, out=away, where=average > 0)
        return away - 1.0

    title = f"distance to SMA {sessions}"
    return Feature(f"sma_distance_{sessions}", title, "share", sessions - 1, sessions - 1, function)


def rsi(sessions: int = 14) -> Feature:
    """Return the feature: Wilder's relative strength index."""

    def function(panel: Panel) -> Matrix:
        """Relative strength index 100 * gain / (gain + loss), 0 to 100, after Wilder.

        Gain and loss start as plain means of the first k steps and go on as (mean * (k - 1) +
        step) / k. NaN while no price has moved. A missing close starts the count anew.

        Source: Wilder (1978), New Concepts in Technical Trading Systems, section VI.
        """
        return kernels.wilder_rsi(_close(panel), sessions)

    return Feature(f"rsi_{sessions}", f"RSI {sessions}", "index", sessions, None, function)


def zscore(sessions: int = 20) -> Feature:
    """Return the feature: how many standard deviations the close lies from its mean."""

    def function(panel: Panel) -> Matrix:
        """Score (close - mean) / deviation over k closes, population deviation (n).

        NaN when the price did not move in the window. Source: Bollinger (2001), Bollinger on
        Bollinger Bands: the bands use the population form; this is the place within them.
        """
        close = _close(panel)
        spread = kernels.deviation(close, sessions, 0)
        score = np.full_like(close, np.nan)
        np.divide(close - kernels.mean(close, sessions), spread, out=score, where=spread > 0)
        return score

    title = f"z-score {sessions}"
    return Feature(f"zscore_{sessions}", title, "z", sessions - 1, sessions - 1, function)


def rank(of: Feature) -> Feature:
    """Return the feature: the cross-sectional rank of another, 0 lowest to 1 highest."""

    def function(panel: Panel) -> Matrix:
        """Rank within the session over all instruments with a value: (rank - 1) / (n - 1).

        Ties share their mean rank; a session with one value has no rank. Source: Gu, Kelly and
        Xiu (2020), Review of Financial Studies 33, p. 2223-2273, section 2.1 (ranks period by
        period, there mapped to -1..1).
        """
        return kernels.cross_rank(of(panel))

    return Feature(
        f"rank_{of.name}", f"rank of {of.title}", "rank", of.warm_up, of.window, function, True
    )


MOMENTUM = momentum()
VOLATILITY_20 = volatility(20)
SMA_DISTANCE_200 = sma_distance(200)

FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        *(returns(sessions) for sessions in (1, 5, 20, 60)),
        VOLATILITY_20,
        volatility(60),
        MOMENTUM,
        sma_distance(50),
        SMA_DISTANCE_200,
        rsi(14),
        zscore(20),
        rank(MOMENTUM),
    )
}
"""Every feature by name; a new one is listed here and is then proved causal by the same tests."""


def feature_named(name: str) -> Feature:
    """Return a feature; raises NotFound with the names there are."""
    if name not in FEATURES:
        raise NotFound("no such feature", value=name, bound=", ".join(FEATURES))
    return FEATURES[name]
