"""From ideas to cards: sized exactly, judged, explained, once."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import stdev
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput, Refused, Unavailable
from fondaco.core.instrument import AssetClass, Origin
from fondaco.core.orders import OrderKind, OrderTime, Side, TimeInForce
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.fakes import MemoryPrices
from fondaco.trading.index_volatility import index_volatility
from fondaco.trading.picture import worst_cost
from unit.trading.scene import (
    ALPHA,
    AS_OF,
    BETA,
    CALENDAR,
    FRIDAY,
    GAMMA,
    INDEX,
    POLICY,
    idea,
    scene,
)


def numbers(card: TradeCard) -> dict[str, Decimal]:
    """Return a card's evidence by name."""
    return {fact.name: fact.value for fact in card.evidence}


def test_an_idea_becomes_a_whole_share_order_with_all_its_numbers() -> None:
    desk = scene()
    card = desk.proposed(idea(weight=0.05))
    # By hand: 5 % of 99 % of 100,000 is 4,950: 49 shares at 100; 5 bps of 4,900 is 2.45.
    assert (card.order.side, card.order.quantity) == (Side.BUY, Decimal(49))
    assert (card.state, card.symbol, card.origin) == (CardState.PROPOSED, "ALFA", Origin.SIMULATED)
    assert (card.cost_estimate, card.worst_case) == (Decimal("2.45"), Decimal("4902.45"))
    assert card.expires_at == desk.clock.now() + timedelta(hours=24)
    found = numbers(card)
    assert {
        name: found[name]
        for name in (
            "quantity",
            "reference_price",
            "notional",
            "equity",
            "cash",
            "held",
            "weight",
            "average_volume",
        )
    } == {
        "quantity": 49,
        "reference_price": 100,
        "notional": 4900,
        "equity": 100_000,
        "cash": 100_000,
        "held": 0,
        "weight": Decimal("0.05"),
        "average_volume": 100_000,
    }
    assert {v.judgement.value for v in card.verdicts} == {"PASS"}


def test_every_number_of_a_card_is_a_kept_fact_with_its_source() -> None:
    desk = scene()
    card = desk.proposed()
    for fact in card.evidence:
        assert desk.facts.get(fact.id) == fact
        assert fact.source.table
        assert fact.source.keys
        assert fact.as_of == AS_OF
    for verdict in card.verdicts:
        value, limit = (desk.facts.get(fact_id) for fact_id in verdict.fact_ids)
        assert (value.name, limit.name) == (verdict.rule, f"{verdict.rule}_limit")
    price = next(f for f in card.evidence if f.name == "reference_price")
    assert price.source.keys == (ALPHA,)
    assert price.source.since == price.source.until == AS_OF


def test_the_same_idea_again_is_the_same_card() -> None:
    desk = scene()
    first = desk.propose(idea(ALPHA), idea(BETA))
    assert desk.propose(idea(ALPHA), idea(BETA)) == first
    assert [card.id for card in desk.cards.list()] == ["TC-2", "TC-1"]
    assert desk.names().count("card.proposed") == 2


def test_an_order_goes_from_what_is_held_to_the_target() -> None:
    desk = scene()
    desk.sent(idea(ALPHA, 0.05))
    desk.clock.advance(timedelta(days=3))
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.prices.put(ALPHA, monday.date(), "100", volume="100000")
    card = desk.proposed(idea(ALPHA, 0.02, at=monday), as_of=monday, replay=False)
    # By hand: equity 100,000 - 1 fee; 2 % of 99 % of 99,999 is 1,979: 19 shares, 49 held.
    assert (card.order.side, card.order.quantity) == (Side.SELL, Decimal(30))
    assert numbers(card)["held"] == 49


def test_what_is_held_and_no_longer_wanted_is_proposed_for_sale() -> None:
    desk = scene()
    desk.sent(idea(ALPHA))
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.clock.move_to(monday)
    for name in (ALPHA, BETA):
        desk.prices.put(name, monday.date(), "100", volume="100000")
    how = {"as_of": monday, "replay": False}
    assert desk.propose(idea(BETA, 0.0, at=monday), **how, complete=False) == ()
    (card,) = desk.propose(idea(BETA, 0.0, at=monday), **how)
    assert (card.order.instrument, card.order.side, card.order.quantity) == (ALPHA, Side.SELL, 49)
    assert (card.source, card.catalyst) == ("momentum", "no longer among the targets")
    assert card.state is CardState.PROPOSED
    assert card.worst_case == card.cost_estimate


def test_an_order_under_way_counts_as_held_when_the_next_is_sized() -> None:
    desk = scene()
    card = desk.proposed(idea(ALPHA, 0.05))
    desk.approve(card)
    desk.desk.release(card.id)
    assert desk.propose(idea(ALPHA, 0.05, source="other")) == ()


def test_a_card_that_a_rule_fails_is_blocked_and_says_what_would_pass() -> None:
    desk = scene()
    card = desk.proposed(idea(ALPHA, 0.25))
    assert (card.state, card.failed) == (CardState.BLOCKED, ("position_size",))
    verdict = next(v for v in card.verdicts if v.rule == "position_size")
    assert verdict.would_pass == "at most 100 shares"
    assert desk.names() == ["card.blocked"]


def test_what_is_not_known_is_not_judged() -> None:
    desk = scene()
    bare = desk.proposed(idea(GAMMA, event_in=None, catalyst_days=None))
    assert bare.not_judged == ("sector_exposure", "event_window", "catalyst_freshness")
    assert bare.state is CardState.PROPOSED


def test_a_holding_without_a_sector_leaves_every_sector_unjudged() -> None:
    desk = scene()
    desk.sent(idea(GAMMA))
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.clock.move_to(monday)
    desk.prices.put(ALPHA, monday.date(), "100", volume="100000")
    card = desk.proposed(idea(ALPHA, at=monday), as_of=monday, replay=False, complete=False)
    assert card.not_judged == ("sector_exposure",)


def test_the_sector_counts_all_that_is_held_in_it() -> None:
    desk = scene()
    desk.sent(idea(ALPHA, 0.1))
    monday = CALENDAR.close(FRIDAY + timedelta(days=3))
    desk.clock.move_to(monday)
    for name in (ALPHA, BETA):
        desk.prices.put(name, monday.date(), "100", volume="100000")
    card = desk.proposed(idea(BETA, 0.1, at=monday), as_of=monday, replay=False, complete=False)
    verdict = next(v for v in card.verdicts if v.rule == "sector_exposure")
    # By hand: 99 of ALFA and 98 of BETA at 100 are 19,700 of 99,999: the fee was 1.
    assert verdict.value == "19.70 % of equity in Energy after the order"


def test_only_the_largest_cards_are_made_and_a_repeat_adds_none() -> None:
    desk = scene()
    desk.desk = desk.new_desk(policy=replace(POLICY, cards_max=2))
    ideas = (idea(ALPHA, 0.02), idea(BETA, 0.06), idea(GAMMA, 0.04))
    cards = desk.propose(*ideas)
    assert [card.symbol for card in cards] == ["BETA", "GAMA"]
    assert desk.propose(*ideas) == cards


def test_an_account_without_equity_is_refused_with_the_command_that_pays_in() -> None:
    with pytest.raises(Refused, match="fondaco ledger deposit 100000 --date 2019-06-28"):
        scene(cash="0").propose(idea())


def test_cash_that_came_later_does_not_count_in_a_replay() -> None:
    desk = scene(cash="0", now=AS_OF + timedelta(days=30))
    desk.books.deposit("paper", Decimal(100_000), "USD", AS_OF + timedelta(days=1), "late")
    with pytest.raises(Refused, match="no equity"):
        desk.propose(idea())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": -0.1}, "does not sell short"),
        ({"weight": 1.5}, "out of range"),
        ({"weight": float("nan")}, "out of range"),
        ({"weight": float("inf")}, "out of range"),
        ({"catalyst_at": AS_OF + timedelta(seconds=1)}, "could not be known"),
        ({"as_of": AS_OF + timedelta(days=1)}, "could not be known"),
    ],
)
def test_an_idea_that_cannot_be_is_refused(change: dict[str, object], words: str) -> None:
    desk = scene()
    with pytest.raises(InvalidInput, match=words):
        desk.propose(replace(idea(), **change))  # type: ignore[arg-type]
    assert desk.cards.list() == ()


def test_evidence_from_the_future_is_refused() -> None:
    late = idea(at=AS_OF + timedelta(days=1))
    with pytest.raises(InvalidInput, match="could not be known"):
        scene().propose(replace(late, as_of=AS_OF, catalyst_at=AS_OF))


def test_a_proposal_for_the_future_or_at_a_naive_time_is_refused() -> None:
    desk = scene()
    with pytest.raises(InvalidInput, match="for the future"):
        desk.propose(idea(), as_of=AS_OF + timedelta(days=1))
    with pytest.raises(InvalidInput, match="without a timezone"):
        desk.propose(idea(), as_of=datetime(2019, 6, 28))  # noqa: DTZ001 - the fault under test


def test_two_ideas_of_one_source_on_one_instrument_are_refused() -> None:
    with pytest.raises(InvalidInput, match="two ideas of one instrument"):
        scene().propose(idea(ALPHA, 0.01), idea(ALPHA, 0.02))
    with pytest.raises(InvalidInput, match="too many ideas"):
        scene().propose(*[idea()] * 1001)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda s: s.book.change(ALPHA, asset_class=AssetClass.INDEX), "cannot be traded"),
        (lambda s: s.book.change(ALPHA, currency="EUR"), "cannot be traded"),
        (lambda s: s.prices._bars.pop(ALPHA), "has no price"),
        (lambda s: s.prices._bars[ALPHA].__delitem__(slice(-4, None)), "4 sessions old"),
    ],
)
def test_an_idea_that_cannot_be_sized_makes_no_card_and_says_why(
    spoil: object, reason: str
) -> None:
    desk = scene()
    spoil(desk)  # type: ignore[operator]
    assert desk.propose(idea(ALPHA)) == ()
    (event,) = desk.events("idea.refused")
    assert reason in event.data["reason"]


def test_an_unknown_instrument_makes_no_card() -> None:
    desk = scene()
    assert desk.propose(replace(idea(), instrument="I-nothing")) == ()  # type: ignore[arg-type]
    assert desk.names() == ["idea.refused"]


def test_a_holding_without_a_price_stops_the_proposal() -> None:
    desk = scene()
    desk.sent(idea(GAMMA))
    desk.prices._bars.pop(GAMMA)
    desk.clock.advance(timedelta(minutes=1))
    with pytest.raises(Unavailable, match="no known price"):
        desk.propose(idea(ALPHA), as_of=desk.clock.now())


def test_nothing_to_do_makes_no_card() -> None:
    assert scene().propose(idea(weight=0.0)) == ()


@given(st.floats(0, 0.09), st.decimals("1.00", "900.00", places=2))
@settings(max_examples=40, deadline=None)
def test_an_order_never_costs_more_than_its_share_of_equity(weight: float, close: Decimal) -> None:
    desk = scene()
    desk.prices.put(ALPHA, FRIDAY, str(close), volume="100000000")
    for card in desk.propose(idea(weight=weight)):
        assert card.order.quantity == card.order.quantity.to_integral_value()
        assert card.order.quantity * close <= Decimal(weight) * 99_000 + Decimal("0.01")
        assert (card.order.quantity + 1) * close > Decimal(weight) * 99_000 - Decimal("0.01")


def test_index_volatility_is_the_deviation_of_daily_log_returns() -> None:
    prices, chance = MemoryPrices(CALENDAR), np.random.default_rng(5)
    days = CALENDAR.sessions(FRIDAY - timedelta(days=60), FRIDAY)
    closes = [
        round(1000 * float(x), 2) for x in np.exp(np.cumsum(chance.normal(0, 0.01, len(days))))
    ]
    for day, close in zip(days, closes, strict=True):
        prices.put(INDEX, day, str(close))
    book = scene().book
    fact = index_volatility(prices, book, POLICY, AS_OF)
    # Python's own statistics module is the independent source.
    last = np.log(closes[-21:])
    expected = stdev(float(b - a) for a, b in pairwise(last)) * 252**0.5
    assert fact is not None
    assert float(fact.value) == pytest.approx(expected, abs=1e-6)
    prices.put(INDEX, FRIDAY, str(closes[-1] * 1.1))
    moved = index_volatility(prices, book, POLICY, AS_OF)
    assert moved is not None
    assert moved.value > fact.value


def test_index_volatility_is_unknown_without_enough_fresh_closes() -> None:
    desk = scene()
    assert (
        index_volatility(desk.prices, desk.book, replace(POLICY, index_symbols=("NONE",)), AS_OF)
        is None
    )
    monday_after = CALENDAR.close(FRIDAY + timedelta(days=6))
    assert index_volatility(desk.prices, desk.book, POLICY, monday_after) is None
    desk.prices._bars[INDEX] = desk.prices._bars[INDEX][-20:]
    assert index_volatility(desk.prices, desk.book, POLICY, AS_OF) is None
    desk.prices._bars.pop(INDEX)
    assert index_volatility(desk.prices, desk.book, POLICY, AS_OF) is None


def test_a_cost_with_several_parts_names_its_model_and_each_part() -> None:
    """49 at 100: half a spread of 10 bps gives up 4.90; 5 bps of 4,904.90 are 2.45."""
    desk = scene()
    model = replace(POLICY.costs, name="ours", half_spread_bps=Decimal(10))
    desk.desk = desk.new_desk(policy=replace(POLICY, costs=model))
    card = desk.proposed()
    found = {fact.name: fact for fact in card.evidence}
    assert found["cost_spread"].value == Decimal("4.9")
    assert found["cost_charges"].value == Decimal("2.45")
    assert found["cost_estimate"].value == card.cost_estimate == Decimal("7.35")
    assert found["cost_estimate"].source.method == "cost model ours: charges plus spread"
    assert "cost_impact" not in found
    plain = scene().proposed()
    assert [f.name for f in plain.evidence if f.name.startswith("cost")] == ["cost_estimate"]


def test_the_worst_cost_of_a_buy_holds_the_spread() -> None:
    """10 at 100, 2 % worse: 1,020; half a spread of 10 bps is 1.02; the fee is 1.00."""
    desk = scene()
    model = replace(POLICY.costs, half_spread_bps=Decimal(10))
    wide = desk.new_desk(policy=replace(POLICY, costs=model))
    assert worst_cost(wide, Decimal(10), Decimal(100)) == Decimal("1022.02")
    assert worst_cost(desk.desk, Decimal(10), Decimal(100)) == Decimal("1021")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": OrderKind.LIMIT, "limit": Decimal(99)},
        {"tif": TimeInForce.DAY},
        {"time": OrderTime.CLOSE},
        {"group": "g"},
        {"parent": "C-0"},
        {"reduce_only": True},
        {"tif": TimeInForce.GTD, "expires_at": AS_OF},
        {"kind": OrderKind.TRAILING_STOP, "trail_share": Decimal("0.02")},
        {"kind": OrderKind.TRAILING_STOP, "trail": Decimal(2)},
        {"quantity": Decimal(48)},
    ],
)
def test_the_digest_stands_for_every_field_of_the_order(change: dict[str, Any]) -> None:
    card = scene().proposed()
    other = replace(card, order=replace(card.order, **change))
    assert other.digest != card.digest
