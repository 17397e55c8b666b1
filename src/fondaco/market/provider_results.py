"""What the desk says of its providers: plain values, light to import."""

from dataclasses import dataclass
from datetime import datetime

from fondaco.core.instrument import Origin


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit of a provider and how much of it is left now."""

    calls: int
    seconds: int
    left: int


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One kind of data that a provider gives."""

    kind: str
    markets: tuple[str, ...]
    history: str
    delay_minutes: float | None


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider's state. `key` is set, missing or not needed; `breaker` closed, half-open, open.

    `answered` and `failed` count its calls since the desk began; `last_ingest_at` is when rows of
    it were last asked for and kept.
    """

    name: str
    title: str
    origin: Origin
    key: str
    breaker: str
    reason: str
    answered: int
    failed: int
    answered_at: datetime | None
    failed_at: datetime | None
    last_ingest_at: datetime | None
    limits: tuple[LimitLine, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProviderList:
    """Every provider of the desk with its health, limits left and freshness."""

    as_of: datetime
    providers: tuple[ProviderLine, ...]


@dataclass(frozen=True, slots=True)
class ProviderSheet:
    """What a provider says of itself, with the desk's own state of it."""

    line: ProviderLine
    offers: tuple[OfferLine, ...]
    terms: str
    tried: str
    key_names: tuple[str, ...]
    key_url: str
    key_steps: str


@dataclass(frozen=True, slots=True)
class KeyTrial:
    """What came of setting a provider up.

    `worked` is None when no key was given to try; `kept` says where it is kept, empty when not.
    """

    name: str
    title: str
    names: tuple[str, ...]
    url: str
    steps: str
    key: str
    worked: bool | None
    words: str
    kept: str
