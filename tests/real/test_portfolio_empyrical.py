"""The measures against every applicable case of empyrical's own test table.

The file holds 138 cases over 33 functions. With an expected number the number is met to the
places given; without one the case is a relation (noise added, returns shifted) that empyrical's
test of that name states, and the same relation must hold here. `LEFT_OUT` names what is not a
measure of this desk.
"""

import gzip
import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fondaco.portfolio.measures import ratios, relative, returns, rolling, tails
from fondaco.portfolio.measures.drawdowns import drawdowns

SHARED = Path(
    os.environ.get("FONDACO_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
EMPYRICAL = SHARED / "09_reference" / "empyrical" / "expected_stats.json.gz"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not EMPYRICAL.is_file(), reason=f"no reference files at {SHARED}"),
]

PERIODS = {"daily": 252, "weekly": 52, "monthly": 12}
LEFT_OUT = {
    "gpd_risk_estimates_aligned": "a generalised Pareto tail, found by a local search whose answer "
    "hangs on the optimiser's steps; not a measure of this desk",
}
Case = dict[str, Any]


@cache
def _document() -> dict[str, Any]:
    with gzip.open(EMPYRICAL, "rt") as file:
        document: dict[str, Any] = json.load(file)
    return document


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _given(given: Any) -> Any:
    """A series (by name or inline) as an array, several columns as rows, a number as it is."""
    if not isinstance(given, dict):
        return _number(given)
    values = given.get("inline")
    if values is None:
        values = _document()["series"][given["series"]]["values"]
    if isinstance(values, dict):
        return np.array([[_number(v) for v in column] for column in values.values()])
    return np.array([_number(v) for v in values])


def _days(given: dict[str, str]) -> np.ndarray:
    return np.array(_document()["series"][given["series"]]["index"], dtype="datetime64[D]")


def _both(case: Case, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns and a second series of one length, as the alignment by day gave them.

    The file's daily series start on one day, and an inline one may lack that first day.
    """
    own, second = _given(case["returns"]), _given(case[other])
    if len(own) == len(second):
        return own, second
    if len(own) == 0:
        return np.full(len(second), np.nan), second
    if "inline" in case[other]:
        return own[len(own) - len(second) :], second
    length = max(len(own), len(second))
    padded = [np.append(part, np.full(length - len(part), np.nan)) for part in (own, second)]
    return padded[0], padded[1]


def _expected(case: Case) -> np.ndarray:
    given = case["expected"]
    given = given["inline"] if isinstance(given, dict) else given
    flat = (
        [v for row in given for v in (row if isinstance(row, list) else [row])]
        if isinstance(given, list)
        else [given]
    )
    return np.array([_number(v) for v in flat])


def _periods(case: Case) -> int:
    return PERIODS[case.get("period", "daily")]


def _each(measure: Callable[[np.ndarray], float], given: Any) -> list[float]:
    return (
        [measure(row) for row in np.atleast_2d(given)] if np.ndim(given) == 2 else [measure(given)]
    )


def _lowest_fall(earned: np.ndarray) -> float:
    return float(np.min(drawdowns(returns.wealth(earned))))


def _simple(case: Case) -> Any:
    with np.errstate(divide="ignore"):  # the file's prices start at 0
        return returns.returns_of(_given(case["prices"]))


def _aggregated(case: Case) -> Any:
    period = {"monthly": "month", "quarterly": "quarter", "yearly": "year"}[case["convert_to"]]
    return returns.compounded(_given(case["returns"]), _days(case["returns"]), period)[1]  # type: ignore[arg-type]


def _alpha_beta(case: Case) -> Any:
    own, other = _both(case, "benchmark")
    return relative.alpha(own, other), relative.beta(own, other)


def _roll_alpha_beta(case: Case) -> Any:
    own, other = _both(case, "benchmark")
    found = (
        rolling.rolling_alpha(own, other, case["window"]),
        rolling.rolling_beta(own, other, case["window"]),
    )
    return np.column_stack(found).ravel()


def _alone(measure: Callable[..., float]) -> Callable[[Case], Any]:
    return lambda case: measure(_given(case["returns"]))


def _yearly(measure: Callable[..., float]) -> Callable[[Case], Any]:
    return lambda case: measure(_given(case["returns"]), periods=_periods(case))


def _against(measure: Callable[..., float], other: str) -> Callable[[Case], Any]:
    return lambda case: measure(*_both(case, other))


def _rolled(measure: Callable[..., np.ndarray]) -> Callable[[Case], Any]:
    return lambda case: measure(*_both(case, "factor_returns"), case["window"])


def _required(measure: Callable[..., float]) -> Callable[[Case], Any]:
    return lambda case: _each(
        lambda earned: measure(
            earned, required=_given(case["required_return"]), periods=_periods(case)
        ),
        _given(case["returns"]),
    )


def _excess_sharpe(case: Case) -> Any:
    own, other = _given(case["returns"]), _given(case["factor_returns"])
    return relative.information_ratio(own, np.broadcast_to(other, own.shape))


NUMBERS: dict[str, Callable[[Case], Any]] = {
    "simple_returns": _simple,
    "cum_returns": lambda case: returns.cumulative(_given(case["returns"])),
    "tolist": _aggregated,
    "annual_return": _yearly(returns.cagr),
    "annual_volatility": _yearly(ratios.vol_annual),
    "calmar_ratio": _yearly(ratios.calmar),
    "omega_ratio": lambda case: ratios.omega(
        _given(case["returns"]),
        risk_free=_given(case["risk_free"]),
        required_annual=case["required_return"],
    ),
    "sharpe_ratio": lambda case: ratios.sharpe(
        _given(case["returns"]), risk_free=_given(case["risk_free"])
    ),
    "downside_risk": _required(ratios.downside_risk),
    "sortino_ratio": _required(ratios.sortino),
    "excess_sharpe": _excess_sharpe,
    "alpha_beta": _alpha_beta,
    "alpha": _against(relative.alpha, "benchmark"),
    "beta": _against(relative.beta, "benchmark"),
    "stability_of_timeseries": _alone(returns.stability),
    "tail_ratio": _alone(tails.tail_ratio),
    "beta_fragility_heuristic": _against(relative.fragility, "factor_returns"),
    "roll_max_drawdown": lambda case: rolling.rolling_drawdown(
        _given(case["returns"]), case["window"]
    ),
    "roll_sharpe_ratio": lambda case: rolling.rolling_sharpe(
        _given(case["returns"]), case["window"]
    ),
    "capture": _against(relative.capture, "factor_returns"),
    "down_capture": _against(relative.down_capture, "factor_returns"),
    "up_capture": _against(relative.up_capture, "factor_returns"),
    "up_down_capture": _against(relative.capture_ratio, "factor_returns"),
    "roll_alpha_beta": _roll_alpha_beta,
    "roll_up_capture": _rolled(rolling.rolling_up_capture),
    "roll_down_capture": _rolled(rolling.rolling_down_capture),
    "roll_up_down_capture": _rolled(rolling.rolling_capture_ratio),
    "down_alpha_beta": lambda case: (
        relative.down_alpha(*_both(case, "benchmark")),
        relative.down_beta(*_both(case, "benchmark")),
    ),
    "up_alpha_beta": lambda case: (
        relative.up_alpha(*_both(case, "benchmark")),
        relative.up_beta(*_both(case, "benchmark")),
    ),
}


def _cases(*, expected: bool) -> list[Any]:
    if not EMPYRICAL.is_file():
        return []
    return [
        pytest.param(case, id=f"{case['function']}-{case['line']}-{n}")
        for n, case in enumerate(_document()["cases"])
        if ("expected" in case["args"]) is expected and case["function"] not in LEFT_OUT
    ]


def _tolerance(case: Case) -> float:
    places = case["decimals"]
    places = case["args"].get("decimal_places", 8) if places == "decimal_places" else places
    return 1.5 * 10.0 ** -(8 if places == "DECIMAL_PLACES" else int(places))  # as numpy's check


@pytest.mark.parametrize("case", _cases(expected=True))
def test_a_measure_equals_the_number_of_empyrical(case: Case) -> None:
    found = np.atleast_1d(np.asarray(NUMBERS[case["function"]](case["args"]), dtype=float))
    wanted = _expected(case["args"])
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=_tolerance(case), equal_nan=True)


def _spliced(start: np.ndarray, rest: np.ndarray) -> list[np.ndarray]:
    """The first 250, 500 and 750 sessions of one series, then the other."""
    return [np.concatenate([start[:cut], rest[cut:]]) for cut in (250, 500, 750)]


def _fall_is_deeper_when_returns_are_lower(case: Case) -> bool:
    earned, shift = _given(case["returns"]), case["constant"]
    falls = [_lowest_fall(earned + by) for by in (-shift, 0.0, shift)]
    return falls[0] <= falls[1] <= falls[2]


def _sharpe_moves_with_unequal_shifts(case: Case) -> bool:
    earned, required = _given(case["returns"]), case["required_return"]
    up, more = case["translation_returns"], case["translation_required"]
    found = [ratios.sharpe(earned + s * up, risk_free=required + s * more) for s in (0, 1, -1)]
    return found[0] != found[1] and found[0] != found[2]


def _sharpe_falls_with_noise(case: Case) -> bool:
    drawn = np.random.default_rng(1).standard_normal(1_000)
    return ratios.sharpe(0.01 + case["small"] * drawn) > ratios.sharpe(0.01 + case["large"] * drawn)


def _downside_grows_with_noisy_sessions(case: Case) -> bool:
    noise, flat = _given(case["noise"]), _given(case["flat_line"])
    found = [ratios.downside_risk(part, required=flat) for part in _spliced(noise, flat)]
    return found[0] <= found[1] <= found[2]


def _downside_grows_with_the_requirement(case: Case) -> bool:
    earned, required = _given(case["returns"]), case["required_return"]
    found = [ratios.downside_risk(earned, required=by) for by in (-required, 0.0, required)]
    return found[0] <= found[1] <= found[2]


def _downside_grows_with_the_deviation(case: Case) -> bool:
    drawn = np.random.default_rng(2).standard_normal(1_000)
    return ratios.downside_risk(case["smaller_std"] * drawn) < ratios.downside_risk(
        case["larger_std"] * drawn
    )


def _sortino_falls_with_losses(case: Case) -> bool:
    return _sortino_replaced(case, lambda r: r > case["required_return"], -0.01, falling=True)


def _sortino_rises_without_losses(case: Case) -> bool:
    required = case["required_return"]
    return _sortino_replaced(case, lambda r: r < required, required, falling=False)


def _sortino_replaced(
    case: Case, where: Callable[[np.ndarray], np.ndarray], value: float, *, falling: bool
) -> bool:
    earned = _given(case["returns"]).copy()
    found = [ratios.sortino(earned, required=case["required_return"])]
    for row in np.flatnonzero(where(earned))[[10, 200]]:
        earned[row] = value
        found.append(ratios.sortino(earned, required=case["required_return"]))
    return found[0] > found[1] > found[2] if falling else found[0] <= found[1] <= found[2]


def _sortino_stays_with_equal_shifts(case: Case) -> bool:
    earned, required, by = _given(case["returns"]), case["required_return"], case["translation"]
    found = [ratios.sortino(earned + s * by, required=required + s * by) for s in (0, 1, -1)]
    return found == pytest.approx([found[0]] * 3, abs=1.5e-8)


def _sortino_moves_with_unequal_shifts(case: Case) -> bool:
    earned, required = _given(case["returns"]), case["required_return"]
    up, more = case["translation_returns"], case["translation_required"]
    found = [ratios.sortino(earned + s * up, required=required + s * more) for s in (0, 1, -1)]
    return found[0] != found[1] and found[0] != found[2]


def _information_grows_with_what_differs(case: Case) -> bool:
    line, benchmark = _given(case["noise_line"]), _given(case["benchmark"])
    found = [abs(relative.information_ratio(p, benchmark)) for p in _spliced(line, benchmark)]
    return found[0] < found[1] < found[2]


def _information_follows_a_shift(case: Case) -> bool:
    earned, noise, by = (_given(case[n]) for n in ("returns", "add_noise", "translation"))
    found = [relative.information_ratio(earned + noise + s * by, earned) for s in (-1, 0, 1)]
    return found[0] < found[1] < found[2]


def _alpha_follows_a_shift_and_beta_stays(case: Case) -> bool:
    mean, by = case["mean_returns"], case["translation"]
    covariance = [[0.01**2, 0.01 * 0.001 * 0.8], [0.01 * 0.001 * 0.8, 0.001**2]]
    earned, benchmark = (
        np.random.default_rng(3).multivariate_normal([mean, 0.001], covariance, 1_000).T
    )
    found = [relative.alpha(earned + s * by, benchmark) for s in (-1, 0, 1)]
    session = [(1 + value) ** (1 / 252) for value in found]
    slopes = [relative.beta(earned + s * by, benchmark) for s in (-1, 0, 1)]
    steps = pytest.approx([by, by], abs=1.5e-8)
    return list(np.diff(session)) == steps and slopes == pytest.approx([slopes[1]] * 3, abs=1.5e-8)


def _alpha_and_beta_bear_gaps(case: Case) -> bool:
    return not np.isnan(_alpha_beta(case)).any()


def _alpha_and_beta_are_those_of_a_straight_line(case: Case) -> bool:
    """The case compares two functions of empyrical that are one here; a fitted line replaces it."""
    own, other = _both(case, "benchmark")
    both = ~(np.isnan(own) | np.isnan(other))
    if both.sum() < 2:
        return bool(np.isnan(_alpha_beta(case)).all())
    slope, base = np.polyfit(other[both], own[both], 1)
    wanted = pytest.approx([(1 + base) ** 252 - 1, slope], abs=1e-8)
    return list(_alpha_beta(case)) == wanted


def _growth_follows_a_shift(case: Case) -> bool:
    earned, by = _given(case["returns"]), case["constant"]
    found = [returns.cagr(earned + s * by) for s in (-1, 0, 1)]
    return found[0] < found[1] < found[2]


def _growth_bears_noise(case: Case) -> bool:
    earned, noise = _given(case["returns"]), _given(case["add_noise"])
    found = [returns.cagr(earned + s * noise) for s in (0, 1, -1)]
    for noisy in found[1:]:
        np.testing.assert_approx_equal(found[0], noisy, 1)
    return True


RELATIONS: dict[str, Callable[[Case], bool]] = {
    "test_max_drawdown_translation": _fall_is_deeper_when_returns_are_lower,
    "test_sharpe_translation_diff": _sharpe_moves_with_unequal_shifts,
    "test_sharpe_noise": _sharpe_falls_with_noise,
    "test_downside_risk_noisy": _downside_grows_with_noisy_sessions,
    "test_downside_risk_trans": _downside_grows_with_the_requirement,
    "test_downside_risk_std": _downside_grows_with_the_deviation,
    "test_sortino_add_noise": _sortino_falls_with_losses,
    "test_sortino_sub_noise": _sortino_rises_without_losses,
    "test_sortino_translation_same": _sortino_stays_with_equal_shifts,
    "test_sortino_translation_diff": _sortino_moves_with_unequal_shifts,
    "test_excess_sharpe_noisy": _information_grows_with_what_differs,
    "test_excess_sharpe_trans": _information_follows_a_shift,
    "test_alpha_beta_translation": _alpha_follows_a_shift_and_beta_stays,
    "test_alpha_beta_with_nan_inputs": _alpha_and_beta_bear_gaps,
    "test_alpha_beta_equality": _alpha_and_beta_are_those_of_a_straight_line,
    "test_cagr_translation": _growth_follows_a_shift,
    "test_cagr_noisy": _growth_bears_noise,
}


@pytest.mark.parametrize("case", _cases(expected=False))
def test_a_relation_of_empyrical_holds(case: Case) -> None:
    assert RELATIONS[case["test"]](case["args"])


def test_every_case_of_the_file_is_read_or_left_out_by_name() -> None:
    cases = _document()["cases"]
    numbers, others = len(_cases(expected=True)), len(_cases(expected=False))
    left = sum(case["function"] in LEFT_OUT for case in cases)
    assert (len(cases), numbers, others, left) == (138, 100, 32, 6)
    assert {case["function"] for case in cases if "expected" in case["args"]} == {
        *NUMBERS,
        *LEFT_OUT,
    }
