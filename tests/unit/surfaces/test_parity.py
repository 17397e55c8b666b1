"""The same answer, the same refusal and the same words on the command line, REST and MCP."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from mcp import Client

from fondaco.core.capability import Caller
from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.run import run
from fondaco.surfaces.cli.tree import build_cli
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.mcp.tools import build_server
from fondaco.surfaces.site import build_site
from unit.surfaces import parity, toy

KEY = "p" * 40
REFERENCES = {name: f"unit.surfaces.toy:{function}" for name, function in toy.NAMES.items()}
Call = Callable[[toy.Desk, str, dict[str, Any]], Any]


@pytest.fixture
def by_cli(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(desk: toy.Desk, name: str, inputs: dict[str, Any]) -> Any:
        @contextmanager
        def open_desk() -> Iterator[toy.Desk]:
            yield desk

        parts = Parts(REFERENCES, open_desk, None, lambda: None, lambda: False)  # type: ignore[arg-type]
        words = list(inputs.items())
        args = [*name.split("."), str(words[0][1])] if words else name.split(".")
        for key, value in words[1:]:
            args += [f"--{key}", str(value)]
        run(build_cli(parts), [*args, "--json"])
        return json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def by_rest() -> Call:
    def call(desk: toy.Desk, name: str, inputs: dict[str, Any]) -> Any:
        headers = {"X-API-Key": KEY}
        site = build_site(desk, Keys.of(person=KEY, agent="a" * 40))
        path = "/api/v1/" + name.replace(".", "/")
        with TestClient(site, "http://127.0.0.1", headers=headers) as http:
            if desk.catalogue[name].effect == "read":
                return http.get(path, params=inputs).json()
            return http.post(path, json=inputs).json()

    return call


@pytest.fixture
def by_mcp() -> Call:
    def call(desk: toy.Desk, name: str, inputs: dict[str, Any]) -> Any:
        bot = Caller(actor="bot", surface="mcp", person=False)

        async def go() -> Any:
            async with Client(build_server(desk, lambda _context, _request_id: bot)) as client:
                result = await client.call_tool(name.replace(".", "_"), inputs)
                return result.structured_content

        return asyncio.run(go())

    return call


CALLS = [
    ("cards.show", {"card": "TC-1"}),
    ("cards.reject", {"card": "TC-2", "reason": "dear"}),
    ("market.bars", {"symbol": "AAPL", "from": "2019-06-01", "count": 3}),
    ("cards.show", {"card": "9"}),
    ("cards.show", {"card": "TC-9"}),
    ("cards.show", {"card": "TC-1", "limit": "5"}),
    ("market.bars", {"symbol": "aapl", "from": "20190601", "scale": "-1"}),
    ("outage", {}),
    ("cycle.run", {}),
]


@pytest.mark.parametrize(("name", "inputs"), CALLS)
def test_every_surface_gives_the_same(
    name: str, inputs: dict[str, Any], by_cli: Call, by_rest: Call, by_mcp: Call
) -> None:
    answers = [call(toy.house(), name, inputs) for call in (by_rest, by_mcp)]
    if "limit" not in inputs and name != "cycle.run":  # an unknown option is click's to refuse
        answers.append(by_cli(toy.house(), name, inputs))
    for answer in answers:
        if "remedy" in answer:  # the command line adds the command to try next
            answer.pop("remedy")
        assert answer == answers[0]


VIEWS = parity.Views(REFERENCES)


@pytest.mark.parametrize(
    "check", [parity.check_route, parity.check_tool, parity.check_command, parity.check_example]
)
@pytest.mark.parametrize("name", toy.NAMES)
def test_a_capability_is_one_definition_on_every_surface(
    name: str, check: Callable[[parity.Views, Any], None]
) -> None:
    check(VIEWS, VIEWS.catalogue[name])


def test_no_two_names_meet() -> None:
    parity.check_names(VIEWS)


def test_the_checks_see_what_is_missing() -> None:
    views = parity.Views(REFERENCES)
    approve, shown = views.catalogue["cards.approve"], views.catalogue["cards.show"]
    views.tools["cards_approve"] = views.tools["cards_show"]
    with pytest.raises(AssertionError):
        parity.check_tool(views, approve)
    views.tools["cards_show"].input_schema["properties"].pop("card")
    with pytest.raises(AssertionError):
        parity.check_tool(views, shown)
    views.rest["paths"]["/cards/show"]["get"]["parameters"] = []
    with pytest.raises(AssertionError):
        parity.check_route(views, shown)
    del views.rest["paths"]["/cards/list"]
    with pytest.raises(AssertionError):
        parity.check_names(views)
