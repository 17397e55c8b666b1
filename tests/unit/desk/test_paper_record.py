"""A strategy's paper record: its own positions, day by day, with what it paid."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from fondaco.core.instrument import InstrumentId, Origin
from fondaco.core.orders import Fill, Side
from fondaco.desk.paper_record import DeskPaperRecords, Traded, returns_of
from fondaco.market.panel import Panel
from fondaco.trading.cards import CardState, TradeCard
from fondaco.trading.fakes import MemoryCards
from unit.desk.house import House

ALPHA = InstrumentId("I-alpha")


def panel(closes: list[float]) -> Panel:
    days = np.datetime64("2020-01-06") + np.arange(len(closes))
    return Panel(
        days,
        days.astype("datetime64[us]") + np.timedelta64(21, "h"),
        (ALPHA,),
        {"close": np.array(closes, dtype=np.float64)[:, None]},
        Origin.SIMULATED,
        datetime(2020, 2, 1, tzinfo=UTC),
        1,
    )


def traded(
    day: int, side: Side, quantity: int, price: str, fee: str = "0", *, own: bool = True
) -> Traded:
    at = datetime(2020, 1, day, 21, tzinfo=UTC)
    fill = Fill(
        f"x-{day}-{side}",
        f"c-{day}",
        "paper",
        ALPHA,
        side,
        Decimal(quantity),
        Decimal(price),
        Decimal(fee),
        "USD",
        at,
        at,
    )
    return Traded(fill, float(price), own)


def test_a_position_earns_what_its_close_moves_over_what_it_was_worth() -> None:
    closes = panel([100.0, 110.0, 99.0])
    found = returns_of([traded(6, Side.BUY, 10, "100")], closes, closes)
    # By hand: 1000 -> 1100 -> 990.
    assert found == pytest.approx((0.10, -0.10))


def test_a_worse_price_and_a_fee_are_paid_when_something_was_held_before() -> None:
    closes = panel([100.0, 100.0, 100.0])
    fills = [traded(6, Side.BUY, 10, "100"), traded(7, Side.BUY, 10, "101", "5")]
    # By hand: 10 shares bought 1 too dear and a fee of 5, over the 1000 held before: -15 / 1000.
    assert returns_of(fills, closes, closes) == pytest.approx((-0.015, 0.0))


def test_a_split_passes_through() -> None:
    raw, adjusted = panel([100.0, 50.0, 55.0]), panel([50.0, 50.0, 55.0])
    assert returns_of([traded(6, Side.BUY, 10, "100")], adjusted, raw) == pytest.approx((0.0, 0.1))


def test_a_sale_by_the_desk_ends_the_position_and_takes_no_more_than_there_is() -> None:
    closes = panel([100.0, 100.0, 120.0, 130.0])
    fills = [traded(6, Side.BUY, 10, "100"), traded(8, Side.SELL, 40, "119", own=False)]
    # By hand: the ten shares rise by 200 to 1200, a quarter of the sale is theirs, 1 below the
    # close each: +200 - 10 over 1000; nothing is held after that.
    assert returns_of(fills, closes, closes) == pytest.approx((0.0, 0.19))


def test_slippage_is_worse_above_zero_on_both_sides() -> None:
    bought, sold = traded(6, Side.BUY, 1, "101"), traded(6, Side.SELL, 1, "99")
    assert Traded(bought.fill, 100.0, True).slippage_bps == pytest.approx(100.0)
    assert Traded(sold.fill, 100.0, True).slippage_bps == pytest.approx(100.0)


def test_replayed_cards_prove_nothing() -> None:
    house = House()
    house.cycle(house.days[-41])
    for card in house.cards.list():
        if not card.failed:
            house.approve(card)
            house.card_desk.release(card.id)
            house.card_desk.send(card.id)
            house.card_desk.settle(card.id)
    assert house.orders.fills()
    records = DeskPaperRecords(house.cards, house.orders, lambda: house.prices, house.clock)
    found = records.of("momentum", datetime(2000, 1, 1, tzinfo=UTC))
    assert (found.sessions, found.fills, found.sharpe, found.slippage_bps) == (0, 0, None, None)


class Running(MemoryCards):
    """The cards of a desk as if their market time had run on."""

    def __init__(self, kept: MemoryCards) -> None:
        super().__init__()
        self._from = kept

    def list(self, *, state: CardState | None = None, limit: int = 100) -> tuple[TradeCard, ...]:
        """Return them all."""
        return tuple(replace(card, replay=False) for card in self._from.list(limit=limit))


def test_cards_of_running_time_are_measured_from_their_own_fills() -> None:
    house = House()
    house.cycle(house.days[-41])
    bought = [card for card in house.cards.list() if not card.failed]
    for card in bought:
        house.approve(card)
        house.card_desk.release(card.id)
        house.card_desk.send(card.id)
        house.card_desk.settle(card.id)
    cards = Running(house.cards)
    records = DeskPaperRecords(cards, house.orders, lambda: house.prices, house.clock)
    found = records.of("momentum", datetime(2000, 1, 1, tzinfo=UTC))
    # Filled in the session after the decision, 40 from the end; 39 sessions began with positions.
    assert (found.fills, found.sessions, len(found.returns)) == (len(bought), 39, 39)
    assert found.sharpe is not None
    assert found.slippage_bps is not None
    assert records.of("lightgbm", datetime(2000, 1, 1, tzinfo=UTC)).fills == 0
    assert records.of("momentum", house.clock.now() + timedelta(days=1)).fills == 0
