"""What luck alone would show: the best of many tries, and the Sharpe ratio after paying for them.

Sources: Bailey, Borwein, Lopez de Prado and Zhu (2014), Pseudo-Mathematics and Financial
Charlatanism, Notices of the American Mathematical Society 61(5), p. 458-471 (the expected maximum,
the minimum length); Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, Journal of
Portfolio Management 40(5), p. 94-107.
"""

from dataclasses import dataclass
from math import e, isfinite, sqrt
from statistics import NormalDist

from fondaco.core.errors import InvalidInput
from fondaco.research.statistics.sharpe import Shape, probabilistic_sharpe

EULER = 0.5772156649015329
"""The Euler-Mascheroni constant: the mean of the Gumbel law that a maximum tends to."""
TRIALS_MAX = 1e12


@dataclass(frozen=True, slots=True)
class Deflated:
    """A Sharpe ratio after paying for its trials.

    `probability`: that the true ratio is above what luck alone would show, 0 to 1. `hurdle`: that
    luck, a ratio per session. `trials`: how many were paid for, a real number. `deviation`: the
    spread of the trials' ratios that was used, per session.
    """

    probability: float
    hurdle: float
    trials: float
    deviation: float


def expected_maximum(trials: float) -> float:
    """Return the expected maximum of N independent standard normals, N real; 0 for one or fewer.

    (1 - g) Phi^-1(1 - 1/N) + g Phi^-1(1 - 1/(N e)), g the Euler-Mascheroni constant: Bailey et al.
    (2014), proposition 1. It is within 8 per cent of the exact mean from N = 2 on (0.52 for 0.56),
    2.4 per cent too high at 10, 0.9 at 100. Below N = 2, where it would fall to minus infinity, it
    is the straight line from 0 at N = 1.

    Raises InvalidInput for NaN and for more than 1e12 trials.

    >>> round(expected_maximum(10), 2), expected_maximum(1)
    (1.57, 0.0)
    """
    if not trials <= TRIALS_MAX:
        raise InvalidInput("no such number of trials", value=trials, bound=f"<= {TRIALS_MAX:g}")
    if trials <= 1.0:
        return 0.0
    if trials < 2.0:
        return (trials - 1.0) * _gumbel(2.0)
    return _gumbel(trials)


def _gumbel(trials: float) -> float:
    # By symmetry: the quantile of 1 - x loses its digits where x is small.
    quantile = NormalDist().inv_cdf
    return -(1.0 - EULER) * quantile(1.0 / trials) - EULER * quantile(1.0 / (trials * e))


def minimum_backtest_years(trials: float, sharpe_annual: float = 1.0) -> float:
    """Return the years of data that so many luckless trials need, not to show a ratio by chance.

    In fewer years the best of them is expected to show it: (E[max] / ratio)^2, Bailey et al.
    (2014), theorem 2. `sharpe_annual` is the annual ratio in question, above 0. Raises InvalidInput
    if it is not, or for a number of trials that `expected_maximum` refuses.

    >>> round(minimum_backtest_years(45), 2)
    5.0
    """
    if not (isfinite(sharpe_annual) and sharpe_annual > 0.0):
        raise InvalidInput("no such annual Sharpe ratio", value=sharpe_annual, bound="above 0")
    return (expected_maximum(trials) / sharpe_annual) ** 2


def deflated_sharpe(shape: Shape, trials: float, deviation: float | None = None) -> Deflated:
    """Return the probability that a ratio is above what the best of so many lucky trials shows.

    The probabilistic ratio at the hurdle deviation x E[max of N]: Bailey and Lopez de Prado (2014),
    the DSR at SR0. `trials` is the effective number (see `effective_trials`), at
    least one: the strategy itself. `deviation` is the standard deviation of the trials' ratios, per
    session; without one it is the error that a ratio of 0 has, 1 / sqrt(n - 1).

    A deviation below that error is raised to it. Trials that resemble each other have ratios that
    lie together, so their spread is less than that of luck; but `effective_trials` has counted
    their likeness already, and a small spread would take it off a second time: 200 luckless trials
    with a correlation of 0.8 then pass a bar of 0.95 in 15 runs of 100 instead of 3.

    Raises InvalidInput for fewer trials than one, and for a deviation that is negative, NaN or
    infinite.

    >>> paper = Shape(sharpe=2.5 / 250**0.5, skewness=-3.0, kurtosis=10.0, sessions=1250)
    >>> found = deflated_sharpe(paper, trials=100, deviation=(0.5 / 250) ** 0.5)
    >>> round(found.hurdle, 4), round(found.probability, 4)
    (0.1132, 0.9004)
    """
    if not trials >= 1.0:
        raise InvalidInput(
            "a strategy is a trial itself",
            value=trials,
            bound=">= 1",
            remedy="Count the trial that is judged among the trials.",
        )
    if deviation is not None and not (isfinite(deviation) and deviation >= 0.0):
        raise InvalidInput("no such deviation of ratios", value=deviation, bound=">= 0")
    used = max(deviation or 0.0, 1.0 / sqrt(shape.sessions - 1))
    hurdle = used * expected_maximum(trials)
    return Deflated(probabilistic_sharpe(shape, hurdle), hurdle, float(trials), used)
