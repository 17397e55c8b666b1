"""The desk's one worker: runs jobs and card lives in the process that holds the lock."""

from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import Lock, Thread

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError, Unavailable
from fondaco.core.events import Event
from fondaco.core.jobs import Job
from fondaco.core.journal import Journal, Note
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.desk.card_life import CARD_EVENTS, CardLife
from fondaco.desk.jobs import QUEUED, JobRunner
from fondaco.desk.ports import Deliveries, Durable, JobTable, WorkerLock
from fondaco.desk.upkeep import Upkeep

ROUND_SECONDS = 0.2
"""How long a round of the worker waits when there was nothing to hand on."""
LOCK_CHECK_ROUNDS = 10
"""Every how many rounds the lock is asked for or asked after."""
SWEEP_ROUNDS = 1_500
"""Every how many rounds all that is unfinished is looked at, about five minutes."""
STOP_SECONDS_MAX = 10.0


@dataclass(frozen=True, kw_only=True)
class WorkerParts:
    """What the worker works with."""

    lock: WorkerLock
    durable: Durable
    deliveries: Deliveries
    table: JobTable
    runner: JobRunner
    life: CardLife
    journal: Journal
    clock: Clock
    upkeep: Upkeep
    round_seconds: float = ROUND_SECONDS


class Worker:
    """Takes the lock, then hands on events, runs jobs and lives cards until it is stopped.

    Events wake it; at its start it looks at everything that is unfinished, so that a wake-up that
    was lost with a process costs nothing but time. A worker that loses its lock (the database was
    restarted) stops, and starts again when it has the lock again.
    """

    def __init__(self, parts: WorkerParts) -> None:
        self._parts = parts
        self._thread: Thread | None = None
        self._ending = Flag()
        self._guard = Lock()
        self._working = False
        parts.deliveries.register(QUEUED, "run-job", self._on_job)
        for name in CARD_EVENTS:
            parts.deliveries.register(name, f"live-{name}", self._on_card)

    @property
    def working(self) -> bool:
        """Whether this process is the desk's worker now."""
        return self._working

    def start(self) -> bool:
        """Become the desk's worker if nobody is; return whether this process is it now.

        Raises Unavailable when durable work cannot be started.
        """
        with self._guard:
            if self._thread is not None:
                return True
            if not self._begin():
                return False
            self._ending.clear()
            self._thread = Thread(target=self._rounds, name="fondaco-worker", daemon=True)
            self._thread.start()
            return True

    def wait_for_turn(self) -> None:
        """Become the worker as soon as nobody else is; for a server that must always have one."""
        with self._guard:
            if self._thread is None:
                self._ending.clear()
                self._thread = Thread(target=self._rounds, name="fondaco-worker", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop and give the lock back; what is unfinished goes on where the next worker starts."""
        with self._guard:
            thread, self._thread = self._thread, None
        self._ending.set()
        if thread is not None:
            thread.join(STOP_SECONDS_MAX)
        self._end()

    def _rounds(self) -> None:
        count = 0
        while not self._ending.is_set():
            tried = 0
            try:
                tried = self._round(check=count % LOCK_CHECK_ROUNDS == 0)
                if self._working and count % SWEEP_ROUNDS == SWEEP_ROUNDS - 1:
                    self._sweep()
            except FondacoError as error:
                self._note(error.code, error.message)
            except Exception as error:  # the outermost loop: it says so and goes on
                self._note(type(error).__name__, str(error))
            count += 1
            self._ending.wait(0.0 if tried else self._parts.round_seconds)

    def _round(self, *, check: bool) -> int:
        """Keep or take the lock when it is time to, hand on events, return how many were tried."""
        if check and self._working and not self._parts.lock.held():
            self._end()
        if check and not self._working:
            self._begin()
        if not self._working:
            return 0
        tried: int = self._parts.deliveries.run_once().tried
        return tried

    def _begin(self) -> bool:
        parts = self._parts
        if not parts.lock.acquire():
            return False
        try:
            parts.runner.stopping.clear()
            parts.durable.start({"job": parts.runner.run, "card": parts.life.run})
            self._working = True
            self._sweep()
            parts.upkeep.start()
        except BaseException:
            self._end()
            raise
        return True

    def _end(self) -> None:
        if self._working:
            self._working = False
            self._parts.upkeep.stop()
            self._parts.runner.stopping.set()
            self._parts.durable.stop()
        self._parts.lock.release()

    def _sweep(self) -> None:
        """Take up whatever a dead process left, also where its last event was never handed on."""
        for job in self._parts.table.open():
            self._run(job)
        self._parts.life.look_at_all()

    def _run(self, job: Job) -> None:
        if self._parts.durable.gave_up(job.id):
            self._parts.runner.give_up(job.id)
        else:
            self._parts.durable.enqueue("job", job.id, job.id)

    def _on_job(self, event: Event) -> None:
        self._run(self._parts.table.get(event.subject))

    def _on_card(self, event: Event) -> None:
        self._parts.life.on_event(event)

    def _note(self, outcome: str, words: str) -> None:
        """Write a fault of the worker itself to the journal, if the database takes it."""
        with suppress(Unavailable):
            self._parts.journal.append(
                Note(
                    at=self._parts.clock.now(),
                    actor="desk",
                    surface="worker",
                    capability="worker",
                    effect="write",
                    inputs={},
                    outcome=outcome,
                    detail=words[:REASON_CHARS_MAX],
                )
            )
