"""What every provider must do with its recorded answers and with bad ones: words for each fault.

Each check returns what is wrong, in words; nothing means that all holds. They rest on no test
framework, so that an outside package can run them in its own tests.
"""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from zipfile import is_zipfile

from fondaco.adapters.providers.conformance import spoil_json, spoil_text, spoil_xml
from fondaco.adapters.providers.conformance.case import Recorded, reply
from fondaco.adapters.providers.conformance.good import good_problems, shows_secret
from fondaco.adapters.providers.conformance.outcome import Outcome, Server, outcome, strangers
from fondaco.adapters.providers.conformance.spoil import (
    Spoil,
    of_json_bytes,
    of_packing,
    of_the_body,
    of_the_connection,
)
from fondaco.core.clock import Clock
from fondaco.market.kinds import KINDS
from fondaco.market.tables import BARS

ANSWERS_MAX = 3
PROBLEMS_MAX = 40
HARMLESS = frozenset(("CRLF", "UTF-16", "byte order mark"))
"""Spoils that a careful reader may see through: the same words in another coding."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was tried on a case: how many bad replies, what is wrong, which spoils told nothing.

    `caught` are the spoils by name that came to a problem, `idle` those that changed nothing at
    any place of the answer.
    """

    tried: int
    problems: tuple[str, ...]
    caught: frozenset[str]
    idle: frozenset[str]


def check_good(recorded: Recorded, clock: Clock) -> tuple[str, ...]:
    """Return what is wrong with how a provider asks for and reads its recorded answers."""
    return good_problems(recorded, clock)


def check_failures(recorded: Recorded, clock: Clock) -> Report:
    """Try failing connections, refusals and broken packing at each answer of the ask in turn."""

    def spoils(body: bytes, *_: object) -> Iterator[Spoil]:
        yield from of_the_connection(body, clock.now())
        yield from of_packing(body)

    return _report(recorded, clock, spoils)


def check_bodies(recorded: Recorded, clock: Clock) -> Report:
    """Try bodies that are no answer, and answers that are cut, coded or packed wrongly."""

    def spoils(body: bytes, *_: object) -> Iterator[Spoil]:
        yield from of_the_body()
        if _is_json(body):
            yield from of_json_bytes(body)

    return _report(recorded, clock, spoils)


def check_cells(recorded: Recorded, clock: Clock) -> Report:
    """Try answers in which one cell or part is not what it should be."""

    def spoils(body: bytes, good: Outcome, attempt: Callable[[bytes], Outcome]) -> Iterator[Spoil]:
        if _is_json(body):
            of_one = recorded.ask.kind == BARS or KINDS[recorded.ask.kind].of == "instrument"
            symbols = recorded.ask.symbols if of_one else ()
            yield from spoil_json.of_json(body, good, attempt, symbols)
        elif is_zipfile(BytesIO(body)):
            yield from spoil_text.of_zip(body, good, attempt)
        elif body.lstrip()[:1] == b"<":
            yield from spoil_xml.of_xml(body, good, attempt)
        else:
            yield from spoil_text.of_csv(body, good, attempt)

    return _report(recorded, clock, spoils)


Spoils = Callable[[bytes, Outcome, Callable[[bytes], Outcome]], Iterator[Spoil]]


def _report(recorded: Recorded, clock: Clock, spoils: Spoils) -> Report:
    server = Server(recorded)
    good = outcome(recorded, clock, server)
    if not good.rows or good.crash:
        says = good.crash or good.unanswered or "no row"
        return Report(0, (f"the good answers come to {says}",), frozenset(), frozenset())
    problems: list[str] = []
    caught: set[str] = set()
    told: dict[str, bool] = {}
    tried = 0
    for place in _places(len(server.bodies)):

        def attempt(body: bytes, place: int = place) -> Outcome:
            return outcome(recorded, clock, Server(recorded, place, lambda _: reply(200, body)))

        for spoil in spoils(server.bodies[place], good, attempt):
            tried += 1
            got = _run(recorded, clock, spoil, place)
            found = _wrong(recorded, spoil, good, got, first=place == 0)
            told[spoil.name] = told.get(spoil.name, False) or got.said
            if found:
                caught.add(spoil.name)
                at = f" at {spoil.where}" if spoil.where else ""
                problems.append(f"answer {place + 1}, {spoil.name}{at}: {found}")
    if told.get("another symbol") is False:
        problems.append("another symbol than asked for is taken as the one asked for")
        caught.add("another symbol")
    idle = frozenset(name for name, any_told in told.items() if not any_told)
    return Report(tried, tuple(problems[:PROBLEMS_MAX]), frozenset(caught), idle)


def _places(answers: int) -> list[int]:
    """Return which answers of an ask are spoilt: first, middle and last."""
    return sorted({0, answers // 2, answers - 1})[:ANSWERS_MAX]


def _run(recorded: Recorded, clock: Clock, spoil: Spoil, place: int) -> Outcome:
    server = Server(recorded, place, spoil.answer)
    if not spoil.memory_max:
        return outcome(recorded, clock, server, bytes_max=spoil.bytes_max)
    tracemalloc.start()
    try:
        got = outcome(recorded, clock, server, bytes_max=spoil.bytes_max)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if peak > spoil.memory_max:
        return replace(got, crash=f"{peak >> 20} MiB of memory were taken")
    return got


def _wrong(recorded: Recorded, spoil: Spoil, good: Outcome, got: Outcome, *, first: bool) -> str:
    """Return in words why an outcome of a bad reply is not right; empty when it is."""
    if got.crash:
        return f"it raises {got.crash}"
    if secret := shows_secret(recorded, got):
        return secret
    if got.unanswered is not None:
        return _wrong_cause(spoil, got)
    if spoil.causes:
        return f"it goes on with {len(got.rows)} rows instead of raising Unanswered"
    odd = strangers(recorded.ask.kind, good, got, absent=spoil.absent)
    if odd:
        plain = {k: v for k, v in odd[0].items() if v is not None}
        return f"a damaged row comes out: {plain}"[:600]
    if any(f.rule not in {"answer", "unreadable"} for f in got.faults):
        return "a fault has another rule than answer or unreadable"
    if got.said:
        whole = spoil.lost and got.rows and len(good.raws) == 1
        return "rows come out of an answer that is lost" if whole else ""
    return _unsaid(spoil, good, got, first=first)


def _unsaid(spoil: Spoil, good: Outcome, got: Outcome, *, first: bool) -> str:
    """Return in words what should have been said of a bad reply that was let through."""
    may_end = spoil.ends and not first
    if not got.rows:
        return "neither a row nor a fault comes of it: what is unknown looks like nothing"
    if spoil.lost and not may_end:
        return "the answer is lost, and nothing says so"
    if spoil.must:
        return "it is let through without a word"
    if len(got.rows) < len(good.rows) and not may_end and not spoil.fewer:
        return f"{len(good.rows) - len(got.rows)} rows are left out without a word"
    return ""


def _wrong_cause(spoil: Spoil, got: Outcome) -> str:
    error = got.unanswered
    if error is None or not spoil.causes:
        return ""
    if error.cause not in spoil.causes:
        right = ", ".join(spoil.causes)
        return f"the cause of Unanswered is {error.cause.value}, not {right}"
    if spoil.retry_after is not None and error.retry_after != spoil.retry_after:
        return f"retry_after is {error.retry_after}, not {spoil.retry_after}"
    return ""


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
