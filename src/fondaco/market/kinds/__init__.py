"""Every kind of data that the desk takes in; importing this package declares them all."""

from fondaco.market.kinds import company, crypto, macro, options, prices, reference, texts
from fondaco.market.kinds.kind import KINDS, Column, In, Kind, kind_named

__all__ = [
    "KINDS",
    "Column",
    "In",
    "Kind",
    "company",
    "crypto",
    "kind_named",
    "macro",
    "options",
    "prices",
    "reference",
    "texts",
]
