"""Which page stands behind which path."""

from collections.abc import Callable
from typing import Any

from nicegui import PageArguments, ui

from fondaco.core.errors import told
from fondaco.surfaces.web.access import Access, Session
from fondaco.surfaces.web.pages import ask
from fondaco.surfaces.web.pages.backtest import BacktestPage
from fondaco.surfaces.web.pages.cards import CardsPage
from fondaco.surfaces.web.pages.data import DataPage
from fondaco.surfaces.web.pages.jobs import JobsPage
from fondaco.surfaces.web.pages.journal import JournalPage
from fondaco.surfaces.web.pages.overview import OverviewPage
from fondaco.surfaces.web.pages.symbol import SymbolPage
from fondaco.surfaces.web.pages.symbols import SymbolsPage
from fondaco.surfaces.web.pages.trials import TrialsPage
from fondaco.surfaces.web.palette import Palette
from fondaco.surfaces.web.ports import Desk, Views
from fondaco.surfaces.web.room import Room
from fondaco.surfaces.web.sheet import Sheet
from fondaco.surfaces.web.shell import Shell
from fondaco.surfaces.web.tags import fault


def open_tab(desk: Desk, views: Views, access: Access, session: Session, colours: Palette) -> None:
    """Draw the frame and the page that was asked for, for one tab."""
    room = Room(desk, views, access, session, colours, Sheet())
    ui.context.client.on_exception(lambda error: _unforeseen(room, error))
    Shell(room, routes(room))


def routes(room: Room) -> dict[str, Callable[..., Any]]:
    """Return the builder of each page."""

    async def home() -> None:
        await OverviewPage(room).build()

    async def symbol(page: PageArguments, symbol: str | None = None) -> None:
        await _symbols(room, symbol, dict(page.query_parameters))

    async def cards(card: str | None = None) -> None:
        await CardsPage(room, card).build()

    async def backtest(backtest: str | None = None) -> None:
        await BacktestPage(room, backtest).build()

    async def trials(page: PageArguments) -> None:
        await TrialsPage(room, dict(page.query_parameters)).build()

    async def data(page: PageArguments) -> None:
        await DataPage(room, dict(page.query_parameters)).build()

    async def journal() -> None:
        await JournalPage(room).build()

    async def jobs(job: str | None = None) -> None:
        await JobsPage(room, job).build()

    async def one(name: str) -> None:
        await ask.AskPage(room, name).build()

    return {
        "/": home,
        "/symbol": symbol,
        "/symbol/{symbol}": symbol,
        "/cards": cards,
        "/cards/{card}": cards,
        "/backtest": backtest,
        "/backtest/{backtest}": backtest,
        "/trials": trials,
        "/data": data,
        "/journal": journal,
        "/jobs": jobs,
        "/jobs/{job}": jobs,
        "/ask": lambda: ask.build_all(room),
        "/ask/{name}": one,
    }


async def _symbols(room: Room, symbol: str | None, query: dict[str, str]) -> None:
    if symbol is None:
        await SymbolsPage(room, query).build()
    else:
        await SymbolPage(room, symbol, query).build()


def _unforeseen(room: Room, error: Exception) -> None:
    with room.sheet.open("The desk failed"):
        fault(told(error))
