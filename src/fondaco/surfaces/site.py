"""The one ASGI application: REST and MCP, to which the web terminal is added."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fondaco.surfaces.desk import Desk
from fondaco.surfaces.gate import Gate
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.mcp.serve import PATH, build_http
from fondaco.surfaces.rest.api import ROOT, build_rest

METRICS = "/metrics"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def build_site(
    desk: Desk,
    keys: Keys,
    names: tuple[str, ...] = (),
    metrics: Callable[[], str] | None = None,
) -> FastAPI:
    """Return the application with REST under `/api/v1` and MCP under `/mcp`.

    `names` are host names it answers to besides addresses and `localhost`. `metrics` gives the
    desk's figures as Prometheus reads them, served under `/metrics` to whoever has a key.
    """
    tools, manager = build_http(desk, keys, names)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with manager.run():
            yield

    site = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    site.mount(ROOT, build_rest(desk, keys, names))
    site.router.routes.append(Route(PATH, endpoint=tools))
    if metrics is not None:
        told = metrics

        async def show(_: Request) -> Response:
            return Response(await run_in_threadpool(told), media_type=METRICS_TYPE)

        gated = Gate(Route(METRICS, show).app, keys=keys, names=names)
        site.router.routes.append(Route(METRICS, endpoint=gated))
    return site
