"""Jobs: long work that was started anywhere, found again."""

from functools import partial

from nicegui import ui

from fondaco.core.view import Table
from fondaco.surfaces.web.draw import draw, draw_table
from fondaco.surfaces.web.follow import Follower
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import tag
from fondaco.surfaces.web.words import row_place


class JobsPage:
    """The list of jobs, and one of them as it goes on."""

    def __init__(self, room: Room, job: str | None) -> None:
        self._room = room
        self._job = job

    async def build(self) -> None:
        """Draw the list and the job that is asked for."""
        page_head("Jobs", "work that takes longer; it goes on when you leave")
        with tag("div", classes="columns side"):
            with tag("div", classes="stack"):
                self._list = Part(self._room, "jobs.list", self._draw)
            self._place = tag("div", classes="stack")
        self._room.refresh = self._room.changed = self._list.read
        await self._list.read()
        if self._job is not None:
            self._open(self._job)

    def _draw(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True, on_row=partial(self._choose, block))
            else:
                draw(self._room, [block])

    def _choose(self, table: Table, row: int) -> None:
        place = row_place(table, row)
        if place is not None:
            ui.navigate.history.replace(place)
            self._open(place.rpartition("/")[2])

    def _open(self, job: str) -> None:
        self._job = job
        self._place.clear()
        with self._place:
            Follower(self._room, job, on_done=lambda _: self._list.read())
