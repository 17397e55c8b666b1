"""A sweep, a batch of a tuning and a validation give the same numbers, whoever works on them.

What is compared with is one set after another in this process, by the plain functions.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from fondaco.adapters.workers.choose import workers_of
from fondaco.backtest.grid import grid_of
from fondaco.backtest.play import decided
from fondaco.backtest.request import request_of
from fondaco.backtest.run import read_prices
from fondaco.backtest.stage import Stage, stage_of, try_set
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tuning.play import play_sets
from fondaco.core.clock import FixedClock
from fondaco.core.errors import InvalidInput
from fondaco.core.workers import Workers
from fondaco.research.fakes import MemoryStrategies
from fondaco.research.strategies.library import strategy_named
from fondaco.research.validation.combinatorial import CombinatorialPurged
from fondaco.research.validation.scored import score_splits
from fondaco.research.validation.trees import Trees
from unit.backtest.desk import NOW, inputs, small_desk

KINDS = ("threads:2", "processes:1", "processes:2", "ray:2")
SETS = grid_of({"names_min": 2}, {"lookback": (20, 40, 400), "skip": (1, 5)})
"""The sets with a lookback of 400 decide nothing in 300 sessions: they are faults."""
CUT = CombinatorialPurged(6, 2, horizon=2, embargo=2)

pytestmark = pytest.mark.timeout(240)  # each process imports LightGBM, seconds on a busy machine


@pytest.fixture(scope="module")
def opened() -> Iterator[dict[str, Workers]]:
    made: dict[str, Workers] = {}
    yield made
    for workers in made.values():
        workers.close()


@pytest.fixture(params=KINDS)
def workers(request: pytest.FixtureRequest, opened: dict[str, Workers]) -> Workers:
    if request.param == "ray:2":
        pytest.importorskip("ray")
    return opened.setdefault(request.param, workers_of(request.param))


@pytest.fixture(scope="module")
def stage() -> Stage:
    desk, clock = small_desk(), FixedClock(NOW)
    asked = request_of(inputs(parameters={"names_min": 2}))
    return stage_of(read_prices(desk.prices, desk.book, asked, clock), desk.book, asked)


def by_hand(stage: Stage, parameters: Any) -> SweepRun | None:
    """Return one set's run by the plain functions; None where the set is at fault."""
    try:
        strategy = strategy_named("momentum", parameters)
        decisions = decided(stage.panel, stage.tape, stage.request, strategy)
    except InvalidInput:
        return None
    return sweep_one(stage.tape, decisions, stage.request.terms)


def test_a_sweep_is_the_same_to_the_last_event(workers: Workers, stage: Stage) -> None:
    with closing(workers.map(try_set, stage, SETS)) as runs:
        found = list(runs)
    wanted = [by_hand(stage, one) for one in SETS]
    assert sum(one is None for one in wanted) == 2
    for run, plain in zip(found, wanted, strict=True):
        if plain is None:
            assert isinstance(run, InvalidInput)
            assert run.reason.startswith("momentum decides nothing")
            assert run.remedy is not None
        else:
            assert isinstance(run, SweepRun)
            assert (run.record == plain.record).all()
            assert (run.log == plain.log).all()
    records = {run.record.tobytes() for run in found if isinstance(run, SweepRun)}
    assert len(records) == 4


def test_batches_of_a_tuning_are_the_same_to_the_last_bit(workers: Workers, stage: Stage) -> None:
    returns, wanted = [], []
    for batch in (SETS[:2], SETS[2:4]):  # one after the other on the same stage
        for played in play_sets(stage, batch, workers, MemoryStrategies({})):
            assert not isinstance(played, str)
            returns.append(played.series.returns)
    for one in SETS[:4]:
        plain = by_hand(stage, one)
        assert plain is not None
        equity = plain.record[0, stage.tape.first :].astype(float)
        wanted.append(equity[1:] / equity[:-1] - 1.0)
    assert np.allclose(np.array(returns), np.array(wanted), rtol=0, atol=1e-15)


def test_scores_of_a_validation_are_the_same_to_the_last_bit(workers: Workers) -> None:
    rng = np.random.default_rng(17)
    x = rng.normal(size=(600, 4))
    y = x[:, 0] + rng.normal(size=600)
    trees = Trees(5, {"num_leaves": 7})
    ours = score_splits(trees, x, y, CUT.split(x), workers=workers)
    assert len(ours.scores) == 15
    for predicted, (train, test) in zip(ours.predicted, CUT.split(x), strict=True):
        assert (predicted == trees.fit(x[train], y[train]).predict(x[test])).all()
    assert (ours.scores == score_splits(trees, x, y, CUT.split(x)).scores).all()
