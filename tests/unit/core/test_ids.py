"""Ids: time-ordered, and hashes of one canonical text."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.core.clock import FixedClock
from fondaco.core.ids import Ids, canonical_json, content_hash

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_a_uuid_is_the_example_of_rfc_9562_appendix_a_6() -> None:
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    chance = (0xCC3 << 62) | 0x18C4DC0C0C07398F
    ids = Ids(FixedClock(moment), lambda n: chance.to_bytes(n, "big"))
    assert str(ids.new()) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, 10**11), st.binary(min_size=10, max_size=10))
def test_a_uuid_holds_its_millisecond_version_and_variant(ms: int, chance: bytes) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    made = Ids(FixedClock(moment), lambda n: chance[:n]).new()
    assert made.int >> 80 == ms
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


@given(st.lists(st.integers(0, 2**40), min_size=2, max_size=5, unique=True))
def test_later_uuids_sort_after_earlier_ones(moments: list[int]) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    made = [
        Ids(FixedClock(epoch + timedelta(milliseconds=ms)), bytes).new() for ms in sorted(moments)
    ]
    assert made == sorted(made)


@given(json_values)
def test_canonical_json_says_the_same_whatever_the_order(data: object) -> None:
    def turned(value: object) -> object:
        if isinstance(value, dict):
            return {k: turned(v) for k, v in reversed(value.items())}
        return [turned(v) for v in value] if isinstance(value, list) else value

    assert canonical_json(turned(data)) == canonical_json(data)
    assert json.loads(canonical_json(data)) == data


def test_a_hash_is_that_of_the_sha256sum_program() -> None:
    expected = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert content_hash({"a": 1}) == expected  # printf '{"a":1}' | sha256sum


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_has_no_canonical_text(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": value})
