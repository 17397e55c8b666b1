"""Raw answers in a folder: gzip files named by the hash of what they hold."""

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from datetime import datetime
from pathlib import Path

from fondaco.core.errors import NotFound, Unavailable
from fondaco.core.ids import canonical_json
from fondaco.market.ports import Raw

_DIGEST_CHARS = 64


class FolderArchive:
    """Keeps each raw answer once, under `ab/abcdef….gz`, and checks it whenever it is read.

    A file appears whole or not at all: it is written beside its place, synced, then renamed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, raw: Raw) -> None:
        """Keep an answer; the same content twice is kept once.

        Raises Unavailable when the disk is full or the digest is not that of the body.
        """
        if hashlib.sha256(raw.body).hexdigest() != raw.digest:
            raise Unavailable(
                "a raw answer does not match its digest",
                value=raw.digest,
                remedy="Ask the provider again.",
            )
        place = self._place(raw.digest)
        if place.exists():
            return
        head = canonical_json(
            {"provider": raw.provider, "name": raw.name, "asked_at": raw.asked_at.isoformat()}
        ).encode()
        try:
            _write(place, gzip.compress(head + b"\n" + raw.body, compresslevel=6, mtime=0))
        except OSError as error:
            raise Unavailable(
                "the raw answer cannot be kept",
                value=f"{place}: {error.strerror}",
                remedy="Free some space in the data folder, then try again.",
            ) from error

    def get(self, digest: str) -> Raw:
        """Return an answer; raises NotFound, or Unavailable when its bytes have changed."""
        place = self._place(digest)
        try:
            head, _, body = gzip.decompress(place.read_bytes()).partition(b"\n")
            fields = json.loads(head)
        except FileNotFoundError as error:
            raise NotFound("no such raw answer is kept", value=digest) from error
        except (OSError, EOFError, zlib.error, ValueError) as error:
            raise _changed(place) from error
        if hashlib.sha256(body).hexdigest() != digest:
            raise _changed(place)
        return Raw(
            fields["provider"],
            fields["name"],
            body,
            datetime.fromisoformat(fields["asked_at"]),
            digest,
        )

    def _place(self, digest: str) -> Path:
        if len(digest) != _DIGEST_CHARS or not set(digest) <= set("0123456789abcdef"):
            raise NotFound("no such raw answer is kept", value=digest, bound="64 hex digits")
        return self._folder / digest[:2] / f"{digest}.gz"


def _changed(place: Path) -> Unavailable:
    return Unavailable(
        "a kept raw answer has changed since it was written",
        value=place,
        remedy="Restore the file from a backup, or ask the provider again.",
    )


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
        _sync_folder(place.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
