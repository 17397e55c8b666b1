"""Cards and backtests as words and facts: what insight is handed, and that it can explain it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fondaco.backtest.fakes import MemoryBacktests
from fondaco.backtest.result import BacktestResult, Curve, Metrics
from fondaco.core.errors import NotFound
from fondaco.core.instrument import Origin
from fondaco.desk.backtest_subject import backtest_subject
from fondaco.desk.subjects import DeskSubjects, facts_of
from fondaco.insight.explain import explanation
from fondaco.portfolio.measures.drawdowns import Drawdown
from fondaco.trading.cards import CardState
from unit.desk.house import PERSON, House
from unit.research.standings import STANDING


def result(**changes: object) -> BacktestResult:
    """Return a backtest of three sessions without a Sortino ratio."""
    metrics = Metrics(
        total_return=0.01,
        cagr=0.083,
        vol_annual=0.12,
        sharpe=0.69,
        sortino=None,
        max_drawdown=Drawdown(-0.02, date(2019, 1, 2), date(2019, 1, 3), None),
        hit_rate=0.5,
        turnover_annual=1.5,
        exposure=0.9,
        cost=Decimal("12.34"),
        cost_annual=0.001,
    )
    days = (date(2019, 1, 2), date(2019, 1, 3), date(2019, 1, 4))
    plain = {
        "id": "",
        "key": "k",
        "strategy": "momentum",
        "parameters": {"lookback": 252, "share": 0.2, "kind": "top"},
        "symbols": ("AAPL",),
        "since": days[0],
        "until": days[-1],
        "sessions": 3,
        "label": Origin.BUNDLED,
        "data_version": 4,
        "fill_point": "close",
        "fill_rule": "at the next close",
        "currency": "USD",
        "capital": Decimal(100_000),
        "end_equity": Decimal("101000.00"),
        "costs": "5 bps, at least 1 USD",
        "metrics": metrics,
        "benchmark": None,
        "curve": Curve(days, (1e5, 98e3, 101e3), (0.0, -0.02, 0.0), (0.9, 0.9, 0.9)),
        "months": (),
        "trades": (),
        "fills": 7,
        "orders_open": 0,
        "warnings": (),
        "created_at": datetime(2019, 2, 1, tzinfo=UTC),
        "standing": STANDING,
    }
    return BacktestResult(**{**plain, **changes})  # type: ignore[arg-type]


@pytest.fixture
def house() -> House:
    made = House()
    made.cycle(made.days[-41])
    return made


def subjects(house: House, backtests: MemoryBacktests | None = None) -> DeskSubjects:
    """Return the subjects of a desk."""
    return DeskSubjects(
        house.cards, house.facts, lambda: backtests or MemoryBacktests(), lambda: house.card_desk
    )


def test_a_card_is_explained_with_the_numbers_it_was_made_of(house: House) -> None:
    card = house.cards.list()[0]
    text = explanation(subjects(house).subject(card.id)).text
    assert f"{card.id} is a proposal to buy {card.order.quantity} shares of {card.symbol}" in text
    assert "The momentum 12-1 was" in text
    assert "The event window rule was not judged" in text
    assert "`--acknowledge event_window`" in text
    assert "The position size rule passes:" in text
    assert "Prices: simulated, not real." in text
    assert "The card is a replay: market time stands still at" in text
    assert "not known" not in text.partition("Where it stands")[0].partition("The data")[0]


def test_every_fact_of_a_subject_can_be_opened_afterwards(house: House) -> None:
    subject = subjects(house).subject(house.cards.list()[0].id)
    assert len(facts_of(subject)) > 10
    for fact in facts_of(subject):
        assert house.facts.get(fact.id) == fact


def test_a_measured_card_tells_its_fill_and_its_gain(house: House) -> None:
    card = house.approve(house.cards.list()[0])
    house.hand_on()
    house.durable.run_due()
    assert house.cards.get(card.id).state is CardState.CLOSED
    text = explanation(subjects(house).subject(card.id)).text
    (fill,) = house.orders.fills(client_id=card.order.client_id)
    assert f"filled on {fill.ts.date()}: {fill.quantity} shares" in text
    assert "Since then the price has moved by" in text


@pytest.mark.parametrize("state", ["approved", "rejected", "working"])
def test_each_state_of_a_card_is_said(house: House, state: str) -> None:
    house.cycle(house.days[-1])
    card = house.cards.list()[0]
    if state == "rejected":
        house.card_desk.reject(card.id, "too early 12%", PERSON)
        assert "It was rejected by ada at" in explanation(subjects(house).subject(card.id)).text
        return
    house.approve(card)
    if state == "working":
        house.hand_on()
        house.durable.run_due()
    said = {"approved": "ada approved it at", "working": "Its order is working"}[state]
    assert said in explanation(subjects(house).subject(card.id)).text


def test_a_backtest_is_explained_and_its_missing_ratio_said(house: House) -> None:
    kept = MemoryBacktests()
    name = kept.add(result())
    text = explanation(subjects(house, kept).subject(name)).text
    for said in (
        "BT-1 ran the strategy momentum over 3 sessions, from 2019-01-02 to 2019-01-04.",
        "filled at the next session's close",
        "The parameter lookback was 252.",
        "The parameter share was 0.20.",
        "An account of 100,000.00 USD became 101,000.00 USD: 8.30 % a year",
        "a Sharpe ratio of 0.69; counting falls alone, a Sortino ratio of not known",
        "The deepest fall from a high was -2.00 %.",
        "in 7 fills and paid 12.34 USD",
        "counts 1 trial of this strategy, 2 trials of its family and 3 trials on the whole desk",
        "would show a Sharpe ratio of 0.20 without any skill",
        "above what luck shows is 90.00 %",
    ):
        assert said in text
    assert "The parameter kind was not known." in text


def test_the_facts_of_a_backtest_move_with_its_metrics() -> None:
    one = {f.name: f.id for f in facts_of(backtest_subject(result(id="BT-1")))}
    other = {f.name: f.id for f in facts_of(backtest_subject(result(id="BT-1", fills=8)))}
    assert {name for name in one if one[name] != other[name]} == {"fills"}


def test_what_does_not_exist_is_not_found(house: House) -> None:
    for name in ("TC-999", "BT-999"):
        with pytest.raises(NotFound):
            subjects(house).subject(name)
