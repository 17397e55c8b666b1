"""The Delta store under several processes, kill -9, a full disk and damage."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fondaco.adapters.stores.delta import tables as tables_module
from fondaco.adapters.stores.delta.faults import unwritable
from fondaco.adapters.stores.delta.files import Reader
from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.adapters.stores.delta.tables import FRAMES_KEPT_MAX
from fondaco.core.errors import Unavailable
from fondaco.market.fakes import MemoryStore
from fondaco.market.tables import BARS
from unit.adapters.stores_delta.writer import ROWS, minute_page, page
from unit.market.rows import AAA, bar_rows
from unit.market.rows import page as bars_of

WRITER = Path(__file__).with_name("writer.py")


def _start(folder: Path, name: str, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(WRITER), str(folder), name, str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _expected_hash(pages: range) -> str:
    store = MemoryStore()
    for number in pages:
        store.append(BARS, page(number, "x"), ingest_id="x")
    return store.content_hash(BARS)


def test_two_processes_that_append_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    ours, theirs = _start(tmp_path, "a", 0, 8), _start(tmp_path, "b", 4, 12)
    printed = [process.communicate(timeout=60)[0] for process in (ours, theirs)]
    assert [ours.returncode, theirs.returncode] == [0, 0], printed
    store = DeltaStore(tmp_path)
    assert store.read(BARS).height == 12 * ROWS
    assert store.content_hash(BARS) == _expected_hash(range(12))
    assert store.version(BARS) == 11  # a page that both had was kept by one of them only


def test_writers_and_a_compaction_at_once_lose_and_double_nothing_in_a_parted_table(
    tmp_path: Path,
) -> None:
    store, table = DeltaStore(tmp_path), "bars_intraday"
    command = [sys.executable, str(WRITER), str(tmp_path)]
    writers = [
        subprocess.Popen([*command, name, *span, table], stdout=subprocess.PIPE, text=True)
        for name, span in (("a", ("0", "8")), ("b", ("4", "12")))
    ]
    while any(writer.poll() is None for writer in writers):
        store.compact(table)
        store.refresh(table)
        store.read(table)
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    plain = MemoryStore()
    for number in range(12):
        plain.append(table, minute_page(number, "x"), ingest_id="x")
    lines = store.versions(table)
    assert sum(line.rows_added for line in lines) == 12 * 20
    assert {line.operation for line in lines} == {"append", "compact"}
    for reader in (store, DeltaStore(tmp_path)):
        assert reader.read(table).drop("ingest_id").equals(plain.read(table).drop("ingest_id"))
        assert reader.content_hash(table) == plain.content_hash(table)
    assert store.verify(table).sound


def _killed_at_random(folder: Path, kills: int, seed: int, pages: int) -> None:
    chance = random.Random(seed)
    for _ in range(kills):
        process = _start(folder, "killed", 0, pages)
        assert process.stdout is not None
        wanted = chance.randrange(pages)
        kept = -1
        for line in process.stdout:
            kept = int(line)
            if kept >= wanted:
                break
        try:  # a moment later, so that the kill falls anywhere within the next append
            process.wait(chance.random() * 0.03)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        process.stdout.close()
        rows = DeltaStore(folder).read(BARS)
        assert rows.height % ROWS == 0, "a page is there whole or not at all"
        assert rows.height >= (kept + 1) * ROWS, "what was said to be kept is there"
        assert rows.select("instrument", "session").is_unique().all()
    done = _start(folder, "last", 0, pages)
    done.communicate(timeout=60)
    assert done.returncode == 0
    assert DeltaStore(folder).content_hash(BARS) == _expected_hash(range(pages))


def test_kill_9_during_ingest_loses_and_doubles_nothing(tmp_path: Path) -> None:
    _killed_at_random(tmp_path, kills=2, seed=7, pages=12)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(5))
def test_forty_kills_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    _killed_at_random(tmp_path, kills=8, seed=seed, pages=25)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("SKIPPED: only root can mount the small disk that this test fills")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"SKIPPED: this machine does not mount a small disk: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_unavailable_and_leaves_what_was_kept(small_disk: Path) -> None:
    store = DeltaStore(small_disk / "market")
    store.append(BARS, page(0, "1"), ingest_id="1")
    content = store.content_hash(BARS)
    filler = small_disk / "filler"
    handle = os.open(filler, os.O_CREAT | os.O_WRONLY)
    with contextlib.suppress(OSError):  # until the disk is full
        while True:
            os.write(handle, b"x" * 1024)
    os.close(handle)
    with pytest.raises(Unavailable, match="disk is full") as caught:
        store.append(BARS, page(1, "2"), ingest_id="2")
    assert "Free some space" in caught.value.message
    assert DeltaStore(small_disk / "market").content_hash(BARS) == content
    filler.unlink()
    assert store.append(BARS, page(1, "3"), ingest_id="3").rows_new == ROWS
    assert store.content_hash(BARS) == _expected_hash(range(2))


def test_a_frame_is_read_once_per_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reads = DeltaStore(tmp_path), []
    for number in range(FRAMES_KEPT_MAX + 2):
        writer.append(BARS, page(number, "1"), ingest_id="1")
    read = Reader.read

    def counted(reader: Reader, *rest: object) -> object:
        reads.append(len(rest[2]))  # type: ignore[arg-type]
        return read(reader, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "read", counted)
    store = DeltaStore(tmp_path)
    for _ in range(3):
        store.read(BARS)
        store.read(BARS, version=FRAMES_KEPT_MAX)
    assert reads == [FRAMES_KEPT_MAX + 2, FRAMES_KEPT_MAX + 1]  # a file for each version before
    for version in range(FRAMES_KEPT_MAX):
        store.read(BARS, version=version)
    assert len(store._frames) == FRAMES_KEPT_MAX


def test_a_frame_in_memory_follows_what_is_appended(tmp_path: Path) -> None:
    store = DeltaStore(tmp_path)
    for number in (3, 1, 2):
        store.append(BARS, page(number, "1"), ingest_id="1")
        kept = store.read(BARS)
        assert kept.equals(DeltaStore(tmp_path).read(BARS))
        assert list(store._frames) == [(BARS, store.version(BARS))]


def test_what_another_process_keeps_is_seen_at_once(tmp_path: Path) -> None:
    ours, theirs = DeltaStore(tmp_path), DeltaStore(tmp_path)
    assert ours.version(BARS) == -1
    theirs.append(BARS, page(0, "1"), ingest_id="1")
    assert ours.read(BARS).height == ROWS
    theirs.append(BARS, page(1, "2"), ingest_id="2")
    assert (ours.version(BARS), ours.read(BARS).height) == (1, 2 * ROWS)


def test_a_store_whose_files_were_damaged_says_so(tmp_path: Path) -> None:
    store = DeltaStore(tmp_path)
    store.append(BARS, page(0, "1"), ingest_id="1")
    data = next((tmp_path / BARS).glob("*.parquet"))
    whole = data.read_bytes()
    for damaged in (whole[:-9], b"x" * len(whole), b""):
        data.write_bytes(damaged)
        with pytest.raises(Unavailable, match="cannot be read"):
            DeltaStore(tmp_path).read(BARS)
    shutil.rmtree(tmp_path / BARS / "_delta_log")
    (tmp_path / BARS / "_delta_log").mkdir()
    (tmp_path / BARS / "_delta_log" / "00000000000000000000.json").write_text("{broken")
    with pytest.raises(Unavailable, match="cannot be read"):
        DeltaStore(tmp_path).version(BARS)


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be"):
        DeltaStore(tmp_path / "file").append(BARS, page(0, "1"), ingest_id="1")
    assert "exists and is yours" in unwritable(tmp_path, OSError("Permission denied")).message


def test_a_writer_that_never_gets_its_turn_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = DeltaStore(tmp_path), DeltaStore(tmp_path)
    commit, turns = DeltaStore._commit, iter(range(99))

    def beaten(writer: DeltaStore, *rest: object) -> bool:
        if writer is store:
            other.append(BARS, page(next(turns), "other"), ingest_id="other")
        return commit(writer, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(DeltaStore, "_commit", beaten)
    monkeypatch.setattr(tables_module, "COMMIT_ATTEMPTS_MAX", 3)
    with pytest.raises(Unavailable, match="other writers"):
        store.append(BARS, bar_rows(bars_of(AAA, [10.0])), ingest_id="late")
    assert store.read(BARS).height == 3 * ROWS
