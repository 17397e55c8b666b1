"""How a job is drawn: its progress while it runs, its own result when it is done."""

from fondaco.core.capability import Capability
from fondaco.core.jobs import Job, JobState
from fondaco.core.view import Block, Card, Chip, Tone

_TONES = {
    JobState.QUEUED: Tone.MUTED,
    JobState.RUNNING: Tone.INFO,
    JobState.DONE: Tone.GOOD,
    JobState.FAILED: Tone.BAD,
    JobState.CANCELLED: Tone.WARNING,
}


def job_card(job: Job) -> Card:
    """Return a job as a card: state, step, how far, and what to do next."""
    share = f"{job.done} of {job.total}" if job.total else "–"
    fields = [("Work", job.capability), ("Step", job.step or "–"), ("Progress", share)]
    if job.error:
        fields.append(("Error", job.error))
    footer = "" if job.state.final else f"`fondaco jobs status {job.id}` shows how far it is."
    return Card(job.id, tuple(fields), (Chip(job.state.value, _TONES[job.state]),), footer=footer)


def view_job(job: Job, capability: Capability) -> list[Block]:
    """Return the blocks of a job; when it is done, those of its result."""
    if job.state is JobState.DONE and capability.job is not None:
        return capability.view(capability.result.validate_python(job.result))
    return [job_card(job)]
