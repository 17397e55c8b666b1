"""Versions, checks and copies of the store, as the outside asks for them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.core.capability import Caller, Capability
from fondaco.core.clock import FixedClock
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable
from fondaco.core.invoke import validate
from fondaco.core.text import plain
from fondaco.market import store_capabilities as module
from fondaco.market.tables import BARS
from unit.market.rows import AAA, BBB, NOW, SESSIONS, bar_rows, page

PERSON = Caller(actor="ann", surface="cli", person=True)
MODEL = Caller(actor="agent", surface="mcp", person=False)
WHY = "the last ingest was of another feed"


@pytest.fixture
def store(tmp_path: Path) -> DeltaStore:
    """A store with two versions of daily bars."""
    made = DeltaStore(tmp_path / "market")
    made.append(BARS, bar_rows(page(AAA, [1.0, 2.0])), ingest_id="1")
    made.append(BARS, bar_rows(page(BBB, [3.0]), ingest_id="2"), ingest_id="2")
    return made


def ask(store: DeltaStore, function: Any, caller: Caller = PERSON, **raw: Any) -> Any:
    """Validate the inputs as the door does, and call; the result goes through JSON and back."""
    cap: Capability = function.__capability__
    inputs = validate(cap, raw)
    given = {name: getattr(inputs, name) for name in cap.inputs.model_fields}
    house = {"store": store, "caller": caller, "clock": FixedClock(NOW)}
    result = cap.function(*(house[need] for need in cap.needs), **given)
    told = cap.output.validate_python(cap.output.dump_python(result, mode="json"))
    assert plain(cap.view(told))
    return told


def test_versions_are_listed_newest_first_with_their_ingest(store: DeltaStore) -> None:
    found = ask(store, module.list_versions, table=BARS)
    assert [(v.version, v.rows_added, v.ingest_id) for v in found.versions] == [
        (1, 1, "2"),
        (0, 2, "1"),
    ]
    assert ask(store, module.list_versions, table=BARS, limit=1).total == 2
    with pytest.raises(NotFound, match="no such table"):
        ask(store, module.list_versions, table="nothing")


def test_two_versions_are_compared_and_the_rows_that_differ_are_shown(store: DeltaStore) -> None:
    found = ask(store, module.compare_versions, table=BARS, a=0, b=1)
    assert (found.added, found.revised, found.gone) == (1, 0, 0)
    ((change, *cells),) = found.rows
    assert change == "added"
    assert BBB.id in cells
    assert ask(store, module.compare_versions, table=BARS, a=1, b=0).gone == 1


def test_a_table_is_rolled_back_and_forth_by_a_person_with_a_reason(store: DeltaStore) -> None:
    made = ask(store, module.restore_version, table=BARS, version=0, reason=WHY)
    assert (made.version, made.by, made.reason) == (2, "ann", WHY)
    assert set(store.read(BARS)["instrument"]) == {AAA.id}
    ask(store, module.restore_version, table=BARS, version=1, reason=WHY)
    assert set(store.read(BARS)["instrument"]) == {AAA.id, BBB.id}


def test_a_sound_store_verifies_and_a_flipped_bit_is_shown(
    store: DeltaStore, tmp_path: Path
) -> None:
    found = ask(store, module.verify_store)
    assert found.sound
    assert [(t.table, t.rows) for t in found.tables] == [(BARS, 3)]
    data = next((tmp_path / "market" / BARS).rglob("*.parquet"))
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.chmod(0o600)
    data.write_bytes(bytes(content))
    broken = ask(DeltaStore(tmp_path / "market"), module.verify_store, table=BARS)
    assert not broken.sound
    assert "DAMAGED" in plain(module.view_verified(broken))


def test_an_export_is_what_was_known_then_and_overwrites_nothing(
    store: DeltaStore, tmp_path: Path
) -> None:
    path = str(tmp_path / "out" / "bars.parquet")
    told = ask(store, module.export_table, table=BARS, path=path)
    assert told.rows == pl.read_parquet(path).height == 3
    with pytest.raises(Conflict, match="never written over"):
        ask(store, module.export_table, table=BARS, path=path)
    early = str(tmp_path / "early.csv")
    day = SESSIONS[0].isoformat()
    assert ask(store, module.export_table, table=BARS, path=early, shape="csv", as_of=day).rows == 2
    assert pl.read_csv(early)["session"].unique().to_list() == [day]


def test_a_text_that_a_spreadsheet_would_run_is_made_inert_in_csv(
    store: DeltaStore, tmp_path: Path
) -> None:
    rows = bar_rows(page(AAA, [4.0], first=5), ingest_id="=HYPERLINK(1)", source="file:x")
    store.append(BARS, rows, ingest_id="3")
    path = tmp_path / "bars.csv"
    ask(store, module.export_table, table=BARS, path=str(path), shape="csv")
    assert "'=HYPERLINK(1)" in path.read_text()


def test_a_backup_is_checked_and_comes_back_into_an_empty_desk_alone(
    store: DeltaStore, tmp_path: Path
) -> None:
    place = str(tmp_path / "market.tar")
    made = ask(store, module.back_up, path=place)
    assert [(k.table, k.rows) for k in made.tables] == [(BARS, 3)]
    assert ask(store, module.check_backup, path=place).damage == ()
    with pytest.raises(Conflict, match="never written over"):
        ask(store, module.back_up, path=place)
    with pytest.raises(Conflict, match="new store only"):
        ask(store, module.recover, path=place)
    new = DeltaStore(tmp_path / "new")
    ask(new, module.recover, path=place)
    assert new.content_hash(BARS) == store.content_hash(BARS)
    with pytest.raises(Unavailable):
        ask(store, module.check_backup, path=str(tmp_path / "nothing.tar"))


def test_versions_that_were_let_go_are_said_to_be(store: DeltaStore) -> None:
    told = ask(store, module.retain_versions, table=BARS, reason=WHY, keep_versions=1)
    assert told.oldest == 1
    lines = ask(store, module.list_versions, table=BARS).versions
    assert {v.version: v.readable for v in lines}[0] is False
    with pytest.raises(InvalidInput, match="exactly one bound"):
        ask(store, module.retain_versions, table=BARS, reason=WHY)


@pytest.mark.parametrize(
    ("function", "raw"),
    [
        (module.restore_version, {"table": BARS, "version": 0, "reason": WHY}),
        (module.retain_versions, {"table": BARS, "reason": WHY, "keep_versions": 1}),
        (module.export_table, {"table": BARS, "path": "x"}),
        (module.back_up, {"path": "x"}),
        (module.check_backup, {"path": "x"}),
        (module.recover, {"path": "x"}),
    ],
)
def test_a_program_may_do_none_of_it(store: DeltaStore, function: Any, raw: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="only a person"):
        ask(store, function, MODEL, **raw)
    assert not function.__capability__.to_model
