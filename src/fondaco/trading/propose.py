"""From ideas to cards: each sized to whole shares, judged, and shown with its evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from fondaco.core.clock import utc
from fondaco.core.errors import FondacoError, InvalidInput, NotFound, Refused
from fondaco.core.facts import Fact, Source
from fondaco.core.ideas import Idea
from fondaco.core.ids import content_hash
from fondaco.core.instrument import AssetClass, Instrument, InstrumentId, Origin
from fondaco.core.orders import Order, Side
from fondaco.risk.verdict import Verdict
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.evidence import (
    Draft,
    age_days,
    cost_estimate,
    judged,
    order_check,
    order_facts,
    sector_value,
    surroundings,
    worst_case,
)
from fondaco.trading.parts import Parts
from fondaco.trading.picture import Picture, open_orders, pending, stale_by, take_picture
from fondaco.trading.ports import OrderRecord

TRADABLE = (AssetClass.EQUITY, AssetClass.ETF)
IDEAS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Cycle:
    """What all cards of one proposal share: time, account as it stood, orders under way."""

    picture: Picture
    replay: bool
    under_way: tuple[OrderRecord, ...]


def propose(
    parts: Parts,
    ideas: Sequence[Idea],
    *,
    as_of: datetime,
    replay: bool,
    account: str,
    complete: bool,
) -> tuple[TradeCard, ...]:
    """Make the cards of some ideas, the most important first; see `CardDesk.propose`."""
    at = utc(as_of)
    _check_ideas(parts, ideas, at)
    with parts.transaction():
        picture = take_picture(parts, account, at)
        if picture.equity <= 0:
            raise Refused(
                "the account has no equity to size orders with",
                value=f"{picture.equity} {parts.policy.currency} in {account} as of "
                f"{at.date().isoformat()}",
                bound="above 0",
                remedy=f"`fondaco ledger deposit 100000 --date {at.date().isoformat()}` "
                "pays cash in.",
            )
        cycle = Cycle(picture, replay, open_orders(parts, account))
        admitted = [idea for idea in ideas if _admitted(parts, idea)]
        wanted = (*admitted, *(_exits(admitted, picture) if complete else ()))
        made = {
            key: card
            for idea in wanted
            if (card := parts.cards.by_origin(key := origin_key(idea, at, account)))
        }
        drafts = [
            (idea, draft)
            for idea in wanted
            if origin_key(idea, at, account) not in made
            and (draft := _draft(parts, cycle, idea)) is not None
        ]
        drafts.sort(key=lambda pair: (-pair[1].notional, pair[1].instrument.id))
        room = max(parts.policy.cards_max - len(made), 0)
        cards = [*made.values(), *(_make(parts, cycle, *pair) for pair in drafts[:room])]
    return tuple(sorted(cards, key=lambda c: (-c.order.quantity * c.reference_price, c.symbol)))


def _admitted(parts: Parts, idea: Idea) -> bool:
    """Return whether an idea may become a card; one that would only reduce a position always may.

    The event `idea.refused` says why not.
    """
    if idea.weight == 0:
        return True
    found = parts.admissions.admitted(idea.source)
    if not found.allowed:
        _refuse_idea(parts, idea, found.words)
    return found.allowed


def origin_key(idea: Idea, at: datetime, account: str) -> str:
    """Return what makes one card of one idea: account, market time, source and instrument."""
    return f"{account}|{at.isoformat()}|{idea.source}|{idea.instrument}"


def _check_ideas(parts: Parts, ideas: Sequence[Idea], at: datetime) -> None:
    if at > parts.clock.now():
        raise InvalidInput(
            "cards cannot be proposed for the future",
            value=at.isoformat(),
            bound=f"at most {parts.clock.now().isoformat()}",
        )
    if len(ideas) > IDEAS_MAX:
        raise InvalidInput("there are too many ideas", value=len(ideas), bound=IDEAS_MAX)
    seen = set()
    for idea in ideas:
        if not 0 <= idea.weight <= 1:  # NaN is refused by the same comparison
            raise InvalidInput(
                f"the weight of {idea.instrument} is out of range: this desk does "
                "not sell short or borrow",
                value=idea.weight,
                bound="0 to 1",
            )
        for known in (idea.as_of, idea.catalyst_at, *(fact.as_of for fact in idea.facts)):
            age_days(known or at, at)  # refuses what was not known yet
        if (idea.source, idea.instrument) in seen:
            raise InvalidInput(
                "one source has two ideas of one instrument",
                value=f"{idea.source}: {idea.instrument}",
                bound="one",
            )
        seen.add((idea.source, idea.instrument))


def _exits(ideas: Iterable[Idea], picture: Picture) -> list[Idea]:
    """Return ideas to sell what is held and no idea names."""
    named = {idea.instrument for idea in ideas}
    sources = sorted({idea.source for idea in ideas})
    source = sources[0] if len(sources) == 1 else "desk"
    return [
        Idea(source, instrument, picture.at, 0.0, "no longer among the targets", picture.at, ())
        for instrument in sorted(picture.held)
        if instrument not in named
    ]


def _draft(parts: Parts, cycle: Cycle, idea: Idea) -> Draft | None:
    """Return the order that brings a position to its target, or None when there is none.

    An idea that cannot be sized (no price, a stale one, another currency) makes no card: the
    event `idea.refused` says why.
    """
    from fondaco.trading.sizing import order_quantity  # compiled: only those who size pay for it

    instrument = _tradable(parts, idea)
    bar = parts.prices.last_bar(idea.instrument, as_of=cycle.picture.at)
    if instrument is None or bar is None:
        _refuse_idea(
            parts, idea, "it has no price" if instrument else "it cannot be traded in this account"
        )
        return None
    if stale := stale_by(parts, idea.instrument, bar, cycle.picture.at):
        _refuse_idea(parts, idea, stale)
        return None
    held = cycle.picture.held.get(idea.instrument, Decimal(0)) + pending(
        cycle.under_way, idea.instrument
    )
    blank = Draft(instrument, bar, Side.BUY, Decimal(0), held, idea.catalyst_at, idea.facts)
    change = order_quantity(cycle.picture.equity, idea.weight, blank.price, held, instrument.lot)
    if change == 0:
        return None
    return replace(blank, side=Side.BUY if change > 0 else Side.SELL, quantity=abs(change))


def _tradable(parts: Parts, idea: Idea) -> Instrument | None:
    try:
        instrument = parts.instruments.get(idea.instrument)
    except NotFound:
        return None
    fits = instrument.asset_class in TRADABLE and instrument.currency == parts.policy.currency
    return instrument if fits else None


def _refuse_idea(parts: Parts, idea: Idea, reason: str) -> None:
    parts.publish("idea.refused", idea.instrument, source=idea.source, reason=reason)


def _make(parts: Parts, cycle: Cycle, idea: Idea, draft: Draft) -> TradeCard:
    """Keep the card of a draft, with its facts, and say that it was proposed."""
    number = parts.cards.next_id()
    found = _judge(parts, cycle, idea, draft, number)
    card = _card(parts, cycle, idea, draft, number, found)
    kept = parts.cards.add(card)
    if kept.id == card.id:
        parts.facts.add((*card.evidence, *found.facts))
        parts.publish(
            f"card.{card.state.value.lower()}",
            card.id,
            symbol=card.symbol,
            failed=list(card.failed),
            not_judged=list(card.not_judged),
        )
    return kept


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft's evidence and verdicts, with the facts that the verdicts point at."""

    evidence: tuple[Fact, ...]
    verdicts: tuple[Verdict, ...]
    facts: tuple[Fact, ...]


def _judge(parts: Parts, cycle: Cycle, idea: Idea, draft: Draft, number: str) -> _Judged:
    picture = cycle.picture
    around = surroundings(parts, draft.instrument, picture.at)
    target = Fact(
        "weight",
        Decimal(str(idea.weight)),
        "share",
        picture.at,
        Source("cards", (number,), ("weight",), method=f"target of {idea.source}"),
    )
    own = order_facts(parts, draft, picture, target)
    value = sector_value(
        parts,
        draft.instrument,
        {**picture.held, draft.instrument.id: draft.held},
        {**picture.prices, draft.instrument.id: draft.price},
    )
    check = order_check(draft, picture, value, around)
    verdicts, facts = judged(parts, check, picture.at, (*own, *around.facts))
    return _Judged((*idea.facts, *own, *around.facts), verdicts, facts)


def _card(
    parts: Parts, cycle: Cycle, idea: Idea, draft: Draft, number: str, found: _Judged
) -> TradeCard:
    now, picture = parts.clock.now(), cycle.picture
    admission = parts.admissions.admitted(idea.source)
    key = origin_key(idea, picture.at, picture.account)
    order = Order(
        f"{number}-{content_hash(key)[:12]}",
        picture.account,
        draft.instrument.id,
        draft.side,
        draft.quantity,
    )
    card = TradeCard(
        id=number,
        origin_key=key,
        state=CardState.PROPOSED,
        symbol=draft.instrument.symbol_on(picture.at.date()) or draft.instrument.symbol,
        source=idea.source,
        order=order,
        currency=parts.policy.currency,
        reference_price=draft.price,
        cost_estimate=cost_estimate(parts, draft),
        worst_case=worst_case(parts, draft),
        weight=idea.weight,
        catalyst=idea.catalyst,
        catalyst_at=idea.catalyst_at,
        evidence=found.evidence,
        verdicts=found.verdicts,
        origin=_origin(parts, draft.instrument.id, picture.at),
        replay=cycle.replay,
        as_of=picture.at,
        created_at=now,
        expires_at=now + parts.policy.card_life,
        standing=admission.words,
        overridden=admission.override,
    )
    return replace(card, state=CardState.BLOCKED) if card.failed else card


def _origin(parts: Parts, instrument: InstrumentId, at: datetime) -> Origin:
    origin = parts.prices.origin(instrument, as_of=at)
    if origin is None:
        raise FondacoError("a price came without its origin", value=instrument)
    return origin
