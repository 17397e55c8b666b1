"""What every raw archive must do."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fondaco.adapters.stores.raw.archive import FolderArchive
from fondaco.core.errors import NotFound
from fondaco.market.fakes import MemoryArchive
from fondaco.market.ports import Raw, RawArchive

ASKED = datetime(2024, 6, 28, 21, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "folder"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> RawArchive:
    """An empty archive of each kind."""
    return MemoryArchive() if request.param == "memory" else FolderArchive(tmp_path)


def _raw(body: bytes, name: str = "page 0") -> Raw:
    return Raw("pages", name, body, ASKED, hashlib.sha256(body).hexdigest())


def test_an_answer_comes_back_whole(archive: RawArchive) -> None:
    for body in (b"", b"a\nb\n", bytes(range(256))):
        archive.keep(_raw(body))
        assert archive.get(_raw(body).digest) == _raw(body)


def test_the_same_content_again_changes_nothing(archive: RawArchive) -> None:
    archive.keep(_raw(b"x", "first"))
    archive.keep(_raw(b"x", "second"))
    assert archive.get(_raw(b"x").digest).name == "first"


def test_what_was_never_kept_is_not_found(archive: RawArchive) -> None:
    with pytest.raises(NotFound, match="no such raw answer"):
        archive.get("0" * 64)
