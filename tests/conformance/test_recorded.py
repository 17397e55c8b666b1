"""What every provider over HTTP must do with its recorded answers, and with bad ones."""

import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module

import pytest

from conformance import recorded as cases
from fondaco.adapters.providers.conformance.case import Recorded
from fondaco.adapters.providers.conformance.checks import (
    Report,
    check_bodies,
    check_cells,
    check_failures,
    check_good,
)
from fondaco.core.clock import FixedClock

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))


def _every() -> Iterator[Recorded]:
    for module in pkgutil.iter_modules(cases.__path__):
        yield from import_module(f"conformance.recorded.{module.name}").RECORDED


CASES = tuple(_every())
each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.sheet.name}-{case.id}")


def _none(problems: tuple[str, ...]) -> None:
    assert not problems, "\n".join(problems)


def _holds(report: Report) -> None:
    assert report.tried
    _none(report.problems)


def test_no_two_cases_have_one_name() -> None:
    names = [(case.sheet.name, case.id) for case in CASES]
    assert len(names) == len(set(names))


@each
def test_a_recorded_answer_is_read_as_its_kind_demands(case: Recorded) -> None:
    _none(check_good(case, CLOCK))


@each
def test_a_connection_that_fails_is_unanswered_with_its_cause(case: Recorded) -> None:
    _holds(check_failures(case, CLOCK))


@each
def test_a_body_that_is_no_answer_is_said_and_gives_no_row(case: Recorded) -> None:
    _holds(check_bodies(case, CLOCK))


@each
def test_a_spoilt_cell_never_comes_out_as_a_row(case: Recorded) -> None:
    _holds(check_cells(case, CLOCK))
