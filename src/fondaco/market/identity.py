"""Permanent instrument ids, and which data source stands for which origin."""

import hashlib
from datetime import date

from fondaco.core.instrument import AssetClass, InstrumentId, Origin

US_ANY = "USEQ"
"""The venue of a United States listing whose source does not name its exchange."""

CRYPTO = "XCRY"
"""The venue of crypto pairs, whichever exchange quotes them; its session is the UTC day."""

UNDATED = date(1900, 1, 1)
"""The first day of a symbol whose source does not date it: as far back as its prices go."""


def instrument_id(asset_class: AssetClass, venue: str, symbol: str, start: date) -> InstrumentId:
    """Return the id of what first traded under a symbol on a day: the same wherever it is made.

    >>> instrument_id(AssetClass.EQUITY, "XNAS", "AAPL", date(1980, 12, 12))
    'I-c3fe2de5deb2'
    """
    text = "|".join((asset_class.value, venue, symbol, start.isoformat()))
    return InstrumentId("I-" + hashlib.sha256(text.encode()).hexdigest()[:12])


def source_name(origin: Origin, name: str) -> str:
    """Return how a row's `source` is written: the origin, then what it came from.

    >>> source_name(Origin.BUNDLED, "skfolio")
    'bundled:skfolio'
    """
    return origin.value if name in {"", origin.value} else f"{origin.value}:{name}"


def origin_of(source: str) -> Origin:
    """Return the origin of a `source` as written by `source_name`.

    >>> origin_of("bundled:skfolio").value
    'bundled'
    """
    return Origin(source.partition(":")[0])
