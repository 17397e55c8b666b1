"""Numbers in a memory-mapped file, each block compared with its hash before it is first used."""

import hashlib
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK_BYTES = 1 << 16
DIGEST_BYTES = 16

Numbers = npt.NDArray[Any]


class Untrue(Exception):
    """A mapped file is not what was written: it is thrown away and made anew."""


class Blocks:
    """One column of numbers on disk. Pages are read when they are touched, then kept by the system.

    A block's hash is compared when a reading first touches it, so that opening costs nothing and a
    changed byte is noticed before it is used.
    """

    def __init__(self, path: Path, dtype: str, rows: int, digest: str) -> None:
        sums = _sums_of(path).read_bytes()
        if hashlib.sha256(sums).hexdigest() != digest:
            raise Untrue(f"the hashes of {path.name} are not those that were written")
        numbers = np.dtype(dtype)
        if os.stat(path).st_size != rows * numbers.itemsize:
            raise Untrue(f"{path.name} has not the size that was written")
        self._name = path.name
        self._map = _mapped(path) if rows else None
        self._numbers: Numbers = np.frombuffer(self._map or b"", numbers)
        self._bytes = self._numbers.view(np.uint8)
        self._sums = sums
        self._true = np.zeros(len(sums) // DIGEST_BYTES, np.bool_)
        self._rows_each = BLOCK_BYTES // numbers.itemsize

    def __len__(self) -> int:
        return len(self._numbers)

    def span(self, start: int, end: int) -> Numbers:
        """Return the numbers from row `start` to before `end`; raises `Untrue`."""
        first, last = start // self._rows_each, -(-end // self._rows_each)
        if not self._true[first:last].all():
            for block in first + np.flatnonzero(~self._true[first:last]):
                self._check(int(block))
        return self._numbers[start:end]

    def expect(self, start: int, end: int) -> None:
        """Let the system begin to read some rows from disk, if they were not used before."""
        first, last = start // self._rows_each, -(-end // self._rows_each)
        if self._map is None or self._true[first:last].all() or os.name == "nt":
            return
        length = min(last * BLOCK_BYTES, len(self._map)) - first * BLOCK_BYTES
        self._map.madvise(mmap.MADV_WILLNEED, first * BLOCK_BYTES, length)

    def check(self) -> None:
        """Compare every block with its hash; raises `Untrue`."""
        self._true[:] = False
        self.span(0, len(self))

    def _check(self, block: int) -> None:
        content = self._bytes[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]
        written = self._sums[block * DIGEST_BYTES : (block + 1) * DIGEST_BYTES]
        if hashlib.sha256(content.data).digest()[:DIGEST_BYTES] != written:
            raise Untrue(f"block {block} of {self._name} is not what was written")
        self._true[block] = True


class Writer:
    """Writes one column of numbers, block by block, with the hash of each."""

    def __init__(self, path: Path, dtype: str) -> None:
        self._path, self._dtype = path, np.dtype(dtype)
        self._file = path.open("wb")
        self._rest = b""
        self._sums: list[bytes] = []

    def add(self, numbers: Numbers) -> None:
        """Write more numbers after those written."""
        content = self._rest + numbers.astype(self._dtype, copy=False).tobytes()
        whole = len(content) // BLOCK_BYTES * BLOCK_BYTES
        self._write(memoryview(content)[:whole])
        self._rest = content[whole:]

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *fault: object) -> None:
        self._file.close()

    def close(self) -> str:
        """Write what is left, and return the hash of all hashes."""
        self._write(memoryview(self._rest))
        self._file.close()
        sums = b"".join(self._sums)
        _sums_of(self._path).write_bytes(sums)
        return hashlib.sha256(sums).hexdigest()

    def _write(self, content: memoryview) -> None:
        for start in range(0, len(content), BLOCK_BYTES):
            block = content[start : start + BLOCK_BYTES]
            self._sums.append(hashlib.sha256(block).digest()[:DIGEST_BYTES])
        self._file.write(content)


def _sums_of(path: Path) -> Path:
    return path.with_suffix(".sums")


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
