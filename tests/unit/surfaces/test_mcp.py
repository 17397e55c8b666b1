"""MCP: the catalogue as tools; no money by any name, no answer without end."""

import asyncio
import copy
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, Tool

from fondaco.core.capability import Caller, Capability
from fondaco.core.fakes import FakeHouse
from fondaco.core.journal import Note
from fondaco.core.limits import ANSWER_CHARS_MAX, TOOLS_SHOWN_MAX
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.mcp.tools import REQUEST_ID, build_server
from fondaco.surfaces.site import build_site
from unit.surfaces import toy

PERSON, AGENT = "p" * 40, "a" * 40
KEYS = Keys.of(person=PERSON, agent=AGENT)
URL = "http://127.0.0.1:8321/mcp"


def who(_: Any, request_id: str | None) -> Caller:
    return Caller(actor="bot", surface="mcp", person=False, request_id=request_id)


def with_client(
    desk: FakeHouse, use: Callable[[Client], Awaitable[Any]], mode: str = "auto"
) -> Any:
    async def go() -> Any:
        async with Client(build_server(desk, who), mode=mode) as client:
            return await use(client)

    return asyncio.run(go())


def call(
    desk: FakeHouse,
    name: str,
    arguments: dict[str, Any] | None = None,
    mode: str = "auto",
    **more: Any,
) -> CallToolResult:
    result: CallToolResult = with_client(
        desk, lambda client: client.call_tool(name, arguments or {}, **more), mode
    )
    return result


def tools(desk: FakeHouse) -> dict[str, Tool]:
    listed = with_client(desk, lambda client: client.list_tools())
    return {tool.name: tool for tool in listed.tools}


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    return str(content.text)  # type: ignore[union-attr]


def last(desk: FakeHouse) -> Note:
    return desk.journal.lines(limit=1)[0].note


def test_the_tools_are_what_is_meant_for_models_under_names_without_dots() -> None:
    assert set(tools(toy.house())) == {
        "cards_list",
        "cards_show",
        "cards_reject",
        "cycle_run",
        "market_bars",
        "market_login",
        "jobs_status",
        "explain",
        "outage",
    }


def test_a_tool_says_what_it_does_and_what_it_may_change() -> None:
    found = tools(toy.house())
    bars, reject = found["market_bars"], found["cards_reject"]
    assert bars.description == (
        "Read daily bars of a symbol.\n\nCloses are in the instrument's currency."
    )
    assert bars.input_schema == toy.catalogue()["market.bars"].inputs.model_json_schema()
    assert bars.annotations is not None
    assert reject.annotations is not None
    hints = ("read_only_hint", "destructive_hint", "idempotent_hint")
    assert [getattr(bars.annotations, h) for h in hints] == [True, False, True]
    assert [getattr(reject.annotations, h) for h in hints] == [False, True, False]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_answer_is_data_and_text_in_both_revisions(mode: str) -> None:
    result = call(toy.house(), "cards_show", {"card": "TC-1"}, mode)
    assert not result.is_error
    assert result.structured_content == {
        "id": "TC-1",
        "state": "PROPOSED",
        "price": "0.25",
        "digest": toy.DIGEST,
    }
    assert "[PASS] position 5 % of 10 %" in text_of(result)


def test_a_list_is_wrapped_for_data_must_be_an_object() -> None:
    result = call(toy.house(), "cards_list", {"limit": 1})
    assert result.structured_content is not None
    assert [c["id"] for c in result.structured_content["result"]] == ["TC-1"]


def test_the_call_is_journalled_as_no_person() -> None:
    desk = toy.house()
    call(desk, "cards_reject", {"card": "TC-2"})
    assert (last(desk).actor, last(desk).surface, last(desk).outcome) == ("bot", "mcp", "ok")


@pytest.mark.parametrize("name", ["cards_approve", "cards.approve", "ledger_deposit"])
def test_money_is_refused_by_any_name_and_the_try_is_journalled(name: str) -> None:
    desk = toy.house()
    result = call(desk, name, {"card": "TC-1", "digest": toy.DIGEST, "amount": "5"})
    assert result.is_error
    assert "only a person" in text_of(result)
    assert result.structured_content is not None
    assert result.structured_content["code"] == "refused"
    assert (desk.cards.get("TC-1").state, desk.cards.cash) == ("PROPOSED", 0)
    assert (last(desk).outcome, last(desk).effect) == ("refused", "money")


@pytest.mark.parametrize("name", ["nothing", "fault", "cards.list", "__class__", ""])
def test_what_is_not_offered_is_no_tool(name: str) -> None:
    result = call(toy.house(), name)
    assert result.is_error
    assert "no such tool" in text_of(result)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("cards_show", {"card": "9"}, "card: String should match pattern"),
        ("cards_show", {"card": "TC-1", "colour": "red"}, "colour: Extra inputs"),
        ("cards_show", {"card": "TC-9"}, "`fondaco cards list` shows all."),
        ("market_bars", {"symbol": "A", "from": "2019-06-01", "scale": "nan"}, "finite"),
        ("outage", {}, "the database is out of reach"),
    ],
)
def test_an_error_is_told_to_the_model(name: str, arguments: dict[str, Any], words: str) -> None:
    result = call(toy.house(), name, arguments)
    assert result.is_error
    assert words in text_of(result)
    assert result.structured_content is not None
    assert result.structured_content["message"] == text_of(result)


def test_a_fault_of_the_desk_shows_its_kind_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    cap = toy.catalogue()["fault"]
    monkeypatch.setattr(cap, "to_model", True)
    result = call(toy.house(), "fault")
    assert "KeyError" in text_of(result)
    assert "hunter2" not in text_of(result)


def test_a_request_id_makes_a_call_happen_once() -> None:
    desk = toy.house()
    for _ in range(2):
        result = call(desk, "cycle_run", {}, meta={REQUEST_ID: "r1"})
        assert result.structured_content is not None
        assert result.structured_content["id"] == "J-1"
    assert last(desk).outcome == "repeated"


def test_a_long_answer_is_cut_and_says_how_to_ask_for_less() -> None:
    result = call(
        toy.house(), "market_bars", {"symbol": "AAPL", "from": "2019-06-01", "count": 50_000}
    )
    assert result.structured_content is None
    assert len(text_of(result)) <= ANSWER_CHARS_MAX
    assert "Ask for fewer rows or a shorter span" in text_of(result)


def test_what_could_steer_a_terminal_is_made_visible() -> None:
    assert "\x1b" not in text_of(call(toy.house(), "explain", {"subject": "TC-1"}))


def test_more_tools_than_a_model_can_take_are_refused_at_the_start() -> None:
    class Many:
        """A catalogue with too much in it."""

        def for_model(self) -> list[Capability]:
            caps = [copy.copy(toy.catalogue()["cards.list"]) for _ in range(TOOLS_SHOWN_MAX + 1)]
            for number, cap in enumerate(caps):
                cap.name = f"cards.list{number}"
            return caps

    desk = toy.house()
    desk.catalogue = Many()  # type: ignore[assignment]
    with pytest.raises(ValueError, match="too many for a model"):
        build_server(desk, who)


def over_http(
    desk: FakeHouse, use: Callable[[Client], Awaitable[Any]], key: str, mode: str = "auto"
) -> Any:
    site = build_site(desk, KEYS)

    async def go() -> Any:
        async with (
            site.router.lifespan_context(site),
            httpx2.AsyncClient(
                transport=httpx2.ASGITransport(site), headers={"Authorization": f"Bearer {key}"}
            ) as http,
            Client(streamable_http_client(URL, http_client=http), mode=mode) as client,
        ):
            return await use(client)

    return asyncio.run(go())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(("key", "actor"), [(AGENT, "agent"), (PERSON, "person")])
def test_over_http_the_key_names_the_actor_and_makes_no_person(
    key: str, actor: str, mode: str
) -> None:
    desk = toy.house()

    async def use(client: Client) -> tuple[Any, Any]:
        shown = await client.call_tool("cards_show", {"card": "TC-1"})
        return shown, await client.call_tool("ledger_deposit", {"amount": "5"})

    shown, money = over_http(desk, use, key, mode)
    assert shown.structured_content["id"] == "TC-1"
    assert money.is_error
    assert (last(desk).actor, last(desk).outcome, desk.cards.cash) == (actor, "refused", 0)


def posted(headers: dict[str, str], body: bytes | None = None) -> httpx2.Response:
    site = build_site(toy.house(), KEYS)
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    given = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Authorization": f"Bearer {AGENT}",
    } | headers

    async def go() -> httpx2.Response:
        async with (
            site.router.lifespan_context(site),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(site)) as http,
        ):
            return await http.post(URL, content=body or json.dumps(asked), headers=given)

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:8321"}, 200),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_over_http_the_gate_stands_before_it(headers: dict[str, str], status: int) -> None:
    assert posted(headers).status_code == status


def test_over_http_a_body_that_is_too_long_is_refused() -> None:
    assert posted({}, b" " * 100_000).status_code == 413


def test_over_standard_input_and_output_the_actor_is_the_user() -> None:
    tests = Path(__file__).parents[2]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from unit.surfaces import toy\nfrom fondaco.surfaces.mcp.serve import run_stdio\n"
        "desk = toy.house()\nrun_stdio(desk)\n"
        "print(desk.journal.lines(limit=1)[0].note.actor, file=sys.stderr)"
    )
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", code, str(tests)],
        env={
            k: v
            for k, v in os.environ.items()
            if k.startswith(("PATH", "COVERAGE", "USER", "LOGNAME"))
        },
    )

    async def go() -> Any:
        async with Client(server) as client:
            return await client.call_tool("cards_show", {"card": "TC-2"})

    assert asyncio.run(go()).structured_content["id"] == "TC-2"
