"""What a backtest is asked for: checked once, before any work, and again by the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator.plain_terms import plain_terms, terms_of_plain
from fondaco.trading.simulator.terms import Terms

CAPITAL_MAX = 10**10
LEVERAGE_MAX = 4.0
FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Request:
    """A backtest as asked for. No symbols means every share; `until` None the last session.

    `leverage` bounds the sum of a session's weights without signs. `guarded` holds every order
    against the desk's guardrails and leaves out what they block. `code` is the source of a user's
    strategy, None for a built-in one; `author` and `surface` say who asks, and from where.
    """

    strategy: str
    parameters: Mapping[str, float | int]
    since: date | None
    until: date | None
    terms: Terms
    symbols: tuple[str, ...]
    author: str
    leverage: float = 1.0
    guarded: bool = False
    code: str | None = None
    surface: str = ""

    @property
    def capital(self) -> Decimal:
        """What the account starts with."""
        return from_micros(self.terms.capital)

    @property
    def costs(self) -> CostModel:
        """What trading costs."""
        return self.terms.costs

    def plain(self) -> dict[str, Any]:
        """Return the request as the plain JSON that a job keeps."""
        return {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "from": self.since and self.since.isoformat(),
            "to": self.until and self.until.isoformat(),
            "terms": plain_terms(self.terms),
            "symbols": list(self.symbols),
            "author": self.author,
            "leverage": self.leverage,
            "guarded": self.guarded,
            "code": self.code,
            "surface": self.surface,
        }

    def as_of(self, now: datetime) -> datetime:
        """Return the moment as of which prices are read: the end of the last day, or now."""
        if self.until is None:
            return now
        return min(now, datetime.combine(self.until, time.max, UTC))


def request_of(inputs: Mapping[str, Any]) -> Request:
    """Return the request that plain JSON says; raises InvalidInput or NotFound.

    Its strategy exists, `from` lies before `to`, capital, costs and leverage are within bounds.
    """
    request = Request(
        strategy=str(inputs["strategy"]),
        parameters=dict(inputs.get("parameters") or {}),
        since=_day(inputs.get("from")),
        until=_day(inputs.get("to")),
        terms=terms_of_plain(inputs["terms"]),
        symbols=tuple(inputs.get("symbols") or ()),
        author=str(inputs["author"]),
        leverage=float(inputs["leverage"]),
        guarded=bool(inputs["guarded"]),
        code=inputs.get("code"),
        surface=str(inputs.get("surface") or ""),
    )
    _check_span(request)
    _check_money(request)
    _check_strategy(request)
    return request


def _check_money(request: Request) -> None:
    if not 0 < request.capital <= CAPITAL_MAX or request.capital != round(request.capital, 2):
        raise InvalidInput(
            "the capital is out of range",
            value=request.capital,
            bound=f"above 0, at most {CAPITAL_MAX:,}, whole cents",
        )
    if not 0 < request.leverage <= LEVERAGE_MAX:
        raise InvalidInput(
            "the leverage is out of range",
            value=request.leverage,
            bound=f"above 0, at most {LEVERAGE_MAX:g}",
        )


def _check_span(request: Request) -> None:
    since, until = request.since, request.until
    if since is not None and until is not None and since >= until:
        raise InvalidInput(
            "a backtest starts before it ends",
            value=f"from {since.isoformat()} to {until.isoformat()}",
            bound="from < to",
            remedy="Swap the two days or widen the span.",
        )
    for day in (since, until):
        if day is not None and day < FIRST_DAY:
            raise InvalidInput(
                "no prices reach back so far",
                value=day.isoformat(),
                bound=f"{FIRST_DAY.isoformat()} or later",
            )


def _check_strategy(request: Request) -> None:
    from fondaco.research.strategies.library import STRATEGIES, strategy_named

    if request.code is not None:
        return
    if request.strategy not in STRATEGIES:
        near = get_close_matches(request.strategy, STRATEGIES, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(near)}?" if near else ""
        raise NotFound(
            "no such strategy",
            value=request.strategy,
            bound=", ".join(STRATEGIES),
            remedy=meant or "`fondaco strategies list` says what each one does.",
        )
    strategy_named(request.strategy, request.parameters)


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))
