"""Listening: the desk's one ASGI application on its address, until it is stopped."""

import errno
import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import current_thread, main_thread
from types import FrameType

import click
import uvicorn
from starlette.types import ASGIApp

from fondaco.core.errors import Unavailable
from fondaco.core.settings import Settings
from fondaco.surfaces.keys import FILES

CONNECTIONS_MAX = 2_000
GOODBYE_SECONDS_MAX = 5
BACKLOG = 256


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; raises Unavailable when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        raise Unavailable(
            "something else listens there" if taken else f"cannot listen there: {error.strerror}",
            value=f"{host}:{port}",
            remedy=f"Stop it, or take another port: `FONDACO_PORT={port % 65_535 + 1} fondaco up`."
            if taken
            else "Set FONDACO_HOST and FONDACO_PORT to an address of this machine.",
        ) from None
    return listening


def address(host: str, port: int) -> str:
    """Return the address of the desk as a browser writes it.

    >>> address("0.0.0.0", 8321), address("::1", 80)
    ('http://127.0.0.1:8321', 'http://[::1]:80')
    """
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - named, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def welcome(where: str, link: str, settings: Settings) -> list[str]:
    """Return what is said once the desk listens: how to open it, and where its keys are."""
    files = ", ".join(str(settings.home / name) for name in FILES.values())
    lines = [
        f"The terminal is at {where}",
        f"This link opens it once, within a day: {link}",
        f"REST is under {where}/api/v1 and MCP at {where}/mcp; unless the settings give others, "
        f"their keys are in {files}",
    ]
    if not _is_local(settings.host):
        lines.append(
            f"Others can reach {settings.host}, and nothing here is encrypted: put a proxy with "
            "TLS before it, or unset FONDACO_HOST."
        )
    return [*lines, "Ctrl-C stops it."]


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def server_of(site: ASGIApp) -> uvicorn.Server:
    """Return the server of an application: it trusts no proxy's word and tells no version."""
    return uvicorn.Server(
        uvicorn.Config(
            site,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS_MAX,
            timeout_graceful_shutdown=GOODBYE_SECONDS_MAX,
        )
    )


def run_server(site: ASGIApp, host: str, port: int, lines: Iterable[str]) -> None:
    """Serve until Ctrl-C or SIGTERM; `lines` are said once the address is taken."""
    with bound(host, port) as listening:
        for line in lines:
            click.echo(line, err=True)
        server = server_of(site)
        with _signals_end(server):
            server.run(sockets=[listening])


@contextmanager
def _signals_end(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the server and nothing more, so that the desk is closed after it.

    uvicorn raises the signal again once it has stopped, and the handler that was there before would
    end the process there and then: the worker would not be stopped, nor the last notes written.
    """

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's
        server.should_exit = True

    if current_thread() is not main_thread():  # only the main thread hears signals
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
