"""Spoils of answers in CSV, and of those that come zipped."""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import httpx2

from fondaco.adapters.providers.conformance.case import reply
from fondaco.adapters.providers.conformance.json_tree import (
    DATE,
    NUMBER,
    earlier_dates,
    wrong_dates,
)
from fondaco.adapters.providers.conformance.outcome import (
    DATING,
    Outcome,
    moved,
    temporal,
    unchanged,
)
from fondaco.adapters.providers.conformance.spoil import Spoil, with_body

Try = Callable[[bytes], Outcome]
BOMB_MIB = 320
MEMORY_MAX = 300 << 20
HUGE = "9223372036854775809"
CODES = ("utf-8-sig", "latin-1")
DAY_WORDS = re.compile(r"\d{1,2}[- ][A-Za-z]{3}[- ]\d{4}$")


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV answer as cells: its header (-1 for none), and the row that is spoilt."""

    rows: tuple[tuple[str, ...], ...]
    mark: str
    header: int
    line: int
    ends: str

    def dumped(self, rows: Iterator[list[str]] | list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=self.mark, lineterminator=self.ends).writerows(rows)
        return out.getvalue().encode()

    def with_line(self, cells: list[str]) -> bytes:
        return self.dumped([cells if n == self.line else list(r) for n, r in enumerate(self.rows)])

    def with_cell(self, column: int, cell: str) -> bytes:
        cells = list(self.rows[self.line])
        cells[column] = cell
        return self.with_line(cells)

    def without(self, column: int) -> bytes:
        width = len(self.rows[self.line])
        return self.dumped(
            [[c for n, c in enumerate(r) if n != column or len(r) != width] for r in self.rows]
        )


def table_of(body: bytes) -> _Table | None:
    """Return a CSV answer as cells; None when it is no table."""
    text = _decoded(body)
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    mark = max(",;|\t", key=lambda m: lines[-1].count(m))
    if mark not in lines[-1]:
        return None
    rows = tuple(tuple(r) for r in csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    width = Counter(len(r) for r in rows).most_common(1)[0][0]
    wide = [n for n, r in enumerate(rows) if len(r) == width]
    first = rows[wide[0]]
    named = not any(p.match(c.strip()) for c in first for p in (NUMBER, DATE, DAY_WORDS))
    data = wide[1:] if named else wide
    if not data:
        return None
    ends = "\r\n" if "\r\n" in text else "\n"
    return _Table(rows, mark, wide[0] if named else -1, data[len(data) // 2], ends)


def _decoded(body: bytes) -> str:
    try:
        return body.decode(CODES[0])
    except UnicodeDecodeError:
        return body.decode(CODES[1])


def of_csv(body: bytes, good: Outcome, attempt: Try) -> Iterator[Spoil]:
    """Yield the spoils of a CSV answer; none when it is no table that can be written again."""
    table = table_of(body)
    if table is None or not unchanged(good, attempt(table.dumped([list(r) for r in table.rows]))):
        return
    yield from _of_lines(body, table)
    for column in range(len(table.rows[table.line])):
        if not unchanged(good, attempt(table.with_cell(column, "\x01spoilt"))):
            yield from _of_column(table, column, good, attempt)


def _of_lines(body: bytes, table: _Table) -> Iterator[Spoil]:
    rows = [list(r) for r in table.rows]
    line = rows[table.line]
    if table.header >= 0:
        yield with_body("header alone", table.dumped(rows[: table.header + 1]), lost=True)
        yield with_body("no header", table.dumped(rows[table.header + 1 :]), must=True)
        swapped = [list(reversed(r)) if n == table.header else r for n, r in enumerate(rows)]
        if swapped != rows:
            yield with_body("header in another order", table.dumped(swapped), must=True)
    yield with_body("shifted row", table.with_line(["x", *line]), must=True)
    yield with_body("short row", table.with_line(line[: max(1, len(line) // 2)]), must=True)
    before = table.dumped(rows[: table.line])
    raw_line = table.dumped([line])
    cut = raw_line[: raw_line.find(table.mark.encode()) + 1]
    yield with_body("cut line", before + cut, must=True)
    open_quote = before + b'"' + raw_line + table.dumped(rows[table.line + 1 :])
    yield with_body("quote that stays open", open_quote, must=True)
    yield with_body("web page after it", body.rstrip() + b"\n<html></html>\n", must=True)
    text = _decoded(body)
    yield with_body("byte order mark", b"\xef\xbb\xbf" + text.encode())
    yield with_body("UTF-16", text.encode("utf-16"))
    other = "\n" if table.ends == "\r\n" else "\r\n"
    yield with_body("CRLF", text.replace("\r\n", "\n").replace("\n", other).encode())


def _of_column(table: _Table, column: int, good: Outcome, attempt: Try) -> Iterator[Spoil]:
    value = table.rows[table.line][column]
    where = table.rows[table.header][column] if table.header >= 0 else f"column {column + 1}"

    def cell(name: str, words: str, *, absent: bool = False, must: bool = True) -> Spoil:
        body = table.with_cell(column, words)
        return with_body(name, body, where=where, absent=absent, must=must and not absent)

    yield with_body("missing column", table.without(column), where=where, absent=True)
    if table.header >= 0:
        header = [list(r) for r in table.rows]
        header[table.header][column] = f"{header[table.header][column]}_v2"
        yield with_body("renamed column", table.dumped(header), where=where, absent=True)
    yield cell("no words", "", absent=True)
    bad = table.with_cell(column, "@@bad@@").replace(b"@@bad@@", b"12\xe9\xff")
    earlier = (attempt(table.with_cell(column, words)) for words in earlier_dates(value))
    moves = moved(good, earlier, dated=bool(DATE.match(value)))
    if moves & (temporal(good.rows[0]) | DATING):
        later = bool(moves & DATING)
        for name, words in wrong_dates(value, later=later).items():
            yield cell(name, words)
        yield with_body("Latin-1", bad, where=where, must=True)
    elif NUMBER.match(value.strip()):
        for words in ("NaN", "inf", "1e999", "12abc", "n/a?", HUGE, "1e300", "1\x002"):
            yield cell(f"words {words!r}", words, must=False)
        yield with_body("Latin-1", bad, where=where)


def of_zip(body: bytes, good: Outcome, attempt: Try) -> Iterator[Spoil]:
    """Yield the spoils of a zipped answer, and those of its first file zipped again."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        name = packed.namelist()[0]
        content = packed.read(name)
    yield with_body("zip that is none", b"PK\x03\x04" + b"no zip" * 40, lost=True)
    yield with_body("zip cut at a half", body[: len(body) // 2], lost=True)
    yield with_body("zip by one byte", body[:-1], lost=True)
    yield with_body("zip without files", zipped({}), lost=True)
    yield with_body("zip of a web page", zipped({name: b"<html></html>"}), lost=True)
    yield with_body("zip of nothing", zipped({name: b""}), lost=True)
    spoilt = bytearray(zipped({name: content}, stored=True))
    spoilt[30 + len(name.encode()) + len(content) // 2] ^= 0x01
    yield with_body("zip with a wrong checksum", bytes(spoilt), lost=True)
    bomb = bomb_of(name)
    yield Spoil("zip bomb", lambda _: reply(200, bomb), lost=True, memory_max=MEMORY_MAX)
    for spoil in of_csv(content, good, lambda other: attempt(zipped({name: other}))):
        yield _zipped_again(spoil, name)


def _zipped_again(spoil: Spoil, name: str) -> Spoil:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return reply(200, zipped({name: b"".join(spoil.answer(request).iter_raw())}))

    return replace(spoil, answer=answer)


def zipped(files: dict[str, bytes], *, stored: bool = False) -> bytes:
    """Return files as one zip, the same bytes each time."""
    out = io.BytesIO()
    how = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, compress_type=how)
    return out.getvalue()


def bomb_of(name: str) -> bytes:
    """Return a small zip whose one file says, truly, that it is 320 MiB of blanks."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.compress(b" " * (1 << 20))
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = block * BOMB_MIB + b"\x03\x00"
    label, size = name.encode(), BOMB_MIB << 20
    head = (20, 0, 8, 0, 0x21, 0, len(stream), size, len(label), 0)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *head) + label
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, *head, 0, 0, 0, 0, 0) + label
    place = len(local) + len(stream)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), place, 0)
    return local + stream + entry + end
