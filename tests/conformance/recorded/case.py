"""A recorded answer of a provider: what is asked, what comes back, what it must say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from fondaco.adapters.providers.parts import Parts
from fondaco.adapters.providers.wire import HttpWire, Pace
from fondaco.core.clock import Clock
from fondaco.market.ports import Ask, Provider
from fondaco.market.sheets import Sheet

Answer = Callable[[httpx2.Request], httpx2.Response]


@dataclass(frozen=True)
class Recorded:
    """One ask with the answers of the real service's shape.

    `answers` gives a body by the end of the request's path (the longest that fits wins), or by a
    part of its whole URL when it begins with `?`. `rows` is how many rows of `ask.kind` the good
    answers hold. `secrets` are made up; no answer, name or error may show them.

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

    def build(self, clock: Clock, answer: Answer, pace: Pace | None = None) -> Provider:
        """Return the provider with a wire that gets its replies from `answer`."""
        wire = HttpWire(self.sheet, clock, pace, transport=httpx2.MockTransport(answer))
        built: Provider = self.provider.build(Parts(clock, wire, self.secrets.get))  # type: ignore[attr-defined]
        return built

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Return the recorded reply to a request; a request that was not foreseen is a 404."""
        body = self.body(request)
        return httpx2.Response(404) if body is None else httpx2.Response(200, content=body)

    def body(self, request: httpx2.Request) -> bytes | None:
        """Return the recorded body for a request, or None."""
        url = str(request.url)
        fits = [
            (len(key), body)
            for key, body in self.answers.items()
            if (key[1:] in url if key.startswith("?") else request.url.path.endswith(key))
        ]
        return max(fits, key=lambda fit: fit[0])[1] if fits else None
