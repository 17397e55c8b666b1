"""What a provider says of itself: what it can give, its limits, its terms, the key it needs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin

Secrets = Callable[[str], str | None]
"""Gives a secret by the name of its environment variable (`FONDACO_TIINGO_TOKEN`), or None."""


class Market(StrEnum):
    """Where the things are that a provider knows of."""

    US = "US"
    INDIA = "IN"
    CRYPTO = "CRYPTO"
    WORLD = "WORLD"


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of data in one or more markets. `history` says in words how far back it goes.

    `delay_minutes` is how old the newest row is when it can be asked for; None when not stated.
    """

    kind: str
    markets: tuple[Market, ...]
    history: str
    delay_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` in `seconds`; a day is 86,400 seconds and its count survives a restart."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True)
class KeyNeed:
    """The key that a provider needs: its environment variables, and where one gets it."""

    names: tuple[str, ...]
    url: str
    steps: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a provider says of itself. `terms` is where its terms are, with the part that matters.

    `tried` says in words what was ever run against the live service.
    """

    name: str
    title: str
    origin: Origin
    offers: tuple[Offer, ...]
    limits: tuple[Limit, ...] = ()
    terms: str = ""
    key: KeyNeed | None = None
    tried: str = "never run against the live service by its makers"

    def offer(self, kind: str) -> Offer:
        """Return what it gives of a kind; raises NotFound naming the kinds it has."""
        for offer in self.offers:
            if offer.kind == kind:
                return offer
        kinds = ", ".join(dict.fromkeys(o.kind for o in self.offers))
        raise NotFound(
            f"{self.name} does not give this kind of data", value=kind, remedy=f"It gives {kinds}."
        )
