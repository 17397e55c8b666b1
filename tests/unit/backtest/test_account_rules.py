"""Every rule of docs/explanation/fills.md about an account as a whole, by its name.

Expected numbers are worked out by hand in each test, from the rule's words alone.
"""

from decimal import Decimal

import numpy as np
import pytest

from fondaco.backtest.tape import Decisions, Lending
from fondaco.core.instrument import DatedSymbol
from fondaco.market.fakes import simulated_instruments
from fondaco.trading.simulator import layout as x
from fondaco.trading.simulator.actions import NO_ACTIONS, actions_of, delistings_of, merged
from fondaco.trading.simulator.arrays import Counts
from fondaco.trading.simulator.prices import array_micros
from fondaco.trading.simulator.terms import REG_T, Carry, Exits, Margin, Terms
from unit.backtest.orders_scene import book, by_all, market, order, terms

FLAT = (100.0, 100.0, 100.0, 100.0)
SHARE = simulated_instruments(1)[0].id


def _targets(*given: tuple[int, list[float]]) -> Decisions:
    rows = np.array([row for row, _ in given], dtype=np.int64)
    parts = np.array([[round(w * x.PART) for w in weights] for _, weights in given])
    return Decisions(rows, parts.astype(np.int64))


def _actions(*rows: tuple[int, int, int, int, int]) -> Counts:
    return merged(NO_ACTIONS, np.array(rows, dtype=np.int64))


def test_rule_an_order_needs_its_initial_margin() -> None:
    half = terms(margin=REG_T)
    told = by_all(market([FLAT] * 3), [(0, order("buy", 200))], half)
    assert told.trades == [(1, 200, "100")]  # 10,000 of equity carry 20,000 of shares
    told = by_all(market([FLAT] * 3), [(0, order("buy", 201, name="o"))], half)
    assert told.trades == []
    assert told.ended == {"o": "the account's equity does not cover the initial margin"}
    # orders that work count as if they had traded
    orders = [(0, order("buy", 150, name="a")), (0, order("buy", 51, name="b"))]
    told = by_all(market([FLAT] * 3), orders, half)
    assert (told.trades, list(told.ended)) == ([(1, 150, "100")], ["b"])
    # one that lowers the requirement always passes
    orders = [(0, order("buy", 200)), (1, order("sell", 150, name="out"))]
    told = by_all(market([FLAT, FLAT, (70.0, 70.0, 70.0, 70.0), FLAT]), orders, half)
    assert (2, -150, "70") in told.trades


def test_rule_an_account_below_its_maintenance_margin_is_called_and_cut_down() -> None:
    rows = [FLAT, FLAT, (70.0, 70.0, 60.0, 60.0), (60.0, 60.0, 60.0, 60.0), FLAT]
    orders = [(0, order("buy", 200)), (1, order("sell", 10, "limit", limit="150", name="far"))]
    told = by_all(market(rows), orders, terms(margin=REG_T))
    # at 60: equity -10,000 + 12,000 = 2,000, asked for 25 % of 12,000 = 3,000: 1,000 missing.
    # Kept is the share of positions whose initial margin of 6,000 the 2,000 cover: a third.
    assert told.happened == [(2, "margin_call", 0, "1000")]
    assert told.trades == [(1, 200, "100"), (3, -134, "60")]  # 200 - 66 whole shares
    assert told.ended == {"far": "the account was in a margin call"}
    assert told.equity[3] == Decimal(2000)


def test_rule_haircuts_of_an_instrument_take_the_place_of_the_terms_margin() -> None:
    hard = Margin(Decimal("0.8"), Decimal("0.6"), Decimal("0.8"), Decimal("0.6"))
    lending = {SHARE: Lending(margin=hard)}
    orders = [(0, order("buy", 126, name="o"))]
    told = by_all(market([FLAT] * 2), orders, terms(margin=REG_T), lending=lending)
    assert list(told.ended) == ["o"]  # 12,600 x 0.8 = 10,080
    orders = [(0, order("buy", 125))]
    told = by_all(market([FLAT] * 2), orders, terms(margin=REG_T), lending=lending)
    assert told.trades == [(1, 125, "100")]


def test_rule_short_sales_need_shares_to_borrow() -> None:
    orders = [(0, order("sell", 50, name="o"))]
    assert by_all(market([FLAT] * 2), orders).trades == [(1, -50, "100")]
    lending = {SHARE: Lending(shares=30)}
    assert by_all(market([FLAT] * 2), orders, lending=lending).trades == [(1, -30, "100")]
    told = by_all(market([FLAT] * 2), orders, lending={SHARE: Lending(shares=0)})
    assert (told.trades, told.ended) == ([], {"o": "no shares could be borrowed"})
    # what is held can be sold without any
    orders = [(0, order("buy", 50)), (1, order("sell", 50))]
    told = by_all(market([FLAT] * 3), orders, lending={SHARE: Lending(shares=0)})
    assert told.trades == [(1, 50, "100"), (2, -50, "100")]


def test_rule_borrowed_shares_cost_a_fee_for_every_night() -> None:
    carry = Carry(borrow=Decimal("0.036"))
    panel = market([FLAT, FLAT, (100.0, 110.0, 100.0, 110.0), FLAT])
    nights = np.diff(panel.closes_at.astype("datetime64[D]")).astype(int).tolist()
    told = by_all(panel, [(0, order("sell", 50))], terms(carry=carry))
    # 5,000 x 3.6 % / 360 = 0.50 a night on the closes before it; then 5,500 worth: 0.55
    first, second = (Decimal("0.5") * nights[1], Decimal("0.55") * nights[2])
    assert told.happened == [
        (2, "borrow", 0, str((-first).normalize())),
        (3, "borrow", 0, str((-second).normalize())),
    ]
    own = {SHARE: Lending(rate=Decimal("0.072"))}
    told = by_all(panel, [(0, order("sell", 50))], terms(carry=carry), lending=own)
    assert told.happened[0] == (2, "borrow", 0, str((-2 * first).normalize()))


def test_rule_interest_is_paid_on_cash_and_on_debt_not_on_proceeds_of_shorts() -> None:
    carry = Carry(credit=Decimal("0.036"), debit=Decimal("0.072"))
    panel = market([FLAT, FLAT, FLAT])
    n1, n2 = np.diff(panel.closes_at.astype("datetime64[D]")).astype(int).tolist()
    told = by_all(panel, [(0, order("buy", 200))], terms(carry=carry))
    # row 1: 10,000 x 3.6 % / 360 = 1 a night; row 2: a debt of 10,000 - n1 at 7.2 %: 2 a night
    debt = 10_000 - n1
    assert told.happened == [
        (1, "interest", 0, str(n1)),
        (2, "interest", 0, str(-(Decimal(debt) * Decimal("0.0002") * n2).normalize())),
    ]
    told = by_all(panel, [(0, order("sell", 40))], terms(carry=carry))
    # 14,000 of cash, of which 4,000 are proceeds: interest on 10,000 and what was earned
    earned = (Decimal(10_000 + n1) * Decimal("0.0001") * n2).normalize()
    assert told.happened[1] == (2, "interest", 0, str(earned))


def test_rule_a_foreign_instrument_is_paid_through_an_exchange_of_money() -> None:
    euros = book(1, currency="EUR")
    rates = {"EUR": np.array([1.10, 1.20, 1.25])}
    panel = market([FLAT, FLAT, (100.0, 110.0, 100.0, 110.0)])
    told = by_all(panel, [(0, order("buy", 50))], instruments=euros, rates=rates, currency="USD")
    assert told.trades == [(1, 50, "100")]
    # 5,000 EUR at 1.20 are 6,000 USD, rounded against the account at the sixth decimal
    assert told.cash[1] == Decimal("3999.999999")
    assert told.equity[2] == Decimal("3999.999999") + 50 * 110 * Decimal("1.25")
    dear = terms(fx_cost=Decimal("0.001"))
    told = by_all(
        panel, [(0, order("buy", 50))], dear, instruments=euros, rates=rates, currency="USD"
    )
    assert told.cash[1] == Decimal("3993.999999")  # and 0.1 % of 6,000


def test_rule_a_split_changes_shares_and_orders_not_equity() -> None:
    low = (14.0, 15.0, 13.0, 14.5)
    panel = market([FLAT, FLAT, low, low])
    split = _actions((2, 0, x.Action.SPLIT, 7, 1))
    orders = [(0, order("buy", 10)), (1, order("buy", 10, "limit", limit="94.5", name="l"))]
    told = by_all(panel, orders, actions=split)
    # 10 become 70; the limit of 10 at 94.50 becomes 70 at 13.50, traded through at 13
    assert told.trades == [(1, 10, "100"), (2, 70, "13.5")]
    assert told.equity[2] == 9_000 - 945 + 140 * Decimal("14.5")
    quiet = market([FLAT, FLAT, (100 / 7, 100 / 7, 100 / 7, 100 / 7)])
    told = by_all(quiet, orders[:1], actions=split)
    assert abs(told.equity[2] - 10_000) < Decimal("0.0001")
    # 3 for 2 of 5 shares: 7 and a half, which is paid out at the last close of 100
    told = by_all(
        market([FLAT, FLAT, (60.0, 60.0, 60.0, 60.0)]),
        [(0, order("buy", 5))],
        actions=_actions((2, 0, x.Action.SPLIT, 3, 2)),
    )
    assert told.happened == [(2, "split", 0, "33.333333")]  # half of 100 x 2 / 3
    assert told.equity[2] == 9_500 + 7 * 60 + Decimal("33.333333")


def test_rule_a_dividend_is_paid_on_what_was_held_before_its_day_also_by_shorts() -> None:
    paid = _actions((2, 0, x.Action.DIVIDEND, 2_000_000, 0))
    panel = market([FLAT, FLAT, (98.0, 98.0, 98.0, 98.0)])
    told = by_all(panel, [(0, order("buy", 10))], actions=paid)
    assert told.happened == [(2, "dividend", 0, "20")]
    assert told.equity == [Decimal(10_000)] * 3
    told = by_all(panel, [(0, order("sell", 10))], actions=paid)
    assert told.happened == [(2, "dividend", 0, "-20")]
    assert told.equity == [Decimal(10_000)] * 3
    told = by_all(panel, [(1, order("buy", 10))], actions=paid)  # bought on the day itself
    assert told.happened == []


def test_rule_a_dividend_lowers_buy_limits_and_sell_stops() -> None:
    paid = _actions((1, 0, x.Action.DIVIDEND, 2_000_000, 0))
    panel = market([FLAT, (98.0, 98.0, 95.5, 97.0), (97.0, 97.0, 93.5, 94.0)])
    told = by_all(panel, [(0, order("buy", 1, "limit", limit="96"))], actions=paid)
    assert told.trades == [(2, 1, "94")]
    told = by_all(panel, [(0, order("sell", 1, "stop", stop="96"))], actions=paid)
    assert told.trades == [(2, -1, "94")]
    told = by_all(panel, [(0, order("buy", 1, "stop", stop="97.5"))], actions=paid)
    assert told.trades == [(1, 1, "98")]


def test_rule_a_rename_changes_nothing() -> None:
    plain = simulated_instruments(1)[0]
    panel = market([FLAT] * 3)
    days = panel.sessions.astype("datetime64[D]").tolist()
    old, new = DatedSymbol("OLD", days[0], days[0]), DatedSymbol("NEW", days[1])
    named = book(1, symbols=(old, new))
    assert plain.id == named[0].id
    told = by_all(panel, [(0, order("buy", 10))], instruments=named)
    assert told.trades == [(1, 10, "100")]
    assert len(delistings_of(named, panel.sessions, array_micros(panel.close))) == 0


def test_rule_a_delisting_pays_the_last_worth_and_ends_the_orders() -> None:
    bars: list[tuple[float, ...]] = [FLAT, (100.0, 100.0, 90.0, 90.0), (), ()]
    panel = market(bars, [FLAT] * 4)
    days = panel.sessions.astype("datetime64[D]").tolist()
    gone = book(2)
    gone = (*book(1, symbols=(DatedSymbol("GONE", days[0], days[1]),)), gone[1])
    actions = merged(NO_ACTIONS, delistings_of(gone, panel.sessions, array_micros(panel.close)))
    orders = [
        (0, order("buy", 10)),
        (1, order("sell", 5, "limit", limit="120", name="late")),
        (2, order("buy", 5, name="after")),
    ]
    told = by_all(panel, orders, instruments=gone, actions=actions)
    assert told.happened == [(2, "delisting", 0, "900")]
    assert told.cash[2] == Decimal(9_900)
    assert told.ended == {
        "late": "the instrument was delisted",
        "after": "the instrument was delisted",
    }


def test_rule_factors_say_what_was_split_and_what_was_paid() -> None:
    closes = array_micros(np.array([[700.0], [100.0], [98.0], [49.0], [48.0]]))
    factors = np.array([[1.0], [1 / 7], [0.985], [0.5], [1.0]])
    assert actions_of(factors, closes).tolist() == [
        [1, 0, x.Action.SPLIT, 7, 1],
        [2, 0, x.Action.DIVIDEND, 1_500_000, 0],
        [3, 0, x.Action.SPLIT, 2, 1],
    ]
    # one that is no ratio of small numbers and too large for a dividend is value paid out
    assert actions_of(
        np.array([[1.0], [0.6123]]), array_micros(np.array([[100.0], [61.0]]))
    ).tolist() == [[1, 0, x.Action.DIVIDEND, 38_770_000, 0]]


def test_rule_exits_go_with_every_entry_that_a_target_makes() -> None:
    rules = terms(exits=Exits(Decimal("0.05"), Decimal("0.10")))
    bars = [FLAT, (100.0, 104.0, 96.0, 103.0), (103.0, 111.0, 102.0, 110.0), FLAT]
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0])))
    assert told.trades == [(1, 100, "100"), (2, -100, "110")]
    bars = [FLAT, (100.0, 112.0, 94.0, 103.0), FLAT]
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0])))
    assert told.trades == [(1, -100, "95"), (1, 100, "100")]
    # a target that is left does not come back by itself; a new decision does
    bars = [FLAT, (100.0, 112.0, 94.0, 103.0), FLAT, FLAT]
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0]), (2, [0.5])))
    assert told.trades[-1] == (3, 47, "100")  # half of 9,500


def test_rule_a_newer_target_takes_the_place_of_exits() -> None:
    rules = terms(exits=Exits(stop=Decimal("0.05")))
    bars = [FLAT, FLAT, (94.0, 95.0, 93.0, 94.0), FLAT]
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0]), (1, [0.0])))
    # both would trade at the open of row 2: the stop was cancelled when the sale was decided
    assert told.trades == [(1, 100, "100"), (2, -100, "94")]
    # an order that the margin refuses leaves the position its stop
    half = terms(exits=Exits(stop=Decimal("0.05")), margin=REG_T)
    bars = [FLAT, FLAT, FLAT, (94.0, 95.0, 93.0, 94.0)]
    told = by_all(market(bars), rules=half, decisions=_targets((0, [1.0]), (1, [3.0])))
    assert told.trades == [(1, 100, "100"), (3, -100, "94")]
    bars = [FLAT, FLAT, (94.0, 95.0, 93.0, 94.0), FLAT]
    # a smaller target keeps the exits; they came first, and leave nothing to make smaller
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0]), (1, [0.5])))
    assert told.trades == [(1, 100, "100"), (2, -100, "94")]
    bars = [FLAT, FLAT, FLAT, (94.0, 95.0, 93.0, 94.0)]
    told = by_all(market(bars), rules=rules, decisions=_targets((0, [1.0]), (1, [0.5])))
    assert told.trades == [(1, 100, "100"), (2, -50, "100"), (3, -50, "94")]


def test_rule_leverage_is_asked_for_in_the_weights() -> None:
    rules = Terms(terms().capital, terms().costs, buffer=Decimal(0), margin=REG_T)
    told = by_all(market([FLAT] * 2), rules=rules, decisions=_targets((0, [1.8])))
    assert told.trades == [(1, 180, "100")]
    told = by_all(market([FLAT] * 2), rules=rules, decisions=_targets((0, [2.1])))
    assert told.trades == []


def test_an_account_that_cannot_be_counted_is_refused() -> None:
    with pytest.raises(Exception, match="count"):
        by_all(market([FLAT] * 3), [(0, order("buy", 4 * 10**12))], terms("1000000"))
