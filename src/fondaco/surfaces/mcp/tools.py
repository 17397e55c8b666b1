"""The tools: a projection of the catalogue for language models; MONEY is never among them."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from anyio.to_thread import run_sync
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from fondaco.core.capability import Caller, Capability, Effect
from fondaco.core.errors import NotFound, told
from fondaco.core.invoke import Answer, invoke
from fondaco.core.limits import ANSWER_CHARS_MAX, TOOLS_SHOWN_MAX
from fondaco.core.text import plain
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.example import body_of

REQUEST_ID = "fondaco/request_id"
INSTRUCTIONS = (
    "A trading desk. Market data becomes forecasts, forecasts become trade cards that guardrails "
    "judge; a person approves them. You can read, explain and propose; you cannot move money. "
    "Every number has a source: cite the fact ids that come with it. Prices labelled bundled or "
    "simulated are not live. Long work returns a job: ask jobs_status until its state is final."
)
log = logging.getLogger(__name__)
Context = ServerRequestContext[Any, Any]
WhoAsks = Callable[[Context, str | None], Caller]
"""Says who asks, from the request's context and its request id."""


def tool_name(name: str) -> str:
    """Return the name of a capability's tool: some vendors allow no dots.

    >>> tool_name("cards.show")
    'cards_show'
    """
    return name.replace(".", "_")


def tool_of(cap: Capability) -> Tool:
    """Return what a model is shown of a capability."""
    reads = cap.effect is Effect.READ
    return Tool(
        name=tool_name(cap.name),
        description=body_of(cap),
        input_schema=cap.inputs.model_json_schema(),
        annotations=ToolAnnotations(
            title=cap.summary.rstrip("."),
            read_only_hint=reads,
            destructive_hint=not reads,
            idempotent_hint=reads,
        ),
    )


def build_server(desk: Desk, who: WhoAsks) -> Server[Any]:
    """Return the MCP server of a desk."""
    offered = {tool_name(cap.name): cap for cap in desk.catalogue.for_model()}
    if len(offered) > TOOLS_SHOWN_MAX:
        raise ValueError(
            f"{len(offered)} tools are too many for a model: {TOOLS_SHOWN_MAX} at most"
        )
    # Names are looked up in a table and never taken apart. MONEY stands in it too, under any way
    # to write it, so that a try reaches the door: it refuses and the journal keeps it.
    money = [cap for cap in desk.catalogue if cap.effect is Effect.MONEY]
    callable_ = offered | {way: cap for cap in money for way in (cap.name, tool_name(cap.name))}

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool_of(cap) for cap in offered.values()])

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        try:
            cap = callable_.get(params.name)
            if cap is None:
                raise NotFound(
                    "no such tool", value=params.name[:100], remedy="tools/list names them all."
                )
            caller = who(context, _request_id(context))
            return await run_sync(_call, desk, cap, params.arguments or {}, caller)
        except Exception as error:
            return _told(params.name, error)

    return Server(
        "fondaco",
        version=_version(),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _request_id(context: Context) -> str | None:
    given = (context.meta or {}).get(REQUEST_ID)
    return None if given is None else str(given)


def _call(desk: Desk, cap: Capability, raw: dict[str, Any], caller: Caller) -> CallToolResult:
    return rendered(invoke(desk, cap, raw, caller))


def rendered(answer: Answer) -> CallToolResult:
    """Return an answer as text and as data, each within the bound of what a model can take."""
    text = plain(answer.blocks())
    data = answer.data if isinstance(answer.data, dict) else {"result": answer.data}
    size = len(json.dumps(data, ensure_ascii=False))
    if max(size, len(text)) <= ANSWER_CHARS_MAX:
        return CallToolResult(content=[_text(text)], structured_content=data)
    left = (
        f"\n\n[Cut: the answer has {max(size, len(text)):,} characters, {ANSWER_CHARS_MAX:,} are "
        "shown. Ask for fewer rows or a shorter span.]"
    )
    return CallToolResult(content=[_text(text[: ANSWER_CHARS_MAX - len(left)] + left)])


def _told(name: str, error: Exception) -> CallToolResult:
    body = told(error)
    if body.code == "failed":
        log.exception("%s failed", name[:100])
    return CallToolResult(
        content=[_text(body.message)], structured_content=asdict(body), is_error=True
    )


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def _version() -> str:
    from importlib.metadata import version

    return version("fondaco")
