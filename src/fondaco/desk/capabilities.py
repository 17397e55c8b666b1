"""What the outside may ask of the desk: the cycle, the account, jobs, journal, events, health."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from fondaco.core.capability import Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.core.events import Outbox
from fondaco.core.ids import canonical_json
from fondaco.core.jobs import Job, Jobs
from fondaco.core.journal import Journal
from fondaco.core.quantities import Day, JobId, RowLimit
from fondaco.desk.doctor import Doctor
from fondaco.desk.ports import Account
from fondaco.desk.results import (
    CycleReport,
    Health,
    JobList,
    JournalCheck,
    JournalLine,
    JournalList,
    Overview,
    ParkedLine,
    ParkedList,
    Retried,
)
from fondaco.desk.views import (
    view_cycle,
    view_health,
    view_job,
    view_jobs,
    view_journal,
    view_journal_check,
    view_overview,
    view_parked,
    view_retried,
)

EventId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[0-9A-Za-z-]+$",
        description="event id, as `fondaco events parked` shows it",
    ),
]
HandlerName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[a-z][a-z.-]*$",
        description="handler's name, as `fondaco events parked` shows",
    ),
]
DESCRIBED_CHARS_MAX = 500


@capability("cycle.run", Effect.WRITE, view=view_cycle, job=CycleReport)
def run_cycle(jobs: Jobs, clock: Clock, /, *, as_of: Day | None = None) -> Job:
    """Run the daily cycle: prices, features, forecasts and ideas become trade cards.

    Without a day it runs as of now. As of a past day it sees only what was known then, and its
    cards are replays. Run again for the same day, it finds the cards that are there.

    Example:
        fondaco cycle run --as-of 2019-06-28
    """
    today = clock.now().date()
    if as_of is not None and as_of > today:
        raise InvalidInput(
            "a cycle cannot be run for a day that has not come",
            value=as_of.isoformat(),
            bound=f"at most {today.isoformat()}",
        )
    return jobs.start("cycle.run", {"as_of": None if as_of is None else as_of.isoformat()})


@capability("portfolio.overview", Effect.READ, view=view_overview)
def show_overview(portfolio: Account, /) -> Overview:
    """Show the account: equity curve, cash, positions with cost and gain, and the latest cards.

    Positions are marked with the last known closes, whose day stands beside each.

    Example:
        fondaco portfolio overview
    """
    return portfolio.overview()


@capability("jobs.list", Effect.READ, view=view_jobs, to_model=False)
def list_jobs(jobs: Jobs, /, *, limit: RowLimit = 20) -> JobList:
    """List the latest jobs, newest first, with how far each is; `jobs status` has the result.

    Example:
        fondaco jobs list
    """
    return JobList(tuple(replace(job, result=None) for job in jobs.list(limit=limit)))


@capability("jobs.status", Effect.READ, view=view_job)
def show_job(jobs: Jobs, /, *, job: JobId) -> Job:
    """Show how far a job is, and its result or error when it has ended.

    Example:
        fondaco jobs status J-1
    """
    return jobs.status(job)


@capability("jobs.cancel", Effect.WRITE, view=view_job, to_model=False)
def cancel_job(jobs: Jobs, /, *, job: JobId) -> Job:
    """Ask a job to stop: a queued one ends now, a running one at its next step.

    Example:
        fondaco jobs cancel J-1
    """
    return jobs.cancel(job)


@capability("journal.list", Effect.READ, view=view_journal, to_model=False)
def list_journal(journal: Journal, /, *, limit: RowLimit = 50) -> JournalList:
    """List the latest calls: who asked for what through which surface, and how it ended.

    Example:
        fondaco journal list --limit 10
    """
    return JournalList(
        tuple(
            JournalLine(
                line.seq,
                line.note.at,
                line.note.actor,
                line.note.surface,
                line.note.capability,
                line.note.effect,
                line.note.outcome,
                line.note.detail,
                canonical_json(line.note.inputs)[:DESCRIBED_CHARS_MAX],
                line.hash,
            )
            for line in journal.lines(limit=limit)
        )
    )


@capability("journal.verify", Effect.READ, view=view_journal_check, to_model=False)
def verify_journal(journal: Journal, /) -> JournalCheck:
    """Check the whole journal: every line as it was written, none missing.

    Example:
        fondaco journal verify
    """
    found = journal.verify()
    return JournalCheck(found.lines, found.intact, found.head, found.broken_at, found.reason)


@capability("events.parked", Effect.READ, view=view_parked, to_model=False)
def list_parked(outbox: Outbox, /) -> ParkedList:
    """List the events whose handling failed as often as it may; each waits for a person.

    Example:
        fondaco events parked
    """
    return ParkedList(
        tuple(
            ParkedLine(
                p.event.id,
                p.event.name,
                p.event.subject,
                p.handler,
                p.attempts,
                p.error,
                p.parked_at,
            )
            for p in outbox.parked()
        )
    )


@capability("events.retry", Effect.WRITE, view=view_retried, to_model=False)
def retry_event(outbox: Outbox, /, *, event: EventId, handler: HandlerName) -> Retried:
    """Put a parked event back in line for its handler.

    Example:
        fondaco events retry 01903d2c-1f2e-7000-8000-000000000000 --handler run-job
    """
    outbox.retry(event, handler)
    return Retried(event, handler)


@capability("doctor", Effect.READ, view=view_health, to_model=False)
def examine(health: Doctor, /) -> Health:
    """Check the desk: versions, data folder, disk, database, clock, prices, worker; with remedies.

    Example:
        fondaco doctor
    """
    return health.examine()
