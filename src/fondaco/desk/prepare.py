"""What `make up` does before it serves: each step is recognised when it was done before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError, NotFound
from fondaco.core.jobs import Job, Jobs, JobState, Progress
from fondaco.core.settings import Settings
from fondaco.desk.follow import OneWorker, follow_job
from fondaco.ledger.books import Books
from fondaco.market.ports import Ask, Instruments

if TYPE_CHECKING:
    from fondaco.market.ingest import Ingestor
    from fondaco.market.prices import Prices

PAID_IN = Decimal("100000.00")
PAID_IN_AT = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the first bundled bar, so that the account has cash on every day that can be replayed."""
DEPOSIT_KEY = "prepare:first-deposit"
JOBS_READ_MAX = 1_000
CYCLE = "cycle.run"


class House(Protocol):
    """The services that preparing uses; the app has them by these names."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def prices(self) -> "Prices": ...
    @property
    def instruments(self) -> Instruments: ...
    @property
    def ingestor(self) -> "Ingestor": ...
    @property
    def books(self) -> Books: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def worker(self) -> OneWorker: ...


def prepare(
    house: House,
    open_database: Callable[[], str],
    warm: Callable[[Progress], int],
    promote: Callable[[Progress], None],
    progress: Progress,
) -> None:
    """Set the desk up as far as it is not: database, prices, kernels, cash, gate, first cycle.

    Stopped anywhere and run again it goes on; when all is done it takes a moment. Raises
    Unavailable when the database or the disk is, and what the first cycle failed with.
    """
    progress.report("Start the database", 0, 1)
    open_database()
    progress.report("Start the database", 1, 1)
    _load(house, progress)
    progress.report("Compile the kernels", 0, 1)
    warm(_Under("Compile the kernels", progress))
    progress.report("Compile the kernels", 1, 1)
    _pay_in(house, progress)
    promote(progress)
    _first_cycle(house, progress)


class _Under:
    """Shows the progress of a part under one name, so that it has one bar."""

    def __init__(self, name: str, progress: Progress) -> None:
        self._name = name
        self._progress = progress

    def report(self, step: str, done: int, total: int) -> None:  # noqa: ARG002 - one name for all
        """Pass on how far the part is, but not that it is done: its caller says so."""
        self._progress.report(self._name, min(done, max(total - 1, 0)), total)


def _load(house: House, progress: Progress) -> None:
    step = "Load the bundled prices"
    progress.report(step, 0, 1)
    if house.prices.version() < 0:
        house.ingestor.ingest("bundled", Ask(), _Under(step, progress))
    progress.report(step, 1, 1)


def _pay_in(house: House, progress: Progress) -> None:
    account, currency = house.settings.account, house.settings.currency
    step = f"Pay {PAID_IN:,.0f} {currency} into the account {account}"
    progress.report(step, 0, 1)
    if not house.books.statement(account).lines:
        house.books.deposit(account, PAID_IN, currency, PAID_IN_AT, DEPOSIT_KEY)
    progress.report(step, 1, 1)


def _first_cycle(house: House, progress: Progress) -> None:
    """Run one cycle where the desk has never run one, as of the last day that can be filled."""
    jobs = house.jobs
    mine = [job for job in jobs.list(limit=JOBS_READ_MAX) if job.capability == CYCLE]
    session = last_fillable(house)
    step = f"Run the first cycle, as of {session.isoformat()} (the last day with a next close)"
    progress.report(step, 0, 1)
    waiting = next((job for job in mine if not job.state.final), None)
    if waiting is None and not any(job.state is JobState.DONE for job in mine):
        waiting = jobs.start(CYCLE, {"as_of": session.isoformat()})
    if waiting is not None:
        inner = _Under(step, progress)
        ended = follow_job(
            jobs,
            house.worker,
            waiting.id,
            lambda job: inner.report(job.step, job.done, job.total),
        )
        _require_done(ended)
    progress.report(step, 1, 1)


def last_fillable(house: House) -> date:
    """Return the last session after which there is one more: an order decided then can fill.

    Prices that are close-only fill at the next close, so their very last day would wait for ever.
    """
    newest = house.prices.newest(as_of=house.clock.now())
    if newest is None:
        raise NotFound("no prices are loaded", remedy="`fondaco market ingest bundled` loads some.")
    last = newest.at.date()
    days: tuple[date, ...] = house.prices.calendar(newest.venue).sessions(
        last - timedelta(days=14), last - timedelta(days=1)
    )
    return days[-1]


def _require_done(job: Job) -> None:
    if job.state is not JobState.DONE:
        raise FondacoError(
            "the first cycle did not end well",
            value=f"{job.id} {job.state.value}",
            bound=job.error or "done",
            remedy=f"`fondaco jobs status {job.id}` says more.",
        )
