"""Listening: one desk on an address, and a clear word when it is taken."""

import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from fondaco.core.errors import Unavailable
from fondaco.core.settings import Settings
from fondaco.surfaces import serve
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.site import build_site
from unit.surfaces import toy

KEYS = Keys.of(person="p" * 40, agent="a" * 40)


def test_a_desk_is_served_on_its_address_and_says_where(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build_site(toy.house(), KEYS)
    started = threading.Event()
    inner = site.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with inner(app):
            started.set()
            yield

    site.router.lifespan_context = lifespan
    made = serve.server_of(site)
    listening = serve.bound("127.0.0.1", 0)
    port = listening.getsockname()[1]
    monkeypatch.setattr(serve, "server_of", lambda _: made)
    monkeypatch.setattr(serve, "bound", lambda _host, _port: listening)
    thread = threading.Thread(
        target=serve.run_server, args=(site, "127.0.0.1", port, ["the desk is at ..."])
    )
    thread.start()
    assert started.wait(timeout=20)
    answer = httpx2.get(
        f"http://127.0.0.1:{port}/api/v1/cards/list", headers={"X-API-Key": "p" * 40}
    )
    made.should_exit = True
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert answer.status_code == 200
    assert "server" not in answer.headers
    assert capsys.readouterr().err == "the desk is at ...\n"


def test_an_address_that_is_taken_is_unavailable_and_says_what_to_do() -> None:
    with serve.bound("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(Unavailable, match=f"FONDACO_PORT={port % 65535 + 1} fondaco up"):
            serve.bound("127.0.0.1", port)


def test_an_address_of_another_machine_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="FONDACO_HOST"):
        serve.bound("203.0.113.1", 8321)  # RFC 5737: no machine has it


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_what_comes_after_it_still_runs(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    class Signalled:
        should_exit = False

        def run(self, sockets: object) -> None:
            signal.raise_signal(number)
            assert self.should_exit
            signal.raise_signal(number)  # uvicorn raises it again when it has stopped

    before = signal.getsignal(number)
    monkeypatch.setattr(serve, "server_of", lambda _: Signalled())
    serve.run_server(build_site(toy.house(), KEYS), "127.0.0.1", 0, [])
    assert signal.getsignal(number) == before


def test_the_welcome_says_how_to_open_the_desk_and_where_its_keys_are(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    lines = serve.welcome("http://127.0.0.1:8321", "http://127.0.0.1:8321/login?t=1", settings)
    assert lines[0] == "The terminal is at http://127.0.0.1:8321"
    assert str(tmp_path / "desk.key") in lines[2]
    assert str(tmp_path / "agent.key") in lines[2]
    assert len(lines) == 4


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "desk.example"])
def test_an_address_that_others_can_reach_comes_with_a_warning(tmp_path: Path, host: str) -> None:
    lines = serve.welcome("http://x", "http://x/login", Settings(home=tmp_path, host=host))
    assert any("nothing here is encrypted" in line for line in lines)
