"""A fact's id is the hash of its content, whatever way the content is written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.errors import InvalidInput, NotFound
from fondaco.core.facts import Fact, MemoryFacts, Source, plain_digits

AT = datetime(2019, 6, 28, 20, tzinfo=UTC)
SOURCE = Source("bars_1d", ("I-1",), ("close",), since=AT, until=AT, version=3, method="last")
FACT = Fact("last close", Decimal("1.50"), "USD", AT, SOURCE)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "first close"},
        {"value": Decimal("1.51")},
        {"unit": "EUR"},
        {"as_of": AT + timedelta(seconds=1)},
        *(
            {"source": replace(SOURCE, **part)}
            for part in (
                {"table": "entries"},
                {"keys": ("I-2",)},
                {"columns": ()},
                {"since": None},
                {"until": None},
                {"version": 4},
                {"version": None},
                {"method": "mean"},
            )
        ),
    ],
    ids=str,
)
def test_a_change_of_content_is_another_fact(change: dict[str, Any]) -> None:
    assert replace(FACT, **change).id != FACT.id


@pytest.mark.parametrize("zone", [-4, 0, 5])
@pytest.mark.parametrize("value", ["1.5", "1.50", "1.500000", "150E-2"])
def test_equal_content_has_one_id_after_any_round_trip(zone: int, value: str) -> None:
    there = timezone(timedelta(hours=zone))
    source = replace(SOURCE, since=AT.astimezone(there), until=AT.astimezone(there))
    same = Fact("last close", Decimal(value), "USD", AT.astimezone(there), source)
    assert same.id == FACT.id


def test_an_id_has_the_form_that_surfaces_ask_for() -> None:
    assert FACT.id.startswith("F-")
    assert len(FACT.id) == 18


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
)
def test_numbers_have_the_same_digits_when_they_are_equal(a: Decimal, b: Decimal) -> None:
    assert (plain_digits(a) == plain_digits(b)) == (a == b)
    assert plain_digits(a) == plain_digits(Decimal(f"{a:f}000"))
    assert Decimal(plain_digits(a)) == a


def test_a_fact_is_a_finite_number_at_a_moment_with_a_zone() -> None:
    with pytest.raises(InvalidInput, match="finite"):
        replace(FACT, value=Decimal("NaN"))
    with pytest.raises(InvalidInput, match="timezone"):
        replace(FACT, as_of=datetime(2019, 6, 28))  # noqa: DTZ001 - naive on purpose


def test_the_memory_store_keeps_a_fact_once_and_finds_it() -> None:
    store = MemoryFacts()
    store.add((FACT, FACT))
    assert store.get(FACT.id) is FACT
    with pytest.raises(NotFound):
        store.get("F-0000000000000000")
