"""Index members: who belonged on a day, as it was known."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fondaco.core.errors import NotFound
from fondaco.market.fakes import MemoryStore
from fondaco.market.kind_rows import KindRows
from fondaco.market.kinds import kind_named
from fondaco.market.memberships import Memberships

SCHEMA = kind_named("memberships").table.schema
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC)


def span(
    member: str, start: date, end: date | None = None, known: date | None = None, **said: object
) -> dict[str, object]:
    """Return a row of `memberships`, known at its start unless said otherwise."""
    return {
        "index": "S&P 500", "member": member, "ts": _at(start), "known_at": _at(known or start),
        "start": start, "end": end, "weight": None, "source": "file", "ingest_id": "1",
    } | said  # fmt: skip


def memberships(*rows: dict[str, object]) -> Memberships:
    """Return memberships over a store that holds these rows."""
    store = MemoryStore()
    store.append("memberships", pl.DataFrame(list(rows), schema=SCHEMA), ingest_id="1")
    return Memberships(KindRows(store))


# Lehman Brothers left the S&P 500 after its failure: last a member on 2008-09-16.
LEHMAN = [
    span("LEH", date(1998, 1, 12)),
    span("LEH", date(1998, 1, 12), date(2008, 9, 16), known=date(2008, 9, 17)),
]
APPLE = span("AAPL", date(1982, 11, 30), weight=0.02)


def _names(found: Memberships, day: date, as_of: datetime = LATER) -> list[str]:
    return [one.instrument for one in found.members("S&P 500", day, as_of=as_of)]


def test_who_failed_later_is_in_the_universe_of_before() -> None:
    found = memberships(*LEHMAN, APPLE)
    assert _names(found, date(2007, 6, 29)) == ["AAPL", "LEH"]
    assert _names(found, date(2008, 9, 16)) == ["AAPL", "LEH"]
    assert _names(found, date(2008, 9, 17)) == ["AAPL"]
    assert _names(found, date(1997, 1, 2)) == ["AAPL"]


def test_a_departure_that_was_not_known_has_not_happened() -> None:
    found = memberships(*LEHMAN, APPLE)
    before = _at(date(2008, 9, 17)) - timedelta(seconds=1)
    assert _names(found, date(2008, 12, 1), before) == ["AAPL", "LEH"]
    (apple,) = found.members("S&P 500", date(2008, 12, 1), as_of=LATER)
    assert (apple.start, apple.end, apple.weight) == (date(1982, 11, 30), None, 0.02)
    (_, lehman) = found.members("S&P 500", date(2008, 9, 1), as_of=LATER)
    assert lehman.end == date(2008, 9, 16)


def test_a_member_that_came_back_is_out_between() -> None:
    found = memberships(
        span("AAL", date(1996, 1, 2), date(1997, 1, 14)), span("AAL", date(2015, 3, 23))
    )
    assert [_names(found, date(year, 6, 1)) for year in (1996, 2005, 2016)] == [
        ["AAL"], [], ["AAL"],
    ]  # fmt: skip
    twice = memberships(
        span("AAL", date(2015, 1, 2), date(2016, 1, 4)), span("AAL", date(2015, 3, 23))
    )
    (one,) = twice.members("S&P 500", date(2015, 6, 1), as_of=LATER)
    assert one.start == date(2015, 3, 23)


def test_the_universe_of_a_span_holds_all_that_was_ever_in_it() -> None:
    found = memberships(*LEHMAN, APPLE, span("META", date(2013, 12, 23)))
    ever = found.ever("S&P 500", date(2008, 1, 2), date(2013, 12, 31), as_of=LATER)
    assert ever == ("AAPL", "LEH", "META")
    assert found.ever("S&P 500", date(2009, 1, 2), date(2010, 1, 4), as_of=LATER) == ("AAPL",)


def test_sources_are_not_mixed_and_an_unknown_index_names_near_ones() -> None:
    found = memberships(APPLE, span("GONE", date(1980, 1, 2), source="bundled:old"))
    assert _names(found, date(2000, 1, 3)) == ["AAPL"]
    with pytest.raises(NotFound, match="S&P 500") as caught:
        found.members("S&P 50", date(2000, 1, 3), as_of=LATER)
    assert "no member of this index" in caught.value.message
    with pytest.raises(NotFound):
        found.members("S&P 500", date(2000, 1, 3), as_of=_at(date(1970, 1, 1)))


_DAYS = st.integers(0, 40).map(lambda n: date(2000, 1, 1) + timedelta(days=n))


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), _DAYS, st.integers(0, 20)), min_size=1, max_size=6),
    _DAYS,
    _DAYS,
)
@settings(max_examples=60, deadline=None)
def test_what_is_learnt_later_changes_no_universe_of_before(
    spans: list[tuple[str, date, int]], day: date, seen: date
) -> None:
    rows = []
    for member, start, days in {(m, s): (m, s, d) for m, s, d in spans}.values():
        end = start + timedelta(days=days)
        rows += [span(member, start), span(member, start, end, known=end + timedelta(days=1))]
    known = [row for row in rows if row["known_at"] <= _at(seen)]  # type: ignore[operator]
    if not known:
        return
    assert _names(memberships(*rows), day, _at(seen)) == _names(memberships(*known), day)
