"""What must hold for every capability of a catalogue on every surface."""

import asyncio
import shlex
from typing import Any, cast

import click
from mcp import Client
from mcp_types import Tool

from fondaco.core.capability import Caller, Capability, Catalogue, Effect
from fondaco.core.fakes import FakeHouse
from fondaco.surfaces.cli.command import PREFIX
from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.tree import build_cli
from fondaco.surfaces.desk import Desk
from fondaco.surfaces.example import example_line
from fondaco.surfaces.fields import first_required
from fondaco.surfaces.mcp.tools import build_server, tool_name
from fondaco.surfaces.rest.api import path_of, routes

BOT = Caller(actor="bot", surface="mcp", person=False)


class Views:
    """The three surfaces of one catalogue, each as the outside sees it."""

    def __init__(self, references: dict[str, str]) -> None:
        self.catalogue = Catalogue(references)
        desk = cast(Desk, FakeHouse(self.catalogue))
        self.rest: dict[str, Any] = routes(desk).openapi()
        self.tools: dict[str, Tool] = asyncio.run(_tools(desk))
        parts = Parts(references, None, None, None, None)  # type: ignore[arg-type]
        self.cli = build_cli(parts)

    def command(self, cap: Capability) -> click.Command:
        """Return the command of a capability as a user would reach it."""
        found: click.Command | None = self.cli
        for word in cap.name.split("."):
            assert isinstance(found, click.Group)
            found = found.get_command(click.Context(found), word)
        assert found is not None
        return found


async def _tools(desk: Desk) -> dict[str, Tool]:
    async with Client(build_server(desk, lambda _context, _request_id: BOT)) as client:
        return {tool.name: tool for tool in (await client.list_tools()).tools}


def check_route(views: Views, cap: Capability) -> None:
    """Every capability has one route, with the summary and the very schema of its model."""
    methods = views.rest["paths"][path_of(cap.name)]
    assert list(methods) == ["get" if cap.effect is Effect.READ else "post"]
    [route] = methods.values()
    assert route["summary"] == cap.summary
    properties = cap.inputs.model_json_schema(ref_template="#/components/schemas/{model}").get(
        "properties", {}
    )
    if cap.effect is Effect.READ:
        offered = {p["name"]: p["schema"] for p in route["parameters"]}
        required = [p["name"] for p in route["parameters"] if p["required"]]
    else:
        model = views.rest["components"]["schemas"][cap.inputs.__name__]
        assert model["additionalProperties"] is False
        offered, required = model.get("properties", {}), model.get("required", [])
    assert offered == properties
    assert required == cap.inputs.model_json_schema().get("required", [])


def check_tool(views: Views, cap: Capability) -> None:
    """A tool has the very schema of the model; MONEY and what is kept from models have none."""
    tool = views.tools.get(tool_name(cap.name))
    if cap.effect is Effect.MONEY or not cap.to_model:
        assert tool is None
        return
    assert tool is not None
    assert tool.input_schema == cap.inputs.model_json_schema()
    assert tool.description is not None
    assert tool.description.startswith(cap.summary)
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint is (cap.effect is Effect.READ)


def check_command(views: Views, cap: Capability) -> None:
    """The command says the words of the model: summary, each input's name and description."""
    command = views.command(cap)
    help_text = " ".join(command.get_help(click.Context(command, terminal_width=10_000)).split())
    assert " ".join(cap.summary.split()) in help_text
    first = first_required(cap)
    for name, field in cap.public_fields().items():
        shown = name.upper() if name == first else "--" + name.replace("_", "-")
        assert shown in help_text
        assert " ".join((field.description or "").split()) in help_text
    named = {p.name for p in command.params if (p.name or "").startswith(PREFIX)}
    assert named == {PREFIX + name for name in cap.public_fields()}
    assert "--json" in help_text


def check_example(views: Views, cap: Capability) -> None:
    """The example is a line of this very command, and the command line understands it."""
    line = example_line(cap)
    words = ["fondaco", *cap.name.split(".")]
    assert line.split()[: len(words)] == words, line
    rest = shlex.split(line)[len(words) :]
    views.command(cap).make_context(words[-1], rest)


def check_names(views: Views) -> None:
    """No two capabilities meet in one route, tool or command."""
    names = views.catalogue.names
    assert len({tool_name(n) for n in names}) == len(names)
    assert len({path_of(n) for n in names}) == len(names)
    assert set(views.rest["paths"]) == {path_of(n) for n in names}
    assert set(views.tools) == {tool_name(c.name) for c in views.catalogue.for_model()}
