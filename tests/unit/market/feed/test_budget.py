"""Pace: never more calls in a window than allowed, wherever it begins; holds and retries."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.clock import SteppedClock
from fondaco.market.errors import Cause
from fondaco.market.feed import budget
from fondaco.market.feed.budget import DAY_SECONDS, MICRO, Pacer, Spent
from fondaco.market.feed.errors import OverBudget
from fondaco.market.feed.fakes import MemoryPaceStore
from fondaco.market.sheets import Limit

NOW = datetime(2024, 7, 1, 15, tzinfo=UTC)
START = int(NOW.timestamp()) * MICRO


def most_in_a_window(times: list[int], seconds: float) -> int:
    """Count by hand: the most times in any half-open window of so many seconds."""
    span = int(seconds * MICRO)
    return max((bisect_left(times, at + span) - n for n, at in enumerate(times)), default=0)


limits = st.lists(
    st.builds(Limit, st.integers(1, 12), st.sampled_from([1, 2, 10, 60])), min_size=1, max_size=3
).map(tuple)


@given(limits, st.lists(st.integers(0, 3 * MICRO), max_size=150))
def test_no_window_of_any_limit_ever_holds_more_than_its_calls(
    limits: tuple[Limit, ...], gaps: list[int]
) -> None:
    spent, now, times = Spent(), START, []
    for gap in gaps:
        now += gap
        spent, wait = budget.grant(spent, limits, now)
        if wait == 0:
            times.append(now)
    for limit in limits:
        assert most_in_a_window(times, limit.seconds) <= limit.calls


@settings(max_examples=40)
@given(
    st.integers(201, 700),
    st.sampled_from([60, 600]),
    st.lists(st.integers(0, 5 * MICRO), min_size=1, max_size=60),
)
def test_a_limit_that_is_counted_in_grains_is_kept_too(
    calls: int, seconds: int, gaps: list[int]
) -> None:
    limit, spent, now, times = Limit(calls, seconds), Spent(), START, []
    for gap in gaps:
        now += gap
        for _ in range(40):
            spent, wait = budget.grant(spent, (limit,), now)
            if wait == 0:
                times.append(now)
    assert most_in_a_window(times, seconds) <= calls
    assert len(spent.windows[f"{calls}/{seconds}"]) <= 2 * budget.GRAINS


@given(limits, st.lists(st.integers(0, 3 * MICRO), max_size=60))
def test_a_call_is_granted_as_soon_as_the_wait_that_was_told_is_over(
    limits: tuple[Limit, ...], gaps: list[int]
) -> None:
    spent, now = Spent(), START
    for gap in gaps:
        now += gap
        spent, wait = budget.grant(spent, limits, now)
        if wait > 0:
            now += round(wait * MICRO) + 1
            spent, again = budget.grant(spent, limits, now)
            assert again == 0


def test_ten_a_second_become_eight_a_second_as_a_provider_sees_them() -> None:
    spent, granted = Spent(), 0
    for tick in range(10_000):
        spent, wait = budget.grant(spent, (Limit(10, 1),), START + tick * 1_000)
        granted += wait == 0
    assert granted == 80


def test_a_call_that_one_limit_refuses_counts_against_none() -> None:
    both = (Limit(1, 60), Limit(5, 3_600))
    spent, _ = budget.grant(Spent(), both, START)
    refused, wait = budget.grant(spent, both, START + MICRO)
    assert wait == pytest.approx(59.25)
    assert refused == spent


def test_a_day_is_counted_in_half_hours_and_never_too_few() -> None:
    day, spent = (Limit(25, DAY_SECONDS),), Spent()
    for _ in range(25):
        spent, wait = budget.grant(spent, day, START)
        assert wait == 0
    _, wait = budget.grant(spent, day, START + 23 * 3_600 * MICRO)
    assert wait > 0
    _, wait = budget.grant(spent, day, START + (DAY_SECONDS + 1_801) * MICRO)
    assert wait == 0


def test_a_clock_that_was_set_back_neither_lets_more_through_nor_blocks_for_long() -> None:
    limit, spent = (Limit(2, 60),), Spent()
    for _ in range(2):
        spent, _ = budget.grant(spent, limit, START)
    back = START - 3_600 * MICRO
    _, wait = budget.grant(spent, limit, back)
    assert wait == pytest.approx(60.25)


def test_retries_are_at_most_a_tenth_of_first_calls() -> None:
    spent, retried = Spent(), 0
    for call in range(1, 101):
        spent, _ = budget.grant(spent, (), START + call * MICRO)
        spent, may = budget.retry(spent, START + call * MICRO)
        if may:
            retried += 1
            spent, _ = budget.grant(spent, (), START + call * MICRO)
        assert retried * 10 <= call
    assert retried == 10


def test_calls_of_long_ago_earn_no_retry() -> None:
    spent = Spent()
    for call in range(50):
        spent, _ = budget.grant(spent, (), START + call)
    _, may = budget.retry(spent, START + 700 * MICRO)
    assert not may


def test_retry_after_is_honoured_and_a_shorter_one_does_not_shorten_it() -> None:
    clock = SteppedClock(NOW)
    pacer = Pacer(MemoryPaceStore(clock), clock)
    pacer.hold("tiingo", 120.0)
    pacer.hold("tiingo", 5.0)
    clock.advance(timedelta(seconds=119))
    with pytest.raises(OverBudget) as told:
        pacer.take("tiingo", ())
    assert told.value.cause is Cause.LIMIT
    assert told.value.retry_after == pytest.approx(1.0)
    clock.advance(timedelta(seconds=1))
    pacer.take("tiingo", ())


def test_a_provider_that_says_too_often_without_a_time_rests_a_minute() -> None:
    clock = SteppedClock(NOW)
    pacer = Pacer(MemoryPaceStore(clock), clock)
    pacer.hold("tiingo", None)
    with pytest.raises(OverBudget, match=r"60\.0 s"):
        pacer.take("tiingo", ())


def test_limits_of_a_day_are_kept_apart_where_the_other_store_may_forget() -> None:
    clock = SteppedClock(NOW)
    short, days = MemoryPaceStore(clock), MemoryPaceStore(clock)
    pacer = Pacer(short, clock, days)
    both = (Limit(5, 1), Limit(2, DAY_SECONDS))
    pacer.take("eod", both)
    pacer.take("eod", both)
    with pytest.raises(OverBudget):
        Pacer(MemoryPaceStore(clock), clock, days).take("eod", both)
    assert pacer.used("eod", both[1]) == 2
    assert short.used("eod", both[1]) == 0


class Stalling:
    """A store whose answer comes late: the process was stopped meanwhile."""

    def __init__(self, clock: SteppedClock, stalls: int) -> None:
        self.inner = MemoryPaceStore(clock)
        self.clock, self.stalls, self.grants = clock, stalls, 0

    def grant(self, provider: str, limits: tuple[Limit, ...]) -> float:
        wait = self.inner.grant(provider, limits)
        self.grants += 1
        if self.grants <= self.stalls:
            self.clock.advance(timedelta(seconds=0.5))
        return wait

    def hold(self, provider: str, seconds: float) -> None:
        self.inner.hold(provider, seconds)

    def retry(self, provider: str) -> bool:
        return self.inner.retry(provider)

    def used(self, provider: str, limit: Limit) -> int:
        return self.inner.used(provider, limit)


def test_a_process_that_stalled_after_its_grant_asks_for_another() -> None:
    clock = SteppedClock(NOW)
    store = Stalling(clock, stalls=1)
    Pacer(store, clock).take("tiingo", (Limit(8, 1),))
    assert store.grants == 2
    with pytest.raises(OverBudget):
        Pacer(Stalling(clock, stalls=9), clock).take("tiingo", (Limit(8, 1),))
