"""Power cuts: the writes of real ingests are recorded, and replayed as the disk may have kept them.

The recording is of system calls (strace). An image of the disk is what they leave when the power
goes after any one of them: of what was not synced, each write is there, halved or gone, and each
name that was given or taken is there or not. In every image all rows that the store had said to be
kept must be there, each page whole or not at all, and the store must go on.

Without strace nothing here is proved, and the test says so.
"""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fondaco.adapters.stores.delta.store import DeltaStore
from fondaco.market.tables import BARS
from services.store.powercut import TRACED, Call, Recording, image
from unit.adapters.stores_delta.writer import ROWS, page

PAGES = 6
WRITER = Path(__file__).parents[2] / "unit" / "adapters" / "stores_delta" / "writer.py"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    """The calls of a process that ingests a few pages into a new store, one commit each."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("SKIPPED LOUDLY: strace is missing, so no power cut is tried on this machine")
    folder = tmp_path_factory.mktemp("recorded")
    log = folder / "calls"
    command = [strace, "-f", "-xx", "-s", "1000000", "-e", f"trace={TRACED}", "-o", str(log)]
    store = folder / "market"
    done = subprocess.run(
        [*command, sys.executable, str(WRITER), str(store), "cut", "0", str(PAGES)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0 and "ptrace" in done.stderr.lower():
        pytest.skip(f"SKIPPED LOUDLY: strace may not trace here: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    return store, list(Recording(str(store)).calls(log))


def survived(folder: Path, said: int) -> None:
    """Check a store that comes up from an image: nothing lost, nothing halved, and it goes on."""
    store = DeltaStore(folder)
    rows = store.read(BARS)
    assert rows.height % ROWS == 0, "a page is there whole or not at all"
    assert rows.height >= said * ROWS, "what was said to be kept is there"
    assert store.verify(BARS).sound
    store.append(BARS, page(PAGES, "after"), ingest_id="after")
    assert DeltaStore(folder).read(BARS).height == rows.height + ROWS


def test_the_recording_is_of_all_that_was_written(
    recorded: tuple[Path, list[Call]], tmp_path: Path
) -> None:
    root, history = recorded
    assert [c.does for c in history].count("link") == PAGES
    assert image(history, random.Random(1), root, tmp_path / "image") == PAGES
    survived(tmp_path / "image", PAGES)


def test_a_hundred_power_cuts_lose_nothing(
    recorded: tuple[Path, list[Call]], tmp_path: Path
) -> None:
    root, history = recorded
    for seed in range(100):
        chance = random.Random(seed)
        cut = chance.randrange(len(history) + 1)
        survived(tmp_path, image(history[:cut], chance, root, tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_five_thousand_power_cuts_lose_nothing(
    recorded: tuple[Path, list[Call]], tmp_path: Path
) -> None:
    root, history = recorded
    for seed in range(5_000):
        chance = random.Random(10_000 + seed)
        cut = chance.randrange(len(history) + 1)
        survived(tmp_path, image(history[:cut], chance, root, tmp_path))


@pytest.mark.parametrize("unsynced", ["files", "folders"])
def test_without_syncing_the_same_cuts_do_lose(
    recorded: tuple[Path, list[Call]], tmp_path: Path, unsynced: str
) -> None:
    root, history = recorded
    folders = {str(Path(call.path).parent) for call in history if call.does == "create"}
    relaxed = [
        call
        for call in history
        if call.does != "sync" or (call.path in folders) != (unsynced == "folders")
    ]
    lost = 0
    for seed in range(100):
        chance = random.Random(seed)
        cut = chance.randrange(len(relaxed) + 1)
        said = image(relaxed[:cut], chance, root, tmp_path)
        try:
            survived(tmp_path, said)
        except Exception:
            lost += 1
    assert lost > 10
