"""Ingest: the same data twice changes nothing, and whatever is doubtful can be let in later."""

import itertools
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput, NotFound, Refused, Unavailable
from fondaco.core.jobs import Cancelled, Silent
from fondaco.market.fakes import MemoryStore
from fondaco.market.faults import make_fault
from fondaco.market.ingest import RAW_ANSWERS_MAX, Ingestor, run_ingest
from fondaco.market.ports import Ask, CheckedMove, Ingest, Parsed, Raw
from fondaco.market.tables import BARS, PARSED, QUARANTINE
from unit.market.rows import AAA, BBB, NOW, SESSIONS, Desk, page

WRONG = [45.0, 45.2, 25.6, 25.7, 46.1, 46.2]


def test_the_same_data_twice_changes_nothing() -> None:
    desk = Desk()
    first = desk.take(page(AAA, WRONG))
    versions = {table: desk.store.version(table) for table in (BARS, QUARANTINE, "instruments")}
    content = desk.store.content_hash(BARS)
    again = desk.take(page(AAA, WRONG))
    assert (first.rows_given, first.rows_new, first.rows_quarantined) == (6, 4, 2)
    assert (again.rows_given, again.rows_new, again.rows_quarantined) == (6, 0, 2)
    assert {t: desk.store.version(t) for t in versions} == versions
    assert desk.store.content_hash(BARS) == content


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_pages_of_one_ask_may_come_in_any_order_and_overlap(data: st.DataObject) -> None:
    rows = pl.concat([page(AAA, WRONG), page(BBB, [7.0, None, 7.1, 7.2])]).with_columns(
        where=pl.format("row {}", pl.int_range(pl.len()))
    )
    cuts = data.draw(st.lists(st.integers(0, rows.height), min_size=1, max_size=4))
    edges = sorted({0, rows.height, *cuts})
    pages = [rows[a:b] for a, b in itertools.pairwise(edges)]
    extra = data.draw(st.lists(st.sampled_from(range(len(pages))), max_size=3))
    order = data.draw(st.permutations([*range(len(pages)), *extra]))
    whole, pieces = Desk(), Desk()
    whole.take(rows)
    pieces.take(*(pages[n] for n in order))
    assert pieces.store.content_hash(BARS) == whole.store.content_hash(BARS)
    assert pieces.store.content_hash(QUARANTINE) == whole.store.content_hash(QUARANTINE)


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=3))
@settings(max_examples=30, deadline=None)
def test_good_pages_of_separate_ingests_may_come_in_any_order(
    order: list[int], again: list[int]
) -> None:
    pages = [page(AAA, [10.0 + n, 10.1 + n], first=2 * n) for n in range(4)]
    whole, pieces = Desk(), Desk()
    whole.take(*pages)
    for n in [*order, *again]:
        pieces.take(pages[n])
    assert pieces.store.content_hash(BARS) == whole.store.content_hash(BARS)
    assert pieces.ingestor.faults(resolved=False) == ()


class _Stopped(Exception):
    """Stands for kill -9 between two writes."""


class _BreakingStore(MemoryStore):
    """A store that dies before its next write to a table."""

    dies_before: str | None = None

    def append(self, table: str, rows: pl.DataFrame, **rest: object) -> Ingest:
        if table == self.dies_before:
            raise _Stopped
        return super().append(table, rows, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("table", ["instruments", QUARANTINE, BARS])
def test_an_ingest_that_died_before_a_write_is_simply_run_again(table: str) -> None:
    whole = Desk()
    whole.take(page(AAA, WRONG))
    store = _BreakingStore()
    desk = Desk(store)
    store.dies_before = table
    with pytest.raises(_Stopped):
        desk.take(page(AAA, WRONG))
    store.dies_before = None
    desk.take(page(AAA, WRONG))
    for name in (BARS, QUARANTINE):
        assert desk.store.content_hash(name) == whole.store.content_hash(name)


def test_what_cannot_be_asked_is_refused() -> None:
    desk = Desk()
    with pytest.raises(InvalidInput, match="no such provider"):
        desk.ingestor.ingest("nobody", Ask())


class _Told:
    """A progress that keeps what it is told, and cancels at a step."""

    def __init__(self, cancel_at: str = "") -> None:
        self.steps: list[str] = []
        self._cancel_at = cancel_at

    def report(self, step: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        self.steps.append(step)
        if step == self._cancel_at:
            raise Cancelled("stopped")


def _ask(desk: Desk, told: _Told) -> None:
    desk.take(page(AAA, [10.0]))  # leaves the pages for the next ask
    desk._pages = [page(AAA, [11.0], first=1)]
    run_ingest(desk.ingestor, {"provider": "pages"}, told)


def test_progress_names_each_step() -> None:
    told = _Told()
    _ask(Desk(), told)
    assert told.steps == [
        "Asking pages",
        "Reading page 0",
        "Checking quality",
        "Writing to the store",
        "Done",
    ]


@pytest.mark.parametrize(
    "step", ["Asking pages", "Reading page 0", "Checking quality", "Writing to the store"]
)
def test_a_cancelled_ingest_leaves_nothing_half_done(step: str) -> None:
    desk = Desk()
    with pytest.raises(Cancelled):
        _ask(desk, _Told(step))
    assert desk.closes() == [10.0]
    assert desk.ingestor.faults() == ()


def test_the_worker_passes_the_span_and_options_on() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0]))
    desk._pages = [page(AAA, [10.0, 10.1, 10.2, 10.3])]
    report = run_ingest(
        desk.ingestor,
        {
            "provider": "pages",
            "options": None,
            "since": SESSIONS[1].isoformat(),
            "until": SESSIONS[2].isoformat(),
        },
        Silent(),
    )
    assert (report.since, report.until, report.rows_new) == (SESSIONS[1], SESSIONS[2], 2)


def test_rows_let_in_by_a_person_enter_with_their_own_known_time() -> None:
    desk = Desk()
    desk.take(page(AAA, WRONG))
    faults = desk.ingestor.faults(rule="jump")
    later = NOW - timedelta(days=100)
    report = desk.ingestor.replay(faults, by="ann", reason="the exchange halted it")
    assert report.rows_new == 2
    assert desk.closes() == WRONG
    early = desk.prices.bars(AAA.id, as_of=later)
    assert [float(bar.close) for bar in early] == WRONG
    assert {f.resolved for f in desk.ingestor.faults()} == {"ann: the exchange halted it"}
    assert desk.ingestor.faults(resolved=False) == ()


def test_new_rows_beside_a_decided_one_are_judged_against_it() -> None:
    desk = Desk()
    desk.take(page(AAA, [100.0, 20.0]))
    desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="true fall")
    desk.take(page(AAA, [100.0, 20.0, 20.5]))
    assert desk.closes() == [100.0, 20.0, 20.5]


def test_a_replay_that_died_half_way_counts_no_factor_twice_and_can_be_run_again() -> None:
    store = _BreakingStore()
    desk = Desk(store)
    desk.take(page(AAA, [100.0, 20.0, 20.4]))
    faults = desk.ingestor.faults(rule="jump")
    store.dies_before = QUARANTINE
    with pytest.raises(_Stopped):
        desk.ingestor.replay(faults, by="ann", reason="split", factor=0.2)
    store.dies_before = None
    for _ in range(2):
        panel = desk.prices.panel((AAA.id,), as_of=NOW)
        assert panel.close[:, 0] == pytest.approx([20.0, 20.0, 20.4])
        if desk.ingestor.faults(resolved=False):
            done = desk.ingestor.replay(faults, by="ann", reason="split", factor=0.2)
            assert done.rows_new == 0


def test_a_row_held_for_its_volume_whose_day_has_a_bar_after_all_counts_once() -> None:
    desk = Desk()
    rows = page(AAA, [100.0, 20.0, 20.4], volume=[9.0, 0.0, 9.0]).with_columns(
        factor=pl.Series([1.0, 0.2, 1.0])
    )
    desk.take(rows)
    desk.take(rows[1:2].with_columns(volume=pl.lit(8.0)))
    panel = desk.prices.panel((AAA.id,), as_of=NOW)
    assert panel.close[:, 0] == pytest.approx([20.0, 20.0, 20.4])


def test_a_row_with_a_known_time_of_its_own_is_let_in_with_it() -> None:
    desk = Desk()
    known_at = NOW - timedelta(days=3)
    desk.take(page(AAA, [10.0, 30.0], known_at=known_at))
    desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="true")
    assert desk.store.read(BARS)["known_at"].to_list() == [known_at, known_at]


def test_the_same_data_after_a_decision_leaves_the_decision_standing() -> None:
    desk = Desk()
    rows = page(AAA, [100.0, 20.0, 20.4, 20.8])
    desk.take(rows)
    desk.ingestor.replay(desk.ingestor.faults(rule="jump"), by="ann", reason="split", factor=0.2)
    content, version = desk.store.content_hash(BARS), desk.store.version(BARS)
    assert desk.take(rows).rows_new == 0
    assert desk.take(page(AAA, [21.0], first=4)).rows_new == 1
    assert desk.store.version(BARS) == version + 1
    assert desk.ingestor.faults(resolved=False) == ()
    panel = desk.prices.panel((AAA.id,), as_of=NOW, until=SESSIONS[3])
    assert panel.close[:, 0] == pytest.approx([20.0, 20.0, 20.4, 20.8])
    assert content != desk.store.content_hash(BARS)


def test_a_later_row_is_judged_against_the_rows_that_were_let_in() -> None:
    desk = Desk()
    desk.take(page(AAA, [100.0, 20.0]))
    desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="true fall")
    desk.take(page(AAA, [20.5], first=2))
    assert desk.closes() == [100.0, 20.0, 20.5]


def test_one_of_two_differing_rows_can_be_chosen() -> None:
    desk = Desk()
    rows = page(AAA, [10.0, 10.1])
    desk.take(pl.concat([rows, rows[1:2].with_columns(close=pl.lit(10.4))]))
    chosen = [f for f in desk.ingestor.faults() if '"close":10.4' in f.row]
    desk.ingestor.replay(chosen, by="ann", reason="as printed")
    assert desk.closes() == [10.0, 10.4]


def test_what_cannot_be_true_cannot_be_let_in() -> None:
    desk = Desk()
    desk.take(page(AAA, [10.0, None, 10.0]), page(BBB, [5.0, 50.0]))
    with pytest.raises(Refused, match="cannot overrule"):
        desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="all of it")
    assert len(desk.closes(BBB)) == 1
    with pytest.raises(NotFound, match="no open fault"):
        desk.ingestor.replay((), by="ann", reason="none")
    jumps = desk.ingestor.faults(rule="jump")
    desk.ingestor.replay(jumps, by="ann", reason="once")
    with pytest.raises(Refused, match="resolved before"):
        desk.ingestor.replay(desk.ingestor.faults(rule="jump"), by="ann", reason="twice")
    gap = make_fault(
        "jump",
        "?",
        source="file",
        instrument=AAA.id,
        session=None,
        where="",
        row=jumps[0].row,
        seen_at=NOW,
    )
    with pytest.raises(Refused, match="no session"):
        desk.ingestor.replay([gap], by="ann", reason="none")


@pytest.mark.parametrize("factor", [0.0, -1.0, float("inf"), float("nan")])
def test_a_factor_that_is_none_is_refused(factor: float) -> None:
    desk = Desk()
    desk.take(page(AAA, [100.0, 20.0]))
    with pytest.raises(InvalidInput, match="above zero"):
        desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="split", factor=factor)


def test_a_factor_is_given_for_one_instrument_at_a_time() -> None:
    desk = Desk()
    desk.take(page(AAA, [100.0, 20.0]), page(BBB, [100.0, 20.0]))
    with pytest.raises(InvalidInput, match="one instrument"):
        desk.ingestor.replay(desk.ingestor.faults(), by="ann", reason="split", factor=0.2)


class _Odd:
    """A provider whose answers a test makes up."""

    name = "odd"

    def __init__(self, desk: Desk, parsed: Parsed, answers: int = 1) -> None:
        self.origin = desk._provider().origin
        self._raw = Raw("odd", "answer", b"", NOW, "0" * 64)
        self._parsed, self._answers = parsed, answers

    def ask(self, ask: Ask) -> tuple[Raw, ...]:
        return (self._raw,) * self._answers

    def parse(self, raw: Raw, ask: Ask) -> Parsed:
        return self._parsed


def _odd_ingestor(desk: Desk, parsed: Parsed, answers: int = 1) -> Ingestor:
    return Ingestor(
        desk.store,
        desk.archive,
        desk.book,
        desk.prices.calendar,
        {"odd": lambda: _Odd(desk, parsed, answers)},
        desk.clock,
        desk.ids,
    )


def test_a_move_that_was_checked_is_let_in() -> None:
    desk = Desk()
    rows = page(AAA, [10.0, 25.0, 26.0], source="simulated").with_columns(
        pl.lit(None).alias(n)
        for n in PARSED
        if n not in ("instrument", "session", "close", "factor", "source")
    )
    parsed = Parsed(
        rows.select(list(PARSED)).cast(PARSED),
        (AAA,),
        (),  # type: ignore[arg-type]
        (CheckedMove(AAA.id, SESSIONS[1], "printed so"),),
    )
    _odd_ingestor(desk, parsed).ingest("odd", Ask())
    assert desk.closes() == [10.0, 25.0, 26.0]
    other = Desk()
    _odd_ingestor(other, replace(parsed, moves=())).ingest("odd", Ask())
    assert other.closes() == [10.0]


def test_answers_that_all_are_useless_are_refused_with_their_reason() -> None:
    desk = Desk()
    fault = make_fault(
        "answer",
        "Yahoo says: no data",
        source="live:yahoo",
        instrument="ZZZ",
        session=None,
        where="ZZZ",
        row="",
        seen_at=NOW,
    )
    empty = Parsed(pl.DataFrame(schema=PARSED), (), (fault,))
    with pytest.raises(Unavailable, match="Yahoo says: no data"):
        _odd_ingestor(desk, empty).ingest("odd", Ask())


def test_more_raw_answers_than_one_ingest_takes_are_refused() -> None:
    desk = Desk()
    empty = Parsed(pl.DataFrame(schema=PARSED), (), ())
    with pytest.raises(InvalidInput, match="too many raw answers"):
        _odd_ingestor(desk, empty, RAW_ANSWERS_MAX + 1).ingest("odd", Ask())
