"""Asks the sources of a route, one after the other, until each symbol has its witnesses."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fondaco.core.clock import Clock
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed import breaker
from fondaco.market.feed.breaker import Health, Pass
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.errors import OverBudget
from fondaco.market.feed.freshness import LIFE_OTHER, LIVES
from fondaco.market.feed.ports import HealthStore, Intake, Lacks, Taken
from fondaco.market.feed.routes import Routes
from fondaco.market.feed.values import Attempt, Outcome, Wanted

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl


@dataclass(frozen=True, slots=True)
class Given:
    """One symbol's rows as one source gave them."""

    provider: str
    source: str
    ingest_id: str
    asked_at: "datetime"
    rows: "pl.DataFrame"


@dataclass(slots=True)
class Sourced:
    """What the sources gave: by symbol each source's rows in the order of the route."""

    given: dict[str, list[Given]] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """Return how many sources were asked, not counting those passed over."""
        return sum(one.outcome is not Outcome.PASSED for one in self.attempts)


class Sources:
    """Walks a route: passes over what has no key or rests, asks the rest, and tells the breaker."""

    def __init__(
        self,
        clock: Clock,
        intake: Intake,
        routes: Routes,
        health: HealthStore,
        pacer: Pacer,
        lacks: Lacks,
    ) -> None:
        self._clock = clock
        self._intake = intake
        self._routes = routes
        self._health = health
        self._pacer = pacer
        self._lacks = lacks

    def ask(self, wanted: Wanted, symbols: Sequence[str], witnesses: int) -> Sourced:
        """Return what was given; each symbol by up to `witnesses` sources, or by none.

        Raises NotFound when no installed provider gives the kind for the market.
        """
        sourced = Sourced({symbol: [] for symbol in symbols})
        for provider in self._routes.of(wanted.kind, wanted.market):
            lacking = tuple(s for s in symbols if len(sourced.given[s]) < witnesses)
            if not lacking:
                break
            sourced.attempts.append(self._try(provider, wanted, lacking, sourced))
        return sourced

    def _try(
        self, provider: str, wanted: Wanted, symbols: tuple[str, ...], sourced: Sourced
    ) -> Attempt:
        lack = self._lacks(provider)
        if lack is not None:
            return Attempt(provider, Outcome.PASSED, Cause.KEY, lack)
        leave = self._leave(provider)
        if isinstance(leave, Attempt):
            return leave
        asked_at = self._clock.now()
        try:
            taken = self._intake.take(provider, wanted.ask(symbols))
            given = _usable(wanted.kind, symbols, taken)
            if not given:
                raise Unanswered(
                    f"{provider} gave no row of what was asked",
                    provider=provider,
                    cause=Cause.EMPTY,
                )
        except Unanswered as error:
            return replace(
                self._failed(provider, leave, error), seconds=self._seconds_since(asked_at)
            )
        except BaseException:  # the desk's own fault proves nothing of the provider
            self._health.change(provider, lambda health: breaker.released(health, leave))
            raise
        for symbol, rows in given.items():
            sourced.given[symbol].append(
                Given(provider, taken.source, taken.ingest_id, asked_at, rows)
            )
        now = self._clock.now()
        self._health.change(provider, lambda health: breaker.succeeded(health, leave, now))
        lacking = len(symbols) - len(given)
        return Attempt(
            provider,
            Outcome.PARTLY if lacking else Outcome.ANSWERED,
            Cause.EMPTY if lacking else None,
            f"nothing of {lacking} of {len(symbols)} symbols" if lacking else "answered",
            self._seconds_since(asked_at),
        )

    def _leave(self, provider: str) -> Pass | Attempt:
        """Return the leave to call, or the attempt that says why there is none."""
        now = self._clock.now()
        if breaker.gate(self._health.get(provider), now) is breaker.Gate.CLOSED:
            return Pass()
        leaves: list[Pass | None] = []

        def step(health: Health) -> Health:
            health, leave = breaker.admit(health, now)
            leaves.append(leave)
            return health

        health = self._health.change(provider, step)
        if leaves[-1] is not None:
            return leaves[-1]
        left = (health.open_until - now).total_seconds() if health.open_until else 0.0
        return Attempt(
            provider,
            Outcome.PASSED,
            Cause.OPEN,
            breaker.why(health, now),
            retry_after=max(left, 0.0),
        )

    def _failed(self, provider: str, leave: Pass, error: Unanswered) -> Attempt:
        ours = isinstance(error, OverBudget)
        if not ours and (error.cause is Cause.LIMIT or error.retry_after):
            self._pacer.hold(provider, error.retry_after)
        now = self._clock.now()

        def step(health: Health) -> Health:
            if ours:
                return breaker.released(health, leave)
            return breaker.failed(health, leave, now, error.cause, error.reason)

        self._health.change(provider, step)
        return Attempt(
            provider,
            Outcome.PASSED if ours else Outcome.FAILED,
            error.cause,
            error.reason,
            retry_after=error.retry_after,
        )

    def _seconds_since(self, moment: "datetime") -> float:
        return (self._clock.now() - moment).total_seconds()


def _usable(kind: str, symbols: tuple[str, ...], taken: Taken) -> "dict[str, pl.DataFrame]":
    """Return the rows that answer; of what a market quotes all day, no rows are no answer."""
    quoted = LIVES.get(kind, LIFE_OTHER).market
    return {
        symbol: taken.rows[symbol]
        for symbol in symbols
        if symbol in taken.rows and not (quoted and taken.rows[symbol].is_empty())
    }
