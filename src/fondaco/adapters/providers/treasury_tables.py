"""The two forms of the Treasury's answers as entries of named cells: an Atom feed, a CSV file.

The feed is read by expat with every document type and entity refused: an answer that declares
one is not the Treasury's.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from fondaco.adapters.providers.read_json import Useless

ENTRIES_MAX = 50_000
ROOTS = frozenset({"feed", "pre"})
"""`feed` as documented; `pre` is how the same feed is shown on a page."""


@dataclass(slots=True)
class Entry:
    """One day: cells by label, None for an empty one; `wrong` says why it cannot be read."""

    where: str
    cells: dict[str, str | None] = field(default_factory=dict)
    wrong: str = ""


def csv_entries(body: bytes) -> list[Entry]:
    """Return the rows of a CSV file; raises Useless when it is none of the Treasury's."""
    text = _text(body)
    if text.lstrip().startswith("<"):
        raise Useless("the answer is a web page, not data")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise Useless(f"the answer is no CSV: {error}") from error
    lines = [line for line in lines if line]
    if not lines or lines[0][0].strip() != "Date":
        raise Useless("the answer has no header that begins with Date")
    header = [cell.strip() for cell in lines[0]]
    if len(set(header)) != len(header) or len(lines) > ENTRIES_MAX:
        raise Useless(f"the answer has a column twice, or more than {ENTRIES_MAX} rows")
    return [_line(n, header, line) for n, line in enumerate(lines[1:], 2)]


def _line(n: int, header: list[str], line: list[str]) -> Entry:
    cells = {name: cell.strip() for name, cell in zip(header, line, strict=False)}
    wrong = "" if len(line) == len(header) else f"the row has {len(line)} cells, not {len(header)}"
    empty = {"", "N/A"}
    return Entry(f"line {n}", {k: None if v in empty else v for k, v in cells.items()}, wrong)


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Useless("the answer is not in UTF-8") from error
    if not text.strip() or "\0" in text:
        raise Useless("the answer is empty" if not text.strip() else "the answer holds NUL")
    return text


def xml_entries(body: bytes) -> list[Entry]:
    """Return the properties of each entry of the feed; raises Useless when it is no such feed."""
    if not body.strip():
        raise Useless("the answer is empty")
    feed = _Feed()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = feed.refuse
    parser.EntityDeclHandler = feed.refuse
    parser.StartElementHandler = feed.start
    parser.EndElementHandler = feed.end
    parser.CharacterDataHandler = feed.characters
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Useless(f"the answer is not whole XML: {error}") from error
    return feed.entries


class _Feed:
    """The properties of entries, collected while expat goes through the feed."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._path: list[str] = []
        self._text = ""

    def refuse(self, *_: object) -> None:
        """Refuse a document type or an entity."""
        raise Useless("the answer declares a document type or an entity, as no feed does")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - expat's
        """Open an element."""
        name = tag.rpartition(":")[2]
        if not self._path and name not in ROOTS:
            raise Useless(f"the answer is {name[:40]}, not a feed")
        if self._path and self._path[-1] == "properties":
            self._text = ""
            if name in self.entries[-1].cells:
                self.entries[-1].wrong = f"{name[:40]} stands twice"
        elif len(self._path) > 1 and self._path[-2] == "properties":
            raise Useless(f"{self._path[-1][:40]} holds elements, not a value")
        elif name == "entry":
            self.entries.append(Entry(f"entry {len(self.entries) + 1}"))
            if len(self.entries) > ENTRIES_MAX:
                raise Useless(f"the answer holds more than {ENTRIES_MAX} entries")
        elif name == "properties" and "entry" not in self._path:
            raise Useless("the answer has properties outside an entry")
        self._path.append(name)

    def end(self, tag: str) -> None:
        """Close an element; a property becomes a cell."""
        name = tag.rpartition(":")[2]
        self._path.pop()
        if self._path and self._path[-1] == "properties":
            self.entries[-1].cells[name] = self._text.strip() or None

    def characters(self, text: str) -> None:
        """Collect the text of a property."""
        if len(self._path) > 1 and self._path[-2] == "properties":
            self._text += text
