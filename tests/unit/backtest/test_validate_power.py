"""Validations of noise and of a planted edge: refused at the rate of chance, and found."""

from datetime import date

import pytest
from scipy.stats import binom, kstest

from fondaco.backtest.validation.result import ValidationResult
from fondaco.core.instrument import Origin
from unit.backtest.validate_scene import desk_on, persistent, timely, verdict

LEVEL = 0.05


def validated(seed: int, *, strength: float, sessions: int = 650) -> ValidationResult:
    """Validate a strategy that holds after a rise; its prices call themselves bundled."""
    desk = desk_on(persistent(seed, sessions, strength=strength), Origin.BUNDLED)
    desk.files["mine.py"] = timely
    holdout = round(254 / sessions, 4)
    fitted = date(2029, 6, 1)
    return desk.validate_file("mine.py", holdout=holdout, costs_fitted_at=fitted, fee_min="0.00")


def most_by_chance(runs: int, level: float = LEVEL) -> int:
    """Return how many of some runs fail at their rate in all but one of a thousand cases."""
    return int(binom.ppf(0.999, runs, level))


def passed(result: ValidationResult) -> bool:
    return all(one.met for one in result.conditions)


def check_noise(seeds: range) -> None:
    results = [validated(seed, strength=0.0) for seed in seeds]
    most = most_by_chance(len(results))
    found = [result.permutation.p_value for result in results]
    assert sum(p <= LEVEL for p in found) <= most
    assert kstest(found, "uniform").pvalue > 0.001
    assert sum(map(passed, results)) <= most
    for name in ("Bootstrap", "Deflated Sharpe"):
        assert sum(verdict(one, name).state == "PASS" for one in results) <= most, name


def test_noise_passes_no_test_more_often_than_its_rate() -> None:
    check_noise(range(10))


@pytest.mark.slow
def test_noise_passes_no_test_more_often_than_its_rate_in_many_runs() -> None:
    check_noise(range(100, 160))


def test_a_planted_edge_is_found_and_may_be_promoted() -> None:
    # Rises follow rises with a correlation of 0.3; 900 sessions, 646 of them searched.
    results = [validated(seed, strength=0.3, sessions=900) for seed in range(6)]
    assert all(verdict(one, "Permutation").state == "PASS" for one in results)
    assert sum(verdict(one, "Bootstrap").state == "PASS" for one in results) >= 5
    assert sum(one.holdout.figures.sharpe is not None for one in results) == 6
    assert sum(map(passed, results)) >= 4
