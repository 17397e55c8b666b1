"""The first strategy of a new desk goes the way of every other: validated, then the gate."""

from typing import Any, Protocol

from fondaco.core.capability import Caller
from fondaco.core.errors import FondacoError, Unavailable
from fondaco.core.invoke import House as Door
from fondaco.core.invoke import invoke
from fondaco.core.jobs import Job, Jobs, JobState, Progress
from fondaco.desk.follow import OneWorker, follow_job
from fondaco.research.trial_ledger import PromotionStore

STRATEGY = "momentum"
TERMS: dict[str, Any] = {"from": "2005-06-01", "costs": "US_ZERO_COMMISSION", "half_spread_bps": 5}
"""From where the dated rate table begins; half a spread of 5 bps is more than such shares cost."""
KEY = "prepare:first-promotion"
VALIDATE = "backtest.validate"
JOBS_READ_MAX = 1_000
_STEP = f"Validate {STRATEGY} and ask the gate for paper"


class House(Door, Protocol):
    """The door, and what following a job takes."""

    @property
    def promotions(self) -> PromotionStore: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def worker(self) -> OneWorker: ...


def promote_first(house: House, progress: Progress) -> None:
    """Validate momentum and ask the gate for paper, on a desk where nothing was ever promoted.

    The desk asks as anyone does and overrides nothing: where the gate refuses, momentum stays a
    candidate, the progress says so, and the first cycle proposes nothing. A validation that was
    cut short is followed, one that failed is tried again. Raises Unavailable.
    """
    if house.promotions.list(limit=1):
        return
    progress.report(_STEP, 0, 1)
    refused = ""
    try:
        _ask(house, progress)
    except Unavailable:
        raise
    except FondacoError as error:  # it is no fault of the desk's that a strategy is not good enough
        refused = f"{STRATEGY} stays a candidate: {error.reason}"
    progress.report(_STEP, 1, 1)
    if refused:
        progress.report(refused, 1, 1)


def _ask(house: House, progress: Progress) -> None:
    inputs, caller = {"strategy": STRATEGY, **TERMS}, _caller(house)
    started = house.catalogue[VALIDATE].output.validate_python(
        invoke(house, house.catalogue[VALIDATE], inputs, caller).data
    )

    def tell(job: Job) -> None:
        progress.report(_STEP, min(job.done, max(job.total - 1, 0)), max(job.total, 1))

    ended = follow_job(house.jobs, house.worker, started.id, tell)
    if ended.state is not JobState.DONE:
        raise FondacoError(ended.error or f"its validation was {ended.state.value}")
    evidence = str(ended.result["evidence"])
    promote = house.catalogue["research.promote"]
    invoke(house, promote, {"evidence": evidence, "to": "paper"}, caller)


def _caller(house: House) -> Caller:
    """Return the desk as a caller: no person, and each thing asked for once, until it fails."""
    jobs = house.jobs.list(limit=JOBS_READ_MAX)
    failed = sum(
        job.capability == VALIDATE and job.state in (JobState.FAILED, JobState.CANCELLED)
        for job in jobs
    )
    key = f"{KEY}-{failed}"
    return Caller(actor="desk", surface="prepare", person=False, request_id=key)
