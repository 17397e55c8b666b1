"""Trials: every evaluation ever made, beside what luck alone would show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from nicegui import ui

from fondaco.core.errors import FondacoError, told
from fondaco.core.view import Block, Chart, Column, Table, Text, show
from fondaco.surfaces.web.draw import draw, draw_chart, draw_table, row_fields
from fondaco.surfaces.web.judged import draw_judged
from fondaco.surfaces.web.pages.parts import Part, page_head
from fondaco.surfaces.web.room import Drawn, Room
from fondaco.surfaces.web.search import Search
from fondaco.surfaces.web.tags import fault, tag, waiting

READS = "research.trials"
STANDS = "research.promotions"
ASKED = ("strategy", "family", "author", "kind", "data_version")
CHOSEN = "chosen"
CLOUD_PIXELS = 236
FIRST = ("Strategy", "Parameters", "Sharpe")
ID = "Id"


@dataclass(slots=True)
class Arranged:
    """The blocks of an answer by their places on the page."""

    said: list[Block] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    trials: Table | None = None
    standing: list[Block] = field(default_factory=list)


def arranged(blocks: Iterable[Block]) -> Arranged:
    """Return blocks by their places: the paragraphs before all else lead the page.

    The first table with ids is the list of trials; what is left tells of the chosen one, its
    verdict in words before what led to it.
    """
    found = Arranged()
    rest: list[Block] = []
    for block in blocks:
        if isinstance(block, Chart):
            found.charts.append(block)
        elif found.trials is None and isinstance(block, Table) and _id_column(block) is not None:
            found.trials = block
        elif isinstance(block, Text) and not (rest or found.charts or found.trials):
            found.said.append(block)
        else:
            rest.append(block)
    verdict = next((at for at, block in enumerate(rest) if isinstance(block, Text)), 0)
    found.standing = [*rest[verdict:], *rest[:verdict]]
    return found


def trial_of(table: Table, row: int) -> str | None:
    """Return the id of the trial in a row, or None where the table has none."""
    at = _id_column(table)
    return None if at is None else show(table.columns[at], table.rows[row][at])


def row_of(table: Table, trial: str) -> int | None:
    """Return the row of a trial, by its id or how that begins, or None where it is not listed."""
    ids = (trial_of(table, row) for row in range(len(table.rows)))
    return next(
        (at for at, one in enumerate(ids) if trial and one and _same(one, trial)),
        None,
    )


def _same(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def place_with(query: Mapping[str, str]) -> str:
    """Return the page's place with what is asked, so that it can be shared.

    >>> place_with({"strategy": "momentum", "chosen": ""})
    '/trials?strategy=momentum'
    """
    given = {name: value for name, value in query.items() if value}
    return f"/trials?{urlencode(given)}" if given else "/trials"


def _id_column(table: Table) -> int | None:
    return next((at for at, column in enumerate(table.columns) if _is_id(column)), None)


class TrialsPage:
    """The search, the cloud beside luck, the list, and the standing of one trial."""

    def __init__(self, room: Room, query: Mapping[str, str]) -> None:
        self._room = room
        self._query = {name: query[name] for name in (*ASKED, CHOSEN) if query.get(name)}
        self._shown: list[Block] | None = None
        self._standing: list[Block] = []

    async def build(self) -> None:
        """Draw the search, then what it finds."""
        page_head("Trials", "every evaluation of any idea by anyone, counted for good")
        self._wait = tag("div", classes="aside")
        with tag("section", classes="panel slim", aria_label="Search"):
            Search(self._room.desk.catalogue[READS], ASKED, self._query, self._search)
        self._top = tag("div", classes="stack")
        with tag("div", classes="columns lead") as self._columns:
            self._list = tag("div", classes="stack list")
            with tag("div", classes="stack"):
                self._side = tag("div", classes="stack", aria_live="polite")
                self._promotions = self._stands()
        self._room.refresh = self._room.changed = self._read_all
        await self._read_all()

    def _stands(self) -> Part | None:
        if not self._room.knows(STANDS):
            return None
        return Part(self._room, STANDS, lambda drawn: draw_judged(self._room, drawn.blocks))

    async def _read_all(self) -> None:
        await self._read()
        if self._promotions is not None:
            await self._promotions.read()

    async def _read(self) -> None:
        try:
            with self._wait, waiting("Counting trials"):
                drawn = await self._room.ask(READS, self._query)
        except FondacoError as error:
            body = told(error)
            self._clear()
            with self._top:
                fault(body)
        else:
            self._draw(drawn)

    def _clear(self) -> None:
        self._shown, self._standing = None, []
        for place in (self._top, self._list, self._side):
            place.clear()

    def _draw(self, drawn: Drawn) -> None:
        if self._top.is_deleted or drawn.blocks == self._shown:
            return  # nothing jumps where nothing has changed
        self._clear()
        found = arranged(drawn.blocks)
        self._shown, self._standing = drawn.blocks, found.standing
        with self._top:
            draw(self._room, found.said)
            self._clouds([chart for chart in found.charts if chart.points])
        with self._list:
            if found.trials is not None:
                self._trials(found.trials)
        with self._side:
            draw_judged(self._room, found.standing)
        if CHOSEN in self._query:
            self._room.escape = self._let_go
            self._columns.classes("opened")
        else:
            self._room.escape = None
            self._columns.classes(remove="opened")

    def _clouds(self, charts: list[Chart]) -> None:
        if not charts:
            return
        with tag("div", classes="columns lead even" if len(charts) > 1 else "stack"):
            for chart in charts:
                draw_chart(self._room, chart, pixels=CLOUD_PIXELS)

    def _trials(self, table: Table) -> None:
        draw_table(
            self._room,
            listed(table, searched=any(name in self._query for name in ASKED)),
            main=True,
            on_row=lambda row: self._choose(table, row),
            marked=row_of(table, self._query.get(CHOSEN, "")),
        )

    async def _choose(self, table: Table, row: int) -> None:
        """Mark a trial in the cloud, keep it in the address and open it beside the page."""
        trial = trial_of(table, row)
        if trial is not None:
            self._query[CHOSEN] = trial
            ui.navigate.history.replace(place_with(self._query))
            await self._read()
        with self._room.sheet.open(f"Trial {trial}" if trial else table.title):
            draw_judged(self._room, self._standing)
            row_fields(listed(table, searched=False), row)

    async def _let_go(self) -> None:
        self._query.pop(CHOSEN, None)
        ui.navigate.history.replace(place_with(self._query))
        await self._read()

    def _search(self, given: dict[str, str]) -> None:
        ui.navigate.to(place_with(given))


def listed(table: Table, *, searched: bool) -> Table:
    """Return the list as the page shows it: first what tells trials apart, the id last.

    It bears no link, since a row opens here, within what was searched; where a search finds
    nothing, it says so.
    """
    columns = table.columns
    order = sorted(range(len(columns)), key=lambda at: _late(columns[at]))
    shown = tuple(
        replace(columns[at], title=ID) if _is_id(columns[at]) else columns[at] for at in order
    )
    rows = tuple(tuple(row[at] for at in order) for row in table.rows)
    empty = "No trial fits. Clear the search to see them all." if searched else table.empty
    return replace(table, columns=shown, rows=rows, empty=empty)


def _late(column: Column) -> int:
    if column.title in FIRST:
        return FIRST.index(column.title)
    return len(FIRST) + _is_id(column)


def _is_id(column: Column) -> bool:
    return column.kind == "id"
