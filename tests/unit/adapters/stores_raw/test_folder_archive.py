"""The raw archive: what was answered is kept once, whole, and checked when it is read."""

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.core.errors import NotFound, Unavailable
from fondaco.market.ports import Raw

ASKED = datetime(2024, 6, 28, 21, 0, tzinfo=UTC)


def raw(body: bytes = b"Date,Close\n2024-06-28,1\n", name: str = "prices.csv") -> Raw:
    """Return an answer."""
    return Raw("file", name, body, ASKED, hashlib.sha256(body).hexdigest())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("body", [b"", b"x", b"\n\n", bytes(range(256)) * 500])
def test_an_answer_comes_back_as_it_was(tmp_path: Path, body: bytes) -> None:
    archive = FolderArchive(tmp_path)
    archive.keep(raw(body))
    assert archive.get(raw(body).digest) == raw(body)


def test_the_same_content_is_kept_once_and_under_its_hash(tmp_path: Path) -> None:
    archive = FolderArchive(tmp_path)
    archive.keep(raw())
    archive.keep(raw(name="again.csv"))
    (kept,) = _files(tmp_path)
    assert kept.name == f"{raw().digest}.gz"
    assert archive.get(raw().digest).name == "prices.csv"


def test_what_was_never_kept_is_not_found(tmp_path: Path) -> None:
    for digest in ("0" * 64, "../../etc/passwd", "", "A" * 64):
        with pytest.raises(NotFound):
            FolderArchive(tmp_path).get(digest)


@pytest.mark.parametrize("damage", ["flip", "cut", "swap", "empty"])
def test_changed_bytes_are_noticed(tmp_path: Path, damage: str) -> None:
    archive = FolderArchive(tmp_path)
    archive.keep(raw())
    (kept,) = _files(tmp_path)
    content = kept.read_bytes()
    head, _, _ = gzip.decompress(content).partition(b"\n")
    kept.write_bytes(
        {
            "flip": content[:-12] + bytes([content[-12] ^ 1]) + content[-11:],
            "cut": content[:-5],
            "swap": gzip.compress(head + b"\nanother body"),
            "empty": b"",
        }[damage]
    )
    with pytest.raises(Unavailable, match="changed since"):
        archive.get(raw().digest)


def test_an_answer_that_is_not_its_digest_is_refused(tmp_path: Path) -> None:
    wrong = Raw("file", "x", b"body", ASKED, "0" * 64)
    with pytest.raises(Unavailable, match="does not match its digest"):
        FolderArchive(tmp_path).keep(wrong)
    assert _files(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be kept"):
        FolderArchive(tmp_path / "file").keep(raw())


def test_no_half_written_file_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        FolderArchive(tmp_path).keep(raw())
    assert _files(tmp_path) == []
