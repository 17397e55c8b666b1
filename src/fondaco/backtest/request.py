"""What a backtest is asked for: checked once, before any work, and again by the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.trading.cost_model.model import CostModel

CAPITAL_MAX = 10**10
FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Request:
    """A backtest as asked for. No symbols means every share; `until` None the last session."""

    strategy: str
    parameters: Mapping[str, float | int]
    since: date | None
    until: date | None
    capital: Decimal
    costs: CostModel
    symbols: tuple[str, ...]
    author: str

    def plain(self) -> dict[str, Any]:
        """Return the request as the plain JSON that a job keeps."""
        return {
            "strategy": self.strategy,
            "parameters": dict(self.parameters),
            "from": self.since and self.since.isoformat(),
            "to": self.until and self.until.isoformat(),
            "capital": str(self.capital),
            "costs": self.costs.plain(),
            "symbols": list(self.symbols),
            "author": self.author,
        }

    def as_of(self, now: datetime) -> datetime:
        """Return the moment as of which prices are read: the end of the last day, or now."""
        if self.until is None:
            return now
        return min(now, datetime.combine(self.until, time.max, UTC))


def request_of(inputs: Mapping[str, Any]) -> Request:
    """Return the request that plain JSON says; raises InvalidInput or NotFound.

    Its strategy exists, `from` lies before `to`, capital and costs are within bounds.
    """
    request = Request(
        strategy=str(inputs["strategy"]),
        parameters=dict(inputs.get("parameters") or {}),
        since=_day(inputs.get("from")),
        until=_day(inputs.get("to")),
        capital=Decimal(str(inputs["capital"])),
        costs=CostModel.of_plain(inputs["costs"]),
        symbols=tuple(inputs.get("symbols") or ()),
        author=str(inputs["author"]),
    )
    _check_span(request)
    if not 0 < request.capital <= CAPITAL_MAX or request.capital != round(request.capital, 2):
        raise InvalidInput(
            "the capital is out of range",
            value=request.capital,
            bound=f"above 0, at most {CAPITAL_MAX:,}, whole cents",
        )
    _check_strategy(request)
    return request


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
    from fondaco.research.strategies import STRATEGIES, strategy_named

    if request.strategy not in STRATEGIES:
        near = get_close_matches(request.strategy, STRATEGIES, n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(near)}?" if near else ""
        raise NotFound(
            "no such strategy",
            value=request.strategy,
            bound=", ".join(STRATEGIES),
            remedy=meant or f"Choose one: {', '.join(STRATEGIES)}.",
        )
    strategy_named(request.strategy, request.parameters)


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))
