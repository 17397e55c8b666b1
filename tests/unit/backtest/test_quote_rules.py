"""Every rule of docs/explanation/fills.md about quotes and trades, by its name.

Expected numbers are worked out by hand in each test; both ways to run must agree about them.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.backtest.quote_tape import (
    FIELDS,
    QuoteDesk,
    QuoteTape,
    quote_tape_of,
    run_on_quote,
    sweep_quotes,
)
from fondaco.backtest.sweep import SweepRun
from fondaco.core.errors import InvalidInput
from fondaco.core.orders import Order, OrderTime, TimeInForce
from fondaco.market.fakes import simulated_instruments
from fondaco.trading.costs import from_micros
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.orders import REASONS, group_key, order_row
from fondaco.trading.simulator.terms import Terms
from unit.backtest.orders_scene import order, terms

START = np.datetime64("2020-03-02T14:30:00", "us")
SECOND = np.timedelta64(1_000_000, "us")
What = tuple[float, ...]


def quote(bid: float, ask: float, bid_size: float = 100, ask_size: float = 100) -> What:
    """A quote."""
    return (bid, ask, bid_size, ask_size)


def trade(price: float, size: float) -> What:
    """A trade of others."""
    return (price, size)


def stream(*events: What | tuple[int, What], gap: int = 1) -> QuoteTape:
    """Return a tape of events a second apart; (column, event) for another instrument."""
    fields = {name: np.full(len(events), np.nan) for name in FIELDS}
    columns = []
    for row, one in enumerate(events):
        column, values = one if isinstance(one[1], tuple) else (0, one)
        columns.append(column)
        names = FIELDS[:4] if len(values) == 4 else FIELDS[4:]  # type: ignore[arg-type]
        for name, value in zip(names, values, strict=True):  # type: ignore[arg-type]
            fields[name][row] = value
    times = START + np.arange(len(events)) * gap * SECOND
    names = max(columns) + 1  # type: ignore[type-var, operator]
    return quote_tape_of(simulated_instruments(names), times, columns, fields)  # type: ignore[arg-type]


class Given:
    """Sends given orders after given events."""

    def __init__(self, orders: Sequence[tuple[int, Order]]) -> None:
        self._orders = orders

    def on_quote(self, desk: QuoteDesk) -> None:
        for row, one in self._orders:
            if row == desk.row:
                desk.send(one)


def both(
    tape: QuoteTape, orders: Sequence[tuple[int, Order]], rules: Terms | None = None
) -> SweepRun:
    """Return what happened, after both ways to run agreed to the last bit."""
    rules = rules or terms("100000")
    stepped = run_on_quote(tape, Given(orders), rules)
    ids: dict[str, int] = {}
    rows = np.zeros((len(orders), x.ORDER_WIDTH), dtype=np.int64)
    for n, (row, one) in enumerate(orders):
        if one.group is not None:
            ids.setdefault(group_key(one.group), n + 1)
        column = tape.instruments.index(one.instrument)
        rows[n] = order_row(one, column, ids, number=n + 1)
        rows[n, x.DECIDED] = row
        ids[one.client_id] = n + 1
    swept = sweep_quotes(tape, rules, rows)
    assert swept.log.tolist() == stepped.log.tolist()
    assert swept.record.tolist() == stepped.record.tolist()
    return swept


def fills(run: SweepRun) -> list[tuple[int, int, str]]:
    """Row, signed quantity and price of each fill."""
    return [
        (e[x.E_ROW], e[x.E_QUANTITY], str(from_micros(e[x.E_PRICE]))) for e in run.fills.tolist()
    ]


def ends(run: SweepRun) -> list[str]:
    """Why orders ended."""
    kinds = (x.Event.CANCELLED, x.Event.EXPIRED, x.Event.REJECTED)
    return [REASONS[e[x.E_WHY]] for e in run.log.tolist() if e[x.E_KIND] in kinds]


def test_rule_a_market_order_takes_the_quote_up_to_its_size() -> None:
    tape = stream(quote(99, 101, 50, 40), quote(99, 101, 50, 40), quote(98, 102, 50, 90))
    run = both(tape, [(0, order("buy", 100))])
    assert fills(run) == [(1, 40, "101"), (2, 60, "102")]
    run = both(tape, [(0, order("sell", 60))])
    assert fills(run) == [(1, -50, "99"), (2, -10, "98")]


def test_rule_orders_share_the_size_of_a_quote() -> None:
    tape = stream(quote(99, 101), quote(99, 101, 100, 60), quote(99, 101))
    run = both(tape, [(0, order("buy", 50, name="a")), (0, order("buy", 50, name="b"))])
    assert fills(run) == [(1, 50, "101"), (1, 10, "101"), (2, 40, "101")]


def test_rule_a_limit_that_the_quote_meets_takes_it() -> None:
    tape = stream(quote(99, 101), quote(99, 101), quote(99, 100), quote(99, 100))
    run = both(tape, [(0, order("buy", 10, "limit", limit="100"))])
    assert fills(run) == [(2, 10, "100")]
    run = both(tape, [(0, order("buy", 10, "limit", limit="101.5"))])
    assert fills(run) == [(1, 10, "101")]  # at the quote, not at its limit


def test_rule_a_limit_in_the_book_waits_behind_what_is_displayed() -> None:
    q = quote(99, 101, 300, 100)
    tape = stream(q, q, trade(99, 200), trade(99, 150), trade(99, 30))
    run = both(tape, [(0, order("buy", 100, "limit", limit="99"))])
    # 300 stand before it: 200 and 100 of the 150 serve them, 50 are ours, then 30
    assert fills(run) == [(3, 50, "99"), (4, 30, "99")]


def test_rule_what_is_cancelled_before_a_limit_moves_it_up() -> None:
    q = quote(99, 101, 300, 100)
    tape = stream(q, q, quote(99, 101, 50, 100), trade(99, 70))
    run = both(tape, [(0, order("buy", 100, "limit", limit="99"))])
    assert fills(run) == [(3, 20, "99")]  # only 50 are displayed, so no more stand before it


def test_rule_a_limit_better_than_the_quote_stands_first() -> None:
    q = quote(99, 101, 300, 100)
    tape = stream(q, q, trade(99.5, 40))
    run = both(tape, [(0, order("buy", 100, "limit", limit="99.5"))])
    assert fills(run) == [(2, 40, "99.5")]


def test_rule_a_limit_behind_the_quote_joins_when_its_price_becomes_the_best() -> None:
    tape = stream(
        quote(99, 101), quote(99, 101), trade(98, 10), quote(98, 100, 80, 100), trade(98, 90)
    )
    run = both(tape, [(0, order("buy", 30, "limit", limit="98"))])
    assert fills(run) == [(4, 10, "98")]  # the trade at 98 came before it stood at the best


def test_rule_a_trade_beyond_a_limit_fills_it() -> None:
    q = quote(99, 101, 300, 100)
    tape = stream(q, q, trade(98.5, 25), trade(98, 500))
    run = both(tape, [(0, order("buy", 100, "limit", limit="99"))])
    assert fills(run) == [(2, 25, "99"), (3, 75, "99")]


def test_rule_a_stop_is_triggered_by_the_side_that_it_would_take() -> None:
    tape = stream(quote(99, 101), quote(96, 98), quote(95, 97), quote(94, 96))
    run = both(tape, [(0, order("sell", 10, "stop", stop="95"))])
    assert fills(run) == [(2, -10, "95")]
    tape = stream(quote(99, 101), quote(99, 101), trade(94, 5), quote(93, 95))
    run = both(tape, [(0, order("sell", 10, "stop", stop="95"))])
    assert fills(run) == [(3, -10, "93")]  # a trade triggers it, the next quote fills it


def test_rule_a_trailing_stop_follows_the_quotes() -> None:
    tape = stream(
        quote(99, 101), quote(104, 106), quote(110, 111), quote(106, 107), quote(105, 106)
    )
    run = both(tape, [(0, order("sell", 10, "trailing_stop", trail="5"))])
    assert fills(run) == [(4, -10, "105")]


def test_rule_an_order_meets_the_standing_quote_of_another_instrument_if_it_is_fresh() -> None:
    tape = stream((1, quote(49, 51)), quote(99, 101), quote(99, 101), quote(99, 101))
    run = both(tape, [(1, order("buy", 10, column=1))])
    assert fills(run) == [(2, 10, "51")]


def test_rule_a_stale_quote_fills_nothing() -> None:
    events = ((1, quote(49, 51)), quote(99, 101), quote(99, 101), (1, quote(52, 53)))
    run = both(stream(*events, gap=200), [(1, order("buy", 10, column=1))])
    assert fills(run) == [(3, 10, "53")]  # the first quote was 400 seconds old; 300 are allowed


def test_rule_an_order_for_at_once_ends_after_its_first_quote() -> None:
    tape = stream(quote(99, 101), quote(99, 101, 100, 40), quote(99, 101))
    ioc, fok = TimeInForce.IOC, TimeInForce.FOK
    run = both(tape, [(0, order("buy", 100, tif=ioc))])
    assert (fills(run), ends(run)) == ([(1, 40, "101")], ["it could not be filled at once"])
    run = both(tape, [(0, order("buy", 100, tif=fok))])
    assert (fills(run), ends(run)) == ([], ["it could not be filled at once"])
    assert fills(both(tape, [(0, order("buy", 40, tif=fok))])) == [(1, 40, "101")]


def test_rule_exits_and_groups_work_on_quotes_too() -> None:
    entry = order("buy", 10, name="entry")
    rest = {"group": "g", "parent": "entry", "reduce_only": True}
    orders = [
        (0, entry),
        (0, order("sell", 10, "stop", stop_offset="0.05", name="stop", **rest)),
        (0, order("sell", 10, "limit", limit_offset="0.05", name="target", **rest)),
    ]
    tape = stream(quote(99, 100), quote(99, 100), quote(101, 102), quote(105, 106))
    run = both(tape, orders)
    assert fills(run) == [(1, 10, "100"), (3, -10, "105")]
    assert ends(run) == ["the other order of its group was filled"]


def test_a_stream_that_cannot_be_true_is_refused() -> None:
    with pytest.raises(InvalidInput, match="crossed"):
        stream(quote(101, 99))
    with pytest.raises(InvalidInput, match="without size"):
        stream(quote(99, 101, 0, 5))
    with pytest.raises(InvalidInput, match="neither"):
        stream((np.nan, 5.0))
    with pytest.raises(InvalidInput, match="auction"):
        both(stream(quote(99, 101)), [(0, order("buy", 1, time=OrderTime.OPEN))])


@st.composite
def _streams(draw: st.DrawFn) -> tuple[QuoteTape, list[tuple[int, Order]]]:
    tick = st.integers(-3, 3)
    events: list[tuple[int, What]] = []
    for _ in range(draw(st.integers(3, 14))):
        column, mid, size = draw(st.integers(0, 1)), 100 + draw(tick), draw(st.integers(1, 80))
        if draw(st.booleans()):
            events.append((column, quote(mid - 1, mid + 1, size, draw(st.integers(1, 80)))))
        else:
            events.append((column, trade(mid, size)))
    orders = []
    for n in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing_stop"]))
        near = {"limit": str(100 + draw(tick)), "stop": str(100 + draw(tick)), "trail": "2"}
        wants = {"limit": ["limit"], "stop": ["stop"], "stop_limit": ["limit", "stop"]}
        named = {name: near[name] for name in wants.get(kind, [])}
        if kind == "trailing_stop":
            named = {"trail": "2"}
        side, quantity = draw(st.sampled_from(["buy", "sell"])), draw(st.integers(1, 90))
        tif = draw(st.sampled_from([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.DAY]))
        rest = {"reduce_only": draw(st.booleans()), "tif": tif, "name": f"n{n}"}
        column = draw(st.integers(0, 1))
        orders.append(
            (
                draw(st.integers(0, len(events))),
                order(side, quantity, kind, column, **named, **rest),
            )
        )
    events = [(0, quote(99, 101)), (1, quote(99, 101)), *events]
    return stream(*events), sorted(orders, key=lambda one: one[0])


@given(_streams())
@settings(max_examples=60, deadline=None)
def test_both_ways_agree_on_any_stream_and_no_fill_is_better_than_was_quoted(
    case: tuple[QuoteTape, list[tuple[int, Order]]],
) -> None:
    tape, orders = case
    run = both(tape, orders)
    taken: dict[tuple[int, int, int], int] = {}
    for event in run.fills.tolist():
        row, column, quantity = event[x.E_ROW], event[x.E_COLUMN], event[x.E_QUANTITY]
        side, price = 1 if quantity > 0 else -1, event[x.E_PRICE]
        touch = tape.bars[x.ASK if side > 0 else x.BID, row, column]
        limit = orders[event[x.E_ORDER] - 1][1].limit
        if limit is None:
            assert price == touch
        else:
            assert side * (from_micros(price) - limit) <= 0
        taken[row, column, side] = taken.get((row, column, side), 0) + abs(quantity)
    for (row, column, side), total in taken.items():
        event = tape.events[row]
        shown = tape.bars[x.ASK_SIZE if side > 0 else x.BID_SIZE, row, column]
        traded = event[x.Q_SIZE] if event[x.Q_COLUMN] == column else 0
        assert total <= shown + traded


def test_the_account_is_worth_its_cash_and_the_middle_of_the_quotes() -> None:
    tape = stream(quote(99, 101), quote(99, 101), quote(109, 111))
    run = both(tape, [(0, order("buy", 10))], terms("10000"))
    assert [from_micros(v) for v in run.record[x.EQUITY].tolist()] == [
        Decimal(10_000),
        Decimal(9_990),
        Decimal(10_090),
    ]
