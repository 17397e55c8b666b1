"""The numbers behind a card: facts with their sources, and the check that the guardrails judge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.facts import Fact, Source
from fondaco.core.instrument import Instrument, InstrumentId
from fondaco.core.money import exact_sum
from fondaco.core.orders import Side
from fondaco.core.prices import Bar
from fondaco.risk.check import OrderCheck
from fondaco.risk.finding import Finding
from fondaco.risk.guardrails import VOLUME_SESSIONS, findings
from fondaco.risk.verdict import Verdict
from fondaco.trading.index_volatility import index_volatility
from fondaco.trading.parts import Parts
from fondaco.trading.picture import Picture, reference_price

DAYS_TO_EVENT = "days_to_event"
"""The name under which an idea's evidence tells the event rule how far the next event is."""
_LIMIT_SETTING = {
    "liquidity": "volume_share_max",
    "position_size": "position_share_max",
    "sector_exposure": "sector_share_max",
    "event_window": "event_days_min",
    "regime": "regime_vol_max",
    "catalyst_freshness": "catalyst_days_max",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that may become a card: what it is, and what it was sized with.

    `held` is the position it was sized from: what is held, and what open orders will add.
    """

    instrument: Instrument
    bar: Bar
    side: Side
    quantity: Decimal
    held: Decimal
    catalyst_at: datetime | None
    facts: tuple[Fact, ...]

    @property
    def price(self) -> Decimal:
        """The last price, as the venue counts it."""
        return reference_price(self.bar)

    @property
    def notional(self) -> Decimal:
        """What the order is worth at that price."""
        return self.quantity * self.price

    @property
    def held_after(self) -> Decimal:
        """The position once the order is filled."""
        return self.held + self.quantity * self.side.sign


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around an order beside the account: volume and the index's volatility."""

    volume: Fact | None
    index_vol: Fact | None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Those that are known."""
        return tuple(fact for fact in (self.volume, self.index_vol) if fact is not None)


def order_check(
    draft: Draft, picture: Picture, sector_value: Decimal | None, around: Surroundings
) -> OrderCheck:
    """Return what the guardrails look at."""
    return OrderCheck(
        side=draft.side,
        quantity=draft.quantity,
        price=draft.price,
        held=draft.held,
        equity=picture.equity,
        sector=draft.instrument.sector,
        sector_value=sector_value,
        volume_average=None if around.volume is None else around.volume.value,
        event_days=event_days(draft.facts, picture.at),
        index_vol=None if around.index_vol is None else around.index_vol.value,
        catalyst_days=None
        if draft.catalyst_at is None
        else age_days(draft.catalyst_at, picture.at),
    )


def surroundings(parts: Parts, instrument: Instrument, at: datetime) -> Surroundings:
    """Return what is known around an instrument at a market time."""
    volume = parts.prices.average_volume(instrument.id, sessions=VOLUME_SESSIONS, as_of=at)
    fact = (
        None
        if volume is None
        else Fact(
            "average_volume",
            volume,
            "shares",
            at,
            Source(
                "bars_1d",
                (instrument.id,),
                ("volume",),
                at - timedelta(days=2 * VOLUME_SESSIONS),
                at,
                parts.prices.version(),
                f"mean of the last {VOLUME_SESSIONS} sessions",
            ),
        )
    )
    return Surroundings(fact, index_volatility(parts.prices, parts.instruments, parts.policy, at))


def sector_value(
    parts: Parts,
    instrument: Instrument,
    held: Mapping[InstrumentId, Decimal],
    prices: Mapping[InstrumentId, Decimal],
) -> Decimal | None:
    """Return what positions in the instrument's sector are worth; None when it has no sector.

    A holding whose own sector is not known may be in this one, so then it is not known either.
    """
    if instrument.sector is None:
        return None
    values = []
    for other, quantity in held.items():
        sector = instrument.sector if other == instrument.id else _sector(parts, other)
        if sector is None and quantity:
            return None
        if sector == instrument.sector:
            values.append(quantity * prices[other])
    return exact_sum(values)


def _sector(parts: Parts, instrument: InstrumentId) -> str | None:
    try:
        return parts.instruments.get(instrument).sector
    except NotFound:
        return None


def event_days(facts: Iterable[Fact], at: datetime) -> Decimal | None:
    """Return the days to the next known event at a market time; None when none is known.

    An event that has passed says nothing of the next one.
    """
    left = [fact.value - age_days(fact.as_of, at) for fact in facts if fact.name == DAYS_TO_EVENT]
    known = [days for days in left if days >= 0]
    return min(known) if known and len(known) == len(left) else None


def age_days(since: datetime, at: datetime) -> Decimal:
    """Return the days from one moment to another, up to the hundredth; raises InvalidInput.

    What lies after the market time cannot be known at it.
    """
    if since > at:
        raise InvalidInput(
            "this could not be known at the time of the decision",
            value=since.isoformat(),
            bound=f"at most {at.isoformat()}",
        )
    days = Decimal((at - since) // timedelta(seconds=1)) / 86_400
    return days.quantize(Decimal("0.01"), rounding=ROUND_CEILING)


def order_facts(parts: Parts, draft: Draft, picture: Picture, target: Fact) -> tuple[Fact, ...]:
    """Return the facts of an order: price, account, size, cost and worst case, with sources."""
    at, currency = picture.at, parts.policy.currency
    price = _price_fact(parts, draft, at)
    cash, held, equity = _account_facts(parts, draft, picture)

    def made(name: str, value: Decimal, unit: str, source: Source) -> Fact:
        return Fact(name, value, unit, at, source)

    sized = derived("sizing.order_quantity", price, held, equity, target)
    size = made("quantity", draft.quantity, "shares", sized)
    product = derived("quantity times price", price, size)
    notional = made("notional", draft.notional, currency, product)
    costs = cost_facts(parts, draft, at)
    fee = costs[-1]
    lost = derived("the position after the order at its price, and the fee", price, held, size, fee)
    worst = made("worst_case", worst_case(parts, draft), currency, lost)
    return price, cash, held, equity, target, size, notional, *costs, worst


def _price_fact(parts: Parts, draft: Draft, at: datetime) -> Fact:
    """Return the price that an order was sized with."""
    source = Source(
        "bars_1d",
        (draft.instrument.id,),
        ("close",),
        draft.bar.ts,
        draft.bar.ts,
        parts.prices.version(),
        "the close, rounded to a millionth",
    )
    return Fact("reference_price", draft.price, f"price {parts.policy.currency}", at, source)


def _account_facts(parts: Parts, draft: Draft, picture: Picture) -> tuple[Fact, Fact, Fact]:
    """Return the account's cash, its position in the instrument, and its equity."""
    at, account, currency = picture.at, f"assets:{picture.account}", parts.policy.currency

    def read(columns: tuple[str, ...], method: str) -> Source:
        return Source("entries", (account,), columns, until=at, method=method)

    of_orders = read((draft.instrument.id,), "sum of postings and of open orders")
    of_all = read((currency, *picture.held), "cash plus shares at their last closes")
    return (
        Fact("cash", picture.cash, currency, at, read((currency,), "sum of postings")),
        Fact("held", draft.held, "shares", at, of_orders),
        Fact("equity", picture.equity, currency, at, of_all),
    )


def derived(method: str, *inputs: Fact) -> Source:
    """Return the source of a fact that was derived from other facts."""
    return Source("facts", tuple(fact.id for fact in inputs), method=method)


COST_SETTINGS = ("cost_model", "cost_bps", "fee_min", "half_spread_bps")


def cost_facts(parts: Parts, draft: Draft, at: datetime) -> tuple[Fact, ...]:
    """Return what an order is thought to cost: each part where there are several, then the sum."""
    model, currency = parts.policy.costs, parts.policy.currency
    found = parts.estimated(draft.side, draft.quantity, draft.price)
    method = f"cost model {model.name}: {{}} of quantity and price"
    shares = {
        "cost_charges": found.charged,
        "cost_spread": found.spread,
        "cost_impact": found.impact_sqrt + found.impact_linear,
    }
    given = {name: value for name, value in shares.items() if value}
    if len(given) < 2:
        source = Source("settings", COST_SETTINGS, method=method.format("charges"))
        return (Fact("cost_estimate", found.total, currency, at, source),)
    lines = tuple(
        Fact(
            name,
            value,
            currency,
            at,
            Source("settings", COST_SETTINGS, method=method.format(name.removeprefix("cost_"))),
        )
        for name, value in given.items()
    )
    words = " plus ".join(name.removeprefix("cost_") for name in given)
    total = derived(f"cost model {model.name}: {words}", *lines)
    return *lines, Fact("cost_estimate", found.total, currency, at, total)


def cost_estimate(parts: Parts, draft: Draft) -> Decimal:
    """Return all that an order is thought to cost at the reference price."""
    return parts.estimated(draft.side, draft.quantity, draft.price).total


def worst_case(parts: Parts, draft: Draft) -> Decimal:
    """Return the loss if the whole position after the order went to zero, with the fee."""
    return abs(draft.held_after) * draft.price + cost_estimate(parts, draft)


def judged(
    parts: Parts, check: OrderCheck, at: datetime, inputs: tuple[Fact, ...]
) -> tuple[tuple[Verdict, ...], tuple[Fact, ...]]:
    """Return the verdicts, and the facts of their values and limits that they point at."""
    verdicts: list[Verdict] = []
    facts: list[Fact] = []
    for finding in findings(check, parts.limits):
        pair = _finding_facts(finding, at, inputs)
        verdicts.append(finding.verdict(tuple(fact.id for fact in pair)))
        facts.extend(pair)
    return tuple(verdicts), tuple(facts)


def _finding_facts(finding: Finding, at: datetime, inputs: tuple[Fact, ...]) -> tuple[Fact, ...]:
    if finding.value is None:
        return ()
    return (
        Fact(
            finding.rule,
            finding.value,
            finding.unit,
            at,
            derived(f"risk.guardrails.{finding.rule}", *inputs),
        ),
        Fact(
            f"{finding.rule}_limit",
            finding.limit,
            finding.unit,
            at,
            Source("settings", (_LIMIT_SETTING[finding.rule],)),
        ),
    )
