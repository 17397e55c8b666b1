"""The journal: what was altered, taken out or moved is found; secrets never get in."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from fondaco.core.ids import canonical_json
from fondaco.core.journal import (
    GENESIS,
    HIDDEN,
    Head,
    Line,
    MemoryJournal,
    Note,
    chain,
    redact,
    verify_lines,
)

AT = datetime(2019, 6, 28, 20, tzinfo=UTC)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
notes = st.builds(
    Note,
    at=st.integers(0, 10**12).map(lambda us: AT + timedelta(microseconds=us)),
    actor=words,
    surface=words,
    capability=words,
    effect=words,
    inputs=st.dictionaries(words, st.none() | st.booleans() | st.integers() | words, max_size=3),
    outcome=words,
    detail=words,
    request_id=st.none() | words,
)


def _chained(given_notes: list[Note]) -> list[Line]:
    lines: list[Line] = []
    for note in given_notes:
        lines.append(chain(len(lines) + 1, note, lines[-1].hash if lines else GENESIS))
    return lines


def _as_stored(line: Line) -> str:
    fields = {k: getattr(line.note, k) for k in Note.__slots__}
    fields["at"] = fields["at"].isoformat()
    return json.dumps([line.seq, fields, line.previous, line.hash], ensure_ascii=False)


def _as_read(text: str) -> Line:
    seq, fields, previous, digest = json.loads(text)
    fields["at"] = datetime.fromisoformat(fields["at"])
    return Line(seq, Note(**fields), previous, digest)


def _head(lines: list[Line]) -> Head:
    return Head(len(lines), lines[-1].hash if lines else GENESIS)


@given(st.lists(notes, max_size=6))
def test_a_chain_as_written_is_intact(written: list[Note]) -> None:
    lines = _chained(written)
    found = verify_lines([_as_read(_as_stored(line)) for line in lines], _head(lines))
    assert (found.intact, found.lines, found.head) == (True, len(lines), _head(lines).hash)


@given(st.lists(notes, min_size=1, max_size=4), st.data())
def test_any_flipped_byte_of_any_line_is_found(written: list[Note], data: st.DataObject) -> None:
    lines = _chained(written)
    at = data.draw(st.integers(0, len(lines) - 1))
    stored = _as_stored(lines[at]).encode()
    byte = data.draw(st.integers(0, len(stored) - 1))
    flipped = bytearray(stored)
    flipped[byte] ^= 1 << data.draw(st.integers(0, 7))
    try:
        altered = _as_read(flipped.decode())
    except (ValueError, TypeError, KeyError):
        return  # it can no longer be read at all, so it cannot pass for a line
    if altered == lines[at]:
        return  # another way to write the same content
    found = verify_lines([*lines[:at], altered, *lines[at + 1 :]])
    assert (found.intact, found.broken_at) == (False, at + 1)


@pytest.mark.parametrize("field", Note.__slots__)
def test_a_change_in_any_field_of_a_note_is_found(field: str) -> None:
    note = Note(AT, "ann", "cli", "cards.list", "read", {"limit": 5}, "ok", "", None)
    changed = {"at": AT + timedelta(microseconds=1), "inputs": {"limit": "5"}}.get(field, "other")
    lines = _chained([note, note])
    lines[0] = replace(lines[0], note=replace(note, **{field: changed}))
    found = verify_lines(lines)
    assert found.broken_at == 1
    assert found.reason == "its content does not match its hash"


@given(st.lists(notes, min_size=2, max_size=6), st.data())
def test_a_line_taken_out_is_found_the_last_one_by_the_head(
    written: list[Note], data: st.DataObject
) -> None:
    lines = _chained(written)
    at = data.draw(st.integers(0, len(lines) - 1))
    found = verify_lines(lines[:at] + lines[at + 1 :], _head(lines))
    assert (found.intact, found.broken_at) == (False, at + 1)


@given(st.lists(notes, min_size=2, max_size=6), st.data())
def test_lines_out_of_order_are_found(written: list[Note], data: st.DataObject) -> None:
    lines = _chained(written)
    turned = data.draw(st.permutations(lines))
    first = next(
        (i for i, (a, b) in enumerate(zip(turned, lines, strict=True)) if a is not b), None
    )
    found = verify_lines(turned)
    assert found.broken_at == (None if first is None else first + 1)


def test_a_line_put_in_with_its_own_good_hash_is_found() -> None:
    note = Note(AT, "ann", "cli", "cards.list", "read", {}, "ok")
    lines = _chained([note, note, note])
    forged = chain(2, replace(note, actor="mallory"), lines[0].hash)
    found = verify_lines([lines[0], forged, lines[2]])
    assert (found.broken_at, found.reason) == (3, "it is not tied to the line before it")


def test_a_gap_in_the_numbers_is_found_though_every_hash_fits() -> None:
    note = Note(AT, "ann", "cli", "cards.list", "read", {}, "ok")
    first = chain(1, note, GENESIS)
    found = verify_lines([first, chain(3, note, first.hash)])
    assert found.broken_at == 2
    assert found.reason == "line 2 is missing or out of order (found 3)"


def test_the_same_moment_in_another_zone_is_the_same_line() -> None:
    note = Note(AT, "ann", "cli", "cards.list", "read", {}, "ok")
    elsewhere = replace(note, at=AT.astimezone(timezone(timedelta(hours=-4))))
    assert chain(1, note, GENESIS).hash == chain(1, elsewhere, GENESIS).hash


def test_the_memory_journal_chains_and_lists_newest_first() -> None:
    journal = MemoryJournal()
    for outcome in ("ok", "refused"):
        journal.append(Note(AT, "ann", "cli", "cards.list", "read", {}, outcome))
    assert [line.note.outcome for line in journal.lines(limit=5)] == ["refused", "ok"]
    assert journal.verify().intact


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "API-Key",
        "x_api_key",
        "agentApiKey",
        "Authorization",
        "client_secret",
        "access_token",
        "private-key",
        "Set-Cookie",
    ],
)
def test_the_value_of_a_secret_key_is_hidden_at_any_depth(key: str) -> None:
    data = {"a": [{"b": {key: "hunter2"}}], key: {"deep": "hunter2"}}
    kept = redact(data)
    assert "hunter2" not in canonical_json(kept)
    assert kept[key] == HIDDEN


def test_secret_values_and_passwords_in_urls_are_hidden_under_any_key() -> None:
    kept = redact({"x": SecretStr("hunter2"), "where": "postgresql://ann:hunter2@host/desk"})
    assert "hunter2" not in canonical_json(kept)
    assert kept["where"] == "postgresql://ann:[hidden]@host/desk"


@settings(max_examples=50)
@given(
    st.recursive(
        st.text(st.characters()) | st.floats() | st.integers() | st.binary() | st.decimals(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_comes_in_can_be_kept_and_hashed(data: object) -> None:
    text = canonical_json(redact(data))
    text.encode()
    assert "\\u0000" not in text


def test_what_nests_too_deeply_is_cut_off() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deeply" in canonical_json(redact(deep))


def test_ordinary_values_pass_unharmed() -> None:
    kept = redact({"symbol": "AAPL", "n": 3, "amount": Decimal("1.50"), "to": ("a", None, True)})
    assert kept == {"symbol": "AAPL", "n": 3, "amount": "1.50", "to": ["a", None, True]}
