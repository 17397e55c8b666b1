"""Small parts: parcels, flights, due things, percentiles."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput
from fondaco.market.errors import Unanswered
from fondaco.market.feed.analytics import percentile
from fondaco.market.feed.due import DUE_MAX, DueKeys
from fondaco.market.feed.flights import Flights
from fondaco.market.feed.parcel import packed, unpacked
from fondaco.market.feed.values import SYMBOLS_MAX, Choice, Held, Reading, Wanted
from fondaco.market.sheets import Market
from unit.market.feed.toy import NOW, quote, want


def test_an_entry_comes_out_of_its_parcel_as_it_went_in() -> None:
    choice = Choice("quotes", Market.US, "AAA", NOW, "live:a", 0.1, True, 0.02, "tie",
                    (Reading("live:a", 0.1), Reading("live:b", 0.102)))  # fmt: skip
    rows = quote(0.1).with_columns(pl.lit("ä\n").alias("text"))
    held = Held(rows, "live:a", "i-1", NOW, NOW + timedelta(seconds=5), "why", 2, choice)
    body = packed(held)
    assert body is not None
    back = unpacked(body)
    assert back is not None
    assert back.rows.equals(rows)
    assert back.rows.schema == rows.schema
    assert [getattr(back, f) for f in ("source", "ingest_id", "asked_at", "fresh_until", "why",
            "witnesses", "choice")] == ["live:a", "i-1", NOW, NOW + timedelta(seconds=5), "why",
            2, choice]  # fmt: skip


@given(st.binary(max_size=200), st.integers(0, 400))
def test_bytes_that_are_no_parcel_are_never_an_entry(noise: bytes, cut: int) -> None:
    assert unpacked(noise) is None
    body = packed(Held(quote(1.0), "live:a", "i-1", NOW, NOW))
    assert body is not None
    assert unpacked(body[: min(cut, len(body) - 1)]) is None


def test_who_waits_for_a_flight_that_never_lands_is_told() -> None:
    flights: Flights[str, int] = Flights()
    flights.claim(["a"])
    mine, others = flights.claim(["a", "b"])
    assert mine == ["b"]
    with pytest.raises(Unanswered, match="has not ended"):
        others["a"].result(0.01)
    flights.land("a", None)
    with pytest.raises(Unanswered, match="broken off"):
        others["a"].result(0.01)


def test_what_is_due_is_bounded_and_what_waited_longest_makes_room() -> None:
    due = DueKeys()
    for n in range(DUE_MAX + 10):
        due.add(want(f"S{n}"), [f"S{n}"], 1)
    assert len(due) == DUE_MAX
    (first, witnesses), *_ = due.take(1)
    assert (first.symbols[0], witnesses) == ("S10", 1)
    assert not due.add(want("S100"), ["S100"], 1)
    assert due.add(want("S10"), ["S10"], 1)


def test_due_things_of_other_kinds_spans_and_witnesses_go_into_calls_of_their_own() -> None:
    due = DueKeys()
    due.add(want("A", "B"), ["A", "B"], 1)
    due.add(want("A", kind="news"), ["A"], 1)
    due.add(want("A"), ["A"], 2)
    due.add(Wanted("quotes", Market.US, ("A",), options=(("x", "1"),)), ["A"], 1)
    assert sorted(len(wanted.symbols) for wanted, _ in due.take(10)) == [1, 1, 1, 2]


def test_percentiles_are_by_nearest_rank() -> None:
    """The worked example of Wikipedia's article on percentiles, nearest-rank method."""
    values = [15, 20, 35, 40, 50]
    assert [percentile(values, p) for p in (0.05, 0.30, 0.40, 0.50, 1.0)] == [15, 20, 20, 35, 50]
    assert percentile([], 0.5) == 0.0


def test_a_question_has_a_bounded_number_of_symbols() -> None:
    with pytest.raises(InvalidInput, match=r"1 to 1,000"):
        want(*(str(n) for n in range(SYMBOLS_MAX + 1)))
    with pytest.raises(InvalidInput, match=r"1 to 1,000"):
        want()
