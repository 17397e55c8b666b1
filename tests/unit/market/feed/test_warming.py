"""Warming: what the log makes expect, what is worth a call, and the budget."""

from datetime import UTC, datetime, timedelta

import pytest

from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause
from fondaco.market.feed.ports import Asked, Due
from fondaco.market.feed.values import Tier
from fondaco.market.feed.warming import EVENT_AHEAD, Thing, expected, plan
from fondaco.market.sheets import Market
from unit.market.feed.toy import Toy, quote, want

NOW = datetime(2024, 7, 1, 14, 45, tzinfo=UTC)
US = Market.US


def line(symbol: str, at: datetime, kind: str = "fundamentals", rest: str = "") -> Asked:
    return Asked(at, kind, US, symbol, Tier.PROVIDER, 0.2, rest)


def daily(
    symbol: str, hour: int, times: int, days: int = 10, kind: str = "fundamentals"
) -> list[Asked]:
    start = datetime(2024, 7, 1, hour, tzinfo=UTC) - timedelta(days=days)
    return [
        line(symbol, start + timedelta(days=day, minutes=n), kind)
        for day in range(days)
        for n in range(times)
    ]


def asks(lines: list[Asked], events: tuple[Due, ...] = (), now: datetime = NOW) -> dict[str, float]:
    return {one.thing.symbol: one.asks for one in expected(lines, now, events)}


def test_what_is_asked_at_this_hour_is_expected_and_what_is_asked_at_another_is_not() -> None:
    found = asks([*daily("DAY", 15, 6), *daily("NIGHT", 3, 6)])
    assert found["DAY"] == pytest.approx(6, rel=0.15)
    assert "NIGHT" not in found


def test_what_is_asked_more_often_is_expected_more() -> None:
    found = asks([*daily("ONCE", 15, 2), *daily("OFTEN", 15, 10)])
    assert found["OFTEN"] > 4 * found["ONCE"]


def test_old_asks_count_less_than_new_ones() -> None:
    old = [line("OLD", NOW - timedelta(days=9, minutes=n)) for n in range(20)]
    new = [line("NEW", NOW - timedelta(days=1, minutes=n)) for n in range(20)]
    found = asks([*old, *new], now=NOW - timedelta(minutes=20))
    assert found["NEW"] > 3 * found.get("OLD", 0.0)


def test_a_symbol_that_is_asked_more_than_usual_lately_is_expected_more() -> None:
    usual = daily("HOT", 14, 4) + daily("CALM", 14, 4)
    today = [line("HOT", NOW - timedelta(minutes=n)) for n in range(1, 25)]
    today += [line("CALM", NOW - timedelta(minutes=n)) for n in range(1, 5)]
    now = NOW + timedelta(minutes=1)
    found = asks(usual + today, now=now - timedelta(minutes=20))
    assert found["HOT"] > 1.5 * found["CALM"]


def test_a_coming_event_of_a_symbol_adds_to_it_and_a_past_or_far_one_does_not() -> None:
    lines = daily("AAA", 15, 2)
    plain = asks(lines)["AAA"]
    near = Due(NOW + timedelta(hours=2), US, "AAA")
    assert asks(lines, (near,))["AAA"] > plain + 1.5
    for hours in (-1, EVENT_AHEAD.total_seconds() / 3600 + 1):
        assert asks(lines, (Due(NOW + timedelta(hours=hours), US, "AAA"),))["AAA"] == plain


def test_lines_of_the_future_and_of_spans_are_left_out() -> None:
    lines = daily("AAA", 15, 5)
    before = asks(lines)
    later = [line("AAA", NOW + timedelta(hours=n)) for n in range(1, 50)]
    spans = [line("AAA", NOW - timedelta(minutes=n), rest="abc") for n in range(50)]
    assert asks([*lines, *later, *spans]) == before


def all_of(
    lines: list[Asked], calls: int, batch: int = 1, life: float = 3_600.0
) -> list[list[str]]:
    groups = plan(
        expected(lines, NOW),
        life=lambda _: life,
        fresh=lambda _: False,
        calls_max=calls,
        batch=batch,
    )
    return [[one.thing.symbol for one in group] for group in groups]


def test_the_budget_goes_to_what_is_worth_most_and_batches_fill_it() -> None:
    lines = [ask for n in range(9) for ask in daily(f"S{n}", 15, 2 + 2 * n)]
    assert all_of(lines, calls=2) == [["S8"], ["S7"]]
    assert all_of(lines, calls=2, batch=3) == [["S8", "S7", "S6"], ["S5", "S4", "S3"]]
    assert all_of(lines, calls=0) == []


def test_what_dies_before_it_is_likely_asked_is_not_worth_a_call() -> None:
    lines = daily("AAA", 15, 6)
    assert all_of(lines, calls=5, life=3_600) == [["AAA"]]
    assert all_of(lines, calls=5, life=60) == []


def test_what_is_fresh_anyway_is_left_out() -> None:
    groups = plan(
        expected(daily("AAA", 15, 6), NOW),
        life=lambda _: 3_600.0,
        fresh=lambda thing: thing == Thing("fundamentals", US, "AAA"),
        calls_max=5,
    )
    assert groups == ()


def warmed() -> Toy:
    lines = [ask for n in range(120) for ask in daily(f"S{n}", 15, 5)]
    return Toy({"first": {f"S{n}": quote(1.0) for n in range(120)}}, log=lines)


def test_what_was_warmed_is_there_when_it_is_asked() -> None:
    toy = warmed()
    done = toy.feed.warm(calls_max=3)
    assert (done.calls, done.fetched) == (3, 120)
    before = len(toy.asked)
    assert not toy.feed.ask(want("S7", kind="fundamentals")).freshness.stale
    assert len(toy.asked) == before
    assert toy.feed.warm(calls_max=3).calls == 0


def test_warming_never_makes_more_calls_than_its_budget_even_when_sources_fail() -> None:
    toy = warmed()
    toy.intake.failing["first"] = Cause.EMPTY
    done = toy.feed.warm(calls_max=2)
    assert (done.calls, done.fetched, len(toy.asked)) == (2, 0, 2)
    with pytest.raises(InvalidInput):
        toy.feed.warm(calls_max=100_000)
