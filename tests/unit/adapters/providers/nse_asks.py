"""Asking and reading `nse` with answers from the test, and the requests that it made."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2

from conformance.recorded.nse import HOME, OLD, zipped
from fondaco.adapters.providers.conformance.case import reply
from fondaco.adapters.providers.nse import SHEET, Nse
from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.wire import HttpWire
from fondaco.core.clock import FixedClock
from fondaco.market.ports import Ask, Parsed, Raw

CLOCK = FixedClock(datetime(2026, 11, 27, 21, tzinfo=UTC))
HEADER_OLD = OLD.partition("\n")[0]


class Site:
    """Answers by the end of a path; 404 for the rest. `asked` are the requests that came."""

    def __init__(self, answers: Mapping[str, bytes], status: Mapping[str, int] | None = None):
        self.answers = {"/": HOME} | dict(answers)
        self.status = status or {}
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        path = request.url.path
        for end, status in self.status.items():
            if path.endswith(end):
                return reply(status, b"no")
        body = self.answers.get(path) or next(
            (b for end, b in self.answers.items() if end != "/" and path.endswith(end)), None
        )
        if body is None:
            return reply(404, b"<html>none</html>")
        return reply(200, body, {"set-cookie": "nsit=abc; path=/"} if path == "/" else None)

    def nse(self) -> Nse:
        """Return the provider that asks here."""
        wire = HttpWire(SHEET, CLOCK, transport=httpx2.MockTransport(self))
        return Nse.build(Parts(CLOCK, wire, lambda _: None))


def parse(name: str, body: bytes | Any, ask: Ask) -> Parsed:
    """Read an answer of a name."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    digest = hashlib.sha256(content).hexdigest()
    return Site({}).nse().parse(Raw("nse", name, content, CLOCK.now(), digest, "GET"), ask)


def old_bhavcopy(*rows: str) -> bytes:
    """Return the file of 5 July 2024 with some rows."""
    return zipped("cm05JUL2024bhav.csv", "\n".join([HEADER_OLD, *rows]) + "\n")
