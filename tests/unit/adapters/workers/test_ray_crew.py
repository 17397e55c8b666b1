"""The workers of a Ray cluster, told by a cluster that is made of plain objects."""

from collections.abc import Callable
from typing import Any

import pytest

from fondaco.adapters.workers.parcel import TRIES_MAX, packed, worked
from fondaco.adapters.workers.ray_crew import Begun, Crew
from fondaco.core.errors import Unavailable


class Lost(Exception):
    """A worker died."""


class Cluster:
    """As much of Ray as a crew asks; `dies` says which items end their worker."""

    class exceptions:
        RayError = Lost

    def __init__(self, dies: Callable[[bytes, int], bool] = lambda *_: False) -> None:
        self.dies, self.is_on = dies, True
        self.killed: list[int] = []
        self.started = self.handed = 0
        self.tries: dict[bytes, int] = {}

    def remote(self, **account: Any) -> Callable[[type], Any]:
        """Return what starts workers."""
        assert account == {"num_cpus": 0, "max_restarts": 0, "max_task_retries": 0}
        cluster = self

        class Started:
            def __init__(self) -> None:
                self.number, self.work = cluster.started, self
                cluster.started += 1

            def remote(self, kept: list[Any], item: bytes) -> tuple[int, bytes]:
                cluster.handed += 1
                cluster.tries[item] = cluster.tries.get(item, 0) + 1
                return cluster.handed, item

        return lambda _: type("Class", (), {"remote": staticmethod(Started)})

    def wait(self, held: list[Any], num_returns: int) -> tuple[list[Any], list[Any]]:
        """The latest handed out is done first: results come in any order."""
        assert (num_returns, bool(held)) == (1, True)
        return [max(held)], []

    def get(self, done: tuple[int, bytes]) -> bytes:
        """Return an outcome; raises where the worker died."""
        if self.dies(done[1], self.tries[done[1]]):
            raise Lost("the actor died unexpectedly\nlong story")
        return worked(lambda: (lambda _, item: item * 2, None), done[1])

    def kill(self, worker: Any) -> None:
        """End a worker."""
        assert self.is_on, "the cluster has ended"
        self.killed.append(worker.number)

    def is_initialized(self) -> bool:
        """Whether there is a cluster."""
        return self.is_on


def crew(cluster: Cluster, count: int = 2) -> Crew:
    return Crew(cluster, "ray:2", count, 0)


def begun(made: Crew, items: int) -> list[Begun]:
    return [made.begin(None, packed(n)) for n in range(items)]


def test_no_more_workers_are_started_than_asked_for_and_each_has_one_item() -> None:
    cluster = Cluster()
    made = crew(cluster)
    handles = begun(made, 7)
    assert (cluster.started, cluster.handed) == (2, 2)
    assert [made.finish(one) for one in handles] == [0, 2, 4, 6, 8, 10, 12]
    assert (cluster.started, cluster.handed, cluster.killed) == (2, 7, [])


def test_an_item_whose_worker_dies_is_begun_once_more_in_another() -> None:
    cluster = Cluster(lambda item, tries: item == packed(1) and tries == 1)
    made = crew(cluster)
    assert [made.finish(one) for one in begun(made, 4)] == [0, 2, 4, 6]
    assert cluster.tries[packed(1)] == 2
    assert (cluster.started, len(cluster.killed)) == (3, 1)


def test_an_item_that_kills_every_worker_is_refused_and_the_others_are_done() -> None:
    cluster = Cluster(lambda item, _: item == packed(1))
    made = crew(cluster)
    handles = begun(made, 4)
    assert made.finish(handles[0]) == 0
    with pytest.raises(
        Unavailable, match=rf"Lost: the actor died unexpectedly; .*{TRIES_MAX} tries"
    ):
        made.finish(handles[1])
    assert [made.finish(one) for one in handles[2:]] == [4, 6]


def test_dropped_items_are_not_begun_and_only_their_workers_are_killed() -> None:
    cluster = Cluster()
    made = crew(cluster, count=3)
    first, second = begun(made, 2), begun(made, 4)
    made.drop(second)
    assert (cluster.handed, len(cluster.killed)) == (3, 1)
    assert [made.finish(one) for one in first] == [0, 2]
    made.leave()
    assert sorted(cluster.killed) == [0, 1, 2]


def test_at_rest_only_workers_with_nothing_in_hand_go() -> None:
    cluster = Cluster()
    made = crew(cluster)
    first, second = begun(made, 2)
    assert made.finish(second) == 2
    made.rest()
    assert (len(cluster.killed), made.finish(first)) == (1, 0)


def test_a_crew_whose_cluster_has_ended_leaves_quietly() -> None:
    cluster = Cluster()
    made = crew(cluster)
    begun(made, 3)
    cluster.is_on = False
    made.leave()
    assert cluster.killed == []
