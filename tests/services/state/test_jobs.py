"""Long work: seen as it goes, stopped when asked, and ended once."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fondaco.adapters.stores.postgres.stores import Stores
from fondaco.core.errors import Conflict, NotFound
from fondaco.core.jobs import Job, JobState

pytestmark = pytest.mark.services

NOW = datetime(2019, 6, 28, 21, 0, tzinfo=UTC)
"""Where the `clock` fixture stands."""

QUEUED = Job("J-1", "backtest.run", JobState.QUEUED, NOW)


def test_a_job_is_queued_with_its_inputs(stores: Stores) -> None:
    inputs = {"strategy": "momentum", "cost": 5.0, "symbols": ["AAPL"]}
    assert stores.jobs.create("backtest.run", inputs) == QUEUED
    assert stores.jobs.get("J-1") == QUEUED
    assert stores.jobs.inputs("J-1") == inputs
    assert not stores.jobs.cancel_requested("J-1")


def test_a_job_ends_once_with_its_result(stores: Stores) -> None:
    stores.jobs.create("backtest.run", {})
    assert stores.jobs.begin("J-1")
    assert stores.jobs.begin("J-1")
    done = stores.jobs.finish("J-1", JobState.DONE, result={"id": "BT-1", "sharpe": None})
    assert done == replace(
        QUEUED, state=JobState.DONE, finished_at=NOW, result={"id": "BT-1", "sharpe": None}
    )
    assert stores.jobs.finish("J-1", JobState.FAILED, error="too late") == done
    assert not stores.jobs.begin("J-1")


def test_a_failed_job_keeps_a_short_reason(stores: Stores) -> None:
    stores.jobs.create("cycle.run", {})
    failed = stores.jobs.finish("J-1", JobState.FAILED, error="x" * 10_000)
    assert failed.state is JobState.FAILED
    assert failed.error == "x" * 500


def test_a_job_cannot_end_in_a_state_that_is_no_end(stores: Stores) -> None:
    stores.jobs.create("cycle.run", {})
    with pytest.raises(ValueError, match="running"):
        stores.jobs.finish("J-1", JobState.RUNNING)


def test_progress_is_seen_by_others_while_the_work_is_still_open(stores: Stores) -> None:
    stores.jobs.create("backtest.run", {})
    stores.jobs.begin("J-1")
    seen: list[Job] = []
    with stores.database.transaction():
        assert not stores.jobs.progress("J-1", "features", 3, 10)
        reader = threading.Thread(target=lambda: seen.append(stores.jobs.get("J-1")))
        reader.start()
        reader.join()
    assert [(job.step, job.done, job.total, job.state) for job in seen] == [
        ("features", 3, 10, JobState.RUNNING)
    ]


def test_a_running_job_is_asked_to_stop_and_hears_it_at_its_next_report(stores: Stores) -> None:
    stores.jobs.create("backtest.run", {})
    stores.jobs.begin("J-1")
    assert stores.jobs.request_cancel("J-1").state is JobState.RUNNING
    assert stores.jobs.cancel_requested("J-1")
    assert stores.jobs.progress("J-1", "features", 4, 10)


def test_a_queued_job_that_is_cancelled_never_begins(stores: Stores) -> None:
    stores.jobs.create("backtest.run", {})
    cancelled = stores.jobs.request_cancel("J-1")
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, NOW)
    assert not stores.jobs.begin("J-1")
    with pytest.raises(Conflict, match="ended"):
        stores.jobs.request_cancel("J-1")


def test_open_jobs_come_oldest_first_and_all_jobs_newest_first(stores: Stores) -> None:
    for _ in range(3):
        stores.jobs.create("backtest.run", {})
    stores.jobs.finish("J-2", JobState.DONE)
    assert [job.id for job in stores.jobs.open()] == ["J-1", "J-3"]
    assert [job.id for job in stores.jobs.list(limit=2)] == ["J-3", "J-2"]


def test_a_job_that_is_not_there_is_not_found(stores: Stores) -> None:
    for ask in (
        stores.jobs.get,
        stores.jobs.inputs,
        stores.jobs.cancel_requested,
        stores.jobs.request_cancel,
    ):
        with pytest.raises(NotFound):
            ask("J-9")
