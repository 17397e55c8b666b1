"""What the outside may ask of providers: how they are, what they give, and to set one up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, SecretStr

from fondaco.core.capability import Caller, Effect, capability
from fondaco.core.clock import Clock
from fondaco.core.errors import InvalidInput, Refused
from fondaco.market.errors import Unanswered
from fondaco.market.feed.breaker import gate, reset
from fondaco.market.feed.budget import PaceStore
from fondaco.market.feed.ports import HealthStore
from fondaco.market.ports import Ask, Directory, IngestLog, KeyStore, Provider
from fondaco.market.provider_results import (
    KeyTrial,
    LimitLine,
    OfferLine,
    ProviderLine,
    ProviderList,
    ProviderSheet,
)
from fondaco.market.provider_views import view_provider, view_providers, view_trial
from fondaco.market.sheets import Market, Sheet

TRIAL_DAYS = 7
TRIAL_KINDS = ("quotes", "bars_1d", "macro", "yields", "filings", "news")
TRIAL_SYMBOLS = {Market.US: "AAPL", Market.CRYPTO: "BTC-USD", Market.INDIA: "RELIANCE"}
TRIAL_SERIES = {"macro": "DGS10", "yields": "par"}

ProviderName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$", description="name of a provider, e.g. tiingo")
]


@capability("providers.status", view=view_providers)
def show_status(
    providers: Directory,
    provider_health: HealthStore,
    provider_pace: PaceStore,
    ingest_log: IngestLog,
    clock: Clock,
    /,
) -> ProviderList:
    """Show every provider: its key, its health, what is left of its limits, how fresh its data is.

    A provider whose breaker is open failed too often lately and rests; half-open, it is tried
    with one call. Limits and health are those of all processes of this desk.

    Example:
        fondaco providers status
    """
    now = clock.now()
    asked = ingest_log.last_ingests()
    lines = tuple(
        _line(sheet, providers, provider_health, provider_pace, asked, now)
        for sheet in sorted(providers.sheets(), key=lambda sheet: sheet.name)
    )
    return ProviderList(now, lines)


@capability("providers.show", view=view_provider, to_model=False)
def show_provider(
    providers: Directory,
    provider_health: HealthStore,
    provider_pace: PaceStore,
    ingest_log: IngestLog,
    clock: Clock,
    /,
    *,
    provider: ProviderName,
) -> ProviderSheet:
    """Show what a provider gives, its limits and terms, the key it needs, and how it is now.

    Example:
        fondaco providers show tiingo
    """
    sheet = providers.sheet(provider)
    asked = ingest_log.last_ingests()
    line = _line(sheet, providers, provider_health, provider_pace, asked, clock.now())
    offers = tuple(
        OfferLine(o.kind, tuple(m.value for m in o.markets), o.history, o.delay_minutes)
        for o in sheet.offers
    )
    need = sheet.key
    return ProviderSheet(
        line,
        offers,
        sheet.terms,
        sheet.tried,
        () if need is None else need.names,
        "" if need is None else need.url,
        "" if need is None else need.steps,
    )


@capability("providers.setup", Effect.WRITE, view=view_trial, to_model=False)
def set_up(
    providers: Directory,
    provider_keys: KeyStore,
    provider_health: HealthStore,
    caller: Caller,
    clock: Clock,
    /,
    *,
    provider: ProviderName,
    key: Annotated[
        SecretStr | None, Field(description="the provider's key; - asks for it unseen")
    ] = None,
    second_key: Annotated[
        SecretStr | None, Field(description="the second one of providers that have two")
    ] = None,
    keep: Annotated[bool, Field(description="keep a key that works in the system keyring")] = True,
) -> KeyTrial:
    """Set a provider up: say where to get its key, try the key, and keep it in the keyring.

    Without a key it tries the one that is set, if any. A key is tried with one small question
    before it is kept; one that is refused is not kept. Keys can also stand in the environment.

    Example:
        fondaco providers setup fred
    """
    if not caller.person:
        raise Refused(
            "only a person may set a provider up", value=f"{caller.actor} on {caller.surface}"
        )
    sheet = providers.sheet(provider)
    given = _given(sheet, (key, second_key))
    if sheet.key is not None and not given and not providers.has_key(provider):
        return _trial(sheet, "missing", None, "No key is set yet.", "")
    worked, words = _tried(sheet, providers.with_key(provider, given), clock.now())
    kept = ""
    if worked and given and keep:
        for name, value in given.items():
            provider_keys.keep(name, value)
        kept = "the system keyring"
    if worked:
        provider_health.change(provider, reset)
    state = "none needed" if sheet.key is None else "set"
    return _trial(sheet, state, worked, words, kept)


def _given(sheet: Sheet, keys: tuple[SecretStr | None, ...]) -> Mapping[str, str]:
    values = [key.get_secret_value() for key in keys if key is not None]
    names = () if sheet.key is None else sheet.key.names
    if values and len(values) != len(names):
        raise InvalidInput(
            f"{sheet.title} does not take that many keys",
            value=len(values),
            bound=f"{len(names)}: {', '.join(names)}" if names else "none",
        )
    return dict(zip(names, values, strict=True)) if values else {}


def _trial(sheet: Sheet, key: str, worked: bool | None, words: str, kept: str) -> KeyTrial:
    need = sheet.key
    return KeyTrial(
        sheet.name,
        sheet.title,
        () if need is None else need.names,
        "" if need is None else need.url,
        "" if need is None else need.steps,
        key,
        worked,
        words,
        kept,
    )


def _tried(sheet: Sheet, provider: Provider, now: datetime) -> tuple[bool, str]:
    """Ask the provider one small question and say in words what came."""
    ask = _small_ask(sheet, now)
    try:
        raws = provider.ask(ask)
    except Unanswered as error:
        return False, error.message
    parsed = [provider.parse(raw, ask) for raw in raws]
    rows = sum(p.bars.height + sum(f.height for f in p.rows.values()) for p in parsed)
    faults = [fault for p in parsed for fault in p.faults]
    if not rows and not any(p.instruments for p in parsed):
        return False, faults[0].reason if faults else "It answered, and nothing was in the answer."
    return True, f"It answered {rows:,} rows of {ask.kind} for {', '.join(ask.symbols)}."


def _small_ask(sheet: Sheet, now: datetime) -> Ask:
    offers = {offer.kind: offer for offer in sheet.offers}
    kind = next((k for k in TRIAL_KINDS if k in offers), sheet.offers[0].kind)
    market = offers[kind].markets[0]
    symbol = TRIAL_SERIES.get(kind) or TRIAL_SYMBOLS.get(market, "AAPL")
    since = None if kind == "quotes" else now.date() - timedelta(days=TRIAL_DAYS)
    return Ask(since=since, until=None, kind=kind, symbols=(symbol,))


def _line(
    sheet: Sheet,
    providers: Directory,
    health_store: HealthStore,
    pace: PaceStore,
    asked: Mapping[str, datetime],
    now: datetime,
) -> ProviderLine:
    health = health_store.get(sheet.name)
    has_key = providers.has_key(sheet.name)
    limits = tuple(
        LimitLine(one.calls, one.seconds, max(0, one.calls - pace.used(sheet.name, one)))
        for one in sheet.limits
    )
    return ProviderLine(
        sheet.name,
        sheet.title,
        sheet.origin,
        {None: "not needed", True: "set", False: "missing"}[has_key],
        gate(health, now).value,
        health.reason,
        health.answered,
        health.failed,
        health.answered_at,
        health.failed_at,
        asked.get(sheet.name),
        limits,
        tuple(dict.fromkeys(offer.kind for offer in sheet.offers)),
    )
