"""The one ASGI application: REST and MCP, to which the web terminal is added."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import Route

from fondaco.surfaces.desk import Desk
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.mcp.serve import PATH, build_http
from fondaco.surfaces.rest.api import ROOT, build_rest


def build_site(desk: Desk, keys: Keys, names: tuple[str, ...] = ()) -> FastAPI:
    """Return the application with REST under `/api/v1` and MCP under `/mcp`.

    `names` are host names it answers to besides addresses and `localhost`.
    """
    tools, manager = build_http(desk, keys, names)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with manager.run():
            yield

    site = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    site.mount(ROOT, build_rest(desk, keys, names))
    site.router.routes.append(Route(PATH, endpoint=tools))
    return site
