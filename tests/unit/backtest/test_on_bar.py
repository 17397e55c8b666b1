"""The event style: the sweep's numbers to the last bit, and no sight of the future."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import pytest

from fondaco.backtest.on_bar import BarDesk, run_on_bar
from fondaco.backtest.sweep import SweepRun, sweep_one
from fondaco.backtest.tape import Decisions, Tape, decisions_of, tape_of
from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Order, TimeInForce
from fondaco.market.fakes import simulated_instruments
from fondaco.market.panel import Panel
from fondaco.trading.costs import to_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.targets import NO_TARGET
from fondaco.trading.simulator.terms import REG_T, Carry, Exits, Terms
from unit.backtest.orders_scene import market, order, rows_of, terms
from unit.backtest.scene import FEES_5_BPS, monthly, panel_of, tape

EXITS = Exits(stop=Decimal("0.03"), target=Decimal("0.05"), trail=Decimal("0.04"))


def bars(seed: int, rows: int = 120, names: int = 3) -> Panel:
    """Return random bars with volume, on a grid of cents."""
    chance = np.random.default_rng(seed)
    columns = []
    for _ in range(names):
        close = 50 * np.exp(np.cumsum(chance.normal(0, 0.03, rows)))
        opened = close * np.exp(chance.normal(0, 0.02, rows))
        high = np.maximum(close, opened) * (1 + chance.random(rows) * 0.03)
        low = np.minimum(close, opened) * (1 - chance.random(rows) * 0.03)
        volume = chance.integers(0, 20_000, rows)
        grid = np.stack([opened, high, low, close], axis=1).round(2)
        columns.append([(*bar, float(v)) for bar, v in zip(grid.tolist(), volume, strict=True)])
    return market(*columns)


def on_tape(panel: Panel) -> Tape:
    return tape_of(panel, simulated_instruments(len(panel.instruments)))


@dataclass
class Targets:
    """Asks for the same targets as a sweep's decisions."""

    decisions: Decisions

    def on_bar(self, desk: BarDesk) -> None:
        for place in np.flatnonzero(self.decisions.rows == desk.row):
            for column, part in enumerate(self.decisions.parts[place].tolist()):
                if part != NO_TARGET:
                    desk.target(part / x.PART, column)


@dataclass
class Sends:
    """Sends given orders at the bars that decide them."""

    orders: Mapping[int, list[Order]]
    taken: list[bool] = field(default_factory=list)

    def on_bar(self, desk: BarDesk) -> None:
        self.taken += [desk.send(one) for one in self.orders.get(desk.row, [])]


def same(one: SweepRun, other: SweepRun) -> bool:
    assert one.log.tolist() == other.log.tolist()
    assert one.record.tolist() == other.record.tolist()
    return True


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "rules",
    [
        terms("100000", FEES_5_BPS),
        terms("100000", FEES_5_BPS, exits=EXITS),
        terms("100000", exits=Exits(stop=Decimal("0.02")), participation=Decimal("0.05")),
        terms("100000", margin=REG_T, carry=Carry(debit=Decimal("0.05"), credit=Decimal("0.01"))),
    ],
)
def test_targets_give_the_sweeps_numbers_to_the_last_bit(seed: int, rules: Terms) -> None:
    panel = bars(seed)
    played = on_tape(panel)
    decisions = decisions_of(played, monthly(panel, seed, every=3))
    swept = sweep_one(played, decisions, rules)
    assert len(swept.fills) > 50
    assert same(run_on_bar(played, Targets(decisions), rules), swept)


def some_orders(seed: int, rows: int = 120) -> list[tuple[int, Order]]:
    """Return orders of every kind at random bars, around the price of 50."""
    chance = np.random.default_rng(seed)
    found: list[tuple[int, Order]] = []
    for n, row in enumerate(sorted(chance.integers(0, rows, 80).tolist())):
        side = "buy" if chance.random() < 0.5 else "sell"
        near = f"{50 * float(np.exp(chance.normal(0, 0.1))):.2f}"
        kinds: list[tuple[str, dict[str, object]]] = [
            ("market", {}),
            ("limit", {"limit": near}),
            ("stop", {"stop": near}),
            ("stop_limit", {"stop": near, "limit": near}),
            ("trailing_stop", {"trail": "1.25"}),
            ("limit", {"limit": near, "tif": TimeInForce.DAY}),
            ("limit", {"limit": near, "group": f"pair-{row}"}),
        ]
        kind, rest = kinds[int(chance.integers(len(kinds)))]
        column, quantity = int(chance.integers(3)), int(chance.integers(1, 90))
        found.append((row, order(side, quantity, kind, column, name=f"o-{n}", **rest)))
    return found


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_orders_of_every_kind_give_the_sweeps_numbers_to_the_last_bit(seed: int) -> None:
    played, given = on_tape(bars(seed)), some_orders(seed)
    table, _ = rows_of(played, given)
    by_row: dict[int, list[Order]] = {}
    for row, one in given:
        by_row.setdefault(row, []).append(one)
    rules = terms("20000", FEES_5_BPS, margin=REG_T)
    swept = sweep_one(played, None, rules, table)
    assert len(swept.fills) > 20
    strategy = Sends(by_row)
    assert same(run_on_bar(played, strategy, rules), swept)
    refused = int((swept.log[:, x.E_KIND] == x.Event.REJECTED).sum())
    assert strategy.taken.count(False) == refused


@dataclass
class Looks:
    """Writes down all that a desk shows at each bar, and holds half in the first name."""

    seen: list[tuple[object, ...]] = field(default_factory=list)

    def on_bar(self, desk: BarDesk) -> None:
        names = range(len(desk.instruments))
        prices = [
            desk.price(name, column, back)
            for name in ("open", "high", "low", "close", "volume", "mark")
            for column in names
            for back in range(min(desk.row + 1, 5))
        ]
        self.seen.append((desk.row, prices, desk.position(), desk.equity_micros, desk.working))
        desk.target(0.5 if desk.row % 3 else 0.1)


def test_a_desk_shows_nothing_of_what_comes_later() -> None:
    panel, row = bars(7), 60
    later = bars(8)
    changed = replace(
        panel,
        fields={
            name: np.vstack([values[: row + 1], later.fields[name][row + 1 :]])
            for name, values in panel.fields.items()
        },
    )
    first, second = Looks(), Looks()
    run_on_bar(on_tape(panel), first, terms("100000"))
    run_on_bar(on_tape(changed), second, terms("100000"))
    assert first.seen[: row + 1] == second.seen[: row + 1]
    assert first.seen[row + 1] != second.seen[row + 1]


@dataclass
class Asks:
    """Asks for one price at one bar."""

    row: int
    column: int
    back: int
    exact: bool = False

    def on_bar(self, desk: BarDesk) -> None:
        if desk.row == self.row:
            if self.exact:
                desk.price("close", self.column, self.back)
            else:
                desk.close_micros(self.column, self.back)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("column", "back"),
    [
        (0, -1),  # the next bar
        (0, 3),  # before the first
        (2, 0),  # there are two names: counted on, this is the next bar's first
        (-1, 0),
    ],
)
def test_a_price_that_is_not_known_yet_or_not_there_is_refused(
    exact: bool, column: int, back: int
) -> None:
    played = tape(panel_of([[10.0, 20.0]] * 6))
    with pytest.raises(InvalidInput, match="not known yet, or not there"):
        run_on_bar(played, Asks(2, column, back, exact), terms())


def test_prices_are_told_in_micros_and_exact() -> None:
    played = on_tape(market([(10.01, 10.5, 9.99, 10.25, 300.0), (10.3, 11.0, 10.0, 10.5, 400.0)]))
    told: list[object] = []

    class Reads:
        def on_bar(self, desk: BarDesk) -> None:
            told.append((desk.close_micros(), desk.price("open"), desk.price("volume")))
            if desk.row == 1:
                told.append((desk.close_micros(back=1), desk.price("low", back=1)))

    run_on_bar(played, Reads(), terms())
    assert told == [
        (10_250_000, Decimal("10.01"), Decimal(300)),
        (10_500_000, Decimal("10.3"), Decimal(400)),
        (10_250_000, Decimal("9.99")),
    ]


def test_an_order_can_be_cancelled_once() -> None:
    played = tape(panel_of([[10.0]] * 4))
    told: list[bool] = []

    class Cancels:
        def on_bar(self, desk: BarDesk) -> None:
            if desk.row == 0:
                desk.send(order("buy", 5, "limit", limit="1", name="low"))
            if desk.row == 1:
                told.extend([desk.cancel("low"), desk.cancel("low"), desk.cancel("never sent")])

    run = run_on_bar(played, Cancels(), terms())
    assert told == [True, False, False]
    assert run.log[:, [x.E_KIND, x.E_ROW, x.E_WHY]].tolist() == [
        [x.Event.ACCEPTED, 0, x.Why.NONE],
        [x.Event.CANCELLED, 1, x.Why.ASKED],
    ]


def test_a_thousand_orders_of_one_bar_find_room() -> None:
    played = tape(panel_of([[10.0]] * 3))
    working: list[int] = []

    class Many:
        def on_bar(self, desk: BarDesk) -> None:
            working.append(desk.working)
            if desk.row == 0:
                for n in range(1_000):
                    desk.send(order("buy", 1, "limit", limit="11" if n % 2 else "1", name=f"n{n}"))

    run = run_on_bar(played, Many(), terms("100000"))
    assert working == [0, 500, 500]
    assert (len(run.orders), len(run.fills)) == (1_000, 500)


def test_the_account_is_told_as_it_stands_at_the_close() -> None:
    # By hand: 50 at 11, of 1,000 at the close of 10; then worth 12 each.
    played = tape(panel_of([[10.0], [11.0], [12.0]]))
    told: list[tuple[int, int]] = []

    class Half:
        def on_bar(self, desk: BarDesk) -> None:
            told.append((desk.position(), desk.equity_micros))
            if desk.row == 0:
                desk.target(0.5)

    run_on_bar(played, Half(), terms("1000"))
    cash = 1_000 - 50 * 11
    assert told == [
        (0, to_micros(Decimal(1_000))),
        (50, to_micros(Decimal(cash + 50 * 11))),
        (50, to_micros(Decimal(cash + 50 * 12))),
    ]


def test_each_bar_is_told_to_who_watches_from_the_first_that_trades() -> None:
    seen: list[int] = []
    rows: list[int] = []

    class Notes:
        def on_bar(self, desk: BarDesk) -> None:
            rows.append(desk.row)

    run_on_bar(tape(panel_of([[10.0]] * 5), first=2), Notes(), terms(), watch=seen.append)
    assert seen == rows == [2, 3, 4]
