"""The guardrails in a run: each rule by numbers worked out by hand from its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from fondaco.backtest.event import run_event
from fondaco.backtest.guard import Guard
from fondaco.backtest.route import Run
from fondaco.backtest.tape import decisions_of, tape_of
from fondaco.core.clock import FixedClock
from fondaco.core.instrument import Instrument
from fondaco.core.orders import ALL_HELD
from fondaco.market.fakes import simulated_instruments
from fondaco.market.panel import Matrix
from fondaco.trading.costs import MICRO
from fondaco.trading.simulator.terms import Exits, Terms
from unit.backtest.desk import LIMITS, small_desk
from unit.backtest.orders_scene import market, order, terms
from unit.backtest.scene import counting_ids

ROWS = 45
BAR = (10.0, 10.0, 10.0, 10.0, 1_000.0)
OIL, RAIL = "Energy", "Industrials"


@dataclass
class Account:
    """An account of 10,000 that holds some shares."""

    held: Mapping[int, int] = field(default_factory=dict)
    equity: int = 10_000 * MICRO


def names(*sectors: str | None) -> tuple[Instrument, ...]:
    return tuple(
        replace(one, sector=sector)
        for one, sector in zip(simulated_instruments(len(sectors)), sectors, strict=True)
    )


def guard(
    *bars: list[Any], sectors: tuple[str | None, ...] = (), index: Matrix | None = None
) -> Guard:
    """Return the guard of names at these bars; limits are 10 %, 30 %, 1 % of volume, 40 %."""
    given = bars or ([BAR] * ROWS,)
    book = names(*(sectors or (None,) * len(given)))
    return Guard(tape_of(market(*given), book), book, LIMITS, index)


def test_a_position_beyond_its_share_of_equity_is_held_back() -> None:
    plain = [[*BAR[:4]]] * ROWS
    judge = guard(plain)
    # A tenth of 10,000 is 100 shares at 10.
    assert judge.review(30, order("buy", 100), Account()) is None
    said = judge.review(30, order("buy", 101), Account())
    assert said == "position_size would pass at most 100 shares"
    assert judge.review(30, order("buy", 40), Account({0: 60})) is None
    assert judge.review(30, order("buy", 41), Account({0: 60})) is not None
    assert judge.review(30, order("sell", 101), Account()) is not None
    assert judge.blocked == {"position_size": 3}


def test_what_only_makes_a_position_smaller_passes_whatever_its_size() -> None:
    judge = guard([[*BAR[:4]]] * ROWS)
    assert judge.review(30, order("sell", 500), Account({0: 900})) is None
    assert judge.review(30, order("sell", 1_001), Account({0: 900})) is not None  # 101 short


def test_a_sector_beyond_its_share_of_equity_is_held_back() -> None:
    plain = [[*BAR[:4]]] * ROWS
    judge = guard(plain, plain, plain, sectors=(OIL, OIL, RAIL))
    # 250 at 10 of the other oil share; 3,000 is the most: 50 more. Rails do not count.
    account = Account({1: 250, 2: 200})
    assert judge.review(30, order("buy", 50), account) is None
    assert judge.review(30, order("buy", 51), account) == (
        "sector_exposure would pass at most 50 shares"
    )
    assert judge.blocked == {"sector_exposure": 1}


def test_an_order_beyond_its_share_of_the_average_volume_is_held_back() -> None:
    thick = [*[BAR] * 20, *[(*BAR[:4], 3_000.0)] * 25]
    judge = guard(thick)
    # 1 % of 1,000; ten bars of 3,000 later of 2,000; and of 3,000 once all twenty are.
    for row, most in ((19, 10), (29, 20), (39, 30), (44, 30)):
        assert judge.review(row, order("buy", most), Account()) is None, row
        assert judge.review(row, order("buy", most + 1), Account()) == (
            f"liquidity would pass at most {most} shares"
        )
    assert judge.blocked == {"liquidity": 4}
    assert "liquidity" not in judge.not_judged


def test_volume_is_not_judged_before_there_are_twenty_bars_of_it() -> None:
    judge = guard()
    assert judge.review(18, order("buy", 90), Account()) is None
    assert judge.not_judged["liquidity"] == 1
    assert judge.review(19, order("buy", 90), Account()) is not None


def index_of(move: float) -> Matrix:
    """Return closes that go up and down by the same log move."""
    moves = np.where(np.arange(ROWS) % 2 == 0, move, -move)
    return np.asarray(100 * np.exp(np.cumsum(moves)), dtype=np.float64)


@pytest.mark.parametrize(("move", "passes"), [(0.024, True), (0.025, False)])
def test_nothing_is_bought_while_the_index_is_wild(move: float, passes: bool) -> None:
    # Ten moves up and ten down: the deviation is move x sqrt(20 / 19), a year's x sqrt(252):
    # 0.3909 for 0.024 and 0.4072 for 0.025, and the limit is 0.40.
    judge = guard([[*BAR[:4]]] * ROWS, index=index_of(move))
    assert (judge.review(30, order("buy", 10), Account()) is None) == passes
    assert judge.review(30, order("sell", 10), Account({0: 20})) is None
    assert judge.blocked == ({} if passes else {"regime": 1})


def test_the_index_is_judged_by_what_was_known_at_the_close() -> None:
    calm = index_of(0.001)
    calm[31:] *= 3
    judge = guard([[*BAR[:4]]] * ROWS, index=calm)
    assert judge.review(30, order("buy", 10), Account()) is None
    assert judge.review(31, order("buy", 10), Account()) is not None


def test_a_rule_without_its_input_is_not_judged_and_holds_nothing_back() -> None:
    judge = guard([[*BAR[:4]]] * ROWS)
    assert judge.review(30, order("buy", 100), Account()) is None
    assert judge.not_judged == {
        "liquidity": 1,
        "sector_exposure": 1,
        "event_window": 1,
        "regime": 1,
    }
    gap = index_of(0.2)
    gap[25] = np.nan
    judge = guard([[*BAR[:4]]] * ROWS, index=gap)
    assert judge.review(30, order("buy", 100), Account()) is None
    assert judge.not_judged["regime"] == 1


def test_an_instrument_that_never_had_a_price_is_not_judged_by_it() -> None:
    judge = guard([(), *[[*BAR[:4]]] * (ROWS - 1)])
    assert judge.review(0, order("buy", 10_000), Account()) is None
    assert judge.not_judged["position_size"] == 1


def test_all_that_an_order_breaks_is_said() -> None:
    judge = guard(index=index_of(0.2))
    said = judge.review(30, order("buy", 200), Account())
    assert said is not None
    assert [part.split()[0] for part in said.split("; ")] == [
        "liquidity",
        "position_size",
        "regime",
    ]


def test_exits_that_wait_for_their_entry_pass() -> None:
    judge = guard()
    stop = order("sell", 1, "stop", stop_offset="0.05", parent="o", group="o", reduce_only=True)
    assert judge.review(30, replace(stop, quantity=ALL_HELD), Account()) is None
    assert judge.blocked == {}


def played(weights: Matrix, bars: list[Any], rules: Terms) -> tuple[Run, Guard]:
    book = names(None)
    tape = tape_of(market(bars), book)
    judge = Guard(tape, book, LIMITS, None)
    ids = counting_ids(FixedClock(tape.moment(0)))
    run, _ = run_event(tape, decisions_of(tape, weights), rules, ids, review=judge.review)
    return run, judge


def test_a_run_leaves_out_what_its_guard_holds_back() -> None:
    weights = np.full((5, 1), np.nan)
    weights[[0, 1], 0] = [0.2, 0.1]
    run, judge = played(weights, [[*BAR[:4]]] * 5, terms("10000"))
    assert run.ended == {"backtest-0-0": "position_size would pass at most 100 shares"}
    assert [(row, order.quantity) for row, order in run.orders] == [(1, Decimal(100))]
    assert [fill.quantity for fill in run.fills] == [Decimal(100)]
    assert judge.blocked == {"position_size": 1}


def test_an_entry_that_is_held_back_leaves_the_exits_of_before_in_their_place() -> None:
    weights = np.full((6, 1), np.nan)
    weights[[0, 2], 0] = [0.1, 0.5]
    flat, fall = [*BAR[:4]], (10.0, 10.0, 9.0, 9.2)
    bars = [flat, flat, flat, flat, fall, flat]
    run, _ = played(weights, bars, terms("10000", exits=Exits(stop=Decimal("0.05"))))
    assert "backtest-2-0" in run.ended
    sold = [(fill.client_id, fill.quantity, fill.price) for fill in run.fills[1:]]
    assert sold == [("backtest-0-0-stop", Decimal(100), Decimal("9.5"))]


def test_a_backtest_under_guardrails_says_what_they_held_back() -> None:
    free, held = small_desk().run(), small_desk().run(guarded=True)
    assert held.fills < free.fills
    (said,) = [one for one in held.warnings if one.startswith("Guardrails held orders back:")]
    assert "position_size" in said
    assert "Not judged for want of data: event_window" in said
    assert not any("Guardrails" in one for one in free.warnings)


def test_a_backtest_under_guardrails_is_another_trial() -> None:
    desk = small_desk()
    desk.run()
    assert desk.run(guarded=True).standing.desk.raw == 2
