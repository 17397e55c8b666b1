"""A whole sweep by workers: the same figures, trials and order as one set after another."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from fondaco.adapters.workers.choose import workers_of
from fondaco.backtest.sweep_result import SweepResult
from fondaco.backtest.sweep_run import run_sweep
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.jobs import Cancelled
from fondaco.core.workers import Workers
from unit.backtest.desk import NOW, SmallDesk, Steps, inputs, small_desk

GRID = {"lookback": [20, 40, 400], "skip": [1, 5]}
"""A lookback of 400 decides nothing in 300 sessions."""

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module", params=["threads:2", "processes:1", "processes:2", "ray:2"])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    if request.param == "ray:2":
        pytest.importorskip("ray")
    with closing(workers_of(request.param)) as opened:
        yield opened


def swept(desk: SmallDesk, workers: Workers | None, steps: Steps, **changes: Any) -> SweepResult:
    given = {**inputs(parameters={"names_min": 2}), "vary": GRID, **changes}
    return run_sweep(desk.prices, desk.book, desk.trials, FixedClock(NOW), given, steps, workers)


def test_a_sweep_by_workers_is_the_sweep(workers: Workers) -> None:
    alone, beside = small_desk(), small_desk()
    wanted, found = swept(alone, None, Steps()), swept(beside, workers, Steps())
    assert found == wanted
    assert sum(one.figures is None for one in found.sets) == 2
    # Trials are numbered as they are counted: the same ones in the same order, none twice.
    assert list(beside.trials._trials) == list(alone.trials._trials)
    again = swept(beside, workers, Steps())
    assert not any(one.new for one in again.sets)


def test_what_was_counted_before_it_was_stopped_stays_counted(workers: Workers) -> None:
    class Third(Steps):
        def report(self, step: str, done: int, total: int) -> None:
            if done == 3:
                raise Cancelled("the job was asked to stop")

    desk = small_desk()
    with pytest.raises(Cancelled):
        swept(desk, workers, Third())
    assert len(desk.trials._trials) == 3


def test_where_no_set_can_be_run_the_last_fault_is_raised_with_its_parts(workers: Workers) -> None:
    with pytest.raises(InvalidInput, match="momentum decides nothing") as caught:
        swept(small_desk(), workers, Steps(), vary={"lookback": [400, 401]})
    assert caught.value.remedy is not None
