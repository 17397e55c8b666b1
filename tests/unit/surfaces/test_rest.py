"""REST: one route for each capability, one error body for whatever goes wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from fondaco.core.errors import ErrorBody
from fondaco.core.fakes import FakeHouse
from fondaco.core.limits import BODY_BYTES_MAX
from fondaco.surfaces.keys import Keys
from fondaco.surfaces.site import build_site
from unit.surfaces import toy

PERSON, AGENT = "p" * 40, "a" * 40
KEYS = Keys.of(person=PERSON, agent=AGENT)
BASE = "http://127.0.0.1:8321"
FIELDS = set(ErrorBody.__slots__)


@pytest.fixture
def desk() -> FakeHouse:
    return toy.house()


@pytest.fixture
def http(desk: FakeHouse) -> Iterator[TestClient]:
    headers = {"Authorization": f"Bearer {PERSON}"}
    with TestClient(build_site(desk, KEYS, ("desk.example",)), BASE, headers=headers) as client:
        yield client


def fault(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    assert set(body) == FIELDS
    assert body["code"] == code
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    return body


def test_a_read_is_a_get_with_query_parameters(http: TestClient) -> None:
    answer = http.get(
        "/api/v1/market/bars?symbol=AAPL&from=2019-06-01&count=2&adjusted=false"
        "&fields=close&fields=open"
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "symbol": "AAPL",
        "closes": [1.0, 2.0],
        "adjusted": False,
        "fields": ["close", "open"],
    }


def test_a_write_is_a_post_with_a_json_body(http: TestClient, desk: FakeHouse) -> None:
    answer = http.post("/api/v1/cards/reject", json={"card": "TC-1", "reason": "dear"})
    assert answer.json()["state"] == "REJECTED dear"
    note = desk.journal.lines(limit=1)[0].note
    assert (note.actor, note.surface, note.outcome) == ("person", "rest", "ok")


def test_an_empty_body_is_no_inputs(http: TestClient) -> None:
    assert http.post("/api/v1/cycle/run").status_code == 202
    assert fault(http.post("/api/v1/cards/reject"), 422, "invalid_input")["reason"] == (
        "card: Field required"
    )


def test_long_work_is_accepted_with_the_place_to_follow_it(http: TestClient) -> None:
    answer = http.post("/api/v1/cycle/run", json={"as_of": "2019-06-28"})
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.headers["location"] == "/api/v1/jobs/status?job=J-1"
    followed = http.get(answer.headers["location"])
    assert (followed.status_code, followed.json()["id"]) == (200, "J-1")


def test_a_person_moves_money_and_an_agent_cannot(http: TestClient, desk: FakeHouse) -> None:
    body = {"card": "TC-1", "digest": toy.DIGEST, "acknowledge": ["liquidity"]}
    refused = http.post(
        "/api/v1/cards/approve", json=body, headers={"Authorization": f"Bearer {AGENT}"}
    )
    assert "only a person" in fault(refused, 403, "refused")["reason"]
    assert desk.cards.get("TC-1").state == "PROPOSED"
    assert desk.journal.lines(limit=1)[0].note.actor == "agent"
    answer = http.post("/api/v1/cards/approve", json=body)
    assert answer.json()["state"] == "APPROVED by person (liquidity)"


def test_a_key_may_come_in_either_header(desk: FakeHouse) -> None:
    with TestClient(build_site(desk, KEYS), BASE) as client:
        for headers in ({"X-API-Key": AGENT}, {"Authorization": f"bearer {AGENT}"}):
            assert client.get("/api/v1/cards/list", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {PERSON}x"},
        {"Authorization": f"Basic {PERSON}"},
        {"X-API-Key": "x" * 10_000},
        {"Authorization": f"Bearer {PERSON[:-1]}"},
        {"X-API-Key": "\xe9" * 40},
    ],
)
def test_without_a_key_of_the_desk_nothing_is_asked(
    desk: FakeHouse, headers: dict[str, str]
) -> None:
    with TestClient(build_site(desk, KEYS), BASE) as client:
        raw = {k: v.encode("latin-1") for k, v in headers.items()}
        answer = client.get("/api/v1/cards/list", headers=raw)
        fault(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert desk.journal.lines(limit=9) == ()


def test_an_idempotency_key_makes_a_call_happen_once(http: TestClient, desk: FakeHouse) -> None:
    headers = {"Idempotency-Key": "r1"}
    first = http.post("/api/v1/ledger/deposit", json={"amount": "10"}, headers=headers)
    again = http.post("/api/v1/ledger/deposit", json={"amount": "10"}, headers=headers)
    assert (first.json(), again.json()) == ("10", "10")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert desk.cards.cash == 10
    other = http.post("/api/v1/ledger/deposit", json={"amount": "20"}, headers=headers)
    fault(other, 409, "conflict")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nothing/here", 404, "not_found"),
        ("/api/v1/", 404, "not_found"),
        ("/api/v1/cards", 404, "not_found"),
        ("/api/v1/cards/list/", 404, "not_found"),
        ("/api/v1/cards/approve", 405, "method_not_allowed"),
        ("/api/v1/cards/show?card=TC-9", 404, "not_found"),
        ("/api/v1/cards/show?card=9", 422, "invalid_input"),
        ("/api/v1/cards/list?limit=1&limit=2", 422, "invalid_input"),
        ("/api/v1/cards/list?colour=red", 422, "invalid_input"),
        ("/api/v1/market/bars?symbol=AAPL&from=2019-06-01&scale=nan", 422, "invalid_input"),
        ("/api/v1/market/bars?symbol=AAPL&from=2019-06-01&scale=inf", 422, "invalid_input"),
        ("/api/v1/market/bars?symbol=AAPL&from=20190601", 422, "invalid_input"),
        ("/api/v1/outage", 503, "unavailable"),
        ("/api/v1/fault", 500, "failed"),
    ],
)
def test_every_fault_has_the_one_body(http: TestClient, path: str, status: int, code: str) -> None:
    body = fault(http.get(path, follow_redirects=False), status, code)
    assert body["message"]
    assert "hunter2" not in str(body)


def test_a_wrong_method_names_the_right_one(http: TestClient) -> None:
    answer = http.get("/api/v1/cards/approve")
    assert answer.headers["allow"] == "POST"
    assert answer.json()["remedy"] == "Use POST."


def test_what_is_down_may_be_tried_again(http: TestClient) -> None:
    assert http.get("/api/v1/outage").headers["retry-after"] == "5"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"[1]",
        b'"x"',
        b"null",
        b"\xff{}",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": -Infinity}',
        b'{"amount": 1, "amount": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"[" * 50_000,
        b'{"amount": ' + b"1" * 5_000 + b"}",
        b'{"amount": 1e999}',
        b'{"amount": 1e-999999}',
        b'{"amount": "\\ud800"}',
        b'{"memo": "\\u0000", "amount": "x"}',
        b"{'amount': 1}",
    ],
)
def test_json_that_is_no_plain_object_is_refused(
    http: TestClient, desk: FakeHouse, body: bytes
) -> None:
    answer = http.post(
        "/api/v1/ledger/deposit", content=body, headers={"Content-Type": "application/json"}
    )
    fault(answer, 422, "invalid_input")
    assert desk.cards.cash == 0
    assert desk.journal.verify().intact


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_named_whatever_the_input(
    http: TestClient, word: str
) -> None:
    answer = http.post(
        "/api/v1/cards/reject",
        content=f'{{"card": "TC-1", "reason": {word}}}',
        headers={"Content-Type": "application/json"},
    )
    body = fault(answer, 422, "invalid_input")
    assert (body["reason"], body["value"]) == ("numbers must be finite", word)


def test_an_amount_keeps_every_digit_that_was_sent(http: TestClient) -> None:
    answer = http.post(
        "/api/v1/ledger/deposit",
        content=b'{"amount": 123456789012.10}',
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    assert answer.json() == "123456789012.10"


def test_a_body_of_another_kind_is_refused(http: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = http.post(
            "/api/v1/ledger/deposit", content=b'{"amount": 1}', headers={"Content-Type": kind}
        )
        fault(answer, 415, "unsupported_media_type")


def test_a_body_that_is_too_long_is_refused_whole_or_in_pieces(http: TestClient) -> None:
    long = b'{"amount": "' + b"1" * BODY_BYTES_MAX + b'"}'
    pieces = (long[i : i + 1000] for i in range(0, len(long), 1000))
    for content in (long, pieces):
        answer = http.post(
            "/api/v1/ledger/deposit", content=content, headers={"Content-Type": "application/json"}
        )
        fault(answer, 413, "too_large")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8321", 200),
        ("localhost:9", 200),
        ("[::1]:8321", 200),
        ("192.168.1.5", 200),
        ("desk.example", 200),
        ("DESK.EXAMPLE:8321", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
def test_a_foreign_host_name_is_turned_away(http: TestClient, host: str, status: int) -> None:
    answer = http.get("/api/v1/cards/list", headers={"Host": host})
    assert answer.status_code == status
    if status != 200:
        fault(answer, 421, "refused")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (BASE, 200),
        ("http://evil.example", 403),
        ("http://127.0.0.1:9999", 403),
        ("null", 403),
        ("http://[::1", 403),
    ],
)
def test_another_page_cannot_ask(http: TestClient, origin: str, status: int) -> None:
    answer = http.get("/api/v1/cards/list", headers={"Origin": origin})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_no_other_page_is_invited(http: TestClient) -> None:
    asked = {"Origin": BASE, "Access-Control-Request-Method": "POST"}
    fault(http.options("/api/v1/cards/approve", headers=asked), 405, "method_not_allowed")


def test_the_contract_needs_no_key_and_is_served_once_made(desk: FakeHouse) -> None:
    with TestClient(build_site(desk, KEYS), BASE) as client:
        document = client.get("/api/v1/openapi.json").json()
        assert client.get("/api/v1/openapi.json").json() == document
    assert document["servers"] == [{"url": "/api/v1"}]
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/" + n.replace(".", "/") for n in toy.NAMES}


def test_the_contract_says_what_each_route_takes_and_gives(desk: FakeHouse) -> None:
    with TestClient(build_site(desk, KEYS), BASE) as client:
        document = client.get("/api/v1/openapi.json").json()
    approve = document["paths"]["/cards/approve"]["post"]
    assert approve["summary"] == "Approve exactly this card, so that its order may be sent."
    media = approve["requestBody"]["content"]["application/json"]
    assert media["schema"] == {"$ref": "#/components/schemas/CardsApproveInput"}
    assert media["example"] == {
        "card": "TC-1",
        "digest": "ABC",
        "acknowledge": ["liquidity", "event_window"],
    }
    assert [p["name"] for p in approve["parameters"]] == ["Idempotency-Key"]
    result = approve["responses"]["200"]["content"]["application/json"]["schema"]
    assert result == {"$ref": "#/components/schemas/ToyCard"}
    bars = document["paths"]["/market/bars"]["get"]["parameters"]
    assert [p["name"] for p in bars][:3] == ["symbol", "from", "to"]
    assert bars[0]["example"] == "AAPL"
    assert bars[5]["example"] is False
    run = document["paths"]["/cycle/run"]["post"]["responses"]
    assert "202" in run
    assert "200" not in run
    schemas = document["components"]["schemas"]
    assert set(schemas["ErrorBody"]["properties"]) == FIELDS


def test_every_reference_of_the_contract_is_there(desk: FakeHouse) -> None:
    with TestClient(build_site(desk, KEYS), BASE) as client:
        text = client.get("/api/v1/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(schemas)


def test_a_web_socket_is_not_offered(http: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), http.websocket_connect("/api/v1/cards/list"):
        pass


def test_secret_inputs_do_not_reach_the_journal(http: TestClient, desk: FakeHouse) -> None:
    assert http.post("/api/v1/market/login", json={"pin": "hunter2"}).json() == 7
    assert "hunter2" not in str(desk.journal.lines(limit=1))
