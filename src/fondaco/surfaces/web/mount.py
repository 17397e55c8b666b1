"""Puts the terminal on the desk's ASGI app. NiceGUI is slow to import: only `mount` does it."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from fondaco.surfaces.web.access import Access, looks
from fondaco.surfaces.web.guard import LOGIN, Guard
from fondaco.surfaces.web.login import login
from fondaco.surfaces.web.palette import palette
from fondaco.surfaces.web.ports import Desk, Views

ASSETS: Final = Path(__file__).parent / "assets"
BESIDE: Final = ("/api", "/mcp")
PATHS: Final = (
    "/",
    "/symbol",
    "/symbol/{rest}",
    "/cards",
    "/cards/{rest}",
    "/backtest",
    "/backtest/{rest}",
    "/trials",
    "/data",
    "/journal",
    "/jobs",
    "/jobs/{rest}",
    "/ask",
    "/ask/{rest}",
)


def mount(
    api: FastAPI,
    desk: Desk,
    views: Views,
    access: Access,
    *,
    names: Iterable[str] = (),
    beside: tuple[str, ...] = BESIDE,
) -> None:
    """Add the terminal to an app, behind every route that is there already.

    `names` are host names that the desk answers to beside addresses and localhost; `beside` the
    paths whose surfaces check their callers themselves (REST, MCP).
    """
    from nicegui import ui

    api.add_route(LOGIN, login(access), methods=["GET", "POST"], include_in_schema=False)
    api.add_route("/reports/{backtest}", _reports(views), methods=["GET"], include_in_schema=False)
    api.mount("/assets", StaticFiles(directory=ASSETS), name="assets")
    _pages(desk, views, access)
    ui.run_with(
        api,
        title="Fondaco",
        dark=True,
        tailwind=False,
        language="en-US",
        show_welcome_message=False,
        reconnect_timeout=10.0,
        favicon=_favicon(),
    )
    api.add_middleware(Guard, access=access, names=tuple(names), beside=beside)


def _pages(desk: Desk, views: Views, access: Access) -> None:
    from nicegui import ui

    from fondaco.surfaces.web.routes import open_tab

    def page(request: Request) -> None:
        session = access.session(request.headers.get("cookie", ""))
        if session is None:
            raise PermissionError("a page without a session: the guard is missing")
        chosen = looks(request.headers.get("cookie", ""))
        colours = palette(
            dark=chosen.get("theme") != "light", colour_blind=chosen.get("colours") == "colourblind"
        )
        ui.dark_mode(colours.dark)
        ui.add_head_html(_head(colours.css()))
        open_tab(desk, views, access, session, colours)

    for path in PATHS:
        ui.page(path)(page)


def _head(colours: str) -> str:
    links = [
        f'<link rel="stylesheet" href="/assets/terminal.css?{_version("terminal.css")}">',
        f'<script src="/assets/terminal.js?{_version("terminal.js")}"></script>',
    ]
    return "".join([f"<style>{colours}</style>", *links])


def _version(name: str) -> str:
    return hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]


def _favicon() -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22"><rect width="22" '
        'height="22" rx="5" fill="#c8443c"/><path d="M7 17V6h9M8 11.5h6" fill="none" '
        'stroke="#fff" stroke-width="2.5"/></svg>'
    )


def _reports(views: Views) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        path = views.report(request.path_params["backtest"])
        if path is None or not path.is_file():
            return PlainTextResponse(
                "No report file of this backtest. `fondaco backtest list` shows which were run.\n",
                404,
            )
        return FileResponse(path, media_type="text/html")

    return handle
