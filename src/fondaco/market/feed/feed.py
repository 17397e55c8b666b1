"""The feed: one question, the freshest allowed answer, with its source, its age and its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput
from fondaco.market.feed.analytics import Analytics, KindFigures, Served, advice
from fondaco.market.feed.due import BATCH_MAX, DueKeys
from fondaco.market.feed.errors import NoSource
from fondaco.market.feed.fetching import Fetched, Fetching
from fondaco.market.feed.freshness import LIFE_OTHER, LIVES
from fondaco.market.feed.memory import Room
from fondaco.market.feed.ports import Asked, Due, Later, QueryLog
from fondaco.market.feed.tiers import Age, Found, Tiers, age_of
from fondaco.market.feed.values import Answer, Freshness, Tier, Wanted
from fondaco.market.feed.warming import Thing, expected, plan

WITNESSES_MAX = 5
WARM_CALLS_MAX = 1_000
WARM_LOG = timedelta(days=14)
WARM_LINES_MAX = 200_000
NEARLY_OVER = 0.1
"""What has less than this share of its life left is warmed anew."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh or a warming did."""

    calls: int
    fetched: int
    failed: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the cache is worth: figures by kind, how full it is, what waits, and advice."""

    kinds: tuple[KindFigures, ...]
    room: Room
    due: int
    shared_faults: int
    advice: tuple[str, ...]


@dataclass(slots=True)
class _Looks:
    """What the tiers gave for one ask: what may be given, and what may only be fallen back on."""

    given: dict[str, Found] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    older: dict[str, Found] = field(default_factory=dict)


class Feed:
    """Answers from the nearest tier that is fresh enough, else from the sources of the route.

    Safe for several threads: one fetch serves all who wait for the same thing. `later` runs
    refreshes on another thread; without it they wait for `refresh`.
    """

    def __init__(
        self,
        clock: Clock,
        tiers: Tiers,
        fetching: Fetching,
        log: QueryLog,
        later: Later | None = None,
    ) -> None:
        self._clock = clock
        self._tiers = tiers
        self._fetching = fetching
        self._log = log
        self._later = later
        self._due = DueKeys()
        self._analytics = Analytics()

    def ask(
        self,
        wanted: Wanted,
        *,
        max_age: timedelta | None = None,
        witnesses: int = 1,
        partly: bool = False,
    ) -> Answer:
        """Return rows of each symbol with source, freshness, attempts and choices.

        `max_age` is the oldest that will do, whatever its label; nothing older is ever given.
        `witnesses` is how many sources are compared, where the kind has a figure to compare.
        Raises NoSource when any symbol stays unknown, unless `partly`: then the answer names
        them. Raises NotFound when no installed provider gives the kind.
        """
        if not 1 <= witnesses <= WITNESSES_MAX:
            raise InvalidInput(
                "a figure cannot have so many witnesses",
                value=witnesses,
                bound=f"1 to {WITNESSES_MAX}",
            )
        began = self._clock.now()
        looks = self._look(wanted, max_age, witnesses)
        missing = [symbol for symbol in wanted.symbols if symbol not in looks.given]
        fetched = self._fetch(wanted, missing, witnesses, max_age)
        for symbol, held in fetched.held.items():
            looks.given[symbol] = Found(held, Tier.PROVIDER)
        for symbol in missing:
            if symbol not in looks.given and symbol in looks.older:
                looks.given[symbol] = looks.older[symbol]
                looks.stale.add(symbol)
        unknown = tuple(s for s in dict.fromkeys(wanted.symbols) if s not in looks.given)
        self._note(wanted, looks, unknown, began)
        if unknown and not (partly and looks.given):
            raise NoSource(_named(wanted.kind, unknown), fetched.attempts)
        self._refresh_later(wanted, looks.stale, witnesses)
        freshness = _freshness(looks, fetched, self._clock.now())
        parts = {s: looks.given[s].held for s in wanted.symbols if s in looks.given}
        return Answer(wanted, parts, freshness, tuple(fetched.attempts), unknown)

    def refresh(self, calls_max: int = WARM_CALLS_MAX) -> Refreshed:
        """Fetch what was given stale, in batches; what fails is asked for again by its next use."""
        done = Refreshed(0, 0, 0)
        for wanted, witnesses in self._due.take(calls_max):
            done = self._fetch_quietly(done, wanted, witnesses)
        return done

    def warm(self, calls_max: int, events: Sequence[Due] = ()) -> Refreshed:
        """Fetch what the query log expects in the coming hour, with at most so many calls.

        Raises InvalidInput beyond `WARM_CALLS_MAX`.
        """
        if not 0 <= calls_max <= WARM_CALLS_MAX:
            raise InvalidInput(
                "the budget of warming is out of range",
                value=calls_max,
                bound=f"0 to {WARM_CALLS_MAX:,} calls",
            )
        now = self._clock.now()
        lines = self._log.read(now - WARM_LOG, WARM_LINES_MAX)
        groups = plan(
            expected(lines, now, events),
            life=_usable_seconds,
            fresh=lambda thing: self._fresh(thing, now),
            calls_max=calls_max,
            batch=BATCH_MAX,
        )
        done = Refreshed(0, 0, 0)
        for group in groups:
            if done.calls >= calls_max:  # sources that failed took calls of those that follow
                break
            thing = group[0].thing
            symbols = tuple(one.thing.symbol for one in group)
            wanted = Wanted(thing.kind, thing.market, symbols)
            done = self._fetch_quietly(done, wanted, 1, again=True)
        return done

    def report(self) -> Report:
        """Return what the cache is worth, with advice."""
        room = self._tiers.room()
        figures = self._analytics.figures(room)
        return Report(
            figures, room, len(self._due), self._tiers.shared_faults, advice(figures, room)
        )

    def _look(self, wanted: Wanted, max_age: timedelta | None, witnesses: int) -> _Looks:
        looks = _Looks()
        for symbol in dict.fromkeys(wanted.symbols):
            found = self._tiers.find(wanted, symbol, max_age, witnesses)
            if found is None:
                continue
            age = age_of(found.held, wanted.kind, self._clock.now(), max_age)
            if age in (Age.FRESH, Age.STALE):
                looks.given[symbol] = found
            if age is Age.STALE:
                looks.stale.add(symbol)
            if age is Age.OLD:
                looks.older[symbol] = found
        return looks

    def _fresh(self, thing: Thing, now: datetime) -> bool:
        held = self._tiers.peek(Wanted(thing.kind, thing.market), thing.symbol)
        if held is None:
            return False
        return held.fresh_until - now > (held.fresh_until - held.asked_at) * NEARLY_OVER

    def _fetch(
        self, wanted: Wanted, missing: list[str], witnesses: int, max_age: timedelta | None
    ) -> Fetched:
        if not missing:
            return Fetched()
        return self._fetching.fetch(wanted, missing, witnesses, max_age=max_age)

    def _fetch_quietly(
        self, done: Refreshed, wanted: Wanted, witnesses: int, *, again: bool = False
    ) -> Refreshed:
        fetched = self._fetching.fetch(wanted, wanted.symbols, witnesses, again=again)
        missed = len(set(wanted.symbols)) - len(fetched.held)
        return Refreshed(
            done.calls + fetched.calls, done.fetched + len(fetched.held), done.failed + missed
        )

    def _refresh_later(self, wanted: Wanted, symbols: set[str], witnesses: int) -> None:
        if not symbols:
            return
        new = self._due.add(wanted, sorted(symbols), witnesses)
        if new and self._later is not None:
            self._later(self.refresh)

    def _note(
        self, wanted: Wanted, looks: _Looks, unknown: tuple[str, ...], began: datetime
    ) -> None:
        seconds = (self._clock.now() - began).total_seconds()
        tiers = [found.tier for found in looks.given.values()]
        self._analytics.served(wanted.kind, Served(tiers, len(looks.stale), len(unknown), seconds))
        rest = wanted.key("").rest
        tier_of: Mapping[str, Tier] = {s: found.tier for s, found in looks.given.items()}
        self._log.add(
            [
                Asked(began, wanted.kind, wanted.market, symbol, tier_of.get(symbol), seconds, rest)
                for symbol in dict.fromkeys(wanted.symbols)
            ]
        )


def _usable_seconds(kind: str) -> float:
    """Return how long a kind may be given at once: its life, and what it may be shown stale."""
    life = LIVES.get(kind, LIFE_OTHER)
    return life.seconds + life.stale_seconds


def _named(kind: str, symbols: tuple[str, ...]) -> str:
    shown = ", ".join(symbol for symbol in symbols[:3] if symbol)
    more = f" and {len(symbols) - 3} more" if len(symbols) > 3 else ""
    return f"{kind} of {shown}{more}" if shown else kind


def _freshness(looks: _Looks, fetched: Fetched, now: datetime) -> Freshness:
    oldest = min((found.held for found in looks.given.values()), key=lambda held: held.asked_at)
    tiers = tuple(dict.fromkeys(found.tier for found in looks.given.values()))
    why = oldest.why
    if looks.stale:
        failed = [one for one in fetched.attempts if one.cause is not None]
        tried = f"no source answers ({failed[0].reason})" if failed else "a newer one is fetched"
        part = f"{len(looks.stale)} of {len(looks.given)}: " if len(looks.given) > 1 else ""
        why = f"{part}its life is over and {tried}"
    age = max((now - oldest.asked_at).total_seconds(), 0.0)
    return Freshness(bool(looks.stale), age, why, tiers)
