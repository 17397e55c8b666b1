"""The benchmark of the cache: the same log for the same seed, and figures that add up."""

import pytest
from bench.cache.__main__ import cells, goals_missed
from bench.cache.loads import LOADS, log
from bench.cache.replay import replay


@pytest.mark.parametrize("load", LOADS)
def test_a_load_is_the_same_for_the_same_seed_and_in_order_of_time(load: str) -> None:
    lines = log(load, 3, 500)
    assert lines == log(load, 3, 500)
    assert lines != log(load, 4, 500)
    assert lines == sorted(lines, key=lambda line: line.at)


def test_favourites_shift_by_hour_and_by_day_where_they_are_said_to() -> None:
    def favourite(load: str, day: int, hours: range) -> str:
        asked = [
            line.symbol
            for line in log(load, 3, 3_000)
            if line.at.day == 8 + day and line.at.hour in hours and line.kind == "news"
        ]
        return max(set(asked), key=asked.count)

    morning, evening = range(13, 16), range(19, 22)
    assert favourite("zipf", 0, morning) == favourite("zipf", 2, evening)
    assert favourite("hours", 0, morning) == favourite("hours", 2, morning)
    assert favourite("hours", 0, morning) != favourite("hours", 0, evening)
    assert favourite("regime", 0, morning) == favourite("regime", 0, evening)
    assert favourite("regime", 0, morning) != favourite("regime", 1, morning)


def test_without_a_cache_every_ask_is_a_call_and_with_one_fewer_are() -> None:
    lines = [line for line in log("zipf", 3, 1_500) if line.kind != "quotes"][:1_500]
    none = replay("zipf", lines, "none", 1.0)
    hybrid = replay("zipf", lines, "hybrid", 30.0)
    assert (none.calls, none.hit_rate) == (len(lines), 0.0)
    assert hybrid.calls < none.calls
    assert round(hybrid.hit_rate * len(lines)) + hybrid.calls >= len(lines)
    assert hybrid.p95 <= none.p95
    assert len(goals_missed(none, none)) == 3
    assert cells(hybrid, none, none)[4] == f"{hybrid.calls:,}"
