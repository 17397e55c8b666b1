"""Symbols that a mistyped one may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches

NEAR_MAX = 5


def near_symbols(symbol: str, known: Iterable[str]) -> list[str]:
    """Return up to five known symbols that look like this one, the likest first.

    >>> near_symbols("APPL", ["AAPL", "MSFT", "APA"])
    ['AAPL', 'APA']
    """
    return get_close_matches(symbol.upper(), sorted(set(known)), n=NEAR_MAX, cutoff=0.5)
