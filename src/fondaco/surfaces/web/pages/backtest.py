"""Backtest: run a strategy on past prices and read what came of it."""

from collections.abc import Iterable
from functools import partial

from nicegui import ui
from nicegui.element import Element

from fondaco.core.errors import FondacoError, told
from fondaco.core.jobs import Job, JobState
from fondaco.core.view import Block, Card, Chart, Table
from fondaco.surfaces.example import example_inputs
from fondaco.surfaces.web.draw import draw, draw_chart, draw_table, draw_text, fields, figures
from fondaco.surfaces.web.explained import draw_explanation
from fondaco.surfaces.web.follow import Follower
from fondaco.surfaces.web.forms import Form
from fondaco.surfaces.web.judged import draw_judged
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.tags import button, coded, fault, html, panel, tag, waiting
from fondaco.surfaces.web.words import row_place

FIGURES_MAX = 12
VALUE_CHARS_MAX = 16
JOBS_SEEN_MAX = 20
SHAPES = ("csv", "parquet", "quantconnect", "backtrader")


class BacktestPage:
    """A form to run, the runs so far, and one report."""

    def __init__(self, room: Room, backtest: str | None) -> None:
        self._room = room
        self._backtest = backtest
        self._request = room.form_id()

    async def build(self) -> None:
        """Draw the form and the list, and the report that is asked for."""
        page_head("Backtest", "the same strategy, fills and costs as on paper, on past prices")
        with tag("div", classes="columns with-form") as self._columns:
            with tag("div", classes="stack list"):
                self._form()
                self._going = tag("div", classes="stack")
                self._list = Part(self._room, "backtest.list", self._draw_list)
            self._place = tag("div", classes="stack", aria_live="polite")
        self._room.refresh = self._room.changed = self._list.read
        await self._list.read()
        going = await self._room.view(
            lambda: running(self._room.desk.jobs.list(limit=JOBS_SEEN_MAX))
        )
        self._draw_going(going)
        if self._backtest is not None:
            await self._open(self._backtest)
        elif going:
            with self._place:
                Follower(self._room, going[0].id, on_done=self._ended)
        else:
            with self._place:
                tag("p", "Run a strategy, or choose a run from the list.", "empty")

    def _running(self) -> list[Job]:
        return running(self._room.desk.jobs.list(limit=JOBS_SEEN_MAX))

    def _draw_going(self, going: list[Job]) -> None:
        """Draw the backtests that are running, each with the way to watch or stop it."""
        if not going:
            return
        with self._going, panel("Running"):
            for job in going:
                share = f", {job.done:,} of {job.total:,}" if job.total else ""
                words = f"{job.id} {job.step or 'waiting for the worker'}{share}"
                tag("a", words, "tool", href=f"/jobs/{job.id}")

    def _form(self) -> None:
        cap = self._room.desk.catalogue["backtest.run"]
        with panel("Run"):
            self._fields = Form(cap, example_inputs(cap))
            button("Run backtest", self._run, "button primary", data_action="run")

    def _draw_list(self, drawn: Drawn) -> None:
        for block in drawn.blocks:
            if isinstance(block, Table):
                draw_table(self._room, block, main=True, on_row=partial(self._choose, block))

    async def _choose(self, table: Table, row: int) -> None:
        place = row_place(table, row)
        if place is not None:
            ui.navigate.history.replace(place)
            await self._open(place.rpartition("/")[2])

    async def _run(self) -> None:
        self._place.clear()
        with self._place:
            try:
                with waiting("Starting"):
                    drawn = await self._room.ask(
                        "backtest.run", self._fields.values(), request_id=self._request
                    )
            except FondacoError as error:
                fault(told(error))
                return
            finally:
                self._request = self._room.form_id()
            Follower(self._room, str(drawn.data["id"]), on_done=self._ended)

    async def _ended(self, job: Job) -> None:
        self._going.clear()
        await self._list.read()
        made = str(job.result.get("id", "")) if isinstance(job.result, dict) else ""
        if job.state is JobState.DONE and made.startswith("BT-"):
            ui.navigate.history.replace(f"/backtest/{made}")
            await self._open(made)

    async def _open(self, backtest: str) -> None:
        self._backtest = backtest
        self._place.clear()
        with self._place:
            try:
                with waiting(f"Reading {backtest}"):
                    drawn = await self._room.ask(self._shows(), {"backtest": backtest})
                    report = await self._room.view(self._room.views.report, backtest)
            except FondacoError as error:
                fault(told(error))
                return
            self._columns.classes("opened")
            draw_report(self._room, backtest, drawn.blocks, has_file=report is not None)

    def _shows(self) -> str:
        """Return the capability that shows the most of a backtest."""
        return "backtest.report" if self._room.knows("backtest.report") else "backtest.show"


def running(jobs: Iterable[Job]) -> list[Job]:
    """Return the backtests among jobs that have not ended, newest first."""
    return [job for job in jobs if job.capability.startswith("backtest.") and not job.state.final]


def draw_report(room: Room, backtest: str, blocks: list[Block], *, has_file: bool) -> None:
    """Draw a finished backtest: its figures, curves and tables, and the way to its file.

    Its first card holds the figures; a further one, how it stands, says each verdict's reason.
    """
    first = next((block for block in blocks if isinstance(block, Card)), None)
    for block in blocks:
        if block is first:
            _figures(room, backtest, first, has_file=has_file)
        elif isinstance(block, Chart):
            draw_chart(room, block)
        elif isinstance(block, Table):
            draw_table(room, block)
        elif isinstance(block, Card):
            draw_judged(room, [block])
        else:
            draw_text(block)
    draw_explanation(room, backtest)


def _figures(room: Room, backtest: str, card: Card, *, has_file: bool) -> None:
    with panel(card.title, label=card.label) as box:
        if has_file:
            _link(box.tools, backtest)
        if room.knows("backtest.export"):
            with box.tools:
                button("Export", lambda: _export(room, backtest), "tool")
        _numbers(card)
        if card.footer:
            html(coded(card.footer), "footer", name="p")


def _link(tools: Element, backtest: str) -> None:
    with tools:
        tag("a", "Open the HTML report", "tool", href=f"/reports/{backtest}", target="_blank")


def _export(room: Room, backtest: str) -> None:
    """Open the shapes of an export beside the page; each writes its files and says where."""
    with room.sheet.open(f"Export {backtest}"):
        tools = tag("div", classes="chips")
        place = tag("div", classes="stack", aria_live="polite")

    async def write(shape: str) -> None:
        place.clear()
        with place:
            try:
                with waiting("Writing"):
                    drawn = await room.ask(
                        "backtest.export",
                        {"backtest": backtest, "shape": shape},
                        request_id=room.form_id(),
                    )
            except FondacoError as error:
                fault(told(error))
                return
            draw(room, drawn.blocks, whole=True)

    with tools:
        for shape in SHAPES:
            button(shape, partial(write, shape), "tool", aria_label=f"Export as {shape}")


def _numbers(card: Card) -> None:
    short = [pair for pair in card.fields if len(pair[1]) <= VALUE_CHARS_MAX][:FIGURES_MAX]
    if short:
        figures(short)
    rest = [pair for pair in card.fields if pair not in short]
    if rest:
        fields(rest)
