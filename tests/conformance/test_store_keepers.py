"""What every keeper of a store must do: list, compare, restore, let go, copy out, check."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from fondaco.market.fakes import MemoryStore
from fondaco.market.keeping import StoreKeeper
from fondaco.market.ports import Store
from fondaco.market.tables import BARS
from unit.market.rows import AAA, BBB, NOW, SESSIONS, bar_rows, page


class Kept(Store, StoreKeeper, Protocol):
    """A store that can be kept in order."""


@pytest.fixture(params=["memory", "delta"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """A store of each kind with three versions: two bars, a third, and a revision of the first."""
    made: Kept = MemoryStore() if request.param == "memory" else DeltaStore(tmp_path / "market")
    _take(made, page(AAA, [10.0, 11.0]), "one")
    _take(made, page(BBB, [20.0]), "two")
    _take(made, page(AAA, [10.5]), "three")
    return made


def _take(store: Kept, rows: pl.DataFrame, ingest_id: str, seen_at: datetime = NOW) -> None:
    store.append(BARS, bar_rows(rows, ingest_id=ingest_id), ingest_id=ingest_id, seen_at=seen_at)


def _closes(store: Kept, version: int | None = None) -> set[float]:
    return set(store.read(BARS, version=version)["close"])


def test_every_version_is_listed_with_its_ingest(store: Kept) -> None:
    lines = store.versions(BARS)
    assert [(line.version, line.ingest_id, line.rows_added) for line in lines] == [
        (0, "one", 2),
        (1, "two", 1),
        (2, "three", 1),
    ]
    assert {line.operation for line in lines} == {"append"}
    assert all(line.readable for line in lines)
    assert store.versions("quarantine") == ()


def test_versions_are_compared_row_by_row(store: Kept) -> None:
    found = store.compare(BARS, 0, 2)
    assert found.added["close"].to_list() == [20.0]
    assert found.revised["close"].to_list() == [10.5]
    assert found.gone.is_empty()
    back = store.compare(BARS, 2, 0)
    assert sorted(back.gone["close"]) == [10.5, 20.0]
    assert (back.added.height, back.revised.height) == (0, 0)
    with pytest.raises(NotFound, match="no such version"):
        store.compare(BARS, 0, 3)


def test_a_restore_is_a_new_version_that_says_who_and_why(store: Kept) -> None:
    then = store.read(BARS, version=0)
    line = store.restore(BARS, 0, by="ada", reason="a wrong file was taken in")
    assert (line.version, line.operation, line.by) == (3, "restore", "ada")
    assert (line.rows_added, line.rows_gone) == (0, 2)
    assert line.reason == "a wrong file was taken in"
    assert_frame_equal(store.read(BARS), then)
    assert _closes(store, 2) == {10.5, 11.0, 20.0}  # nothing was deleted
    again = store.restore(BARS, 2, by="ada", reason="it was right after all")
    assert (again.version, again.rows_added, again.rows_gone) == (4, 2, 0)
    assert _closes(store) == {10.5, 11.0, 20.0}
    _take(store, page(BBB, [21.0], first=1), "later")
    assert _closes(store) == {10.5, 11.0, 20.0, 21.0}


def test_a_change_of_versions_needs_a_person_and_a_reason(store: Kept) -> None:
    for by, reason in (("", "why"), ("ada", "  ")):
        with pytest.raises(InvalidInput, match="who decides and why"):
            store.restore(BARS, 0, by=by, reason=reason)
        with pytest.raises(InvalidInput, match="who decides and why"):
            store.retain(BARS, by=by, reason=reason, keep_versions=1)
    with pytest.raises(NotFound, match="no such version"):
        store.restore(BARS, 7, by="ada", reason="why")
    assert store.version(BARS) == 2


def test_compaction_changes_no_content_and_no_old_version(store: Kept) -> None:
    rows, content = store.read(BARS), store.content_hash(BARS)
    older = [store.read(BARS, version=n) for n in range(3)]
    version = store.compact(BARS)
    assert version == store.version(BARS)
    assert_frame_equal(store.read(BARS), rows)
    assert store.content_hash(BARS) == content
    for number, kept in enumerate(older):
        assert_frame_equal(store.read(BARS, version=number), kept)
    assert store.compact(BARS) == version  # there is nothing left to do
    _take(store, page(AAA, [10.0, 11.0]), "again")
    assert store.version(BARS) == version


def test_what_is_let_go_can_no_longer_be_read_and_the_rest_can(store: Kept) -> None:
    content = store.content_hash(BARS)
    store.restore(BARS, 0, by="ada", reason="to have rows that no kept version holds")
    store.restore(BARS, 2, by="ada", reason="and back")
    done = store.retain(BARS, by="ada", reason="room", keep_versions=1)
    assert (done.oldest, done.version) == (4, 5)
    assert store.content_hash(BARS) == content
    assert _closes(store, 4) == {10.5, 11.0, 20.0}
    for version in range(4):
        with pytest.raises(NotFound, match="no such version"):
            store.read(BARS, version=version)
        with pytest.raises(NotFound, match="no such version"):
            store.restore(BARS, version, by="ada", reason="why")
    lines = store.versions(BARS)
    assert [line.readable for line in lines] == [False] * 4 + [True] * 2
    assert (lines[5].operation, lines[5].by) == ("retain", "ada")
    assert store.verify(BARS).sound


def test_a_retention_has_one_bound_that_keeps_something(store: Kept) -> None:
    for bounds in ({}, {"keep_versions": 1, "keep_since": NOW}, {"keep_versions": 0}):
        with pytest.raises(InvalidInput):
            store.retain(BARS, by="ada", reason="room", **bounds)  # type: ignore[arg-type]
    assert store.retain(BARS, by="ada", reason="room", keep_versions=99).oldest == 0


@pytest.mark.parametrize("written", ["parquet", "csv"])
def test_an_export_is_what_was_known_then(store: Kept, tmp_path: Path, written: str) -> None:
    before = NOW - timedelta(seconds=1)
    asks: tuple[tuple[dict[str, Any], list[float]], ...] = (
        ({}, [10.5, 11.0, 20.0]),
        ({"as_of": before}, [10.0, 11.0, 20.0]),
        ({"revisions": True}, [10.0, 10.5, 11.0, 20.0]),
        ({"revisions": True, "as_of": before}, [10.0, 11.0, 20.0]),
    )
    for number, (words, closes) in enumerate(asks):
        path = tmp_path / "out" / f"bars-{number}.{written}"
        count = store.export(BARS, path, written=written, **words)  # type: ignore[arg-type]
        back = pl.read_csv(path) if written == "csv" else pl.read_parquet(path)
        assert (count, sorted(back["close"])) == (len(closes), closes)
        with pytest.raises(Conflict, match="never written over"):
            store.export(BARS, path, written=written, **words)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="Parquet or CSV"):
        store.export(BARS, tmp_path / "bars.xlsx", written="xlsx")  # type: ignore[arg-type]


def test_a_backup_comes_back_into_a_new_store_and_into_no_other(
    store: Kept, tmp_path: Path
) -> None:
    place = tmp_path / "backup"
    made = store.backup(place)
    checked = store.verify_backup(place)
    assert [(k.table, k.rows) for k in checked.tables] == [(k.table, k.rows) for k in made.tables]
    assert checked.damage == ()
    with pytest.raises(Conflict, match="new store only"):
        store.recover(place)
    new = MemoryStore() if isinstance(store, MemoryStore) else DeltaStore(tmp_path / "new")
    new.recover(place)
    assert new.content_hash(BARS) == store.content_hash(BARS)
    with pytest.raises(Unavailable):
        store.verify_backup(tmp_path / "nothing")


def test_a_sound_store_verifies(store: Kept) -> None:
    found = store.verify(BARS)
    assert (found.sound, found.version, found.rows) == (True, 2, 4)
    assert found.content_hash == store.content_hash(BARS)
    assert store.verify("macro").sound
    assert store.read(BARS, since=SESSIONS[1])["close"].to_list() == [11.0]


def test_of_two_statements_of_one_ingest_the_later_wins_however_they_lie(store: Kept) -> None:
    for close in (31.0, 29.0, 30.0):
        _take(store, page(BBB, [close], first=5, known_at=NOW + timedelta(hours=1)), "same")
        store.append(
            BARS,
            bar_rows(page(BBB, [close], first=6, known_at=NOW), ingest_id="same"),
            ingest_id="same",
        )
    for change in (store.compact, store.refresh, store.version):
        change(BARS)
        found = store.read(BARS, since=SESSIONS[6])
        assert found["close"].to_list() == [30.0]
