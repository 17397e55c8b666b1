"""What every kind of workers must do: the port's suite, passed by each adapter."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from conformance import worker_tasks as tasks
from fondaco.adapters.workers.choose import workers_of
from fondaco.adapters.workers.ordered import AHEAD_EACH
from fondaco.core.errors import InvalidInput, Unavailable
from fondaco.core.workers import Workers

KINDS = ("serial", "threads:1", "threads:3", "processes:1", "processes:2", "ray:2")
OUTSIDE = ("processes:2", "ray:2")
"""Those whose workers are not in this process: they can die, and what they get is a copy."""

pytestmark = pytest.mark.timeout(180)  # a cluster starts in 7 s alone, slower beside other tests


@pytest.fixture(scope="module")
def opened() -> Iterator[dict[str, Workers]]:
    """Workers of each kind by name, opened when first wanted and kept for the module."""
    made: dict[str, Workers] = {}
    yield made
    for workers in made.values():
        workers.close()


def of(opened: dict[str, Workers], kind: str) -> Workers:
    if kind == "ray:2":
        pytest.importorskip("ray")
    return opened.setdefault(kind, workers_of(kind))


@pytest.fixture(params=KINDS)
def workers(request: pytest.FixtureRequest, opened: dict[str, Workers]) -> Workers:
    return of(opened, request.param)


@pytest.fixture(params=OUTSIDE)
def outside(request: pytest.FixtureRequest, opened: dict[str, Workers]) -> Workers:
    return of(opened, request.param)


def test_results_come_in_the_order_of_the_items(workers: Workers) -> None:
    assert list(workers.map(tasks.scaled, 3, range(50))) == [3 * n for n in range(50)]


def test_no_items_give_no_results(workers: Workers) -> None:
    assert list(workers.map(tasks.scaled, 3, [])) == []


def test_draws_hang_on_the_items_seed_and_not_on_the_worker(workers: Workers) -> None:
    # The generator of numpy itself, asked here for the same seeds.
    wanted = [np.random.default_rng(seed).normal(size=4).tolist() for seed in range(20)]
    assert list(workers.map(tasks.drawn, 4, range(20))) == wanted
    assert list(workers.map(tasks.drawn, 4, range(19, -1, -1))) == wanted[::-1]


def test_another_shared_value_gives_other_results(workers: Workers) -> None:
    assert list(workers.map(tasks.scaled, 1, [1, 2])) == [1, 2]
    assert list(workers.map(tasks.scaled, 2, [1, 2])) == [2, 4]


def test_an_error_is_raised_at_its_place_with_all_its_parts(workers: Workers) -> None:
    results = workers.map(tasks.refused_at, 2, range(100))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(InvalidInput) as caught:
        next(results)
    error = caught.value
    assert (error.reason, error.value, error.bound, error.remedy) == (
        "too odd",
        "2",
        "even",
        "Add one.",
    )
    assert str(error) == "too odd; value: 2; allowed: even. Add one."
    with pytest.raises(StopIteration):
        next(results)


def test_workers_work_on_after_an_error(workers: Workers) -> None:
    with pytest.raises(InvalidInput):
        list(workers.map(tasks.refused_at, 0, range(10)))
    assert list(workers.map(tasks.scaled, 2, range(10))) == list(range(0, 20, 2))


def test_an_error_from_afar_carries_the_workers_own_traceback(outside: Workers) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(outside.map(tasks.refused_at, 0, [0]))
    assert "in refused_at" in caught.value.__notes__[0]


def test_an_error_that_cannot_travel_arrives_in_words(outside: Workers) -> None:
    with pytest.raises(RuntimeError, match="Stubborn: as 1") as caught:
        list(outside.map(tasks.stubborn, "as", [1]))
    assert "in stubborn" in caught.value.__notes__[0]


def test_nothing_begins_before_a_result_is_asked_for(workers: Workers, tmp_path: Path) -> None:
    workers.map(tasks.noted, tmp_path, range(10))
    assert list(tmp_path.iterdir()) == []


def test_closing_early_leaves_later_items_unbegun(workers: Workers, tmp_path: Path) -> None:
    with closing(workers.map(tasks.noted, tmp_path, range(200))) as results:
        assert [next(results) for _ in range(3)] == [0, 1, 2]
    assert len(list(tmp_path.iterdir())) <= 3 + AHEAD_EACH * workers.count
    assert list(workers.map(tasks.scaled, 2, [1])) == [2]


def test_what_is_shared_is_opened_once_by_each_worker(outside: Workers, tmp_path: Path) -> None:
    numbers = np.ones(1_000_000)
    shared = tasks.Opened(tmp_path, numbers)
    for _ in range(3):
        results = list(outside.map(tasks.summed, shared, range(8)))
        assert results == [1_000_000.0 + n for n in range(8)]
    lines = [path.read_text().count("opened") for path in tmp_path.iterdir()]
    assert lines
    assert set(lines) == {1}


def test_large_items_and_results_pass(workers: Workers) -> None:
    items = [np.full(1_000_000, float(n)) for n in range(6)]
    sums = [float(found.sum()) for found in workers.map(tasks.doubled, 2, items)]
    assert sums == [2e6 * n for n in range(6)]


def test_an_item_whose_worker_is_killed_is_done_by_another(
    outside: Workers, tmp_path: Path
) -> None:
    assert list(outside.map(tasks.dies_once, tmp_path, range(6))) == [0, 10, 20, 30, 40, 50]
    assert (tmp_path / "died-2").exists()


def test_an_item_that_kills_every_worker_is_refused_at_its_place(outside: Workers) -> None:
    results = outside.map(tasks.dies, 2, range(6))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(Unavailable, match=r"ended in the middle of its work.*2 tries.*fewer"):
        next(results)
    assert list(outside.map(tasks.scaled, 2, range(4))) == [0, 2, 4, 6]


def test_closing_does_not_wait_for_an_item_that_never_ends(
    outside: Workers, tmp_path: Path
) -> None:
    results = outside.map(tasks.dozes_at, (tmp_path, 1), range(8))
    assert next(results) == 0
    results.close()
    assert list(outside.map(tasks.scaled, 2, range(4))) == [0, 2, 4, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_closed_workers_take_no_more_work(kind: str, opened: dict[str, Workers]) -> None:
    of(opened, kind)  # so that a cluster runs, which the closing of another leaves alone
    workers = workers_of(kind)
    assert list(workers.map(tasks.scaled, 2, [1, 2])) == [2, 4]
    workers.close()
    workers.close()
    with pytest.raises(Unavailable, match="were closed"):
        workers.map(tasks.scaled, 2, [1])


def test_their_names_can_be_set_again(workers: Workers) -> None:
    again = workers_of(workers.name)
    assert again.name == workers.name
    assert type(again) is type(workers)
    assert again.count == workers.count
