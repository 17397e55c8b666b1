"""A measure over a moving window is that measure of each window alone."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.portfolio.measures import ratios, relative, returns, rolling
from fondaco.portfolio.measures.drawdowns import drawdowns

Alone = Callable[[np.ndarray, np.ndarray], float]


def _deepest(own: np.ndarray, _: np.ndarray) -> float:
    return float(np.min(drawdowns(returns.wealth(own))))


PAIRS: dict[str, tuple[Callable[[np.ndarray, np.ndarray, int], np.ndarray], Alone]] = {
    "return": (lambda r, _, w: rolling.rolling_return(r, w), lambda r, _: returns.total_return(r)),
    "vol": (lambda r, _, w: rolling.rolling_vol(r, w), lambda r, _: ratios.vol_annual(r)),
    "sharpe": (lambda r, _, w: rolling.rolling_sharpe(r, w), lambda r, _: ratios.sharpe(r)),
    "sharpe over a rate": (
        lambda r, b, w: rolling.rolling_sharpe(r, w, risk_free=b),
        lambda r, b: ratios.sharpe(r, risk_free=b),
    ),
    "drawdown": (lambda r, _, w: rolling.rolling_drawdown(r, w), _deepest),
    "beta": (rolling.rolling_beta, relative.beta),
    "alpha": (rolling.rolling_alpha, relative.alpha),
    "up": (rolling.rolling_up_capture, relative.up_capture),
    "down": (rolling.rolling_down_capture, relative.down_capture),
    "capture": (rolling.rolling_capture_ratio, relative.capture_ratio),
}

values = st.lists(
    st.one_of(st.integers(-200, 200).map(lambda n: n / 1_000), st.just(float("nan"))),
    min_size=1,
    max_size=25,
)


@pytest.mark.parametrize("name", PAIRS)
@given(values, st.integers(1, 8), st.randoms(use_true_random=False))
def test_each_window_has_the_measure_of_itself_alone(name, own, window, chance) -> None:  # type: ignore[no-untyped-def]
    rolled, alone = PAIRS[name]
    earned = np.array(own)
    other = np.array(chance.sample(own, len(own)))
    starts = range(len(own) - window + 1)
    wanted = [alone(earned[n : n + window], other[n : n + window]) for n in starts]
    found = rolled(earned, other, window)
    assert len(found) == max(len(own) - window + 1, 0)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", PAIRS)
def test_the_future_does_not_change_a_window_that_has_passed(name: str) -> None:
    rolled, _ = PAIRS[name]
    chance = np.random.default_rng(10)
    own, other = chance.normal(0, 0.01, (2, 60))
    before = rolled(own, other, 20)
    own[40:], other[40:] = 0.5, -0.25
    after = rolled(own, other, 20)
    np.testing.assert_array_equal(before[:21], after[:21])
    assert not np.allclose(before[21:], after[21:])


def test_a_window_below_one_is_refused_and_a_short_series_has_none() -> None:
    with pytest.raises(InvalidInput, match="at least one"):
        rolling.rolling_return(np.zeros(3), 0)
    assert rolling.rolling_vol(np.zeros(3), 4).tolist() == []
    with pytest.raises(InvalidInput, match="one length"):
        rolling.rolling_beta(np.zeros(3), np.zeros(2), 1)
