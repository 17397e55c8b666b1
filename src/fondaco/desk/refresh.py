"""Fresh daily bars before a cycle: from the first source that answers, the whole window of each.

A source that answers is asked for all that a decision looks back on, not for the newest day
alone. So when one dies and the next takes its place, it brings the same window, and what is
decided on it is the same.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from fondaco.core.errors import NotFound
from fondaco.market.markets import market_of
from fondaco.market.ports import Feeds, Instruments
from fondaco.market.sheets import Market

LOOK_BACK = timedelta(days=1_100)
NAMED_MAX = 5


def refresh_bars(
    feed: Feeds, symbols: Iterable[str], instruments: Instruments, now: datetime
) -> tuple[str, ...]:
    """Fetch the daily bars of symbols and return in words what came from where.

    A symbol that no source gives is said so, and the cycle decides on what is stored, if that is
    new enough.
    """
    notes: list[str] = []
    for market, names in _by_market(symbols, instruments, now).items():
        found = feed.bars(market, names, since=(now - LOOK_BACK).date())
        for source, held in found.sources.items():
            notes.append(f"{_named(held)} came from {source}")
        if found.unknown:
            said = "; ".join(f"{t.provider}: {t.reason}" for t in found.tried[:NAMED_MAX])
            notes.append(
                f"no source gave {_named(found.unknown)}, stored prices are used ({said})"
                if said
                else f"no source is there for {_named(found.unknown)}, stored prices are used"
            )
    return tuple(notes)


def _by_market(
    symbols: Iterable[str], instruments: Instruments, now: datetime
) -> dict[Market, tuple[str, ...]]:
    found: dict[Market, list[str]] = {}
    for symbol in dict.fromkeys(symbols):
        try:
            market = market_of(instruments.by_symbol(symbol, now.date()).venue)
        except NotFound:
            market = Market.US
        found.setdefault(market, []).append(symbol)
    return {market: tuple(names) for market, names in found.items()}


def _named(symbols: Iterable[str]) -> str:
    names = list(symbols)
    more = len(names) - NAMED_MAX
    return ", ".join(names[:NAMED_MAX]) + (f" and {more} more" if more > 0 else "")
