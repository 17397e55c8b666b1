"""The routes: one for each capability, drawn from its definition."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from fondaco.core.capability import Capability, Effect
from fondaco.core.errors import FondacoError
from fondaco.core.invoke import Answer, invoke
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.example import body_of
from fondaco.surfaces.faults import fault, fault_of, json_response
from fondaco.surfaces.fields import first_required, inputs_of
from fondaco.surfaces.gate import ROLE, Gate
from fondaco.surfaces.keys import Keys, caller_of
from fondaco.surfaces.rest.body import read_json, read_query
from fondaco.surfaces.rest.contract import openapi, operation

ROOT = "/api/v1"
REPLAYED = {"Idempotency-Replayed": "true"}
STATUS = "jobs.status"
log = logging.getLogger(__name__)
Endpoint = Callable[[Request], Awaitable[Response]]


def build_rest(desk: Desk, keys: Keys, names: tuple[str, ...] = ()) -> ASGIApp:
    """Return the REST interface behind its gate, to be mounted at `ROOT`."""
    return Gate(routes(desk), keys=keys, names=names, open_paths={f"{ROOT}/openapi.json"})


def routes(desk: Desk) -> FastAPI:
    """Return the routes alone; each expects the caller's role in the scope."""
    api = FastAPI(
        title="Fondaco",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    for cap in desk.catalogue:
        api.add_api_route(
            path_of(cap.name),
            _endpoint(desk, cap),
            methods=["GET" if cap.effect is Effect.READ else "POST"],
            summary=cap.summary,
            description=body_of(cap),
            operation_id=cap.name,
            tags=[cap.name.partition(".")[0]],
            response_model=None,
            openapi_extra=operation(cap),
        )
    api.add_exception_handler(HTTPException, _routing_fault)
    api.openapi = lambda: openapi(api, desk.catalogue)  # type: ignore[method-assign]
    return api


def path_of(name: str) -> str:
    """Return the path of a capability below `ROOT`.

    >>> path_of("cards.approve")
    '/cards/approve'
    """
    return "/" + name.replace(".", "/")


def _endpoint(desk: Desk, cap: Capability) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        caller = caller_of(request.scope[ROLE], "rest", request.headers.get("idempotency-key"))
        try:
            raw = await _inputs(cap, request)
            answer = await run_in_threadpool(invoke, desk, cap, raw, caller)
        except FondacoError as error:
            return fault_of(error)
        except Exception as error:  # the outermost loop; the door has journalled it
            log.exception("%s failed", cap.name)
            return fault_of(error)
        return _answered(desk, answer)

    return endpoint


async def _inputs(cap: Capability, request: Request) -> dict[str, Any]:
    if cap.effect is not Effect.READ:
        return await read_json(request)
    many = frozenset(i.name for i in inputs_of(cap) if i.many)
    return read_query(request.query_params.multi_items(), many)


def _answered(desk: Desk, answer: Answer) -> Response:
    headers = dict(REPLAYED) if answer.repeated else {}
    if answer.capability.job is None:
        return json_response(answer.data, 200, headers)
    if STATUS in desk.catalogue.names:
        name = first_required(desk.catalogue[STATUS])
        headers["Location"] = f"{ROOT}{path_of(STATUS)}?{name}={quote(answer.data['id'])}"
    return json_response(answer.data, 202, headers)


async def _routing_fault(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    allowed = (getattr(error, "headers", None) or {}).get("Allow", "")
    place = f"{request.method} {request.url.path[:200]}"
    if status == 405:
        reason, remedy = f"{place} is not how this is asked", f"Use {allowed}."
    else:
        reason = f"{place} leads nowhere"
        remedy = f"`GET {ROOT}/openapi.json` lists every route."
    return fault(status, reason, remedy, {"Allow": allowed} if allowed else None)
