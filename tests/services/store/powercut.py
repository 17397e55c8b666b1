"""What a disk may hold after a power cut, from a recording of a program's system calls."""

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TRACED = "openat,write,fsync,fdatasync,rename,link,linkat,unlink,mkdir,close"
_LINE = re.compile(r"^\d+ +(?P<name>\w+)\((?P<rest>.*)\) += (?P<result>-?\d+)", re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_ONE_NAME = {"unlink", "mkdir"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call that matters: what it does to which file, or a line that was printed ("said")."""

    does: str
    path: str = ""
    other: str = ""
    content: bytes = b""


class Recording:
    """Reads what strace wrote (-f -xx): the calls on files below a folder, in order."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._open: dict[int, str] = {}

    def calls(self, log: Path) -> Iterator[Call]:
        """Give every call that matters."""
        for line in _whole_lines(log):
            match = _LINE.match(line)
            if match is None or int(match["result"]) < 0:
                continue
            texts = [bytes.fromhex(t.replace("\\x", "")) for t in _TEXT.findall(match["rest"])]
            result = int(match["result"])
            if match["name"] in {"write", "fsync", "fdatasync", "close"}:
                number = int(match["rest"].split(",", 1)[0])
                yield from self._on_open_file(match["name"], number, texts, result)
            else:
                yield from self._on_name(match["name"], match["rest"], texts, result)

    def _on_open_file(
        self, name: str, number: int, texts: Sequence[bytes], result: int
    ) -> Iterator[Call]:
        path = self._open.get(number)
        if name == "write" and number == 1:
            yield Call("said", content=texts[0])
        elif name == "close":
            self._open.pop(number, None)
        elif path is not None:
            content = texts[0][:result] if texts else b""
            yield Call("write" if name == "write" else "sync", path, content=content)

    def _on_name(self, name: str, rest: str, texts: Sequence[bytes], result: int) -> Iterator[Call]:
        paths = [text.decode() for text in texts]
        ours = bool(paths) and paths[0].startswith(self._root)
        if name == "openat":
            self._open.pop(result, None)
            if ours:
                self._open[result] = paths[0]
                if "O_CREAT" in rest:
                    yield Call("create", paths[0])
        elif ours:
            does = "link" if name == "linkat" else name
            yield Call(does, paths[0], "" if name in _ONE_NAME else paths[1])


def _whole_lines(log: Path) -> Iterator[str]:
    """Give each call on one line: strace parts those that another thread's came between."""
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        thread = line.split(" ", 1)[0]
        if "<unfinished ...>" in line:
            begun[thread] = line.split("<unfinished ...>")[0]
        elif "resumed>" in line:
            yield begun.pop(thread, "") + line.split("resumed>", 1)[1]
        else:
            yield line


@dataclass(slots=True)
class Disk:
    """Files as programs see them (`now`), and names that the disk is sure to have (`kept`).

    A file's content is sure up to its last sync. A name is sure once its folder was synced; those
    that are not wait in `pending`, in the order in which they were given or taken.
    """

    content: list[bytearray] = field(default_factory=list)
    sure: list[int] = field(default_factory=list)
    now: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int | None] = field(default_factory=dict)
    pending: list[tuple[str, str, int | None]] = field(default_factory=list)
    said: int = 0

    def take(self, call: Call) -> None:
        """Take in one call."""
        if call.does == "said":
            self.said += call.content.count(b"\n")
        elif call.does == "write":
            self.content[self.now[call.path]] += call.content
        elif call.does == "sync":
            self._sync(call.path)
        elif call.does == "mkdir":
            self.pending.append(("give", call.path, None))
        elif call.does == "create":
            self._create(call.path)
        else:
            self._name(call)

    def _create(self, path: str) -> None:
        if path not in self.now:
            self.now[path] = len(self.content)
            self.content.append(bytearray())
            self.sure.append(0)
            self.pending.append(("give", path, self.now[path]))

    def _name(self, call: Call) -> None:
        file = self.now[call.path]
        if call.does in {"rename", "link"}:
            self.now[call.other] = file
            self.pending.append(("give", call.other, file))
        if call.does in {"rename", "unlink"}:
            del self.now[call.path]
            self.pending.append(("take", call.path, None))

    def _sync(self, path: str) -> None:
        if path in self.now:
            self.sure[self.now[path]] = len(self.content[self.now[path]])
            return
        waiting = []
        for change in self.pending:
            if str(Path(change[1]).parent) == path:
                self._apply(change)
            else:
                waiting.append(change)
        self.pending = waiting

    def _apply(self, change: tuple[str, str, int | None]) -> None:
        does, path, file = change
        if does == "give":
            self.kept[path] = file
        else:
            self.kept.pop(path, None)

    def cut(self, chance: random.Random, root: Path, target: Path) -> None:
        """Write one image: of what is not sure, some names, and files whole, halved or empty."""
        for change in self.pending[: chance.randint(0, len(self.pending))]:
            self._apply(change)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path, file in sorted(self.kept.items()):
            place = target / Path(path).relative_to(root)
            if file is None:
                place.mkdir(parents=True, exist_ok=True)
            elif place.parent.is_dir():
                unsure = len(self.content[file]) - self.sure[file]
                extra = chance.choice((0, unsure // 2, unsure))
                place.write_bytes(self.content[file][: self.sure[file] + extra])


def image(history: Sequence[Call], chance: random.Random, root: Path, target: Path) -> int:
    """Write what the disk may hold after these calls; returns how many lines were printed."""
    disk = Disk()
    for call in history:
        disk.take(call)
    disk.cut(chance, root, target)
    return disk.said
