"""Every rule of docs/explanation/fills.md about single orders, by its name, on all engines.

Expected numbers are worked out by hand in each test, from the rule's words alone.
"""

from datetime import UTC, timedelta
from decimal import Decimal

import numpy as np
import pytest

from fondaco.core.orders import OrderTime, TimeInForce
from fondaco.market.fakes import simulated_panel
from fondaco.trading.cost_model.lines import Basis, Charge, Schedule, Table
from fondaco.trading.cost_model.model import CostModel
from unit.backtest.orders_scene import book, by_all, market, order, terms

FLAT = (100.0, 100.0, 100.0, 100.0)
DAY, IOC, FOK, GTD = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD
AT_OPEN, AT_CLOSE = OrderTime.OPEN, OrderTime.CLOSE


def test_rule_a_bar_without_volume_fills_nothing() -> None:
    bars = [(*FLAT, 500.0), (90.0, 95.0, 85.0, 92.0, 0.0), (80.0, 82.0, 79.0, 81.0, 10.0)]
    told = by_all(market(bars), [(0, order("buy", 10))])
    assert told.trades == [(2, 10, "80")]
    assert told.equity[1] == Decimal(10_000)  # nothing traded in the halted bar


def test_rule_a_limit_fills_at_the_open_where_that_is_better() -> None:
    bars = [FLAT, (95.0, 99.0, 94.0, 98.0), FLAT]
    told = by_all(market(bars), [(0, order("buy", 10, "limit", limit="97"))])
    assert told.trades == [(1, 10, "95")]
    told = by_all(
        market([FLAT, (105.0, 106.0, 99.0, 100.0)]), [(0, order("sell", 10, "limit", limit="104"))]
    )
    assert told.trades == [(1, -10, "105")]


def test_rule_a_limit_fills_at_its_price_when_the_price_trades_through_it() -> None:
    bars = [FLAT, (100.0, 101.0, 96.99, 100.0)]
    assert by_all(market(bars), [(0, order("buy", 10, "limit", limit="97"))]).trades == [
        (1, 10, "97")
    ]
    bars = [FLAT, (100.0, 103.01, 100.0, 100.0)]
    assert by_all(market(bars), [(0, order("sell", 10, "limit", limit="103"))]).trades == [
        (1, -10, "103")
    ]


def test_rule_a_limit_that_is_only_touched_does_not_fill() -> None:
    bars = [FLAT, (100.0, 101.0, 97.0, 100.0), (100.0, 100.0, 97.0, 98.0)]
    bid = order("buy", 10, "limit", limit="97")
    assert by_all(market(bars), [(0, bid)]).trades == []
    assert by_all(market(bars), [(0, bid)], terms(touch_fills=True)).trades == [(1, 10, "97")]


def test_rule_a_stop_fills_at_its_price_when_it_is_touched() -> None:
    bars = [FLAT, (100.0, 101.0, 95.0, 100.0)]
    assert by_all(market(bars), [(0, order("sell", 10, "stop", stop="95"))]).trades == [
        (1, -10, "95")
    ]
    assert by_all(market(bars), [(0, order("buy", 10, "stop", stop="101"))]).trades == [
        (1, 10, "101")
    ]
    assert by_all(market(bars), [(0, order("buy", 10, "stop", stop="101.01"))]).trades == []


def test_rule_a_stop_that_gaps_fills_at_the_open() -> None:
    bars = [FLAT, (90.0, 96.0, 89.0, 91.0)]
    assert by_all(market(bars), [(0, order("sell", 10, "stop", stop="95"))]).trades == [
        (1, -10, "90")
    ]
    bars = [FLAT, (110.0, 111.0, 104.0, 105.0)]
    assert by_all(market(bars), [(0, order("buy", 10, "stop", stop="105"))]).trades == [
        (1, 10, "110")
    ]


def test_rule_a_stop_limit_becomes_a_limit_when_its_stop_is_touched() -> None:
    def sold(*bars: tuple[float, ...], limit: str = "94") -> list[tuple[int, int, str]]:
        asked = order("sell", 10, "stop_limit", stop="95", limit=limit)
        return by_all(market([FLAT, *bars]), [(0, asked)]).trades

    assert sold((100.0, 101.0, 95.0, 96.0)) == [(1, -10, "95")]  # touched: within the limit
    assert sold((94.5, 96.0, 90.0, 91.0)) == [(1, -10, "94.5")]  # gapped, still within it
    # gapped beyond the limit: it waits, and the price trades through it later in the bar
    assert sold((90.0, 94.5, 89.0, 90.0)) == [(1, -10, "94")]
    assert sold((90.0, 94.0, 89.0, 90.0), (90.0, 94.01, 90.0, 92.0)) == [(2, -10, "94")]
    # a limit above the stop: triggered within the bar, it rests from the next bar on
    bars = [(96.0, 99.0, 95.0, 98.0), (97.0, 97.5, 96.0, 97.0)]
    assert sold(*bars, limit="96.5") == [(2, -10, "97")]


def test_rule_a_trailing_stop_follows_the_best_price_of_the_bars_before() -> None:
    bars = [FLAT, (100.0, 110.0, 99.0, 109.0), (108.0, 108.0, 104.0, 105.0)]
    trail = order("sell", 10, "trailing_stop", trail="5")
    # bar 1: level 95 stands; its high lifts the level to 105, its close of 109 is above
    assert by_all(market(bars), [(0, trail)]).trades == [(2, -10, "105")]
    share = order("sell", 10, "trailing_stop", trail_share="0.1")
    bars = [FLAT, (100.0, 120.0, 99.0, 119.0), (107.0, 109.0, 106.0, 108.0)]
    assert by_all(market(bars), [(0, share)]).trades == [(2, -10, "107")]  # 108 gapped over
    cover = order("buy", 10, "trailing_stop", trail="5")
    bars = [FLAT, (100.0, 101.0, 90.0, 91.0), (92.0, 96.0, 91.0, 94.0)]
    assert by_all(market(bars), [(0, cover)]).trades == [(2, 10, "95")]


def test_rule_a_close_beyond_the_new_level_proves_a_trailing_stop() -> None:
    bars = [FLAT, (100.0, 110.0, 99.0, 104.0)]
    trail = order("sell", 10, "trailing_stop", trail="5")
    assert by_all(market(bars), [(0, trail)]).trades == [(1, -10, "105")]
    bars = [FLAT, (100.0, 110.0, 99.0, 105.01), (106.0, 106.0, 105.5, 106.0)]
    assert by_all(market(bars), [(0, trail)]).trades == []


def test_rule_an_order_for_the_open_trades_at_the_open_or_ends() -> None:
    bars = [FLAT, (95.0, 99.0, 90.0, 98.0), (93.0, 94.0, 92.0, 93.0)]
    told = by_all(market(bars), [(0, order("buy", 10, time=AT_OPEN, tif=DAY))])
    assert told.trades == [(1, 10, "95")]
    asked = order("buy", 10, "limit", limit="94", time=AT_OPEN, tif=DAY, name="auction")
    told = by_all(market(bars), [(0, asked)])
    assert told.trades == []  # 90 was traded later in the day, but not in the auction
    assert told.ended == {"auction": "its session ended"}
    again = order("buy", 10, "limit", limit="94", time=AT_OPEN)
    assert by_all(market(bars), [(0, again)]).trades == [(2, 10, "93")]


def test_rule_an_order_for_the_close_trades_at_the_close() -> None:
    bars = [FLAT, (95.0, 99.0, 90.0, 98.0), (93.0, 94.0, 92.0, 92.5)]
    assert by_all(market(bars), [(0, order("buy", 10, time=AT_CLOSE))]).trades == [(1, 10, "98")]
    asked = order("buy", 10, "limit", limit="97", time=AT_CLOSE)
    assert by_all(market(bars), [(0, asked)]).trades == [(2, 10, "92.5")]
    once = order("buy", 10, "limit", limit="97", time=AT_CLOSE, tif=DAY, name="once")
    told = by_all(market(bars), [(0, once)])
    assert (told.trades, told.ended) == ([], {"once": "its session ended"})


def test_rule_a_day_order_ends_with_its_session() -> None:
    bars = [FLAT, FLAT, (100.0, 100.0, 90.0, 95.0)]
    told = by_all(market(bars), [(0, order("buy", 10, "limit", limit="97", tif=DAY, name="d"))])
    assert (told.trades, told.ended) == ([], {"d": "its session ended"})


def test_rule_an_order_good_till_cancelled_works_on() -> None:
    bars = [FLAT, FLAT, FLAT, (100.0, 100.0, 90.0, 95.0)]
    told = by_all(market(bars), [(0, order("buy", 10, "limit", limit="97"))])
    assert told.trades == [(3, 10, "97")]


def test_rule_immediate_or_cancel_trades_what_it_can_at_once() -> None:
    bars = [(*FLAT, 1e6), (100.0, 101.0, 90.0, 95.0, 200.0), (100.0, 101.0, 90.0, 95.0, 1e6)]
    some = terms(capital="100000", participation=Decimal("0.1"))
    told = by_all(market(bars), [(0, order("buy", 50, tif=IOC, name="now"))], some)
    assert told.trades == [(1, 20, "100")]
    assert told.ended == {"now": "it could not be filled at once"}
    # a limit that the open does not meet ends, although the bar trades through it later
    told = by_all(market(bars), [(0, order("buy", 5, "limit", limit="97", tif=IOC, name="no"))])
    assert (told.trades, told.ended) == ([], {"no": "it could not be filled at once"})


def test_rule_fill_or_kill_trades_all_or_nothing() -> None:
    bars = [(*FLAT, 1e6), (100.0, 101.0, 90.0, 95.0, 200.0), (*FLAT, 1e6)]
    some = terms(capital="100000", participation=Decimal("0.1"))
    told = by_all(market(bars), [(0, order("buy", 21, tif=FOK, name="all"))], some)
    assert (told.trades, told.ended) == ([], {"all": "it could not be filled at once"})
    told = by_all(market(bars), [(0, order("buy", 20, tif=FOK))], some)
    assert told.trades == [(1, 20, "100")]


def test_rule_an_order_with_a_date_ends_with_the_bar_that_closes_then() -> None:
    bars = [FLAT, FLAT, FLAT, (100.0, 100.0, 90.0, 95.0)]
    panel = market(bars)
    closes = panel.closes_at.astype("datetime64[us]").tolist()
    utc = [moment.replace(tzinfo=UTC) for moment in closes]
    late = order("buy", 10, "limit", limit="97", tif=GTD, expires_at=utc[3])
    assert by_all(panel, [(0, late)]).trades == [(3, 10, "97")]
    soon = utc[3] - timedelta(hours=1)
    early = order("buy", 10, "limit", limit="97", tif=GTD, expires_at=soon, name="early")
    told = by_all(panel, [(0, early)])
    # its time passes within bar 3: a daily bar does not say when it traded, so it may still fill
    assert told.trades == [(3, 10, "97")]
    gone = order("buy", 10, "limit", limit="97", tif=GTD, expires_at=utc[2], name="gone")
    told = by_all(panel, [(0, gone)])
    assert (told.trades, told.ended) == ([], {"gone": "its time passed"})


def test_rule_orders_of_a_group_share_what_they_may_trade() -> None:
    bars = [FLAT, (100.0, 106.0, 99.0, 105.0), (96.0, 97.0, 90.0, 91.0)]
    pair = [
        (0, order("sell", 10, "limit", limit="105", group="g", name="target")),
        (0, order("sell", 10, "stop", stop="95", group="g", name="stop")),
    ]
    told = by_all(market(bars), pair)
    assert told.trades == [(1, -10, "105")]
    assert told.ended == {"stop": "the other order of its group was filled"}
    # a part that fills takes as much from the other
    bars = [(*FLAT, 1e6), (100.0, 106.0, 99.0, 104.0, 40.0), (95.0, 96.0, 90.0, 91.0, 1000.0)]
    told = by_all(market(bars), pair, terms(participation=Decimal("0.1")))
    assert told.trades == [(1, -4, "105"), (2, -6, "95")]


def test_rule_exits_sleep_until_their_entry_trades() -> None:
    entry = order("buy", 10, "limit", limit="98", name="entry")
    rest = {"group": "g", "parent": "entry", "reduce_only": True}
    exits = [
        (0, entry),
        (0, order("sell", 10, "stop", stop_offset="0.05", name="stop", **rest)),
        (0, order("sell", 10, "limit", limit_offset="0.10", name="target", **rest)),
    ]
    # bar 1 passes the prices of both exits before there is anything to exit
    bars = [FLAT, (112.0, 113.0, 99.0, 100.0), (97.0, 99.0, 96.0, 98.0), (99.0, 107.0, 99.0, 106.0)]
    told = by_all(market(bars), exits)
    assert told.trades == [(2, 10, "97"), (3, -10, "106.7")]  # 97 x 1.10
    assert told.ended == {"stop": "the other order of its group was filled"}
    bars = [FLAT, (97.0, 99.0, 96.0, 98.0), (94.0, 95.0, 90.0, 91.0)]
    told = by_all(market(bars), exits)
    assert told.trades == [(1, 10, "97"), (2, -10, "92.15")]  # 97 x 0.95
    # an entry that ends without a fill takes its exits with it
    gone = order("buy", 10, "limit", limit="90", tif=DAY, name="entry")
    told = by_all(market([FLAT, FLAT, FLAT]), [(0, gone), *exits[1:]])
    assert told.ended == {
        "entry": "its session ended",
        "stop": "its entry ended without a fill",
        "target": "its entry ended without a fill",
    }


def test_rule_where_a_bar_touches_stop_and_target_the_stop_fills() -> None:
    entry = order("buy", 10, name="entry")
    rest = {"group": "g", "parent": "entry", "reduce_only": True}
    exits = [
        (0, entry),
        (0, order("sell", 10, "limit", limit="110", name="target", **rest)),
        (0, order("sell", 10, "stop", stop="95", name="stop", **rest)),
    ]
    told = by_all(market([FLAT, (100.0, 112.0, 94.0, 100.0)]), exits)
    assert told.trades == [(1, -10, "95"), (1, 10, "100")]
    told = by_all(market([FLAT, FLAT, (100.0, 112.0, 94.0, 100.0)]), exits)
    assert told.trades == [(1, 10, "100"), (2, -10, "95")]
    # an open beyond the target comes before all else
    told = by_all(market([FLAT, FLAT, (111.0, 112.0, 94.0, 100.0)]), exits)
    assert told.trades == [(1, 10, "100"), (2, -10, "111")]


def test_rule_a_target_does_not_fill_in_the_bar_of_an_entry_within_it() -> None:
    entry = order("buy", 10, "limit", limit="98", name="entry")
    rest = {"group": "g", "parent": "entry", "reduce_only": True}
    exits = [
        (0, entry),
        (0, order("sell", 10, "limit", limit="103", name="target", **rest)),
        (0, order("sell", 10, "stop", stop="90", name="stop", **rest)),
    ]
    # the high of 104 may have come before the fill at 98
    bars = [FLAT, (100.0, 104.0, 97.0, 100.0), (100.0, 103.5, 99.0, 100.0)]
    assert by_all(market(bars), exits).trades == [(1, 10, "98"), (2, -10, "103")]
    # but the stop counts: the price went on from 98 to 89
    bars = [FLAT, (100.0, 104.0, 89.0, 100.0)]
    assert by_all(market(bars), exits).trades == [(1, -10, "90"), (1, 10, "98")]


def test_rule_an_exit_that_trades_ends_the_rest_of_its_entry() -> None:
    bars = [(*FLAT, 1e6), (100.0, 101.0, 99.0, 100.0, 40.0), (100.0, 100.0, 94.0, 95.0, 1000.0)]
    entry = order("buy", 10, "limit", limit="100", name="entry")
    stop = order("sell", 10, "stop", stop="95", parent="entry", reduce_only=True, name="stop")
    told = by_all(market(bars), [(0, entry), (0, stop)], terms(participation=Decimal("0.1")))
    # bar 1 fills 4 of 10; bar 2 opens at 100, fills the other 6, and touches the stop of all 10
    assert told.trades == [(1, 4, "100"), (2, -10, "95"), (2, 6, "100")]
    bars[2] = (94.0, 95.0, 93.0, 94.0, 1000.0)
    entry = order("buy", 10, "limit", limit="100", name="entry", time=AT_CLOSE)
    told = by_all(market(bars), [(0, entry), (0, stop)], terms(participation=Decimal("0.1")))
    assert told.trades == [(1, 4, "100"), (2, -4, "94")]
    assert told.ended == {"entry": "its exit was filled"}


def test_rule_reduce_only_never_opens_or_turns_a_position() -> None:
    bars = [FLAT, FLAT, FLAT, FLAT]
    told = by_all(market(bars), [(0, order("sell", 10, reduce_only=True, name="r"))])
    assert (told.trades, told.ended) == ([], {"r": "there was no position left to reduce"})
    orders = [(0, order("buy", 4)), (1, order("sell", 10, reduce_only=True, name="r"))]
    told = by_all(market(bars), orders)
    assert told.trades == [(1, 4, "100"), (2, -4, "100")]


def test_rule_a_share_of_the_volume_bounds_what_a_bar_fills() -> None:
    bars = [(*FLAT, 100.0)] + [(100.0 + n, 101.0 + n, 99.0, 100.0, 100.0) for n in range(1, 4)]
    told = by_all(market(bars), [(0, order("buy", 25))], terms(participation=Decimal("0.1")))
    assert told.trades == [(1, 10, "101"), (2, 10, "102"), (3, 5, "103")]
    lots = book(1, lot=Decimal(4))
    told = by_all(
        market(bars), [(0, order("buy", 24))], terms(participation=Decimal("0.1")), instruments=lots
    )
    assert [quantity for _, quantity, _ in told.trades] == [8, 8, 8]  # 10 cut to whole lots
    with pytest.raises(Exception, match="without volume"):
        by_all(market([FLAT, FLAT]), [(0, order("buy", 1))], terms(participation=Decimal("0.1")))


def test_rule_orders_share_the_volume_in_the_order_in_which_they_came() -> None:
    bars = [(*FLAT, 100.0), (*FLAT, 100.0), (*FLAT, 100.0)]
    orders = [(0, order("buy", 7, name="first")), (0, order("sell", 7, name="second"))]
    told = by_all(market(bars), orders, terms(participation=Decimal("0.1")))
    assert told.trades == [(1, -3, "100"), (1, 7, "100"), (2, -4, "100")]


def test_rule_prices_are_put_on_the_tick_against_the_order() -> None:
    coarse = book(1, tick=Decimal("0.5"))
    bars = [FLAT, (100.0, 100.0, 96.9, 98.0), (98.0, 99.0, 94.0, 95.0)]
    told = by_all(market(bars), [(0, order("buy", 1, "limit", limit="97.3"))], instruments=coarse)
    assert told.trades == [(1, 1, "97")]
    told = by_all(market(bars), [(0, order("sell", 1, "stop", stop="97.3"))], instruments=coarse)
    assert told.trades == [(1, -1, "97")]  # it triggers later: at 97, not at 97.5


def test_rule_a_minimum_holds_for_the_order_not_for_each_part() -> None:
    bars = [(*FLAT, 100.0)] * 4
    costs = CostModel.flat(Decimal(10), Decimal("2.00"))
    rules = terms(costs=costs, participation=Decimal("0.1"))
    told = by_all(market(bars), [(0, order("buy", 25))], rules)
    # 10 bps of 1,000, 2,000, 2,500 are 1.00, 2.00, 2.50; at least 2.00 for the order
    assert [fee for *_, fee in told.fills] == ["2", "0", "0.5"]
    assert told.cash[-1] == Decimal("7497.5")


def test_rule_rates_are_those_in_force_on_the_day() -> None:
    panel = market([FLAT] * 4)
    days = panel.sessions.astype("datetime64[D]").tolist()

    def schedule(day: object, rate: str) -> Schedule:
        line = Charge(name="fee", basis=Basis.NOTIONAL, rate=Decimal(rate), source="test")
        return Schedule(day, (line,))  # type: ignore[arg-type]

    table = Table(
        "T", "USD", "Two rates.", (schedule(days[0], "0.001"), schedule(days[2], "0.002"))
    )
    rules = terms(costs=CostModel(name="two", table=table))
    told = by_all(market([FLAT] * 4), [(0, order("buy", 10)), (1, order("sell", 10))], rules)
    assert [fee for *_, fee in told.fills] == ["1", "2"]


def test_rule_those_who_take_concede_and_those_who_wait_do_not() -> None:
    costs = CostModel(name="spread", table=FREE_TABLE, half_spread_bps=Decimal(10))
    bars = [FLAT, (100.0, 104.0, 96.0, 100.0)]
    told = by_all(market(bars), [(0, order("buy", 10))], terms(costs=costs))
    assert told.trades == [(1, 10, "100.1")]
    told = by_all(market(bars), [(0, order("sell", 10, "stop", stop="97"))], terms(costs=costs))
    assert told.trades == [(1, -10, "96.9")]  # 97 x 0.999 = 96.903, down to the tick
    told = by_all(market(bars), [(0, order("buy", 10, "limit", limit="97"))], terms(costs=costs))
    assert told.trades == [(1, 10, "97")]
    taken = order("buy", 10, "limit", limit="100.05")
    told = by_all(market(bars), [(0, taken)], terms(costs=costs))
    assert told.trades == [(1, 10, "100.05")]  # conceded up to its limit, never beyond


def test_rule_an_order_moves_the_price_by_its_size() -> None:
    panel = simulated_panel(5, 60, 1)
    costs = CostModel(name="impact", table=FREE_TABLE, impact_sqrt=Decimal(1))
    paid = []
    for quantity in (1_000, 4_000):
        asked = [(50, order("buy", quantity))]
        ((row, _, price),) = by_all(panel, asked, terms("10000000", costs)).trades
        mid = panel.fields["open"][row, 0]
        paid.append(float(price) / mid - 1)
    closes, volume = panel.close[:, 0], panel.fields["volume"][:, 0]
    moves = np.diff(np.log(closes[30:51]))  # the 20 moves known before bar 51
    sigma, adv = np.std(moves, ddof=1), np.mean(volume[31:51])
    assert paid[0] == pytest.approx(sigma * np.sqrt(1_000 / adv), abs=2e-4)
    assert paid[1] == pytest.approx(sigma * np.sqrt(4_000 / adv), abs=2e-4)


FREE_TABLE = CostModel.flat(Decimal(0), Decimal(0)).table
