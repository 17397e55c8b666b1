"""How the crypto exchanges are asked in tests: recorded answers, a fixed clock, no network."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import httpx2
import polars as pl

from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.core.clock import FixedClock
from fondaco.market.ports import Ask, Parsed

CLOCK = FixedClock(datetime(2024, 1, 10, 12, tzinfo=UTC))


def parsed(case: Recorded, body: bytes | None = None, clock: FixedClock = CLOCK) -> Parsed:
    """Ask once and read the answer, another body in its place if one is given."""
    if body is not None:
        case = replace(case, answers=dict.fromkeys(case.answers, body))
    provider = case.build(clock, case.answer)
    (raw,) = provider.ask(case.ask)
    return provider.parse(raw, case.ask)


def asked(
    provider: type, ask: Ask, body: bytes = b"[]", clock: FixedClock = CLOCK
) -> list[Mapping[str, str]]:
    """Return the parameters of each request that an ask makes."""
    seen: list[Mapping[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append({**request.url.params, "path": request.url.path, "host": request.url.host})
        return reply(200, body)

    Recorded("x", provider, ask, {}, 0).build(clock, answer).ask(ask)
    return seen


def rows(found: Parsed, kind: str) -> pl.DataFrame:
    """Return the rows of a kind without their bookkeeping."""
    assert found.faults == ()
    return found.rows[kind]
