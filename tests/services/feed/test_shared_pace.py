"""Processes that share a limit: no window over its cap, whoever stalls, stops or starts anew."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fondaco.adapters.pace.postgres import PostgresPaceStore
from fondaco.adapters.pace.redis import RedisPaceStore
from fondaco.adapters.stores.postgres.database import Database
from fondaco.adapters.stores.postgres.embedded import EmbeddedServer
from fondaco.core.errors import Unavailable
from fondaco.market.feed import budget
from fondaco.market.feed.budget import DAY_SECONDS
from fondaco.market.sheets import Limit

pytestmark = pytest.mark.services

PROCESSES = 4
CALLS, SECONDS = 8, 1
RUN_SECONDS = 5.0

ASKER = """
import sys, time
from fondaco.adapters.system.clock import SystemClock
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.errors import OverBudget
from fondaco.market.sheets import Limit
where, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
if where == "redis":
    from fondaco.adapters.pace.redis import RedisPaceStore
    store = RedisPaceStore(url)
else:
    from fondaco.adapters.pace.postgres import PostgresPaceStore
    from fondaco.adapters.stores.postgres.database import Database
    store = PostgresPaceStore(Database(url).apart)
pacer = Pacer(store, SystemClock())
print("ready", flush=True)
sys.stdin.readline()
ends = time.monotonic() + seconds
granted = refused = 0
while time.monotonic() < ends:
    try:
        pacer.take("venue", (Limit(8, 1),))
        print("call", time.time_ns() // 1000, flush=True)
        granted += 1
    except OverBudget as told:
        assert told.retry_after > 0
        refused += 1
print("done", granted, refused, flush=True)
"""


def watched(grants: list[int]) -> int:
    """Return the most calls in any window of a second, as a venue would count them."""
    return max(
        sum(1 for other in grants if at <= other < at + SECONDS * 1_000_000) for at in grants
    )


def run_four(program: Any, where: str, url: str, *, stall: bool) -> list[int]:
    """Let four processes ask as fast as they can; return when calls were made, in microseconds."""
    askers = [program(ASKER, where, url, RUN_SECONDS) for _ in range(PROCESSES)]
    for asker in askers:
        assert asker.stdout.readline() == "ready\n"
    for asker in askers:
        asker.stdin.write("go\n")
        asker.stdin.flush()
    if stall:
        _stall(askers)
    calls: list[int] = []
    for asker in askers:
        said, _ = asker.communicate(timeout=40)
        lines = said.splitlines()
        assert lines[-1].startswith("done"), said[-500:]
        calls += [int(line.split()[1]) for line in lines if line.startswith("call")]
    return sorted(calls)


def _stall(askers: list["subprocess.Popen[str]"]) -> None:
    """Stop each process for a while, one after the other, in the midst of its work."""
    for number, asker in enumerate(askers):
        for after, what in ((0.5, signal.SIGSTOP), (1.3, signal.SIGCONT)):
            threading.Timer(after + 0.6 * number, os.kill, (asker.pid, what)).start()


@pytest.mark.slow
@pytest.mark.parametrize("stall", [False, True], ids=["steady", "stalling"])
@pytest.mark.parametrize("where", ["postgres", "redis"])
def test_four_processes_never_pass_a_shared_limit_in_any_window(
    where: str,
    stall: bool,
    paced: Database,
    redis_url: str,
    program: Callable[..., "subprocess.Popen[str]"],
) -> None:
    url = redis_url if where == "redis" else paced.url
    calls = run_four(program, where, url, stall=stall)
    assert watched(calls) <= CALLS
    least = int(RUN_SECONDS / (SECONDS + budget.JITTER_SECONDS)) * CALLS
    assert len(calls) >= least / 2  # it is shared, not blocked


@pytest.fixture(params=["postgres", "redis"])
def store(request: pytest.FixtureRequest, paced: Database) -> Any:
    if request.param == "postgres":
        return PostgresPaceStore(paced.apart)
    return RedisPaceStore(request.getfixturevalue("redis_url"))


def test_a_limit_is_kept_to_the_call_and_the_wait_is_told(store: Any) -> None:
    limits = (Limit(3, 60), Limit(100, 3_600))
    assert [store.grant("p", limits) for _ in range(3)] == [0, 0, 0]
    wait = store.grant("p", limits)
    assert 55 < wait <= 60.25
    assert store.used("p", limits[0]) == store.used("p", limits[1]) == 3
    assert store.grant("other", limits) == 0
    assert store.used("never asked", limits[0]) == 0


def test_threads_that_ask_at_once_are_granted_as_many_as_the_limit(store: Any) -> None:
    granted: list[float] = []

    def ask() -> None:
        granted.extend(store.grant("p", (Limit(30, 600),)) for _ in range(8))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted.count(0) == 30


def test_a_hold_of_one_process_holds_all(store: Any) -> None:
    store.hold("p", 100.0)
    assert 95 < store.grant("p", ()) <= 100


def test_retries_share_one_budget(store: Any) -> None:
    assert store.retry("p") is False
    for _ in range(20):
        store.grant("p", ())
    told = []
    for _ in range(3):
        told.append(store.retry("p"))
        if told[-1]:
            store.grant("p", ())
    assert told == [True, True, False]


def test_a_daily_quota_survives_a_restart_of_the_desk_and_of_the_database(tmp_path: Path) -> None:
    from fondaco.adapters.pace.tables import metadata

    quota = (Limit(25, DAY_SECONDS),)
    server = EmbeddedServer(tmp_path / "postgres")
    for asked in (10, 25):
        server.ensure_running()
        database = Database.embedded(server)
        with database.apart() as connection:
            metadata.create_all(connection)
        store = PostgresPaceStore(database.apart)
        while store.used("eod", quota[0]) < asked:
            assert store.grant("eod", quota) == 0
        assert (store.grant("eod", quota) > 0) == (asked == 25)
        database.close()
        server.stop()


def test_what_was_spent_stays_spent_when_the_work_around_it_is_undone(paced: Database) -> None:
    store = PostgresPaceStore(paced.apart)

    def undone() -> None:
        with paced.transaction():
            store.grant("p", (Limit(5, 60),))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undone()
    assert store.used("p", Limit(5, 60)) == 1


def test_a_redis_that_is_down_grants_nothing_and_its_address_is_not_told(tmp_path: Path) -> None:
    store = RedisPaceStore(f"unix://user:geheim@{tmp_path}/none.sock")
    with pytest.raises(Unavailable, match="none is made") as told:
        store.grant("p", (Limit(5, 60),))
    assert "geheim" not in told.value.message
