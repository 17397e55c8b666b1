"""Failover: the next source answers, and the answer says what became of each before it."""

from datetime import timedelta

import pytest

from fondaco.core.errors import NotFound, Unavailable
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed.budget import Pacer
from fondaco.market.feed.errors import NoSource
from fondaco.market.feed.fakes import MemoryPaceStore
from fondaco.market.feed.ports import Taken
from fondaco.market.feed.values import Outcome, Wanted
from fondaco.market.ports import Ask
from fondaco.market.sheets import Limit, Market
from unit.market.feed.toy import Toy, quote, want


def two() -> Toy:
    return Toy({"first": {"AAA": quote(1.0)}, "second": {"AAA": quote(1.0), "BBB": quote(2.0)}})


def test_the_first_source_answers_and_the_second_is_not_asked() -> None:
    toy = two()
    answer = toy.feed.ask(want("AAA"))
    assert answer.sources == ("live:first",)
    assert [(a.provider, a.outcome) for a in answer.attempts] == [("first", Outcome.ANSWERED)]
    assert toy.asked == ["first"]


@pytest.mark.parametrize("cause", [Cause.AUTH, Cause.DOWN, Cause.BAD, Cause.EMPTY, Cause.LIMIT])
def test_a_source_that_fails_is_followed_by_the_next_with_its_cause_told(cause: Cause) -> None:
    toy = two()
    toy.intake.failing["first"] = cause
    answer = toy.feed.ask(want("AAA"))
    assert answer.sources == ("live:second",)
    first, second = answer.attempts
    assert (first.provider, first.outcome, first.cause) == ("first", Outcome.FAILED, cause)
    assert first.reason == "first fails"
    assert second.outcome is Outcome.ANSWERED


def test_a_source_without_a_key_is_passed_over_with_its_reason_and_is_no_error() -> None:
    toy = two()
    toy.lacking["first"] = "FONDACO_FIRST_TOKEN is not set"
    answer = toy.feed.ask(want("AAA"))
    assert toy.asked == ["second"]
    passed = answer.attempts[0]
    assert (passed.outcome, passed.cause) == (Outcome.PASSED, Cause.KEY)
    assert passed.reason == "FONDACO_FIRST_TOKEN is not set"
    assert toy.health.get("first").failed == 0


def test_a_dead_session_is_unknown_and_never_no_data() -> None:
    toy = two()
    toy.intake.failing = {"first": Cause.AUTH, "second": Cause.EMPTY}
    with pytest.raises(NoSource, match="unknown, not absent") as told:
        toy.feed.ask(want("AAA"))
    assert told.value.cause is Cause.AUTH
    assert [a.cause for a in told.value.attempts] == [Cause.AUTH, Cause.EMPTY]
    assert isinstance(told.value, Unanswered)


def test_no_rows_where_a_price_is_quoted_are_no_answer_but_of_news_they_are() -> None:
    empty = quote(1.0).clear()
    toy = Toy({"first": {"AAA": empty}, "second": {"AAA": quote(1.0)}})
    assert toy.feed.ask(want("AAA")).sources == ("live:second",)
    news = toy.feed.ask(want("AAA", kind="news"))
    assert (news.sources, news.rows.height) == (("live:first",), 0)


def test_symbols_that_one_source_lacks_are_taken_from_the_next() -> None:
    toy = two()
    answer = toy.feed.ask(want("AAA", "BBB"))
    assert {s: part.source for s, part in answer.parts.items()} == {
        "AAA": "live:first",
        "BBB": "live:second",
    }
    assert answer.attempts[0].outcome is Outcome.PARTLY
    assert toy.intake.asked[1][1].symbols == ("BBB",)
    assert answer.rows.height == 2


def test_one_unknown_symbol_fails_the_ask_unless_part_of_it_will_do() -> None:
    toy = two()
    with pytest.raises(NoSource, match="quotes of ZZZ"):
        toy.feed.ask(want("AAA", "ZZZ"))
    answer = toy.feed.ask(want("AAA", "ZZZ"), partly=True)
    assert (tuple(answer.parts), answer.unknown) == (("AAA",), ("ZZZ",))
    with pytest.raises(NoSource):
        toy.feed.ask(want("ZZZ"), partly=True)


def test_five_failures_open_the_breaker_and_one_probe_closes_it() -> None:
    toy = two()
    toy.intake.failing["first"] = Cause.DOWN
    for _ in range(5):
        toy.feed.ask(want("AAA"), max_age=timedelta(0))
        toy.wait(1)
    answer = toy.feed.ask(want("AAA"), max_age=timedelta(0))
    assert answer.attempts[0].cause is Cause.OPEN
    assert "rests for" in answer.attempts[0].reason
    assert toy.asked.count("first") == 5
    del toy.intake.failing["first"]
    toy.wait(31)
    assert toy.feed.ask(want("AAA"), max_age=timedelta(0)).sources == ("live:first",)
    toy.wait(1)
    assert toy.feed.ask(want("AAA"), max_age=timedelta(0)).sources == ("live:first",)


def test_a_refused_session_rests_at_once() -> None:
    toy = two()
    toy.intake.failing["first"] = Cause.AUTH
    for _ in range(3):
        toy.feed.ask(want("AAA"), max_age=timedelta(0))
        toy.wait(1)
    assert toy.asked.count("first") == 1


def test_a_provider_that_says_too_often_is_held_for_as_long_as_it_says() -> None:
    toy = two()
    toy.intake.failing["first"] = Cause.LIMIT
    toy.intake.retry_after = 90.0
    toy.feed.ask(want("AAA"))
    with pytest.raises(Unanswered) as told:
        toy.pacer.take("first", ())
    assert told.value.retry_after == pytest.approx(90.0)
    assert toy.health.get("first").failures == ()


class Paced:
    """An intake whose provider is asked through the desk's pace, as the wire does."""

    def __init__(self, toy: Toy, pacer: Pacer) -> None:
        self.toy, self.pacer = toy, pacer

    def take(self, provider: str, ask: Ask) -> Taken:
        self.pacer.take(provider, (Limit(2, 60),) if provider == "first" else ())
        return self.toy.intake.take(provider, ask)


def test_a_source_that_was_asked_as_often_as_it_allows_is_passed_over_unharmed() -> None:
    toy = two()
    feed = toy.over(Paced(toy, Pacer(MemoryPaceStore(toy.clock), toy.clock)))
    sources = []
    for _ in range(3):
        answer = feed.ask(want("AAA"), max_age=timedelta(0))
        sources.append(answer.sources[0])
        toy.wait(1)
    assert sources == ["live:first", "live:first", "live:second"]
    passed = answer.attempts[0]
    assert (passed.outcome, passed.cause) == (Outcome.PASSED, Cause.LIMIT)
    assert passed.retry_after == pytest.approx(58.25)
    assert toy.health.get("first").failed == 0


class Broken:
    """An intake whose own disk is full."""

    def take(self, provider: str, ask: Ask) -> Taken:
        raise Unavailable("the disk is full")


def test_a_fault_of_the_desk_itself_is_told_and_blames_no_source() -> None:
    toy = two()
    with pytest.raises(Unavailable, match="the disk is full"):
        toy.over(Broken()).ask(want("AAA"))
    assert toy.health.get("first").failed == 0


def test_a_kind_that_nobody_gives_is_not_found() -> None:
    with pytest.raises(NotFound, match="depth for IN"):
        two().feed.ask(Wanted("depth", Market.INDIA, ("X",)))
