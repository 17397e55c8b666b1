"""Long work on the page: how far it is, with a number; a way to stop it; its result when done."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import background_tasks, ui

from fondaco.core.errors import FondacoError, told
from fondaco.core.job_view import job_card, view_job
from fondaco.core.jobs import Job, JobState
from fondaco.core.view import Block, Chip
from fondaco.surfaces.web.draw import draw, draw_card
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.tags import button, chip_html, coded, fault, html, panel, tag
from fondaco.surfaces.web.words import tone_of

POLL_SECONDS = 0.4


class Follower:
    """Follows one job in the element that is open; `on_done` is called when it has ended."""

    def __init__(
        self, room: Room, job: str, *, on_done: Callable[[Job], Awaitable[Any]] | None = None
    ) -> None:
        self._client = ui.context.client
        self._room = room
        self._job = job
        self._on_done = on_done
        self._state = ""
        self._place = tag("div", classes="stack", aria_live="polite")
        self._bar: Any = None
        self._timer = ui.timer(POLL_SECONDS, self._look)

    async def _look(self) -> None:
        try:
            job = await self._room.view(self._room.desk.jobs.status, self._job)
        except FondacoError as error:
            self._timer.cancel()
            self._place.clear()
            with self._place:
                fault(told(error))
            return
        if self._place.is_deleted:
            return
        if job.state.final:
            self._timer.cancel()
            await self._end(job)
        else:
            self._show(job)

    def _show(self, job: Job) -> None:
        if self._state != job.state:
            self._state = job.state
            self._place.clear()
            with self._place, panel(f"{job.id} {job.capability}") as box:
                with box.tools:
                    button("Stop", self._stop, "tool", aria_label=f"Stop {job.id}")
                html(chip_html(Chip(job.state.value, tone_of(job.state.value))), name="span")
                self._words = tag("p", classes="progress-words")
                self._bar = tag("progress", classes="bar", aria_label=f"Progress of {job.id}")
                html(
                    coded("You can leave this page; the work goes on and stands under Jobs."),
                    "note",
                    name="p",
                )
        share = (
            f" · {job.done:,} of {job.total:,} ({100 * job.done // job.total} %)"
            if job.total
            else ""
        )
        self._words.text = f"{job.step or 'Waiting for the worker'}{share}"
        if job.total:
            self._bar.props["max"] = str(job.total)
            self._bar.props["value"] = str(job.done)

    async def _stop(self) -> None:
        try:
            await self._room.ask("jobs.cancel", {"job": self._job}, request_id=self._room.form_id())
        except FondacoError as error:
            with self._place:
                fault(told(error))

    async def _end(self, job: Job) -> None:
        blocks = await self._room.view(self._blocks, job)
        self._place.clear()
        with self._place:
            if job.state is JobState.DONE:
                draw(self._room, blocks)
            else:
                draw_card(self._room, job_card(job))
        if self._on_done is not None:
            # Not in the timer's own task: what follows may clear this place, and the timer with it.
            background_tasks.create(self._tell(job), context=self._client)

    async def _tell(self, job: Job) -> None:
        if self._on_done is not None:
            await self._on_done(job)

    def _blocks(self, job: Job) -> list[Block]:
        return view_job(job, self._room.desk.catalogue[job.capability])
