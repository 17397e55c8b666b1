from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from fondaco.core.ids import Ids
from fondaco.surfaces.web.access import COOKIE, Access
from fondaco.surfaces.web.guard import Guard
from fondaco.surfaces.web.login import link, login

KEY = "a-desk-key-of-more-than-32-characters"
HOME = "http://127.0.0.1:8321"
SOCKET = "ws://127.0.0.1:8321/_nicegui_ws/socket.io"
PAGE = {"accept": "text/html"}


async def _page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"page {request.url.path}")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("open")
    await socket.close()


@pytest.fixture
def access(clock, ids: Ids) -> Access:
    return Access(lambda: KEY, clock, ids)


@pytest.fixture
def browser(access: Access) -> Iterator[TestClient]:
    routes = [
        Route("/login", login(access), methods=["GET", "POST"]),
        WebSocketRoute("/_nicegui_ws/socket.io", _socket),
        Route("/{path:path}", _page, methods=["GET", "POST"]),
    ]
    guard = Middleware(Guard, access=access, names=("desk.example",), beside=("/api", "/mcp"))
    with TestClient(
        Starlette(routes=routes, middleware=[guard]), base_url=HOME, follow_redirects=False
    ) as client:
        yield client


def _enter(browser: TestClient, access: Access) -> None:
    browser.cookies.set(COOKIE, access.enter(KEY).token)


def test_without_a_session_every_page_leads_to_the_login(browser: TestClient) -> None:
    answer = browser.get("/cards/TC-1?x=1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fcards%2FTC-1%3Fx%3D1"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/terminal.js",
        "/reports/BT-1",
        "/_nicegui/auto/static/x/y.csv",
        "/_nicegui/3/dynamic_resources/x",
        "/_nicegui_ws/socket.io",
    ],
)
def test_without_a_session_nothing_else_is_given(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code == 401
    assert browser.post(path).status_code == 401


def test_with_a_session_pages_open(browser: TestClient, access: Access) -> None:
    _enter(browser, access)
    assert browser.get("/cards", headers=PAGE).text == "page /cards"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8321", "", "[::1"])
def test_a_foreign_host_name_is_turned_away(browser: TestClient, access: Access, host: str) -> None:
    _enter(browser, access)
    answer = browser.get("/cards", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost:8321", "127.0.0.1", "[::1]:8321", "desk.example"])
def test_the_desks_own_names_are_answered(browser: TestClient, access: Access, host: str) -> None:
    _enter(browser, access)
    assert browser.get("/cards", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_pages_request_is_turned_away_with_the_cookie_and_all(
    browser: TestClient, access: Access, method: str, origin: str
) -> None:
    _enter(browser, access)
    assert browser.request(method, "/cards", headers={"origin": origin}).status_code == 403
    assert browser.request(method, "/cards", headers={"origin": HOME}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"origin": "http://127.0.0.1:9999"}])
def test_a_web_socket_needs_the_desks_own_origin(
    browser: TestClient, access: Access, headers: dict[str, str]
) -> None:
    _enter(browser, access)
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET, headers=headers):
        pass


def test_a_web_socket_needs_a_session(browser: TestClient, access: Access) -> None:
    own = {"origin": HOME, "host": urlsplit(HOME).netloc}
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect(SOCKET, headers=own):
        pass
    _enter(browser, access)
    with browser.websocket_connect(SOCKET, headers=own) as socket:
        assert socket.receive_text() == "open"


def test_rest_and_mcp_pass_to_their_own_gates(browser: TestClient) -> None:
    assert browser.get("/api/v1/doctor").text == "page /api/v1/doctor"
    assert browser.get("/mcp").text == "page /mcp"
    assert browser.get("/apis", headers=PAGE).status_code == 303


def test_every_answer_forbids_frames_and_foreign_content(browser: TestClient) -> None:
    headers = browser.get("/login").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_the_printed_link_opens_the_desk_once(browser: TestClient, access: Access) -> None:
    path = link(HOME + "/", access).removeprefix(HOME)
    answer = browser.get(path)
    assert answer.status_code == 200
    assert 'content="0;url=/"' in answer.text
    assert KEY not in path
    assert browser.get("/cards", headers=PAGE).status_code == 200
    assert browser.get(path).status_code == 200, "the session that it opened still stands"
    browser.cookies.clear()
    again = browser.get(path)
    assert again.status_code == 403
    assert "used before" in again.text


def test_the_desk_key_opens_the_desk_and_leads_on(browser: TestClient) -> None:
    answer = browser.post(
        "/login", data={"key": KEY, "next": "/cards/TC-1"}, headers={"origin": HOME}
    )
    assert 'url=/cards/TC-1"' in answer.text
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert browser.get("/cards", headers=PAGE).status_code == 200


def test_a_wrong_key_is_refused_with_what_to_do(browser: TestClient) -> None:
    answer = browser.post("/login", data={"key": "x" * 40})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert "fondaco up" in answer.text


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/login?leave=1",
        "/\t/evil.example",
        '"><script>',
    ],
)
def test_the_login_leads_to_the_desks_own_pages_alone(browser: TestClient, place: str) -> None:
    answer = browser.post("/login", data={"key": KEY, "next": place})
    assert 'content="0;url=/"' in answer.text
    assert "<script" not in answer.text


def test_a_form_without_end_is_not_read(browser: TestClient) -> None:
    assert browser.post("/login", data={"key": KEY, "pad": "x" * 10_000}).status_code == 403


def test_leaving_ends_the_session(browser: TestClient, access: Access) -> None:
    browser.get(link(HOME, access).removeprefix(HOME))
    browser.get("/login?leave=1")
    assert browser.get("/cards", headers=PAGE).status_code == 303
