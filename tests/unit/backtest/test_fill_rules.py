"""Every rule of docs/explanation/fills.md, by its name, on all three engines.

Expected numbers are worked out by hand in each test, from the rule's words alone.
"""

import doctest
import re
from datetime import timedelta
from decimal import Decimal
from math import nan
from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.brokers.paper import PaperBroker
from fondaco.core.clock import SteppedClock
from fondaco.core.orders import Order, Side
from fondaco.market.fakes import (
    FixedCalendar,
    MemoryInstruments,
    MemoryStore,
    panel_rows,
    simulated_instruments,
)
from fondaco.market.panel import Panel
from fondaco.market.prices import Prices
from fondaco.market.tables import BARS
from fondaco.trading.cost_model.model import CostModel
from fondaco.trading.fakes import MemoryVenueBook
from unit.backtest.scene import (
    FREE,
    Told,
    in_three_ways,
    panel_of,
    tape,
    terms,
)

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "fills.md"


def _weights(*rows: list[float]) -> "object":
    return panel_of([[1.0] * len(rows[0])] * len(rows)).close * 0 + list(rows)


def _same(
    panel: Panel,
    rows: list[list[float]],
    *,
    costs: CostModel = FREE,
    capital: int = 1_000,
    trade_min: str = "0",
) -> Told:
    told = in_three_ways(panel, _weights(*rows), terms(capital, costs, trade_min))  # type: ignore[arg-type]
    assert told[0] == told[1] == told[2]
    return told[0]


def _fills(told: Told) -> list[tuple[int, int, int, str]]:
    return [(row, place, quantity, str(price)) for row, place, quantity, price, _ in told.fills]


def test_rule_a_decision_at_a_close_trades_in_the_next_session() -> None:
    told = _same(panel_of([[10.0], [11.0], [12.0]]), [[0.5], [nan], [nan]])
    assert told.orders == [(0, 0, 49)]  # 0.5 x 990 / 10 = 49.5
    assert _fills(told) == [(1, 0, 49, "11")]


def test_rule_an_order_fills_at_the_open_of_that_session() -> None:
    told = _same(panel_of([[10.0], [11.0]], opens=[[9.0], [10.5]]), [[0.5], [nan]])
    assert _fills(told) == [(1, 0, 49, "10.5")]
    assert told.equity == [Decimal(1000), Decimal("1024.5")]  # 1000 - 514.5 + 49 x 11


def test_rule_close_only_data_fills_at_the_next_close() -> None:
    told = _same(panel_of([[10.0], [11.0]]), [[0.5], [nan]])
    assert _fills(told) == [(1, 0, 49, "11")]
    assert told.equity == [Decimal(1000), Decimal(1000)]  # bought at the close it is valued at


def test_rule_a_session_without_a_bar_leaves_the_order_working() -> None:
    told = _same(
        panel_of([[10.0, 5.0], [nan, 5.0], [nan, 5.0], [13.0, 5.0]]),
        [[0.5, 0.2], [nan, nan], [nan, nan], [nan, nan]],
    )
    assert _fills(told) == [(1, 1, 39, "5"), (3, 0, 49, "13")]  # 0.2 x 990 / 5 = 39.6


def test_rule_without_a_cap_an_order_is_filled_whole_and_once() -> None:
    told = _same(panel_of([[0.01], [0.01], [0.01]]), [[1.0], [nan], [nan]], capital=10_000_000)
    assert _fills(told) == [(1, 0, 990_000_000, "0.01")]


@pytest.mark.parametrize(
    ("price", "bps", "least", "fee"),
    [
        (10.0, "5", "1.00", "1"),  # 49 x 10 x 0.0005 = 0.245: the minimum
        (10.0, "50", "1.00", "2.45"),  # 490 x 0.005
        (10.0, "25", "0", "1.23"),  # 490 x 0.0025 = 1.225: half up
        (10.0, "24.48", "0", "1.2"),  # 490 x 0.002448 = 1.19952
        (10.0, "0", "0", "0"),
    ],
)
def test_rule_the_fee_is_the_rate_or_the_minimum(
    price: float, bps: str, least: str, fee: str
) -> None:
    costs = CostModel.flat(Decimal(bps), Decimal(least))
    told = _same(panel_of([[price]] * 4), [[0.5], [0.0], [nan], [nan]], costs=costs)
    assert [(row, quantity, str(paid)) for row, _, quantity, _, paid in told.fills] == [
        (1, 49, fee),
        (2, -49, fee),
    ]
    assert told.cash[-1] == 1000 - 2 * Decimal(fee)


def test_rule_prices_are_counted_in_millionths() -> None:
    told = _same(panel_of([[10.0], [9.9999995], [9.9999985]]), [[0.5], [0.0], [nan]])
    # Half to even: 9999999.5 becomes 10000000, 9999998.5 becomes 9999998.
    assert _fills(told) == [(1, 0, 49, "10"), (2, 0, -49, "9.999998")]
    assert told.cash[-1] == Decimal("999.999902")  # 1000 - 490 + 49 x 9.999998


def test_rule_the_venue_fills_what_it_is_sent() -> None:
    told = _same(panel_of([[10.0], [20.0]]), [[1.0], [nan]])
    assert _fills(told) == [(1, 0, 99, "20")]
    assert told.cash == [Decimal(1000), Decimal(-980)]


def test_rule_one_target_order_works_per_instrument() -> None:
    told = _same(panel_of([[10.0], [nan], [10.0], [10.0]]), [[0.5], [0.2], [0.8], [nan]])
    # The 49 shares fill in session 2; at its close 0.8 x 990 / 10 = 79 are wanted: 30 more.
    assert told.orders == [(0, 0, 49), (2, 0, 30)]
    assert _fills(told) == [(2, 0, 49, "10"), (3, 0, 30, "10")]


def test_rule_a_target_waits_until_it_can_be_sized() -> None:
    told = _same(
        panel_of([[nan, 5.0], [nan, 5.0], [10.0, 5.0], [10.0, 5.0]]),
        [[0.5, 0.2], [nan, nan], [nan, nan], [nan, nan]],
    )
    assert told.orders == [(0, 1, 39), (2, 0, 49)]


def test_rule_no_weight_means_no_change() -> None:
    told = _same(panel_of([[10.0, 10.0]] * 4), [[0.4, 0.4], [nan, 0.0], [nan, nan], [nan, nan]])
    assert told.orders == [(0, 0, 39), (0, 1, 39), (1, 1, -39)]


def test_rule_shares_are_whole_and_cut_towards_zero() -> None:
    told = _same(panel_of([[7.0], [7.0], [7.0]]), [[0.5], [0.1], [nan]])
    assert [quantity for *_, quantity in told.orders] == [70, -56]  # 70.7 and 14.1 wanted
    short = _same(panel_of([[7.0], [7.0]]), [[-0.5], [nan]])
    assert [quantity for *_, quantity in short.orders] == [-70]


def test_rule_one_per_cent_of_equity_is_kept_back() -> None:
    told = _same(panel_of([[1.0], [1.0]]), [[1.0], [nan]])
    assert told.cash == [Decimal(1000), Decimal(10)]


def test_rule_small_trades_are_skipped_only_when_asked() -> None:
    panel, rows = panel_of([[10.0]] * 5), [[0.5], [0.51], [0.0], [nan], [nan]]
    assert [q for *_, q in _same(panel, rows).orders] == [49, 1, -50]
    assert [q for *_, q in _same(panel, rows, trade_min="10").orders] == [49, 1, -50]
    assert [q for *_, q in _same(panel, rows, trade_min="10.01").orders] == [49, -49]
    assert [q for *_, q in _same(panel, rows, trade_min="490").orders] == [49, -49]
    assert _same(panel, rows, trade_min="500.01").orders == []


def test_rule_positions_are_valued_at_the_last_known_close() -> None:
    told = _same(panel_of([[10.0], [10.0], [12.0], [nan]]), [[0.5], [nan], [nan], [nan]])
    assert told.equity == [Decimal(1000), Decimal(1000), Decimal(1098), Decimal(1098)]


def test_rule_an_order_that_never_meets_a_bar_never_fills() -> None:
    told = _same(panel_of([[10.0], [nan], [nan]]), [[0.5], [nan], [nan]])
    assert (len(told.orders), told.fills, told.equity[-1]) == (1, [], Decimal(1000))
    last = _same(panel_of([[10.0], [10.0]]), [[nan], [0.5]])
    assert (len(last.orders), last.fills) == (1, [])


def test_rule_a_revised_bar_does_not_change_a_fill() -> None:
    panel = panel_of([[10.0], [11.0], [12.0]], opens=[[10.0], [11.0], [12.0]])
    share, decided = panel.instruments[0], tape(panel).moment(0)
    traded, later = tape(panel).moment(1), tape(panel).moment(2) + timedelta(days=30)
    store, rows = MemoryStore(), panel_rows(panel)
    store.append(BARS, rows, ingest_id="first")
    wrong = rows.filter(pl.col("session") == traded.date()).with_columns(
        open=pl.lit(99.0), high=pl.lit(99.0), close=pl.lit(99.0), known_at=pl.lit(later)
    )
    store.append(BARS, wrong.cast(rows.schema), ingest_id="second")
    names = MemoryInstruments(simulated_instruments(1))
    prices = Prices(store, names, FixedCalendar)
    book, clock = MemoryVenueBook(), SteppedClock(decided)

    def broker() -> PaperBroker:
        return PaperBroker(prices, names, book, clock, terms(costs=FREE))

    broker().place(Order("C1", "paper", share, Side.BUY, Decimal(1)), decided_at=decided)
    clock.move_to(later + timedelta(days=1))
    assert prices.bars(share, as_of=clock.now())[1].close == 99  # the correction is known
    told = broker().query("C1")  # a new process: nothing of the fill was in memory
    assert told is not None
    assert [(f.price, f.known_at) for f in told.fills] == [(Decimal(11), traded)]


def _rules_of_the_page() -> set[str]:
    headings = re.findall(r"^### (.+)$", PAGE.read_text(), re.MULTILINE)
    return {"test_rule_" + re.sub(r"\W+", "_", heading.lower()) for heading in headings}


def test_the_page_names_exactly_the_rules_that_are_tested() -> None:
    here = Path(__file__).parent
    tested = [
        name
        for path in here.glob("test_*_rules.py")
        for name in re.findall(r"^def (test_rule_\w+)", path.read_text(), re.MULTILINE)
    ]
    assert len(tested) == len(set(tested))
    assert _rules_of_the_page() == set(tested)


def test_the_worked_example_of_the_page_is_true() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False) == (0, 22)
