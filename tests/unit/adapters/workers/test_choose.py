"""Workers by the words of a setting, and what they say when they cannot be had."""

import doctest
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from conformance import worker_tasks as tasks
from fondaco.adapters.workers import choose, ordered
from fondaco.adapters.workers.choose import WORKERS_MAX, workers_of
from fondaco.adapters.workers.processes import ProcessWorkers
from fondaco.adapters.workers.ray import RayWorkers
from fondaco.adapters.workers.threads import ThreadWorkers
from fondaco.core.errors import Conflict, InvalidInput, Unavailable
from fondaco.core.settings import Settings
from fondaco.core.workers import SerialWorkers


@pytest.mark.parametrize(
    ("text", "kind", "count"),
    [
        ("serial", SerialWorkers, 1),
        ("threads:3", ThreadWorkers, 3),
        ("processes:2", ProcessWorkers, 2),
        ("ray:2", RayWorkers, 2),
        ("threads", ThreadWorkers, len(os.sched_getaffinity(0))),
        ("processes", ProcessWorkers, len(os.sched_getaffinity(0))),
        (f"threads:{WORKERS_MAX}", ThreadWorkers, WORKERS_MAX),
    ],
)
def test_words_name_workers_and_their_number(text: str, kind: type, count: int) -> None:
    workers = workers_of(text)
    assert type(workers) is kind
    assert workers.count == count


def test_an_address_names_a_cluster_that_is_not_touched_yet() -> None:
    assert workers_of("ray://127.0.0.1:10001").name == "ray://127.0.0.1:10001"


@pytest.mark.parametrize(
    "text",
    ["", "thread", "serial:2", "threads:", "threads:-1", "threads:1.5", "ray://host", "THREADS"],
)
def test_other_words_are_refused_with_those_that_are_known(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"not known.*threads:N.*FONDACO_WORKERS"):
        workers_of(text)


@pytest.mark.parametrize("number", [0, WORKERS_MAX + 1, 9_999])
def test_too_few_and_too_many_are_refused(number: int) -> None:
    with pytest.raises(InvalidInput, match=f"allowed: 1 to {WORKERS_MAX}"):
        workers_of(f"processes:{number}")


def test_the_default_of_the_settings_can_be_chosen() -> None:
    assert workers_of(Settings.model_fields["workers"].default).count >= 1


def test_without_ray_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Unavailable, match=r"pip install fondaco\[scale\]"):
        list(workers_of("ray:2").map(tasks.scaled, 1, [1]))


def test_choosing_workers_loads_nothing_heavy() -> None:
    code = (
        "import sys; from fondaco.adapters.workers.choose import workers_of; "
        "[workers_of(w) for w in ('threads:2', 'processes:2', 'ray:2')]; "
        "print([m for m in ('ray', 'numpy', 'scipy', 'numba', 'lightgbm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_processes_at_work_take_no_second_job() -> None:
    workers = ProcessWorkers(1)
    first = workers.map(tasks.scaled, 1, [1, 2])
    assert next(first) == 1
    with pytest.raises(Conflict, match="are at work"):
        next(workers.map(tasks.scaled, 1, [1]))
    assert next(first) == 2
    workers.close()


def test_closing_the_workers_ends_their_processes() -> None:
    workers = ProcessWorkers(2)
    pids = set(workers.map(tasks.process_id, None, range(8)))
    assert pids
    assert os.getpid() not in pids
    workers.close()
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_closing_processes_in_the_middle_of_an_item_does_not_wait_for_it(tmp_path: Path) -> None:
    workers = ProcessWorkers(1)
    results = workers.map(tasks.dozes_at, (tmp_path, 1), range(4))
    assert next(results) == 0
    taker = threading.Thread(target=workers.close)
    taker.start()
    taker.join(30)
    assert not taker.is_alive()


def test_a_process_keeps_its_libraries_to_one_thread() -> None:
    workers = ProcessWorkers(1)
    assert list(workers.map(tasks.blas_threads, None, [0])) == [{1}]
    workers.close()


def test_a_process_that_died_while_it_waited_is_replaced() -> None:
    workers = ProcessWorkers(1)
    (pid,) = workers.map(tasks.process_id, None, [0])
    os.kill(pid, 9)
    (other,) = workers.map(tasks.process_id, None, [0])
    assert other != pid
    workers.close()


@pytest.mark.timeout(150)
def test_a_cluster_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    pytest.importorskip("ray")
    code = (
        "from fondaco.adapters.workers.ray import RayWorkers\n"
        "from fondaco.core.errors import Unavailable\n"
        "try: list(RayWorkers('ray://127.0.0.1:1').map(pow, 2, [1]))\n"
        "except Unavailable as error: print('told:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=140, check=False
    )
    assert "told: the Ray cluster cannot be reached: " in done.stdout
    assert "value: ray://127.0.0.1:1. Check its address" in done.stdout


@pytest.mark.parametrize("module", [choose, ordered])
def test_the_examples_are_true(module: ModuleType) -> None:
    done = doctest.testmod(module)
    assert done.attempted > 0
    assert done.failed == 0
