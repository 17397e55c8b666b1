"""The account at a glance: every number follows from the books and the last known closes."""

from decimal import Decimal

import pytest

from fondaco.desk.portfolio import Portfolio
from fondaco.market.fakes import MemoryInstruments, simulated_panel, simulated_prices
from fondaco.market.prices import Prices
from unit.desk.house import House


def portfolio(house: House, prices: Prices | None = None) -> Portfolio:
    """Return the paper account of a desk."""
    return Portfolio(
        books=house.books,
        entries=house.entries,
        prices=lambda: prices or house.prices,
        instruments=lambda: house.instruments,
        cards=house.cards,
        clock=house.clock,
        account="paper",
        currency="USD",
    )


@pytest.fixture
def house() -> House:
    made = House()
    made.cycle(made.days[-41])
    for card in made.cards.list():
        made.approve(card)
    made.hand_on()
    made.durable.run_due()
    return made


def test_an_account_that_only_has_cash_shows_it_and_no_curve() -> None:
    found = portfolio(House()).overview()
    assert (found.cash, found.equity, found.paid_in, found.gain) == (
        Decimal(100_000),
        Decimal(100_000),
        Decimal(100_000),
        0,
    )
    assert found.positions == ()
    assert found.curve.days == ()
    assert found.cards == ()
    assert found.origin == "simulated"


def test_equity_is_cash_plus_shares_at_their_last_closes(house: House) -> None:
    found = portfolio(house).overview()
    assert len(found.positions) > 1
    worth = sum((p.quantity * p.price for p in found.positions), Decimal(0))
    assert found.invested == worth
    assert found.equity == found.cash + worth
    assert found.gain == found.equity - 100_000
    for line in found.positions:
        bar = house.prices.last_bar(line.instrument, as_of=house.clock.now())  # type: ignore[arg-type]
        assert bar is not None
        assert (line.price, line.price_day) == (bar.close, house.days[-1])


def test_the_cost_of_a_position_is_what_its_fills_paid(house: House) -> None:
    found = portfolio(house).overview()
    fills = house.orders.fills()
    for line in found.positions:
        paid = sum(
            (f.quantity * f.price for f in fills if f.instrument == line.instrument), Decimal(0)
        )
        assert line.cost == paid
        assert line.gain == line.value - paid
        assert line.gain_share == pytest.approx(float(line.gain / paid))


def test_the_curve_begins_before_the_first_fill_and_ends_at_the_equity(house: House) -> None:
    found = portfolio(house).overview()
    assert found.curve.days[0] < house.days[-40]
    assert found.curve.equity[0] == 100_000.0
    assert found.curve.days[-1] == house.days[-1]
    assert found.curve.equity[-1] == pytest.approx(float(found.equity))


def test_the_curve_on_the_day_of_the_fills_is_cash_after_them_and_shares_at_that_close(
    house: House,
) -> None:
    found = portfolio(house).overview()
    worth = Decimal(100_000)
    for fill in house.orders.fills():
        bar = house.prices.last_bar(fill.instrument, as_of=house.at(-40))
        assert bar is not None
        worth += fill.quantity * (bar.close - fill.price) - fill.fee
    day = found.curve.days.index(house.days[-40])
    assert found.curve.equity[day] == pytest.approx(float(worth))


def test_the_cards_are_those_of_the_latest_cycle(house: House) -> None:
    first = {card.id for card in house.cards.list()}
    house.cycle(house.days[-1])
    found = {card.id for card in portfolio(house).overview().cards}
    assert found
    assert not found & first


def test_a_holding_without_any_price_is_not_shown_as_worth_something(house: House) -> None:
    other = simulated_prices(simulated_panel(1, 5, 1))
    blank = Portfolio(
        books=house.books,
        entries=house.entries,
        prices=lambda: other,
        instruments=lambda: MemoryInstruments(house.instruments.all()),
        cards=house.cards,
        clock=house.clock,
        account="paper",
        currency="USD",
    )
    found = blank.overview()
    assert len(found.positions) <= 1
    assert found.equity == found.cash + found.invested


def test_before_there_are_prices_the_overview_says_so() -> None:
    class Nothing:
        def version(self) -> int:
            return -1

    found = portfolio(House(), Nothing()).overview()  # type: ignore[arg-type]
    assert (found.as_of, found.origin) == (None, None)
