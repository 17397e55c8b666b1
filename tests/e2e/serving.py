"""A desk's ASGI app served from a thread of the test process, and Chromium to look at it."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

CHROMIUM = Path(os.environ.get("FONDACO_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
STOP_SECONDS_MAX = 20


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a free port of 127.0.0.1 and give its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(
                app, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=2
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.05)
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS_MAX)
            _forget_nicegui()
    assert not thread.is_alive(), "the server did not stop"


def _forget_nicegui() -> None:
    """NiceGUI has one app for each process: make it ready to be mounted once more."""
    from nicegui import Client, core

    Client.instances.clear()
    core.app.user_middleware.clear()
    core.app.middleware_stack = None


def chromium_or_skip() -> str:
    """Return the path of Chromium; without one fail in CI and skip loudly elsewhere."""
    if not CHROMIUM.exists():
        message = f"Chromium is not at {CHROMIUM}; `apt-get install chromium` or FONDACO_CHROMIUM."
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    return str(CHROMIUM)
