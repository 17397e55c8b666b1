"""The login page: plain HTML without a script, so that nothing runs before a session is open."""

from collections.abc import Awaitable, Callable
from html import escape
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from fondaco.core.errors import FondacoError
from fondaco.surfaces.web.access import Access, drop_cookie, set_cookie
from fondaco.surfaces.web.guard import LOGIN
from fondaco.surfaces.web.palette import DARK

FORM_BYTES_MAX = 4_096
_STYLE = (
    DARK.css()
    + """
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;
background:var(--ground);color:var(--text);font:14px/1.5 "Segoe UI",Roboto,"Liberation Sans",
system-ui,sans-serif}main{width:min(400px,calc(100vw - 32px));background:var(--panel);
border-radius:8px;padding:28px}h1{font-size:17px;margin:0 0 4px;letter-spacing:.02em}
h1::before{content:"";display:inline-block;width:10px;height:10px;background:var(--accent);
border-radius:2px;margin-right:9px}p{color:var(--muted);margin:0 0 18px}
label{display:block;margin-bottom:6px}input{width:100%;padding:9px 11px;border-radius:6px;
border:1px solid var(--line);background:var(--raised);color:var(--text);font:inherit}
button{margin-top:14px;padding:9px 18px;border:0;border-radius:6px;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
:focus-visible{outline:2px solid var(--info);outline-offset:2px}
.error{color:var(--loss);margin:0 0 14px}code{font-size:13px}a{color:var(--info)}"""
)


def link(address: str, access: Access) -> str:
    """Return a link that opens the terminal once, without a key: `fondaco up` prints it."""
    return f"{address.rstrip('/')}{LOGIN}?ticket={access.ticket()}"


def login(access: Access) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of the login page."""

    async def handle(request: Request) -> Response:
        if request.method == "POST":
            form = await _form(request)
            return _enter(access, form.get("key", ""), form.get("next", "/"))
        if "leave" in request.query_params:
            response = HTMLResponse(_page("<p>The session has ended.</p>" + _entry("/")))
            response.headers["Set-Cookie"] = drop_cookie()
            return response
        wanted = request.query_params.get("next", "/")
        if "ticket" not in request.query_params:
            return HTMLResponse(_page(_entry(wanted)))
        if access.session(request.headers.get("cookie", "")) is not None:
            return _opened(wanted)
        return _enter(access, request.query_params["ticket"], wanted)

    return handle


def _enter(access: Access, given: str, wanted: str) -> Response:
    try:
        session = access.enter(given)
    except FondacoError as error:
        message = f'<p class="error" role="alert">{escape(error.message)}</p>'
        return HTMLResponse(
            _page(message + _entry(wanted)), error.http_status, {"Cache-Control": "no-store"}
        )
    response = _opened(wanted)
    response.headers["Set-Cookie"] = set_cookie(session)
    return response


def _opened(wanted: str) -> Response:
    # A page that moves on by itself, not a redirect: a SameSite=Strict cookie is not sent along a
    # chain of redirects that another program or page began.
    place = escape(_own(wanted))
    body = f'<p>The desk is open. <a href="{place}">Go on</a>.</p>'
    return HTMLResponse(
        _page(body, f'<meta http-equiv="refresh" content="0;url={place}">'),
        headers={"Cache-Control": "no-store"},
    )


def _own(wanted: str) -> str:
    parts = urlsplit(wanted)
    own = (
        not parts.scheme
        and not parts.netloc
        and wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and parts.path != LOGIN
    )
    return wanted if own else "/"


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _entry(wanted: str) -> str:
    return (
        f'<form method="post" action="{LOGIN}">'
        "<p>Open the link that <code>fondaco up</code> prints, or enter the desk key. It "
        "stands in the data folder; <code>fondaco doctor</code> says where that is.</p>"
        '<label for="key">Desk key</label>'
        '<input id="key" name="key" type="password" autocomplete="current-password" '
        "autofocus required>"
        f'<input type="hidden" name="next" value="{escape(_own(wanted))}">'
        '<button type="submit">Open the desk</button></form>'
    )


def _page(body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>Fondaco</title><style>{_STYLE}</style></head>'
        f"<body><main><h1>Fondaco</h1>{body}</main></body></html>"
    )
