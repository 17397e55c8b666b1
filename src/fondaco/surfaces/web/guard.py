"""The gate before every page: right host, right origin, an open session.

- The Host header must be an address, localhost or a name of this desk: a foreign name that
  resolves to this machine is turned away (DNS rebinding).
- An Origin header must be this desk's own, on every method and on the web socket, so that no other
  page in the same browser can act (a port is no border for cookies, so SameSite alone would let
  another local program's page through).
- All but the login page and NiceGUI's static files needs a session.

REST and MCP stand beside it with keys of their own and pass untouched.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fondaco.surfaces.web.access import Access

LOGIN = "/login"
STATIC: Final = ("static", "components", "libraries", "esm")
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Guard:
    """ASGI middleware. `names` are hosts it answers to beside addresses and localhost."""

    def __init__(
        self, app: ASGIApp, *, access: Access, names: Iterable[str], beside: tuple[str, ...]
    ) -> None:
        self._app = app
        self._access = access
        self._names = frozenset(name.lower() for name in ("localhost", *names))
        self._beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] not in {"http", "websocket"} or self._is_beside(scope["path"]):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        else:
            await refusal(scope, receive, _with_headers(send))

    def _is_beside(self, path: str) -> bool:
        return any(path == root or path.startswith(root + "/") for root in self._beside)

    def _is_own(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:  # an open bracket, as in "[::1"
            return False
        try:
            ip_address(name)
        except ValueError:
            return name in self._names
        return True

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_own(host):
            return PlainTextResponse(
                f"This desk does not answer to {host[:100]!r}. Open it by its "
                "address or by localhost.\n",
                421,
            )
        origin = headers.get("origin")
        if (origin is not None or scope["type"] == "websocket") and not _same(origin, host):
            return PlainTextResponse(
                "Another page asked for this; the desk listens to its own pages only.\n", 403
            )
        if _is_open(scope["path"]) or self._access.session(headers.get("cookie", "")) is not None:
            return None
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and "text/html" in headers.get("accept", "")
        ):
            wanted = scope["path"] + (
                "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
            )
            return RedirectResponse(f"{LOGIN}?next={quote(wanted, safe='')}", 303)
        return PlainTextResponse("No session. Open the link that `fondaco up` prints.\n", 401)


def _same(origin: str | None, host: str) -> bool:
    return origin is not None and urlsplit(origin).netloc.lower() == host.lower()


def _is_open(path: str) -> bool:
    if path == LOGIN:
        return True
    parts = path.split("/")  # '', '_nicegui', version, kind, ...; downloads have 'auto' for version
    return (
        len(parts) > 4 and parts[1] == "_nicegui" and parts[2][:1].isdigit() and parts[3] in STATIC
    )


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            added = [
                (name.lower().encode(), value.encode())
                for name, value in HEADERS.items()
                if name.lower().encode() not in given
            ]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return sender
