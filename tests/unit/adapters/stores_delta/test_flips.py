"""A bit that flips on the disk is noticed before it is used, or when the store is verified."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from fondaco.adapters.stores.delta import tables
from fondaco.adapters.stores.delta.blocks import Untrue
from fondaco.adapters.stores.delta.mapped import Mapped
from fondaco.adapters.stores.delta.state import KEPT_EVERY, state_at
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.core.errors import Unavailable
from fondaco.market.tables import BARS, table_named
from unit.adapters.stores_delta.writer import ROWS, page

FLIPS = 40


def flip(path: Path, chance: random.Random) -> None:
    """Flip one bit somewhere in a file."""
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def flips(path: Path, seed: int) -> Iterator[None]:
    """Flip a random bit of a file, each time in the file as it was."""
    chance, whole = random.Random(seed), path.read_bytes()
    for _ in range(FLIPS):
        flip(path, chance)
        yield
        path.write_bytes(whole)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of three versions."""
    store = DeltaStore(tmp_path)
    for number in range(3):
        store.append(BARS, page(number, "1"), ingest_id="1")
    return tmp_path


def test_a_flipped_bit_in_a_data_file_is_noticed_before_it_is_read(folder: Path) -> None:
    for _ in flips(sorted((folder / BARS).glob("*.parquet"))[1], 1):
        with pytest.raises(Unavailable, match="its hash differs"):
            DeltaStore(folder).read(BARS)
        found = DeltaStore(folder).verify(BARS)
        assert (found.sound, len(found.damage)) == (False, 1)
        assert "hash differs" in found.damage[0].what
    assert DeltaStore(folder).verify(BARS).sound


@pytest.mark.parametrize("version", range(3))
def test_a_flipped_bit_in_a_commit_is_noticed_when_the_table_is_opened(
    folder: Path, version: int
) -> None:
    commit = folder / BARS / "_delta_log" / f"{version:020}.json"
    for _ in flips(commit, version):
        with pytest.raises(Unavailable, match="cannot be read"):
            DeltaStore(folder).version(BARS)
        assert not DeltaStore(folder).verify(BARS).sound
    assert DeltaStore(folder).read(BARS).height == 3 * ROWS


def test_a_commit_that_is_missing_is_noticed(folder: Path) -> None:
    log = folder / BARS / "_delta_log"
    last, middle, first = (log / f"{n:020}.json" for n in (2, 1, 0))
    for lost in (middle, first):
        kept = lost.read_bytes()
        lost.unlink()
        assert not DeltaStore(folder).verify(BARS).sound
        lost.write_bytes(kept)
    second = middle.read_bytes()
    middle.write_bytes(last.read_bytes())  # a commit in the place of another
    with pytest.raises(Unavailable, match="does not follow"):
        DeltaStore(folder).version(BARS)
    middle.write_bytes(second)
    assert DeltaStore(folder).verify(BARS).sound


def test_a_flipped_bit_in_the_fast_copy_is_never_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    store, chance = DeltaStore(folder), random.Random(5)
    rows = store.read(BARS)
    store.refresh(BARS)
    names = [path.relative_to(folder) for path in (folder / "mapped").rglob("*") if path.is_file()]
    assert len(names) > 50
    for name in names:
        if not (folder / name).stat().st_size:
            continue
        flip(folder / name, chance)
        found = DeltaStore(folder).verify(BARS)
        assert [one.where for one in found.damage] == [str(folder / name.parents[-4])], name
        assert DeltaStore(folder).read(BARS).equals(rows), name
        if name.suffix == ".bin" and name.parent.name == "by_subject":
            assert not (folder / "mapped" / BARS).exists()  # that reading threw it away
        assert store.refresh(BARS)
    assert store.verify(BARS).sound


def test_a_fast_copy_of_another_table_of_the_same_version_is_not_used(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FRAME_ROWS_MAX", 0)
    other = DeltaStore(tmp_path_factory.mktemp("other"))
    for number in range(3):
        other.append(BARS, page(number + 50, "1"), ingest_id="1")
    other.refresh(BARS)
    (other._folder / "mapped").rename(folder / "mapped")
    rows = DeltaStore(folder).read(BARS)
    assert rows["session"].max() == page(2, "1")["session"][0]


def test_a_list_of_files_that_was_changed_is_made_from_the_commits(tmp_path: Path) -> None:
    store = DeltaStore(tmp_path)
    for number in range(KEPT_EVERY + 2):
        store.append(BARS, page(number, "1").head(1), ingest_id="1")
    kept = next((tmp_path / BARS).rglob("*.state"))
    state = state_at(tmp_path / BARS)
    for _ in flips(kept, 3):
        assert state_at(tmp_path / BARS) == state
    first = tmp_path / BARS / "_delta_log" / f"{0:020}.json"
    first.rename(tmp_path / "aside")  # with the list as it was, old commits are not read
    assert state_at(tmp_path / BARS) == state
    assert DeltaStore(tmp_path).read(BARS).height == KEPT_EVERY + 2


def test_a_block_is_compared_once_and_again_when_verified(folder: Path) -> None:
    store = DeltaStore(folder)
    store.refresh(BARS)
    copy = next((folder / "mapped" / BARS).iterdir())
    mapped = Mapped(copy, table_named(BARS))
    mapped.check()
    closes = copy / "by_subject" / "close.bin"
    with closes.open("r+b") as file:
        file.write(b"\xff")
    with pytest.raises(Untrue, match="not what was written"):
        mapped.check()
