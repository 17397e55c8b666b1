"""Spoils: the ways in which a reply can be bad, made from any recorded answer.

Here are those of the connection, the status and the body as a whole; `spoil_json` and
`spoil_text` hold those of single cells.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import NoReturn

import httpx2

from fondaco.adapters.providers.conformance.case import Answer, reply
from fondaco.adapters.providers.wire import ANSWER_BYTES_MAX
from fondaco.market.errors import Cause

BOMB_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Spoil:
    """One bad reply.

    `causes`: only `Unanswered` with one of these is right. `lost`: nothing of the answer is left
    or can be trusted, so its rows may not come, and it must be said. `absent`: something is left
    out, so cells that may be empty may be. `ends`: a later page may say so that no more follow.
    `must`: it must be said, though other rows of the answer may come. `fewer`: what is left out may
    just not be there, so there may be fewer rows, but some.
    """

    name: str
    answer: Answer
    causes: frozenset[Cause] = frozenset()
    retry_after: float | None = None
    lost: bool = False
    must: bool = False
    absent: bool = False
    ends: bool = False
    fewer: bool = False
    bytes_max: int = ANSWER_BYTES_MAX
    memory_max: int = 0
    where: str = field(default="")


def with_body(
    name: str,
    body: bytes,
    *,
    where: str = "",
    lost: bool = False,
    must: bool = False,
    absent: bool = False,
    ends: bool = False,
    fewer: bool = False,
) -> Spoil:
    """Return a spoil whose reply is 200 with a body."""
    return Spoil(
        name,
        lambda _: reply(200, body),
        where=where,
        lost=lost,
        must=must,
        absent=absent,
        ends=ends,
        fewer=fewer,
    )


def of_the_connection(body: bytes, now: datetime) -> Iterator[Spoil]:
    """Yield the spoils of status and connection."""
    auth, limit = frozenset({Cause.AUTH}), frozenset({Cause.LIMIT})
    down, bad = frozenset({Cause.DOWN}), frozenset({Cause.BAD})
    for status in (401, 402, 403):
        yield _status(f"status {status}", status, auth)
    for status in (500, 502, 503):
        yield _status(f"status {status}", status, down)
    yield Spoil("status 404", lambda _: reply(404, b'{"error": "not found"}'), lost=True)
    yield _status("status 418", 418, limit)
    date = format_datetime(now + timedelta(seconds=90), usegmt=True)
    yield _status("status 429", 429, limit)
    yield _status("status 429, seconds", 429, limit, after=("7", 7.0))
    yield _status("status 429, date", 429, limit, after=(date, 90.0))
    yield _status("status 429, nonsense", 429, limit, after=("soon", None))
    yield Spoil(
        "redirect",
        lambda _: reply(302, b"", {"location": "https://elsewhere.example/login"}),
        causes=bad,
    )
    yield Spoil("connection reset", _reset, causes=down)
    yield Spoil("read time-out", _too_slow, causes=frozenset({Cause.TIMEOUT}))
    yield Spoil("cut connection", lambda r: _cut(r, body), causes=down)


def of_packing(body: bytes) -> Iterator[Spoil]:
    """Yield the spoils of how a body is packed."""
    bad = frozenset({Cause.BAD})
    whole = gzip.compress(body, mtime=0)
    crc = bytearray(whole)
    crc[-8] ^= 0xFF
    yield _packed("gzip cut", whole[: len(whole) // 2], bad)
    yield _packed("gzip without end", whole[:-8], bad)
    yield _packed("gzip with a wrong checksum", bytes(crc), bad)
    yield _packed("gzip that is none", body, bad)
    yield Spoil(
        "unknown packing",
        lambda _: reply(200, body, {"content-encoding": "br"}),
        causes=bad,
    )
    bomb = gzip.compress(b" " * (64 * BOMB_BYTES_MAX) + body, mtime=0)
    yield Spoil(
        "gzip bomb",
        lambda _: reply(200, bomb, {"content-encoding": "gzip"}),
        causes=bad,
        bytes_max=max(BOMB_BYTES_MAX, 2 * len(body)),
    )


WEB_PAGES = {
    "login page": b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form>",
    "error page": b"<html><body><h1>504 Gateway Time-out</h1><p>12.50 2024-01-02</p></body></html>",
    "captcha": b"\n<html lang=en><body>Checking your browser before you go on. Ray ID: 1</body>",
}
TOLD = {
    "error": b'{"error": "Invalid token"}',
    "error object": b'{"error": {"code": "forbidden", "message": "no plan"}}',
    "error message": b'{"Error Message": "Invalid API call."}',
    "status error": b'{"status": "ERROR", "message": "You are not entitled to this data."}',
    "message": b'{"message": "Forbidden"}',
    "code and message": b'{"code": -1121, "msg": "Invalid symbol."}',
    "note": b'{"Note": "Thank you for using us! Our standard call frequency is 5 a minute."}',
    "detail": b'{"detail": "Not found."}',
    "errors": b'{"errors": ["No data"], "success": false}',
}
NOTHING = {
    "empty": b"",
    "blanks": b" \r\n\t\n",
    "empty object": b"{}",
    "null": b"null",
    "zero": b"0",
    "true": b"true",
    "words": b'"Limit reached"',
    "plain words": b"Limit reached, try again later",
}


def of_the_body() -> Iterator[Spoil]:
    """Yield bodies that are not the answer at all, with a good status."""
    for group in (WEB_PAGES, TOLD, NOTHING):
        for name, other in group.items():
            yield with_body(name, other, lost=True)
    yield with_body("empty list", b"[]", lost=True, ends=True)
    yield with_body("list of empty objects", b"[{}]", lost=True)
    yield with_body("list of nulls", b"[null]", lost=True)
    yield with_body("random bytes", bytes(range(128, 256)) * 4, lost=True)


def of_json_bytes(body: bytes) -> Iterator[Spoil]:
    """Yield spoils of the bytes of a JSON answer."""
    whole = body.strip()
    text = whole.decode()
    for words, size in (
        ("at a quarter", len(whole) // 4),
        ("at a half", len(whole) // 2),
        ("at three quarters", 3 * len(whole) // 4),
        ("by one byte", len(whole) - 1),
    ):
        yield with_body(f"cut {words}", whole[:size], lost=True)
    yield with_body("twice", whole + whole, lost=True)
    yield with_body("UTF-16", text.encode("utf-16"))
    yield with_body("byte order mark", b"\xef\xbb\xbf" + whole)
    yield with_body("CRLF", text.replace("\n", "").replace("{", "{\r\n").encode())
    quote = whole.find(b'"') + 1
    if quote:
        yield with_body("Latin-1", whole[:quote] + b"\xe9" + whole[quote:], lost=True)
        yield with_body("NUL in a word", whole[:quote] + b"\0" + whole[quote:], lost=True)
    half = len(whole) // 2
    yield with_body("NUL", whole[:half] + b"\0" + whole[half:], lost=True)
    yield with_body("web page after it", whole + b"<html></html>", lost=True)
    yield with_body("nested too deeply", b"[" * 100_000 + b"]" * 100_000, lost=True)


def _status(
    name: str,
    status: int,
    causes: frozenset[Cause],
    after: tuple[str, float | None] | None = None,
) -> Spoil:
    headers = {"retry-after": after[0]} if after else {}
    return Spoil(
        name,
        lambda _: reply(status, b'{"message": "no"}', headers),
        causes=causes,
        retry_after=after[1] if after else None,
    )


def _packed(name: str, body: bytes, causes: frozenset[Cause]) -> Spoil:
    return Spoil(name, lambda _: reply(200, body, {"content-encoding": "gzip"}), causes=causes)


def _reset(request: httpx2.Request) -> NoReturn:
    raise httpx2.ConnectError("connection reset by peer", request=request)


def _too_slow(request: httpx2.Request) -> NoReturn:
    raise httpx2.ReadTimeout("no byte in time", request=request)


def _cut(request: httpx2.Request, body: bytes) -> httpx2.Response:
    def chunks() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        raise httpx2.RemoteProtocolError("peer closed connection", request=request)

    return httpx2.Response(200, content=chunks())
