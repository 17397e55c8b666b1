"""Several sources of one figure: agreement, a tie, a median, a unit error."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.feed.figures import newest, readings
from fondaco.market.feed.quorum import SHARE_MAX, decide, difference
from fondaco.market.feed.values import Reading


def of(**values: float) -> list[Reading]:
    return [Reading(source, value) for source, value in values.items()]


def test_two_that_agree_give_the_first_of_the_route_unflagged() -> None:
    verdict = decide(of(a=100.0, b=100.9))
    assert (verdict.taken.source, verdict.flagged) == ("a", False)
    assert verdict.reason == "a and b agree"


def test_two_that_differ_by_more_than_one_per_cent_are_a_tie_and_flagged() -> None:
    verdict = decide(of(a=100.0, b=102.0))
    assert (verdict.taken.source, verdict.flagged) == ("a", True)
    assert verdict.spread == pytest.approx(2 / 102)
    assert "no third settles it" in verdict.reason


def test_of_three_the_median_is_taken_and_the_one_apart_is_named() -> None:
    verdict = decide(of(a=150.0, b=100.0, c=100.5))
    assert (verdict.taken.source, verdict.flagged) == ("c", True)
    assert "with 2 of 3; apart from it: a (150)" in verdict.reason


def test_three_that_agree_are_not_flagged() -> None:
    verdict = decide(of(a=100.0, b=100.2, c=100.4))
    assert (verdict.taken.source, verdict.flagged) == ("b", False)


def test_three_of_which_no_two_agree_give_the_median_flagged() -> None:
    verdict = decide(of(a=100.0, b=110.0, c=90.0))
    assert (verdict.taken.source, verdict.flagged) == ("a", True)
    assert "no two agree" in verdict.reason


@pytest.mark.parametrize("wrong", [14_250.0, 1.425])
def test_pence_for_pounds_are_seen_and_said(wrong: float) -> None:
    two = decide(of(a=142.5, b=wrong))
    assert two.flagged
    assert "100 times apart: another unit is likely" in two.reason
    three = decide(of(bad=wrong, a=142.5, b=142.6))
    assert three.taken.value in (142.5, 142.6)
    assert "another unit is likely" in three.reason


def test_a_reading_that_is_no_number_is_left_out_and_flags_what_is_left() -> None:
    verdict = decide(of(a=float("nan"), b=100.0))
    assert (verdict.taken.source, verdict.flagged) == ("b", True)
    assert "not a number at a" in verdict.reason
    with pytest.raises(InvalidInput):
        decide(of(a=float("inf")))


def test_a_price_below_zero_and_one_above_differ_wholly() -> None:
    assert difference(-37.63, 37.63) == pytest.approx(2.0)
    assert decide(of(a=-37.63, b=-37.60)).flagged is False


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=9), st.floats(1e7, 1e12), st.data())
def test_one_wild_source_never_moves_the_median_beyond_the_good_ones(
    good: list[float], wild: float, data: st.DataObject
) -> None:
    values = good[:8]
    place = data.draw(st.integers(0, len(values)))
    values.insert(place, data.draw(st.sampled_from([wild, -wild])))
    verdict = decide([Reading(str(n), value) for n, value in enumerate(values)])
    assert min(good) <= verdict.taken.value <= max(good)


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=9))
def test_unflagged_means_that_all_are_within_a_share_of_what_is_taken(values: list[float]) -> None:
    verdict = decide([Reading(str(n), value) for n, value in enumerate(values)])
    apart = [value for value in values if difference(value, verdict.taken.value) > SHARE_MAX]
    assert verdict.flagged == bool(apart)
    assert verdict.taken.value in values


def bars(*rows: tuple[int, float]) -> pl.DataFrame:
    days = [date(2024, 7, day) for day, _ in rows]
    return pl.DataFrame({"session": days, "close": [close for _, close in rows]})


def test_bars_are_compared_on_the_newest_session_that_most_sources_have() -> None:
    answers = [
        ("a", bars((1, 10.0), (2, 11.0))),
        ("b", bars((1, 10.1), (2, 11.1), (3, 99.0))),
        ("c", bars((1, 10.2))),
    ]
    assert readings("bars_1d", answers[:2]) == (Reading("a", 11.0), Reading("b", 11.1))
    assert [one.value for one in readings("bars_1d", answers)] == [10.0, 10.1, 10.2]


def test_a_quote_without_a_last_trade_is_compared_by_its_middle() -> None:
    rows = pl.DataFrame({"ts": [1, 2], "bid": [9.0, 10.0], "ask": [11.0, 12.0]})
    assert newest("quotes", rows) == 11.0
    assert newest("quotes", rows.with_columns(last=pl.Series([10.0, 10.5]))) == 10.5
    assert newest("news", rows) is None
    assert newest("quotes", rows.clear()) is None
