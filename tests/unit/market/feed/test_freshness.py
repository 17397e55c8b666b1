"""How long things live: by kind, hours, holiday, and how much prices move."""

from datetime import UTC, datetime, timedelta

import pytest

from fondaco.market.feed.freshness import (
    CLOSED_MAX,
    LIVES,
    LONGEST,
    SHORTEST,
    Trading,
    Turbulence,
    fresh_until,
    stale_seconds,
)
from fondaco.market.kinds import KINDS

NOON = datetime(2024, 7, 1, 17, tzinfo=UTC)
CLOSE = datetime(2024, 7, 1, 20, tzinfo=UTC)
OPEN = Trading(True, None, CLOSE)


def lives(kind: str, trading: Trading | None = OPEN, moves: float | None = None) -> float:
    return (fresh_until(kind, NOON, trading, moves).at - NOON).total_seconds()


def test_every_kind_has_a_life_of_its_own() -> None:
    assert set(KINDS) | {"bars_1d"} <= set(LIVES)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [("quotes", 5), ("depth", 2), ("bars_intraday", 60), ("bars_1d", 3_600), ("chains", 60),
     ("news", 300), ("macro", 21_600), ("fundamentals", 86_400), ("classifications", 604_800)],
)  # fmt: skip
def test_the_life_of_a_kind_while_its_market_is_open(kind: str, seconds: float) -> None:
    assert lives(kind) == seconds
    assert stale_seconds(kind) > seconds / 4


def test_what_is_fetched_shortly_before_the_close_dies_at_the_close() -> None:
    at = CLOSE - timedelta(minutes=10)
    until = fresh_until("bars_1d", at, OPEN)
    assert (until.at, until.why) == (CLOSE, "until the market closes")


def test_the_night_the_weekend_and_a_holiday_last_until_the_market_opens() -> None:
    evening = datetime(2024, 7, 3, 22, tzinfo=UTC)
    after_the_fourth = datetime(2024, 7, 5, 13, 30, tzinfo=UTC)
    shut = Trading(False, after_the_fourth, None, "closed for a holiday")
    until = fresh_until("quotes", evening, shut)
    assert until.at == after_the_fourth
    assert until.why == "closed for a holiday, until it opens"


def test_a_closed_market_does_not_stop_the_news() -> None:
    shut = Trading(False, NOON + timedelta(hours=20), None)
    assert lives("news", shut) == 300
    assert lives("quotes", shut) == 20 * 3_600


def test_right_after_the_close_prices_may_still_be_corrected() -> None:
    opens = CLOSE + timedelta(hours=17)
    shut = Trading(False, opens, None, last_close=CLOSE)
    soon, later = CLOSE + timedelta(minutes=5), CLOSE + timedelta(minutes=21)
    assert fresh_until("bars_1d", soon, shut).at == soon + timedelta(hours=1)
    assert fresh_until("bars_1d", later, shut).at == opens


def test_a_market_whose_next_open_is_far_or_unknown_is_asked_again() -> None:
    assert lives("quotes", Trading(False, NOON + timedelta(days=30), None)) == (
        CLOSED_MAX.total_seconds()
    )
    assert lives("quotes", Trading(False, None, None)) == 5


def test_a_market_that_never_closes_has_the_life_of_the_kind() -> None:
    assert lives("quotes", None) == 5


@pytest.mark.parametrize(
    ("moves", "seconds"), [(1.0, 60), (2.0, 30), (100.0, 60 * SHORTEST), (0.5, 120),
                           (0.01, 60 * LONGEST), (0.0, 60 * LONGEST)],
)  # fmt: skip
def test_prices_that_move_more_than_usual_live_shorter(moves: float, seconds: float) -> None:
    assert lives("bars_intraday", OPEN, moves) == pytest.approx(seconds)
    assert lives("bars_1d", OPEN, moves) == 3_600


def measured(changes: list[float], seconds: float = 60.0) -> float | None:
    turbulence, price, at = Turbulence(), 100.0, NOON
    turbulence.saw("x", at, price)
    for change in changes:
        price *= 1 + change
        at += timedelta(seconds=seconds)
        turbulence.saw("x", at, price)
    return turbulence.moves("x")


def test_steady_moves_measure_one_and_larger_ones_more() -> None:
    calm = [0.001 * (-1) ** n for n in range(200)]
    steady = measured(calm)
    assert steady == pytest.approx(1.0, abs=0.01)
    rough = measured([*calm, *(0.005 * (-1) ** n for n in range(20))])
    assert rough is not None
    assert rough > 2.0


def test_the_measure_does_not_depend_on_the_unit_of_the_price_but_on_time_between() -> None:
    mixed = Turbulence()
    mixed.saw("x", NOON, 100.0)
    assert measured([0.001] * 7) is None
    assert measured([0.001 * (-1) ** n for n in range(50)], seconds=3_600) == pytest.approx(1.0)


def test_prices_that_cannot_be_and_times_that_do_not_rise_are_left_out() -> None:
    turbulence, at = Turbulence(), NOON
    for n in range(20):
        at += timedelta(seconds=10)
        turbulence.saw("x", at, 100.0 + n % 2)
    before = turbulence.moves("x")
    for wrong in (float("nan"), float("inf"), 0.0, -5.0):
        turbulence.saw("x", at + timedelta(seconds=5), wrong)
    turbulence.saw("x", at, 500.0)
    assert turbulence.moves("x") == before


def test_the_measure_keeps_a_bounded_number_of_symbols() -> None:
    turbulence = Turbulence()
    for n in range(2 * Turbulence.SYMBOLS_MAX):
        turbulence.saw(f"s{n}", NOON, 1.0)
    assert len(turbulence._seen) == Turbulence.SYMBOLS_MAX
