"""Every store of entries: kept once by key, read back exactly, in order of (ts, booking)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fondaco.core.entry import Entry, Posting
from fondaco.core.errors import Conflict, NotFound
from fondaco.ledger.fakes import MemoryEntries
from fondaco.ledger.ports import EntryStore

DAY = datetime(2019, 6, 28, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBERS = count()
EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - hypothesis wants bounds without a zone
LATEST = datetime(2200, 1, 1)  # noqa: DTZ001


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryEntries()
    from fondaco.adapters.stores.postgres.entries import PostgresEntries

    return PostgresEntries(request.getfixturevalue("database"))


def entry(
    key: str,
    *,
    ts: datetime = DAY,
    known_at: datetime = DAY,
    amount: str = "100.50",
    account: str = "assets:paper",
) -> Entry:
    value = Decimal(amount)
    return Entry(
        f"id-{key}",
        key,
        ts,
        known_at,
        f"memo {key}",
        (Posting(account, "USD", value), Posting("equity:deposits", "USD", -value)),
    )


def test_an_entry_comes_back_as_it_was_booked(store: EntryStore) -> None:
    booked = Entry(
        "e-1",
        "fill:1",
        DAY,
        DAY + HOUR,
        "bought",
        (
            Posting("assets:paper", "I-a", Decimal(10)),
            Posting("equity:trading", "I-a", Decimal(-10)),
            Posting("assets:paper", "USD", Decimal("-1001.0000001")),
            Posting("equity:trading", "USD", Decimal("1000.0000001")),
            Posting("expenses:fees", "USD", Decimal("1")),
        ),
        corrects="e-0",
    )
    assert store.add(booked)
    assert store.entries() == (booked,)
    assert store.get("e-1") == booked
    assert store.find("fill:1") == booked


def test_the_same_entry_again_is_kept_once(store: EntryStore) -> None:
    first = entry("k")
    assert store.add(first)
    assert not store.add(replace(first, id="made anew", known_at=DAY + HOUR))
    assert store.entries() == (first,)


def test_the_order_of_the_postings_does_not_make_another_entry(store: EntryStore) -> None:
    first = entry("k")
    store.add(first)
    assert not store.add(replace(first, postings=first.postings[::-1]))


@pytest.mark.parametrize(
    "other",
    [
        entry("k", amount="100.51"),
        entry("k", ts=DAY + HOUR),
        entry("k", account="assets:other"),
        replace(entry("k"), memo="another"),
        replace(entry("k"), corrects="e-0"),
    ],
)
def test_another_entry_under_the_same_key_is_refused(store: EntryStore, other: Entry) -> None:
    store.add(entry("k"))
    with pytest.raises(Conflict):
        store.add(replace(other, id="another"))
    assert store.entries() == (entry("k"),)


def test_entries_come_in_order_of_time_and_then_of_booking(store: EntryStore) -> None:
    for key, ts in (("late", DAY + HOUR), ("b", DAY), ("a", DAY), ("early", DAY - HOUR)):
        store.add(entry(key, ts=ts))
    assert [e.key for e in store.entries()] == ["early", "b", "a", "late"]
    assert [e.key for e in store.entries(limit=2)] == ["early", "b"]


def test_both_time_bounds_are_included(store: EntryStore) -> None:
    store.add(entry("now"))
    store.add(entry("later", ts=DAY + HOUR, known_at=DAY))
    store.add(entry("learnt later", ts=DAY, known_at=DAY + HOUR))
    assert [e.key for e in store.entries(as_of=DAY)] == ["now", "later"]
    assert [e.key for e in store.entries(until=DAY)] == ["now", "learnt later"]
    assert [e.key for e in store.entries(as_of=DAY, until=DAY)] == ["now"]


def test_an_account_matches_itself_and_what_is_below_it(store: EntryStore) -> None:
    for key, account in (
        ("itself", "assets:paper"),
        ("below", "assets:paper:margin"),
        ("beside", "assets:paper2"),
        ("like", "assets:p%"),
    ):
        store.add(entry(key, account=account))
    assert [e.key for e in store.entries(account="assets:paper")] == ["itself", "below"]
    assert [e.key for e in store.entries(account="assets:p%")] == ["like"]
    assert [e.key for e in store.entries(account="assets:pape_")] == []
    assert len(store.entries(account="assets")) == 4


def test_an_account_twice_in_one_entry_gives_the_entry_once(store: EntryStore) -> None:
    twice = Entry(
        "e",
        "k",
        DAY,
        DAY,
        "",
        (
            Posting("assets:paper", "USD", Decimal(1)),
            Posting("assets:paper", "USD", Decimal(2)),
            Posting("equity:deposits", "USD", Decimal(-3)),
        ),
    )
    store.add(twice)
    assert store.entries(account="assets:paper") == (twice,)


def test_what_is_not_there_is_not_found(store: EntryStore) -> None:
    assert store.find("none") is None
    with pytest.raises(NotFound):
        store.get("none")


def test_an_account_can_be_held(store: EntryStore) -> None:
    store.hold("assets:paper")
    store.hold("assets:paper")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.decimals(
            allow_nan=False, allow_infinity=False, places=9, min_value=-(10**15), max_value=10**15
        ),
        min_size=1,
        max_size=4,
    ),
    st.datetimes(timezones=st.just(UTC), min_value=EARLIEST, max_value=LATEST),
)
def test_any_balanced_entry_survives_to_the_last_digit(
    store: EntryStore, amounts: list[Decimal], ts: datetime
) -> None:
    key = next(NUMBERS)
    lines = [Posting(f"assets:{n}", "USD", amount) for n, amount in enumerate(amounts)]
    lines.append(Posting("equity:deposits", "USD", -sum(amounts, Decimal(0))))
    booked = Entry(f"id-{key}", f"key-{key}", ts, ts, "", tuple(lines))
    store.add(booked)
    assert store.get(booked.id) == booked
