"""The gate before REST and MCP: right host, right origin, a key with a role."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fondaco.surfaces.faults import SAFE, fault
from fondaco.surfaces.keys import Keys, Role

ROLE: Final = "fondaco.role"
KEY_CHARS_MAX = 512
_KEY_REMEDY = (
    "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`; `fondaco doctor` says where the desk "
    "keeps its keys."
)


class Gate:
    """ASGI middleware: lets a request through with its role in the scope, or answers it.

    The Host header must be an address, `localhost` or one of `names`: a foreign name that resolves
    to this machine is turned away (DNS rebinding). An Origin header must be the desk's own, so no
    other page in a browser can ask. `open_paths` need no key.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keys: Keys,
        names: Iterable[str] = (),
        open_paths: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._keys = keys
        self._names = frozenset(name.lower() for name in ("localhost", *names))
        self._open = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "not offered"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _safely(send))
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_own(host):
            return fault(
                421,
                f"this desk does not answer to {host[:100]!r}",
                "Ask by its address or by localhost, or name the host in FONDACO_HOST.",
            )
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != host.lower():
            return fault(
                403,
                "another page asked for this; the desk listens to its own pages only",
                "Ask from a program, without an Origin header.",
            )
        if scope["path"] in self._open:
            return None
        role = self._role(headers)
        if role is None:
            return fault(
                401,
                "no key of this desk was given",
                _KEY_REMEDY,
                {"WWW-Authenticate": 'Bearer realm="fondaco"'},
            )
        scope[ROLE] = role
        return None

    def _is_own(self, host: str) -> bool:
        name = _host_name(host)
        try:
            ip_address(name)
        except ValueError:
            return name in self._names
        return True

    def _role(self, headers: Headers) -> Role | None:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return self._keys.role(given) if 0 < len(given) <= KEY_CHARS_MAX else None


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:  # an open bracket, as in "[::1"
        return ""


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _safely(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            added = [
                (name.lower().encode(), value.encode())
                for name, value in SAFE.items()
                if name.lower().encode() not in given
            ]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sender
