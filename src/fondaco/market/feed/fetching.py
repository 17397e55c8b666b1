"""Fetches what no tier has: one flight for many who wait, chosen, kept and dated."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError
from fondaco.core.limits import CALL_SECONDS_MAX
from fondaco.market.feed.choosing import choose
from fondaco.market.feed.figures import newest
from fondaco.market.feed.flights import Flights
from fondaco.market.feed.freshness import LIFE_OTHER, LIVES, Hours, Turbulence, fresh_until
from fondaco.market.feed.ports import ChoiceLog
from fondaco.market.feed.routes import ROUTE_MAX
from fondaco.market.feed.sourcing import Given, Sources
from fondaco.market.feed.tiers import Age, Tiers, age_of, suits
from fondaco.market.feed.values import Attempt, Held, Key, Wanted

WAIT_SECONDS_MAX = CALL_SECONDS_MAX * ROUTE_MAX
"""The longest that one waits for another's fetch: each source of a route may take a whole call."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of one symbol's flight; `held` is None when no source gave anything."""

    held: Held | None
    attempts: tuple[Attempt, ...]


@dataclass(slots=True)
class Fetched:
    """What was fetched, by symbol; what was tried for it; how many calls this thread made."""

    held: dict[str, Held] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    calls: int = 0


Flown = tuple[Key, int]


class Fetching:
    """Asks sources, once for all threads that wait for the same thing."""

    def __init__(
        self, clock: Clock, sources: Sources, tiers: Tiers, hours: Hours, choices: ChoiceLog
    ) -> None:
        self._clock = clock
        self._sources = sources
        self._tiers = tiers
        self._hours = hours
        self._choices = choices
        self._flights: Flights[Flown, Landed] = Flights()
        self._turbulence = Turbulence()
        self._lock = threading.Lock()

    def fetch(
        self,
        wanted: Wanted,
        symbols: Sequence[str],
        witnesses: int,
        *,
        max_age: timedelta | None = None,
        again: bool = False,
    ) -> Fetched:
        """Return what the sources give; symbols that stay unknown are missing in it.

        What another thread has fetched meanwhile is taken, unless it is to be fetched `again`.
        """
        symbol_of = {(wanted.key(symbol), witnesses): symbol for symbol in symbols}
        mine, others = self._flights.claim(symbol_of)
        landed: dict[Flown, Landed] = {}
        error: FondacoError | None = None
        calls = 0
        try:
            if not again:
                landed = self._meanwhile(wanted, {key: symbol_of[key] for key in mine}, max_age)
            flying = {key: symbol_of[key] for key in mine if key not in landed}
            if flying:
                flown, calls = self._fly(wanted, flying, witnesses)
                landed |= flown
        except FondacoError as fault:
            error = fault
            raise
        finally:  # only then wait for others: no two threads wait for each other
            for key in mine:
                self._flights.land(key, landed.get(key), error)
        landed |= {key: flight.result(WAIT_SECONDS_MAX) for key, flight in others.items()}
        held = {symbol_of[key]: one.held for key, one in landed.items() if one.held is not None}
        attempts = dict.fromkeys(tried for one in landed.values() for tried in one.attempts)
        return Fetched(held, list(attempts), calls)

    def _meanwhile(
        self, wanted: Wanted, symbols: dict[Flown, str], max_age: timedelta | None
    ) -> dict[Flown, Landed]:
        """Return what came in between the look and the claim."""
        now = self._clock.now()
        found: dict[Flown, Landed] = {}
        for key, symbol in symbols.items():
            held = self._tiers.peek(wanted, symbol)
            if held is None or not suits(held, wanted.kind, key[1]):
                continue
            if age_of(held, wanted.kind, now, max_age) is Age.FRESH:
                found[key] = Landed(held, ())
        return found

    def _fly(
        self, wanted: Wanted, symbols: dict[Flown, str], witnesses: int
    ) -> tuple[dict[Flown, Landed], int]:
        sourced = self._sources.ask(wanted, tuple(symbols.values()), witnesses)
        attempts = tuple(sourced.attempts)
        landed: dict[Flown, Landed] = {}
        for key, symbol in symbols.items():
            given = sourced.given[symbol]
            held = self._hold(wanted, symbol, given, witnesses) if given else None
            landed[key] = Landed(held, attempts)
        return landed, sourced.calls

    def _hold(self, wanted: Wanted, symbol: str, given: Sequence[Given], witnesses: int) -> Held:
        now = self._clock.now()
        taken, choice = choose(wanted, symbol, given, now)
        if choice is not None:
            self._choices.keep(choice)
        moves = self._measured(wanted, symbol, taken)
        trading = self._hours(wanted.market, taken.asked_at)
        until = fresh_until(wanted.kind, taken.asked_at, trading, moves)
        held = Held(
            rows=taken.rows,
            source=taken.source,
            ingest_id=taken.ingest_id,
            asked_at=taken.asked_at,
            fresh_until=until.at,
            why=until.why,
            witnesses=witnesses,
            choice=choice,
        )
        self._tiers.put(wanted, symbol, held)
        return held

    def _measured(self, wanted: Wanted, symbol: str, taken: Given) -> float | None:
        """Take the newest price into the measure of how much it moves, and return the measure."""
        if not LIVES.get(wanted.kind, LIFE_OTHER).moves:
            return None
        name = f"{wanted.kind}/{wanted.market.value}/{symbol}"
        price = newest(wanted.kind, taken.rows)
        with self._lock:
            if price is not None:
                self._turbulence.saw(name, taken.asked_at, price)
            return self._turbulence.moves(name)
