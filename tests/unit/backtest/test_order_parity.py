"""One semantics for every kind of order: all engines agree on any market and any orders.

Sweep, event backtest and paper replay give the same fills, ends, activities and equity to the
last digit; what comes after a bar changes nothing up to it.
"""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fondaco.backtest.sweep import sweep_one
from fondaco.backtest.tape import Decisions, Lending, tape_of
from fondaco.core.orders import Order, OrderTime, TimeInForce
from fondaco.market.fakes import simulated_instruments, simulated_panel
from fondaco.market.panel import Panel
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS, merged
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.terms import REG_T, UNLIMITED, Carry, Exits, Terms
from unit.backtest.orders_scene import by_all, market, order, rows_of, terms

KINDS = ("market", "limit", "stop", "stop_limit", "trailing_stop")
TIFS = (TimeInForce.GTC, TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK)
SPREAD = CostModel(
    name="spread",
    table=CostModel.flat(Decimal(5), Decimal("1.00")).table,
    half_spread_bps=Decimal(3),
    impact_sqrt=Decimal("0.5"),
)
FLAT = CostModel.flat(Decimal(5), Decimal("1.00"))
Case = tuple[Panel, list[tuple[int, Order]], Terms, dict[str, Any]]


def _bars(draw: st.DrawFn, rows: int) -> list[tuple[float, ...]]:
    bars: list[tuple[float, ...]] = []
    last = 100.0
    for _ in range(rows):
        if draw(st.integers(0, 11)) == 0:
            bars.append(())
            continue
        opened = round(last + draw(st.integers(-4, 4)), 2)
        closed = round(opened + draw(st.integers(-3, 3)), 2)
        high = max(opened, closed) + draw(st.integers(0, 3))
        low = min(opened, closed) - draw(st.integers(0, 3))
        bars.append((opened, high, low, closed, float(draw(st.sampled_from([0, 40, 400])))))
        last = closed
    if not bars[0]:
        bars[0] = (100.0, 100.0, 100.0, 100.0, 400.0)
    return bars


def _order(draw: st.DrawFn, number: int, names: int, sent: list[Order]) -> Order:
    kind, side = draw(st.sampled_from(KINDS)), draw(st.sampled_from(["buy", "sell"]))
    near = str(100 + draw(st.integers(-6, 6)))
    rest: dict[str, Any] = {"name": f"o{number}"}
    if kind in ("limit", "stop_limit"):
        rest["limit"] = near
    if kind in ("stop", "stop_limit"):
        rest["stop"] = str(100 + draw(st.integers(-6, 6)))
    if kind == "trailing_stop":
        rest |= draw(st.sampled_from([{"trail": "3"}, {"trail_share": "0.03"}]))
    rest["tif"] = draw(st.sampled_from(TIFS))
    if kind in ("market", "limit") and rest["tif"] in TIFS[:2]:
        rest["time"] = draw(st.sampled_from(list(OrderTime)))
    column = draw(st.integers(0, names - 1))
    entries = [one for one in sent if one.parent is None]
    if entries and draw(st.integers(0, 2)) == 0:
        entry = draw(st.sampled_from(entries))
        column = [one.id for one in simulated_instruments(names)].index(entry.instrument)
        back = "sell" if entry.side.value == "buy" else "buy"
        rest |= {"parent": entry.client_id, "group": f"g-{entry.client_id}", "reduce_only": True}
        return order(back, int(entry.quantity), kind, column, **rest)
    if draw(st.integers(0, 4)) == 0:
        rest["group"] = "pair"
    rest["reduce_only"] = draw(st.integers(0, 5)) == 0
    return order(side, draw(st.integers(1, 60)), kind, column, **rest)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rows, names = draw(st.integers(3, 10)), draw(st.integers(1, 2))
    panel = market(*(_bars(draw, rows) for _ in range(names)))
    sent: list[Order] = []
    rows_sent = sorted(draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=7)))
    for number, _ in enumerate(rows_sent):
        sent.append(_order(draw, number, names, sent))
    kinds = st.sampled_from([x.Action.SPLIT, x.Action.DIVIDEND, x.Action.DELISTING])
    actions = NO_ACTIONS
    if draw(st.booleans()):
        kind = draw(kinds)
        first, second = {
            x.Action.SPLIT: draw(st.sampled_from([(2, 1), (3, 2), (1, 4)])),
            x.Action.DIVIDEND: (2_000_000, 0),
            x.Action.DELISTING: (90_000_000, 0),
        }[kind]
        row = (draw(st.integers(1, rows - 1)), draw(st.integers(0, names - 1)), kind, first, second)
        actions = merged(NO_ACTIONS, np.array([row], dtype=np.int64))
    lending = {}
    if draw(st.booleans()):
        lending = {simulated_instruments(1)[0].id: Lending(shares=draw(st.integers(0, 30)))}
    rules = terms(
        draw(st.sampled_from(["1000", "20000"])),
        draw(st.sampled_from([FLAT, SPREAD])),
        participation=draw(st.sampled_from([None, Decimal("0.1")])),
        touch_fills=draw(st.booleans()),
        margin=draw(st.sampled_from([UNLIMITED, REG_T])),
        carry=draw(
            st.sampled_from([Carry(), Carry(Decimal("0.02"), Decimal("0.07"), Decimal("0.03"))])
        ),
    )
    pairs = list(zip(rows_sent, sent, strict=True))
    return panel, pairs, rules, {"actions": actions, "lending": lending}


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_all_engines_agree_on_any_orders(case: Case) -> None:
    panel, orders, rules, rest = case
    by_all(panel, orders, rules, **rest)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@given(cases())
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_all_engines_agree_on_ten_thousand_cases(case: Case) -> None:
    panel, orders, rules, rest = case
    by_all(panel, orders, rules, **rest)


def _upto(panel: Panel, orders: list[tuple[int, Order]], rules: Terms, row: int) -> Any:
    tape = tape_of(panel, simulated_instruments(len(panel.instruments)))
    run = sweep_one(tape, None, rules, rows_of(tape, [one for one in orders if one[0] <= row])[0])
    return run.log[run.log[:, x.E_ROW] <= row].tolist(), run.record[:, : row + 1].tolist()


@given(cases(), st.integers(0, 8), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_comes_later_changes_no_event_before_it(case: Case, row: int, seed: int) -> None:
    panel, orders, rules, _ = case
    row = min(row, len(panel.sessions) - 1)
    chance = np.random.default_rng(seed)
    factor = chance.uniform(0.5, 2.0, panel.close.shape)
    fields = {}
    for name, values in panel.fields.items():
        later = values if name == "volume" else np.round(values * factor, 2)
        fields[name] = np.vstack([values[: row + 1], later[row + 1 :]])
    changed = type(panel)(
        panel.sessions,
        panel.closes_at,
        panel.instruments,
        fields,
        panel.origin,
        panel.as_of,
        panel.version,
    )
    assert _upto(changed, orders, rules, row) == _upto(panel, orders, rules, row)


def _targets(panel: Panel, seed: int, every: int) -> Decisions:
    chance = np.random.default_rng(seed)
    rows = np.arange(0, len(panel.sessions), every)
    weights = chance.uniform(-0.4, 0.5, (len(rows), len(panel.instruments)))
    weights[chance.random(weights.shape) < 0.2] = 0.0
    parts: Counts = np.rint(weights * x.PART).astype(np.int64)
    return Decisions(rows, parts)


@pytest.mark.parametrize("margin", [UNLIMITED, REG_T])
@pytest.mark.parametrize(
    "exits",
    [
        Exits(),
        Exits(stop=Decimal("0.02")),
        Exits(Decimal("0.02"), Decimal("0.03")),
        Exits(trail=Decimal("0.025")),
        Exits(Decimal("0.02"), Decimal("0.04"), Decimal("0.03")),
    ],
)
def test_all_engines_agree_on_targets_with_exits(exits: Exits, margin: Any) -> None:
    panel = simulated_panel(31, 120, 4)
    rules = terms("250000", FLAT, exits=exits, margin=margin, participation=Decimal("0.02"))
    told = by_all(panel, rules=rules, decisions=_targets(panel, 5, 6))
    assert len(told.fills) > 40
