"""The feed: tiers, labels, one fetch for many, choices, and what it says of itself."""

import threading
from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Cause, Unanswered
from fondaco.market.feed.errors import NoSource
from fondaco.market.feed.fakes import MemoryShared
from fondaco.market.feed.freshness import Trading
from fondaco.market.feed.ports import Taken
from fondaco.market.feed.values import Held, Tier, Wanted
from fondaco.market.ports import Ask
from unit.market.feed.toy import NOW, Toy, quote, want


def one(price: float = 1.0) -> Toy:
    return Toy({"first": {"AAA": quote(price)}})


def test_what_is_fresh_is_given_from_memory_with_its_age() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.wait(3)
    answer = toy.feed.ask(want("AAA"))
    assert answer.freshness.tiers == (Tier.MEMORY,)
    assert answer.freshness.label == "fresh, 3 s old: quotes live 5 s"
    assert answer.attempts == ()
    assert len(toy.asked) == 1


def test_what_is_past_its_life_is_given_at_once_labelled_stale_and_fetched_meanwhile() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.wait(10)
    toy.intake.tables["first"]["AAA"] = quote(2.0)
    stale = toy.feed.ask(want("AAA"))
    assert stale.freshness.stale
    assert stale.freshness.label == "stale, 10 s old: its life is over and a newer one is fetched"
    assert stale.rows["last"].item() == 1.0
    assert toy.feed.refresh().fetched == 1
    newer = toy.feed.ask(want("AAA"))
    assert (newer.freshness.stale, newer.rows["last"].item()) == (False, 2.0)
    assert len(toy.asked) == 2


def test_what_is_long_past_its_life_is_fetched_before_it_is_given() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.wait(36)
    answer = toy.feed.ask(want("AAA"))
    assert answer.freshness.tiers == (Tier.PROVIDER,)
    assert not answer.freshness.stale


def test_where_no_source_answers_the_last_known_is_given_labelled_with_why() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.wait(3_600)
    toy.intake.failing["first"] = Cause.DOWN
    answer = toy.feed.ask(want("AAA"))
    assert answer.freshness.stale
    assert "no source answers (first fails)" in answer.freshness.label
    assert answer.attempts[0].cause is Cause.DOWN


def test_nothing_older_than_the_asker_allows_is_ever_given() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.wait(2)
    assert toy.feed.ask(want("AAA"), max_age=timedelta(seconds=1)).freshness.age_seconds == 0
    toy.wait(2)
    toy.intake.failing["first"] = Cause.DOWN
    with pytest.raises(NoSource):
        toy.feed.ask(want("AAA"), max_age=timedelta(seconds=1))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.one_of(st.none(), st.floats(0, 60)), st.booleans()),
        max_size=25,
    )
)
def test_no_answer_is_older_than_allowed_and_none_past_its_life_is_called_fresh(
    asks: list[tuple[float, float | None, bool]],
) -> None:
    toy = one()
    for gap, allowed, fails in asks:
        toy.wait(gap)
        toy.intake.failing = {"first": Cause.EMPTY} if fails else {}
        max_age = None if allowed is None else timedelta(seconds=allowed)
        try:
            answer = toy.feed.ask(want("AAA"), max_age=max_age)
        except NoSource:
            assert fails
            continue
        if allowed is not None:
            assert answer.freshness.age_seconds <= allowed + 1e-6
        assert answer.freshness.stale or answer.freshness.age_seconds < 5
        assert answer.parts["AAA"].asked_at <= toy.clock.now()


def test_a_closed_market_is_asked_once_until_it_opens() -> None:
    shut = Trading(False, NOW + timedelta(hours=15), None, "closed for the night")
    toy = Toy({"first": {"AAA": quote(1.0)}}, trading=shut)
    for _ in range(10):
        answer = toy.feed.ask(want("AAA"))
        toy.wait(3_600)
    assert len(toy.asked) == 1
    assert answer.freshness.label.endswith("closed for the night, until it opens")


class Gated:
    """An intake that holds its answer until it is let go, and counts who came in."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy
        self.let_go, self.came_in = threading.Event(), threading.Event()

    def take(self, provider: str, ask: Ask) -> Taken:
        self.came_in.set()
        assert self.let_go.wait(5)
        return self.toy.intake.take(provider, ask)


def run_all(count: int, work: object) -> list[object]:
    """Run something on many threads at once and return what each gave or raised."""
    told: list[object] = []
    ready = threading.Barrier(count)

    def run(number: int) -> None:
        ready.wait()
        try:
            told.append(work(number))  # type: ignore[operator]
        except Unanswered as error:
            told.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    return [*_joined(threads), *told]


def _joined(threads: list[threading.Thread]) -> tuple[()]:
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    return ()


def test_many_threads_that_want_one_thing_make_one_fetch() -> None:
    toy = one()
    gated = Gated(toy)
    feed = toy.over(gated)
    threading.Thread(target=lambda: (gated.came_in.wait(5), gated.let_go.set())).start()
    answers = run_all(16, lambda _: feed.ask(want("AAA")))
    assert len(answers) == 16
    assert len(toy.asked) == 1
    assert {answer.rows["last"].item() for answer in answers} == {1.0}  # type: ignore[attr-defined]


def test_threads_that_want_overlapping_things_neither_lock_up_nor_fetch_one_twice() -> None:
    symbols = [f"S{n}" for n in range(8)]
    toy = Toy({"first": {symbol: quote(float(n)) for n, symbol in enumerate(symbols)}})
    answers = run_all(8, lambda n: toy.feed.ask(want(*(symbols[(n + k) % 8] for k in range(5)))))
    assert len(answers) == 8
    fetched = [symbol for _, ask in toy.intake.asked for symbol in ask.symbols]
    assert sorted(fetched) == symbols


class Between:
    """A market store that lets another ask be answered in the midst of the first look."""

    def __init__(self) -> None:
        self.other: Callable[[], object] | None = None

    def kept(self, wanted: Wanted, symbol: str) -> Held | None:
        other, self.other = self.other, None
        if other is not None:
            other()
        return None


def test_what_another_fetched_between_the_look_and_the_claim_is_taken() -> None:
    between = Between()
    toy = Toy({"first": {"AAA": quote(1.0)}}, kept=between)
    between.other = lambda: toy.feed.ask(want("AAA"))
    toy.feed.ask(want("AAA"))
    assert len(toy.asked) == 1


def test_who_waits_for_a_fetch_that_fails_is_told_the_same() -> None:
    toy = one()
    toy.intake.failing["first"] = Cause.DOWN
    told = run_all(6, lambda _: toy.feed.ask(want("AAA")))
    assert len(told) == 6
    assert all(isinstance(error, NoSource) for error in told)
    assert {error.attempts[0].provider for error in told} == {"first"}  # type: ignore[attr-defined]


def three(*prices: float) -> Toy:
    return Toy({name: {"AAA": quote(p)} for name, p in zip("abc", prices, strict=False)})


def test_witnesses_are_compared_and_the_choice_is_kept_with_its_reason() -> None:
    toy = three(100.0, 100.2, 14_000.0)
    answer = toy.feed.ask(want("AAA"), witnesses=3)
    (choice,) = answer.choices
    assert (choice.source, choice.flagged, answer.flagged) == ("live:b", True, True)
    assert answer.sources == ("live:b",)
    assert answer.rows["last"].item() == 100.2
    assert toy.choices.kept == [choice]
    assert choice.reason.startswith("the median, with 2 of 3; apart from it: live:c (14000)")
    assert toy.feed.ask(want("AAA"), witnesses=3).choices == (choice,)
    assert toy.asked == ["a", "b", "c"]


def test_an_entry_of_one_source_does_not_serve_who_wants_two() -> None:
    toy = three(100.0, 100.2)
    assert toy.feed.ask(want("AAA")).choices == ()
    assert len(toy.feed.ask(want("AAA"), witnesses=2).choices) == 1
    assert toy.feed.ask(want("AAA")).choices != ()
    assert toy.asked == ["a", "a", "b"]


def test_where_only_one_source_has_it_two_witnesses_are_not_asked_for_again_and_again() -> None:
    toy = three(100.0)
    for _ in range(3):
        assert toy.feed.ask(want("AAA"), witnesses=2).choices == ()
    assert toy.asked == ["a"]


def test_a_number_of_witnesses_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 to 5"):
        one().feed.ask(want("AAA"), witnesses=6)


def test_what_one_process_fetched_another_finds_in_the_shared_cache() -> None:
    toy = three(100.0, 130.0)
    toy.shared = MemoryShared(toy.clock)
    first, second = toy.over(toy.intake), toy.over(toy.intake)
    given = first.ask(want("AAA"), witnesses=2)
    found = second.ask(want("AAA"), witnesses=2)
    assert found.freshness.tiers == (Tier.SHARED,)
    assert found.rows.equals(given.rows)
    assert found.choices == given.choices
    assert found.parts["AAA"].ingest_id == given.parts["AAA"].ingest_id
    assert len(toy.asked) == 2
    assert second.ask(want("AAA")).freshness.tiers == (Tier.MEMORY,)


def test_a_shared_cache_that_is_down_or_holds_nonsense_costs_a_fetch_and_no_answer() -> None:
    toy = one()
    shared = MemoryShared(toy.clock)
    toy.shared = shared
    feed = toy.over(toy.intake)
    shared.put("quotes/US/AAA/", b"\x80\x04 not a parcel", 60)
    assert feed.ask(want("AAA")).freshness.tiers == (Tier.PROVIDER,)
    shared.down = True
    toy.wait(60)
    assert feed.ask(want("AAA")).freshness.tiers == (Tier.PROVIDER,)
    assert feed.report().shared_faults >= 2


class KeptOnce:
    """A market store that has one entry of AAA, asked a while ago."""

    def __init__(self, seconds_ago: float) -> None:
        self.asked_at = NOW - timedelta(seconds=seconds_ago)

    def kept(self, wanted: Wanted, symbol: str) -> Held | None:
        until = self.asked_at + timedelta(seconds=5)
        return Held(quote(0.5), "live:old", "ingest-0", self.asked_at, until, "quotes live 5 s")


@pytest.mark.parametrize(("ago", "tier"), [(2, Tier.STORE), (60, Tier.PROVIDER)])
def test_the_store_answers_where_it_is_fresh_enough(ago: float, tier: Tier) -> None:
    toy = Toy({"first": {"AAA": quote(1.0)}}, kept=KeptOnce(ago))
    assert toy.feed.ask(want("AAA")).freshness.tiers == (tier,)


def test_the_store_is_what_is_left_when_every_source_is_down() -> None:
    toy = Toy({"first": {}}, kept=KeptOnce(60))
    toy.intake.failing["first"] = Cause.DOWN
    answer = toy.feed.ask(want("AAA"))
    assert (answer.sources, answer.freshness.stale) == (("live:old",), True)


def test_due_things_are_fetched_in_batches_and_each_once() -> None:
    symbols = [f"S{n:03d}" for n in range(120)]
    toy = Toy({"first": {symbol: quote(1.0) for symbol in symbols}})
    toy.feed.ask(want(*symbols))
    toy.wait(10)
    for _ in range(3):
        assert toy.feed.ask(want(*symbols)).freshness.stale
    before = len(toy.asked)
    done = toy.feed.refresh()
    assert (done.fetched, done.calls) == (120, 3)
    assert len(toy.asked) - before == 3
    assert toy.feed.report().due == 0


def test_a_refresh_runs_elsewhere_where_there_is_somewhere() -> None:
    soon: list[object] = []
    toy = Toy({"first": {"AAA": quote(1.0)}}, later=soon.append)
    toy.feed.ask(want("AAA"))
    assert soon == []
    toy.wait(10)
    for _ in range(3):
        toy.feed.ask(want("AAA"))
    assert soon == [toy.feed.refresh]


def test_options_and_spans_are_other_things() -> None:
    toy = one()
    toy.feed.ask(Wanted("quotes", want("AAA").market, ("AAA",), options=(("seconds", "60"),)))
    toy.feed.ask(want("AAA"))
    assert len(toy.asked) == 2


def test_every_ask_is_noted_with_its_tier() -> None:
    toy = one()
    toy.feed.ask(want("AAA"))
    toy.feed.ask(want("AAA", "ZZZ"), partly=True)
    lines = toy.queries.read(NOW, 10)
    assert [(line.symbol, line.tier) for line in lines] == [
        ("AAA", Tier.PROVIDER),
        ("AAA", Tier.MEMORY),
        ("ZZZ", None),
    ]


def test_the_report_counts_by_kind_and_tier_and_advises_from_the_figures() -> None:
    toy = Toy({"first": {f"S{n}": quote(1.0) for n in range(400)}}, bytes_max=40_000)
    for n in range(400):
        toy.feed.ask(want(f"S{n}"))
    (figures,) = toy.feed.report().kinds
    assert (figures.asks, figures.fetched, figures.hit_rate) == (400, 400, 0.0)
    assert figures.waste > 0.5
    assert toy.feed.report().room.bytes_held <= 40_000
    said = " ".join(toy.feed.report().advice)
    assert "0% of its parts needed no source and the cache is full" in said
    assert "never asked again" in said
    calm = one()
    for _ in range(200):
        calm.feed.ask(want("AAA"))
    assert calm.feed.report().kinds[0].hit_rate == pytest.approx(199 / 200)
    assert calm.feed.report().advice == ()


def test_an_answer_without_rows_of_news_has_its_schema() -> None:
    rows = pl.DataFrame({"id": ["n1"], "title": ["x"]})
    toy = Toy({"first": {"AAA": rows, "BBB": rows.clear()}})
    answer = toy.feed.ask(want("AAA", "BBB", kind="news"))
    assert answer.rows.columns == ["id", "title"]
    assert answer.rows.height == 1
