"""In which market's sources a venue is found."""

from fondaco.market.identity import CRYPTO, US_ANY
from fondaco.market.sheets import Market

AMERICAN = ("XNYS", "XNAS", "ARCX", "BATS", "XASE", "XCBO", "XCME", US_ANY)
INDIAN = ("XNSE", "XBOM")


def market_of(venue: str) -> Market:
    """Return in which market's sources a venue is found.

    >>> [market_of(venue).value for venue in ("XNYS", "USEQ", "XNSE", "XCRY", "XLON")]
    ['US', 'US', 'IN', 'CRYPTO', 'WORLD']
    """
    if venue in AMERICAN:
        return Market.US
    if venue in INDIAN:
        return Market.INDIA
    return Market.CRYPTO if venue == CRYPTO else Market.WORLD
