"""How MCP is reached: standard input and output, or HTTP behind the gate."""

import anyio
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from starlette.types import ASGIApp

from fondaco.core.capability import Caller
from fondaco.core.limits import BODY_BYTES_MAX
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.gate import ROLE, Gate
from fondaco.surfaces.keys import Keys, Role, caller_of
from fondaco.surfaces.mcp.tools import Context, build_server
from fondaco.surfaces.user import user_name

PATH = "/mcp"


async def serve_stdio(desk: Desk) -> None:
    """Serve one client over this process's standard input and output until it leaves."""
    actor = user_name()

    def who(_: Context, request_id: str | None) -> Caller:
        return Caller(actor=actor, surface="mcp", person=False, request_id=request_id)

    server = build_server(desk, who)
    async with stdio_server() as (given, taken):
        await server.run(given, taken, server.create_initialization_options())


def run_stdio(desk: Desk) -> None:
    """Serve over standard input and output, from a program without an event loop."""
    anyio.run(serve_stdio, desk)


def build_http(
    desk: Desk, keys: Keys, names: tuple[str, ...] = ()
) -> tuple[ASGIApp, StreamableHTTPSessionManager]:
    """Return MCP over HTTP behind its gate, and the manager whose `run()` must be open meanwhile.

    No session is kept: each request carries its key and stands for itself.
    """

    def who(context: Context, request_id: str | None) -> Caller:
        scope = context.request.scope if context.request is not None else {}
        return caller_of(scope.get(ROLE, Role.AGENT), "mcp", request_id)

    manager = StreamableHTTPSessionManager(
        build_server(desk, who),
        json_response=True,
        stateless=True,
        max_request_body_size=BODY_BYTES_MAX,
    )
    return Gate(StreamableHTTPASGIApp(manager), keys=keys, names=names), manager
