"""A shell for the tests of the command line: it types commands at a toy desk."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from fondaco.core.errors import Unavailable
from fondaco.core.jobs import Progress
from fondaco.surfaces.cli.parts import Parts
from fondaco.surfaces.cli.run import run
from fondaco.surfaces.cli.tree import build_cli
from unit.surfaces import toy

REFERENCES = {name: f"unit.surfaces.toy:{function}" for name, function in toy.NAMES.items()}


class FakePrograms:
    """Programs that write down that they ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def prepare(self, progress: Progress) -> None:
        self.ran.append("prepare")
        progress.report("Loading prices", 1, 2)
        progress.report("Loading prices", 2, 2)

    def serve(self) -> None:
        self.ran.append("serve")

    def mcp(self) -> None:
        self.ran.append("mcp")

    def down(self) -> None:
        raise Unavailable("the database does not stop")


@dataclass
class Shell:
    """A desk, a way to type commands, and what they printed."""

    capture: pytest.CaptureFixture[str]
    desk: toy.Desk = field(default_factory=toy.house)
    programs: FakePrograms = field(default_factory=FakePrograms)
    interactive: bool = False
    steps: list[dict[str, Any]] = field(default_factory=list)
    opened: int = 0
    out: str = ""
    err: str = ""

    @contextmanager
    def open_desk(self) -> Iterator[toy.Desk]:
        self.opened += 1
        yield self.desk

    def wait(self) -> None:
        step = self.steps.pop(0)
        if "interrupt" in step:
            raise KeyboardInterrupt
        self.desk.jobs.move("J-1", **step)

    def parts(self) -> Parts:
        return Parts(
            REFERENCES,
            self.open_desk,
            self.programs,
            self.wait,
            lambda: self.interactive,
        )

    def run(self, *args: str) -> int:
        code = run(build_cli(self.parts()), args)
        self.out, self.err = self.capture.readouterr()
        return code

    def json(self, *args: str) -> Any:
        self.run(*args, "--json")
        return json.loads(self.out)
