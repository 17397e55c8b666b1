"""The pages of the terminal with their letters, and what the command palette finds."""

from collections.abc import Iterable
from dataclasses import dataclass

from fondaco.core.capability import Capability, Effect
from fondaco.surfaces.web.ports import Listing

FOUND_MAX = 30


@dataclass(frozen=True, slots=True)
class Place:
    """A page: `g` then its letter goes there."""

    letter: str
    title: str
    path: str
    purpose: str
    narrow: bool = True


PLACES = (
    Place("o", "Overview", "/", "equity, positions, cash, today's cards"),
    Place("s", "Symbols", "/symbol", "one instrument: quote, chart, events, as known then"),
    Place("c", "Cards", "/cards", "proposals to approve or reject"),
    Place("b", "Backtest", "/backtest", "run a strategy on past prices"),
    Place("t", "Trials", "/trials", "every evaluation ever made, and what luck alone would show"),
    Place("d", "Data", "/data", "health of providers, quarantine, where a number comes from"),
    Place("j", "Journal", "/journal", "every call, in a chain that can be verified"),
    Place("w", "Jobs", "/jobs", "long work: how far it is, what came of it"),
    Place("a", "Ask", "/ask", "every goal of the catalogue", narrow=False),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the command palette."""

    words: str
    what: str
    kind: str
    path: str


def entries(capabilities: Iterable[Capability], listings: Iterable[Listing]) -> list[Found]:
    """Return all that the palette can open: pages, symbols, and the catalogue's own words."""
    pages = [Found(f"Go to {p.title}", p.purpose, f"g {p.letter}", p.path) for p in PLACES]
    goals = [
        Found(
            cap.name.replace(".", " ").replace("_", " "),
            cap.summary,
            _kind(cap),
            f"/ask/{cap.name}",
        )
        for cap in capabilities
    ]
    symbols = [
        Found(one.symbol, one.name or one.detail, "symbol", f"/symbol/{one.symbol}")
        for one in listings
    ]
    return [*pages, *goals, *symbols]


def _kind(cap: Capability) -> str:
    return {Effect.READ: "read", Effect.WRITE: "write", Effect.MONEY: "money"}[cap.effect]


def find(query: str, among: list[Found]) -> list[Found]:
    """Return what a query finds, best first: whole words and beginnings before the rest.

    >>> apple = Found("AAPL", "Apple", "symbol", "/symbol/AAPL")
    >>> [found.words for found in find("apple", [apple])]
    ['AAPL']
    """
    wanted = query.lower().split()
    if not wanted:
        return among[:FOUND_MAX]
    scored = [
        (score, at, one)
        for at, one in enumerate(among)
        if (score := _score(wanted, one)) is not None
    ]
    return [one for _, _, one in sorted(scored, key=lambda s: s[:2])[:FOUND_MAX]]


def _score(wanted: list[str], one: Found) -> int | None:
    words, what = one.words.lower(), one.what.lower()
    if not all(part in words or part in what for part in wanted):
        return None
    whole = " ".join(wanted)
    if words == whole:
        return 0
    if words.startswith(whole):
        return 1
    return 2 if all(part in words for part in wanted) else 3
