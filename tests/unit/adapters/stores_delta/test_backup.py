"""Backups: whole or none, verified, and brought back into a new store."""

from pathlib import Path

import polars as pl
import pytest

from fondaco.adapters.stores.delta.backup import restore_backup, verify_backup
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.core.errors import Conflict, Unavailable
from fondaco.market.book import instrument_rows
from fondaco.market.tables import BARS, INSTRUMENTS
from unit.adapters.stores_delta.writer import ROWS, page
from unit.market.rows import AAA, NOW


@pytest.fixture
def store(tmp_path: Path) -> DeltaStore:
    """A store with four versions of bars, one of them let go, and one of instruments."""
    made = DeltaStore(tmp_path / "market")
    made.append(
        INSTRUMENTS,
        instrument_rows([AAA], source="file", ingest_id="1", known_at=NOW),
        ingest_id="1",
    )
    for number in range(3):
        made.append(BARS, page(number, "1"), ingest_id="1")
    made.restore(BARS, 1, by="ada", reason="the third was wrong")
    made.compact(BARS)
    made.retain(BARS, by="ada", reason="room", keep_versions=3)
    made.refresh(BARS)
    return made


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_a_backup_comes_back_with_all_that_can_be_read(
    store: DeltaStore, tmp_path: Path, name: str
) -> None:
    made = store.backup(tmp_path / name)
    store.append(BARS, page(9, "9"), ingest_id="9")  # is not in it
    assert [(one.table, one.version) for one in made.tables] == [(BARS, 5), (INSTRUMENTS, 0)]
    found = verify_backup(tmp_path / name)
    assert (found.damage, found.tables, found.files) == ((), made.tables, made.files)
    restore_backup(tmp_path / name, tmp_path / "new")
    back = DeltaStore(tmp_path / "new")
    assert back.read(INSTRUMENTS).equals(store.read(INSTRUMENTS))
    for version in (3, 4, 5):
        assert back.read(BARS, version=version).equals(store.read(BARS, version=version))
    assert back.versions(BARS) == store.versions(BARS)[:6]
    assert back.verify(BARS).sound
    assert back.append(BARS, page(9, "9"), ingest_id="9").version == 6


def test_a_damaged_backup_is_noticed_and_never_restored(store: DeltaStore, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    store.backup(place)
    files = [path for path in place.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert len(files) > 5
    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[:40] + bytes([whole[40] ^ 4]) + whole[41:])
        damage = verify_backup(place).damage
        assert [one.where for one in damage] == [path.relative_to(place).as_posix()]
        with pytest.raises(Unavailable, match="nothing of it was restored"):
            restore_backup(place, tmp_path / "new")
        path.write_bytes(whole)
    files[0].unlink()
    assert verify_backup(place).damage[0].what == "is missing"
    manifest = place / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b"market", b"markex", 1)[:-1])
    with pytest.raises(Unavailable, match="no whole backup"):
        verify_backup(place)
    with pytest.raises(Unavailable, match="no whole backup"):
        verify_backup(tmp_path / "none")
    (tmp_path / "bad.tar").write_bytes(b"no tar at all")
    with pytest.raises(Unavailable, match="backup cannot be read"):
        verify_backup(tmp_path / "bad.tar")
    assert not (tmp_path / "new").exists()


def test_a_backup_replaces_neither_another_nor_a_store(store: DeltaStore, tmp_path: Path) -> None:
    store.backup(tmp_path / "backup")
    with pytest.raises(Conflict, match="never written over"):
        store.backup(tmp_path / "backup")
    with pytest.raises(Conflict, match="new store only"):
        restore_backup(tmp_path / "backup", tmp_path / "market")
    assert store.read(BARS).height == 2 * ROWS


def test_an_export_comes_back_by_an_append(store: DeltaStore, tmp_path: Path) -> None:
    store.export(BARS, tmp_path / "bars.parquet", revisions=True)
    other = DeltaStore(tmp_path / "other")
    other.append(BARS, pl.read_parquet(tmp_path / "bars.parquet"), ingest_id="import")
    assert other.content_hash(BARS) == store.content_hash(BARS)
