"""Durable workflows by DBOS on the desk's own PostgreSQL; nothing else here knows DBOS.

Each workflow is short: it looks at a subject, takes it as far as it can go now, and enqueues the
next look with a delay. So nothing waits in a thread, a stop takes a moment, and a thousand waiting
cards cost a thousand rows. DBOS keeps which steps are done; a process that takes over re-enqueues
what the dead one was running.
"""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Condition, Event
from typing import Any, TypeVar, cast

from fondaco.desk.ports import Observer, StoppedError, Workflow, unobserved

T = TypeVar("T")

SCHEMA = "dbos"
APPLICATION = "fondaco"
VERSION = "1"
"""Changes only when a running workflow of the old code could not go on in the new one."""
EXECUTOR = "desk"
"""One name for every process: the worker lock lets only one run, and it takes up all that is left.
"""
JOBS, CARDS = "jobs", "cards"
QUEUES = {"job": JOBS, "card": CARDS}
JOBS_AT_ONCE = 2
CARDS_AT_ONCE = 4
POLL_SECONDS = 0.2
CONNECTIONS = 6
STOP_SECONDS_MAX = 5.0
"""How long a stop waits for steps in hand."""
RECOVERIES_MAX: dict[str, int | None] = {"job": 100, "card": None}
"""How often work may be cut short before it is given up. A card is never given up."""


class _PlainJson:
    """Keeps what DBOS keeps as JSON: readable, and nothing is unpickled."""

    def name(self) -> str:
        """Return the name that is stored beside each value."""
        return "fondaco_json"

    def serialize(self, data: Any) -> str:
        """Return the JSON text of plain data; an exception becomes its words."""
        return json.dumps(data, default=_words, allow_nan=False)

    def deserialize(self, serialized_data: str) -> Any:
        """Return the data, or an exception that carries the words of the one that was kept."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and set(data) == {"exception"}:
            return RuntimeError(data["exception"])
        return data


def _words(value: Any) -> dict[str, str]:
    if isinstance(value, BaseException):
        return {"exception": f"{type(value).__name__}: {value}"}
    raise TypeError(f"a step gives plain JSON, not {type(value).__name__}")


class _Steps:
    """Steps of the workflow that is running, kept by DBOS; none begins once it is to stop."""

    def __init__(self, observe: Observer, stopping: Event) -> None:
        self._observe = observe
        self._stopping = stopping

    def run(self, name: str, function: Callable[[], T]) -> T:
        """Run a step once, or give what it gave before."""
        from dbos import DBOS

        if self._stopping.is_set():
            raise StoppedError

        def step() -> T:
            self._observe(f"{name} before")
            result = function()
            self._observe(f"{name} after")
            return result

        result = DBOS.run_step({"name": name}, step)
        self._observe(f"{name} kept")
        return result


class DbosDurable:
    """Durable work in this process. DBOS is one per process: so is this, between start and stop."""

    def __init__(self, url: str, log: Path, *, observe: Observer = unobserved) -> None:
        self._url = url
        self._log = log
        self._observe = observe
        self._workflows: dict[str, Callable[..., None]] = {}
        self._stopping = Event()
        self._running = 0
        self._ended = Condition()

    def start(self, workflows: Mapping[str, Workflow]) -> None:
        """Launch DBOS with these workflows; what a dead process left is re-enqueued."""
        from dbos import DBOS, DBOSConfig

        self._stopping.clear()
        for name, function in workflows.items():
            self._workflows[name] = self._registered(name, function)
        _log_to(self._log)
        config: dict[str, Any] = {
            "name": APPLICATION,
            "system_database_url": _with_driver(self._url),
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "log_level": "WARNING",
            "enable_otlp": False,
            "sys_db_pool_size": CONNECTIONS,
            "max_executor_threads": 8,
            "scheduler_polling_interval_sec": 3_600.0,
            "serializer": _serializer(),
        }
        DBOS(config=cast(DBOSConfig, config))
        DBOS.launch()
        DBOS.register_queue(
            JOBS, worker_concurrency=JOBS_AT_ONCE, polling_interval_sec=POLL_SECONDS
        )
        DBOS.register_queue(
            CARDS,
            partition_concurrency=1,
            worker_concurrency=CARDS_AT_ONCE,
            polling_interval_sec=POLL_SECONDS,
        )

    def enqueue(
        self, workflow: str, key: str, subject: str, *, look: int = 0, delay_seconds: float = 0.0
    ) -> None:
        """Have a workflow run once for this key; the same key changes nothing."""
        from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

        queue = QUEUES[workflow]
        options: dict[str, Any] = {"queue_partition_key": subject} if queue == CARDS else {}
        if delay_seconds > 0:
            options["delay_seconds"] = delay_seconds
        with SetWorkflowID(key), SetEnqueueOptions(**options):
            DBOS.enqueue_workflow(queue, self._workflows[workflow], subject, look)

    def gave_up(self, key: str) -> bool:
        """Return whether the work of a key ended without being done."""
        from dbos import DBOS

        status = DBOS.get_workflow_status(key)
        return status is not None and status.status in {
            "ERROR",
            "CANCELLED",
            "MAX_RECOVERY_ATTEMPTS_EXCEEDED",
        }

    def stop(self) -> None:
        """Let the steps in hand end, begin no other, and stop DBOS.

        A step that takes longer than a person waits ends in its thread and is done again.
        """
        from dbos import DBOS

        self._stopping.set()
        with self._ended:
            self._ended.wait_for(lambda: self._running == 0, STOP_SECONDS_MAX)
        DBOS.destroy(destroy_registry=True)
        self._workflows.clear()
        _close_log()

    def _registered(self, name: str, function: Workflow) -> Callable[..., None]:
        from dbos import DBOS

        steps = _Steps(self._observe, self._stopping)

        def run(subject: str, look: int) -> None:
            with self._ended:
                self._running += 1
            try:
                function(steps, subject, look)
            finally:
                with self._ended:
                    self._running -= 1
                    self._ended.notify_all()

        mark = DBOS.workflow(name=name, max_recovery_attempts=RECOVERIES_MAX[name])
        return mark(run)


def _serializer() -> Any:
    from dbos import Serializer

    return type("PlainJson", (_PlainJson, Serializer), {})()


def _with_driver(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}+psycopg://{rest}"


def _log_to(log: Path) -> None:
    """Send DBOS's own log to a file: on a terminal it would stand between the person's lines."""
    _close_log()
    logger = logging.getLogger("dbos")
    log.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(log, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.propagate = False


def _close_log() -> None:
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
