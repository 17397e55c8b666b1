"""Revisions: what is new, what was in force, and a hash that does not mind the order."""

from datetime import datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.market.fakes import MemoryStore
from fondaco.market.tables import BARS
from unit.market.rows import AAA, BBB, CALENDAR, NOW, SESSIONS, bar_rows, page

ROWS = pl.concat([page(AAA, [10.0, 11.0, 12.0, 13.0]), page(BBB, [20.0, 21.0, 22.0, 23.0])])


@st.composite
def cuttings(draw: st.DrawFn) -> list[pl.DataFrame]:
    """Cut the rows into pages that overlap, repeat and come in any order, missing none."""
    numbers = st.lists(st.integers(0, ROWS.height - 1), min_size=1, max_size=6, unique=True)
    pages = draw(st.lists(numbers, min_size=1, max_size=8))
    missing = sorted(set(range(ROWS.height)) - {n for numbers in pages for n in numbers})
    pages += [missing] if missing else []
    return [ROWS[numbers] for numbers in draw(st.permutations(pages))]


@given(cuttings())
@settings(max_examples=60, deadline=None)
def test_pages_in_any_order_overlap_and_repetition_end_as_the_same_content(
    pages: list[pl.DataFrame],
) -> None:
    whole, pieces = MemoryStore(), MemoryStore()
    whole.append(BARS, bar_rows(ROWS), ingest_id="whole")
    new = [
        pieces.append(BARS, bar_rows(p, ingest_id=f"{n}"), ingest_id=f"{n}").rows_new
        for n, p in enumerate(pages)
    ]
    assert sum(new) == ROWS.height
    assert pieces.content_hash(BARS) == whole.content_hash(BARS)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 9)), max_size=12),
    st.integers(0, 9),
)
@settings(max_examples=80, deadline=None)
def test_a_reading_as_of_a_time_is_the_last_row_known_by_then(
    revisions: list[tuple[int, int, int]], hours: int
) -> None:
    store, expected = MemoryStore(), {}
    as_of = CALENDAR.close(SESSIONS[0]) + timedelta(hours=hours)
    for n, (session, known_after, price) in enumerate(revisions):
        known_at = CALENDAR.close(SESSIONS[session]) + timedelta(hours=known_after)
        rows = bar_rows(page(AAA, [float(price)], first=session, known_at=known_at))
        store.append(BARS, rows.with_columns(ingest_id=pl.lit(f"{n:03}")), ingest_id=f"{n:03}")
        best = expected.get(session)
        seen_before = any(r[:2] == (session, known_after) and r[2] == price for r in revisions[:n])
        if known_at <= as_of and not seen_before and (best is None or known_at >= best[0]):
            expected[session] = (known_at, float(price))
    found = store.read(BARS, as_of=as_of)
    assert (found["known_at"] <= as_of).all()
    assert dict(zip(found["session"], found["close"], strict=True)) == {
        SESSIONS[session]: price for session, (_, price) in expected.items()
    }


def test_a_row_that_contradicts_a_kept_one_is_known_from_when_it_was_seen() -> None:
    store = MemoryStore()
    store.append(BARS, bar_rows(page(AAA, [10.0])), ingest_id="1", seen_at=NOW)
    done = store.append(BARS, bar_rows(page(AAA, [10.5])), ingest_id="2", seen_at=NOW)
    assert done.rows_new == 1
    before = store.read(BARS, as_of=NOW - timedelta(seconds=1))
    assert before["close"].to_list() == [10.0]
    assert store.read(BARS, as_of=NOW)["close"].to_list() == [10.5]


def test_the_first_statement_again_does_not_undo_its_revision() -> None:
    store = MemoryStore()
    for n, close in enumerate([10.0, 10.5, 10.0, 10.5]):
        store.append(BARS, bar_rows(page(AAA, [close])), ingest_id=f"{n}", seen_at=NOW)
    assert store.version(BARS) == 1
    assert store.read(BARS)["close"].to_list() == [10.5]


def test_of_rows_known_at_the_same_time_the_later_ingest_is_in_force() -> None:
    store = MemoryStore()
    for ingest_id, close in (("b", 11.0), ("a", 10.0)):
        rows = bar_rows(page(AAA, [close]), ingest_id=ingest_id)
        store.append(BARS, rows, ingest_id=ingest_id)
    assert store.read(BARS)["close"].to_list() == [11.0]


def test_the_content_hash_moves_with_every_column_but_the_bookkeeping() -> None:
    def hash_of(**changes: object) -> str:
        rows = page(AAA, [10.0], open=[10.0], high=[11.0], low=[9.0], volume=[5.0])
        bars = bar_rows(rows).with_columns(pl.lit(v).alias(n) for n, v in changes.items())
        store = MemoryStore()
        store.append(BARS, bars, ingest_id="x")
        return store.content_hash(BARS)

    later: datetime = NOW
    same = hash_of()
    assert hash_of(ingest_id="another") == same
    for change in (
        {"close": 10.1},
        {"open": None},
        {"high": 12.0},
        {"low": 8.0},
        {"volume": 6.0},
        {"factor": 0.5},
        {"source": "file"},
        {"known_at": later},
        {"session": SESSIONS[1]},
    ):
        assert hash_of(**change) != same, change
