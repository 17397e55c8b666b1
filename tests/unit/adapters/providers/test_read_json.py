"""JSON read without trust."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fondaco.adapters.providers.read_json import Useless, number, part, read_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_whole_json_is_read_as_it_was_written(data: Any) -> None:
    assert read_json(json.dumps(data).encode()) == data


@given(PLAIN.filter(lambda data: isinstance(data, dict | list | str)), st.data())
def test_a_cut_at_any_byte_is_useless(data: Any, draw: st.DataObject) -> None:
    body = json.dumps(data).encode()
    with pytest.raises(Useless):
        read_json(body[: draw.draw(st.integers(0, len(body) - 1))])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<html></html>", "a web page"),
        (b"\n <!DOCTYPE html>", "a web page"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e999}', "1e999 is too large"),
        (b'{"a": 1, "a": 2}', "a key stands twice"),
        (b"[1] [2]", "not whole JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a": "\xe9"}', "not whole JSON"),
        (b"9" * 5_000, "not whole JSON"),
    ],
)
def test_what_is_no_whole_json_is_useless_and_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(Useless, match=reason):
        read_json(body)


@pytest.mark.parametrize("data", [{}, {"a": None}, {"a": [1]}, {"a": True}, [], None, "a", 5])
def test_a_part_that_is_not_there_or_of_another_kind_is_useless(data: Any) -> None:
    with pytest.raises(Useless, match="the answer has no a"):
        part(data, "a", int)


def test_a_part_is_given_as_it_is() -> None:
    assert part({"a": 5}, "a", int) == 5
    assert part({"a": True}, "a", bool) is True


@pytest.mark.parametrize("cell", ["1.5", True, [1.5], {"a": 1}, "NaN", float("nan"), float("inf")])
def test_what_is_no_finite_number_is_useless(cell: Any) -> None:
    with pytest.raises(Useless, match="price"):
        number(cell, "price")


@pytest.mark.parametrize("cell", ["1.5x", "NaN", "inf", "1e999", True, [1.5], {}])
def test_words_that_are_no_finite_number_are_useless(cell: Any) -> None:
    with pytest.raises(Useless, match="price"):
        number(cell, "price", text=True)


def test_numbers_are_read_from_cells_and_where_documented_from_words() -> None:
    assert number(2, "price") == 2.0
    assert number("1,234.5", "price", text=True) == 1234.5
    assert number(1.5, "price", text=True) == 1.5
    assert number(None, "price") is None


@pytest.mark.parametrize("cell", ["", "None", "-", "NA", "N/A"])
def test_a_vendors_word_for_nothing_is_an_empty_cell(cell: str) -> None:
    assert number(cell, "price", text=True) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0.5", 0.5),
        (".5", 0.5),
        ("-1.2E-3", -0.0012),
        ("1,23,456.70", 123456.7),
        ("12,345", 12345.0),
    ],
)
def test_a_number_may_be_written_in_the_usual_ways(cell: str, value: float) -> None:
    assert number(cell, "price", text=True) == value


@pytest.mark.parametrize(
    "cell", ["1_0", "3,5", "1,2345", ",5", ".", "+", "0x1", " 1", "١", "1e9999"]
)
def test_what_only_looks_like_a_number_is_none(cell: str) -> None:
    with pytest.raises(Useless, match=r"is no number|is not finite"):
        number(cell, "price", text=True)
