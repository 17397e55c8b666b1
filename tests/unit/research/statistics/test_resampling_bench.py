"""The table of false alarms and power: every statistic has both, and the same each time."""

import doctest

import pytest
from bench.statistics import resampling, rows
from bench.statistics.rows import Row


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return resampling.rows(repetitions=8)


def test_the_example_of_a_row_is_true() -> None:
    assert doctest.testmod(rows) == (0, 2)


def test_every_statistic_shows_its_false_alarms(found: list[Row]) -> None:
    tests: dict[str, set[str]] = {}
    for one in found:
        tests.setdefault(one.statistic, set()).add(one.test)
    assert len(tests) == 15
    only_alarms = {name for name, kinds in tests.items() if "power" not in kinds}
    # A report's intervals are measured for truth; their power is that of the Sharpe ratio's.
    assert all(name.startswith("report interval") for name in only_alarms)
    assert all("false alarms" in kinds for kinds in tests.values())


def test_the_measured_share_lies_in_its_interval(found: list[Row]) -> None:
    assert all(0.0 <= one.low <= one.measured <= one.high <= 1.0 for one in found)
    assert all((one.nominal == 0.05) for one in found if one.test == "false alarms")


def test_seeds_are_fixed() -> None:
    assert resampling.rows(repetitions=2) == resampling.rows(repetitions=2)
