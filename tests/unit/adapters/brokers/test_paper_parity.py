"""Paper replay and event backtest fill the same orders alike, to the last digit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.backtest.event import run_event
from fondaco.backtest.fakes import TapeBars
from fondaco.backtest.replay import run_replay
from fondaco.backtest.route import Run
from fondaco.backtest.tape import Tape, tape_of
from fondaco.core.clock import SteppedClock
from fondaco.core.ids import Ids
from fondaco.core.orders import ALL_HELD, Fill, Order, OrderKind, OrderTime, Side, TimeInForce
from fondaco.ledger.books import Books
from fondaco.ledger.fakes import MemoryEntries
from fondaco.market.fakes import MemoryInstruments, simulated_instruments, simulated_panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.costs import MICRO
from fondaco.trading.fakes import MemoryVenueBook
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.terms import REG_T, UNLIMITED, Carry, Terms

COSTS = CostModel.flat(Decimal(5), Decimal("1.00"))
SPREAD = CostModel(
    name="wide", table=COSTS.table, half_spread_bps=Decimal(3), impact_sqrt=Decimal("0.5")
)
NAMES = 3


def ids_of(clock: SteppedClock) -> Ids:
    count = iter(range(1, 10**9))
    return Ids(clock, lambda size: next(count).to_bytes(size, "big"))


def played(seed: int, rows: int, gaps: float) -> Tape:
    """Return a made-up market with gaps, halted bars, a split and a dividend."""
    panel = simulated_panel(seed, rows, NAMES)
    chance = np.random.default_rng(seed)
    gone = chance.random(panel.close.shape) < gaps
    fields = {name: np.where(gone, np.nan, values) for name, values in panel.fields.items()}
    fields["volume"] = np.where(chance.random(gone.shape) < 0.1, 0.0, fields["volume"] / 2_000)
    actions = np.array(
        [
            [rows // 3, 0, x.Action.SPLIT, 3, 2],
            [rows // 2, 1, x.Action.DIVIDEND, 1_250_000, 0],
            [rows * 4 // 5, 2, x.Action.DELISTING, 50 * MICRO, 0],
        ],
        dtype=np.int64,
    )
    return tape_of(
        replace(panel, fields=fields), simulated_instruments(NAMES), actions=actions, first=2
    )


def by_paper(tape: Tape, terms: Terms, orders: dict[int, list[Order]], account: str) -> Run:
    clock = SteppedClock(tape.moment(0) - timedelta(days=1))
    broker = PaperBroker(
        TapeBars(tape),
        MemoryInstruments(simulated_instruments(NAMES)),
        MemoryVenueBook(),
        clock,
        terms,
    )
    books = Books(MemoryEntries(), clock, ids_of(clock))
    return run_replay(tape, None, terms, broker, books, clock, account=account, orders=orders)


def by_event(tape: Tape, terms: Terms, orders: dict[int, list[Order]], account: str) -> Run:
    clock = SteppedClock(tape.moment(0))
    return run_event(tape, None, terms, ids_of(clock), account=account, orders=orders)[0]


def _sorted(fills: list[Fill]) -> list[Fill]:
    """Return fills by time and id: within a bar, the paper venue plays names apart."""
    return sorted(fills, key=lambda fill: (fill.ts, fill.execution_id))


def agree(tape: Tape, terms: Terms, orders: dict[int, list[Order]]) -> Run:
    stepped = by_event(tape, terms, orders, "one")
    replayed = by_paper(tape, terms, orders, "one")
    assert _sorted(replayed.fills) == _sorted(stepped.fills)
    assert replayed.orders == stepped.orders
    assert replayed.ended == stepped.ended
    assert set(replayed.working) == set(stepped.working)
    assert {a.id: a for a in replayed.activities} == {a.id: a for a in stepped.activities}
    assert replayed.equity == stepped.equity
    assert replayed.cash == stepped.cash
    return stepped


def _prices(kind: OrderKind, near: Decimal) -> dict[str, Any]:
    cents = Decimal("0.01")
    if kind is OrderKind.LIMIT:
        return {"limit": near.quantize(cents)}
    if kind is OrderKind.STOP:
        return {"stop": near.quantize(cents)}
    if kind is OrderKind.STOP_LIMIT:
        return {"stop": near.quantize(cents), "limit": (near * Decimal("1.01")).quantize(cents)}
    if kind is OrderKind.TRAILING_STOP:
        return {"trail_share": Decimal("0.02")}
    return {}


@st.composite
def order_of(draw: st.DrawFn, tape: Tape, row: int, number: int, before: list[Order]) -> Order:
    """Return an order of any kind, near the market, perhaps an exit of one before or in a group."""
    column = draw(st.integers(0, NAMES - 1))
    kind = draw(st.sampled_from(list(OrderKind)))
    near = Decimal(str(90 + draw(st.integers(0, 25))))
    time = OrderTime.ANY
    tif = draw(st.sampled_from(list(TimeInForce)))
    if kind in (OrderKind.MARKET, OrderKind.LIMIT) and draw(st.booleans()):
        time = draw(st.sampled_from(list(OrderTime)))
        tif = draw(st.sampled_from([TimeInForce.DAY, TimeInForce.GTC, TimeInForce.GTD]))
    extra: dict[str, Any] = {}
    if tif is TimeInForce.GTD:
        extra["expires_at"] = tape.moment(min(row + draw(st.integers(1, 4)), tape.shape[0] - 1))
    parents = [one for one in before if one.parent is None]
    if parents and draw(st.integers(0, 2)) == 0:
        parent = draw(st.sampled_from(parents))
        column = tape.instruments.index(parent.instrument)
        extra |= {"parent": parent.client_id, "reduce_only": True}
        extra["group"] = f"exits of {parent.client_id}"
    elif draw(st.integers(0, 3)) == 0:
        extra["group"] = draw(st.sampled_from(["a", "b"]))
    quantity = Decimal(draw(st.integers(1, 60)))
    if extra.get("reduce_only") and draw(st.booleans()):
        quantity = ALL_HELD
    return Order(
        f"O-{number}",
        "one",
        tape.instruments[column],
        draw(st.sampled_from(list(Side))),
        quantity,
        kind,
        time=time,
        tif=tif,
        **_prices(kind, near),
        **extra,
    )


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Tape, Terms, dict[int, list[Order]]]:
    tape = played(draw(st.integers(1, 50)), draw(st.integers(8, 40)), draw(st.floats(0, 0.2)))
    given: dict[int, list[Order]] = {}
    before: list[Order] = []
    for number in range(draw(st.integers(1, 14))):
        row = draw(st.integers(tape.first, tape.shape[0] - 2))
        given.setdefault(row, [])
        before.append(
            draw(order_of(tape, row, number, [o for r in given for o in given[r] if r < row]))
        )
        given[row].append(before[-1])
    terms = Terms(
        200_000 * MICRO,
        draw(st.sampled_from([COSTS, SPREAD])),
        participation=draw(st.sampled_from([None, Decimal("0.05")])),
        touch_fills=draw(st.booleans()),
        margin=draw(st.sampled_from([UNLIMITED, REG_T])),
        carry=draw(
            st.sampled_from([Carry(), Carry(Decimal("0.02"), Decimal("0.06"), Decimal("0.03"))])
        ),
    )
    return tape, terms, given


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_paper_fills_any_orders_as_the_event_backtest_does(
    scene: tuple[Tape, Terms, dict[int, list[Order]]],
) -> None:
    agree(*scene)


@pytest.mark.parametrize("margin", [UNLIMITED, REG_T])
def test_a_busy_account_agrees_over_a_long_history(margin: Any) -> None:
    tape = played(7, 250, 0.05)
    chance = np.random.default_rng(7)
    orders: dict[int, list[Order]] = {}
    for number in range(150):
        row = int(chance.integers(2, 240))
        kind = list(OrderKind)[number % 5]
        orders.setdefault(row, []).append(
            Order(
                f"O-{number}",
                "one",
                tape.instruments[int(chance.integers(NAMES))],
                list(Side)[int(chance.integers(2))],
                Decimal(int(chance.integers(1, 80))),
                kind,
                tif=[TimeInForce.DAY, TimeInForce.GTC][number % 2],
                **_prices(kind, Decimal(int(chance.integers(90, 115)))),
            )
        )
    run = agree(tape, Terms(300_000 * MICRO, SPREAD, margin=margin), orders)
    assert len(run.fills) > 40
    assert {a.kind.value for a in run.activities} >= {"split", "dividend", "delisting"}
