"""A recorded answer of a provider: what is asked, what comes back, what it must say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.wire import ANSWER_BYTES_MAX, HttpWire, Pace
from fondaco.core.clock import Clock
from fondaco.market.ports import Ask, Provider
from fondaco.market.sheets import Sheet

Answer = Callable[[httpx2.Request], httpx2.Response]


@dataclass(frozen=True)
class Recorded:
    """One ask with the answers of the real service's shape.

    `answers` gives a body by the end of the request's path (the longest that fits wins), or by a
    part of its whole URL when it begins with `?`. `rows` is how many rows of `ask.kind` the good
    answers hold. `secrets` are made up; no answer, name or error may show them. `json` is False
    for answers of other formats (CSV, XML, ZIP).
    """

    id: str
    provider: type
    ask: Ask
    answers: Mapping[str, bytes]
    rows: int
    secrets: Mapping[str, str] = field(default_factory=dict)
    json: bool = True

    @property
    def sheet(self) -> Sheet:
        """Return what the provider says of itself."""
        sheet: Sheet = self.provider.sheet  # type: ignore[attr-defined]
        return sheet

    def build(
        self,
        clock: Clock,
        answer: Answer,
        pace: Pace | None = None,
        *,
        bytes_max: int = ANSWER_BYTES_MAX,
    ) -> Provider:
        """Return the provider with a wire that gets its replies from `answer`."""
        transport = httpx2.MockTransport(answer)
        wire = HttpWire(self.sheet, clock, pace, transport=transport, bytes_max=bytes_max)
        built: Provider = self.provider.build(Parts(clock, wire, self.secrets.get))  # type: ignore[attr-defined]
        return built

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Return the recorded reply to a request; a request that was not foreseen is a 404."""
        body = self.body(request)
        return reply(404, b"") if body is None else reply(200, body)

    def body(self, request: httpx2.Request) -> bytes | None:
        """Return the recorded body for a request, or None."""
        url = str(request.url)
        fits = [
            (len(key), body)
            for key, body in self.answers.items()
            if (key[1:] in url if key.startswith("?") else request.url.path.endswith(key))
        ]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None


def reply(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    """Return a reply whose body is read as it comes, like one from a socket."""
    return httpx2.Response(status, content=iter([body]), headers=dict(headers or {}))
