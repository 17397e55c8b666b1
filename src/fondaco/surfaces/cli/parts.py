"""What the command line is handed: names, a way to open the desk, the desk's own programs."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # nothing heavy is loaded before a command runs
    from fondaco.core.invoke import Answer
    from fondaco.core.jobs import Progress
    from fondaco.core.view import Block
    from fondaco.surfaces.desk import Desk

    class CliDesk(Desk, Protocol):
        """The app, as far as the command line knows it."""

        def aftermath(self, answer: Answer) -> list[Block]:
            """Wait until what a call set in motion stands still; return what came of it."""
            ...


class Programs(Protocol):
    """What runs beside the catalogue; each raises FondacoError when it cannot."""

    def prepare(self, progress: "Progress") -> None:
        """Set the desk up as far as it is not: folder, database, prices, first cycle."""
        ...

    def serve(self) -> None:
        """Serve the terminal, REST and MCP until the process is stopped."""
        ...

    def mcp(self) -> None:
        """Serve MCP over standard input and output until the client leaves."""
        ...

    def down(self) -> None:
        """Stop what keeps running in the background."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What every command needs.

    `references` maps capability names to `module:function`; nothing of them is loaded before a
    command of theirs is entered. `wait` pauses between two looks at a job; `interactive` says
    whether a person can answer a question.
    """

    references: Mapping[str, str]
    open_desk: Callable[[], "AbstractContextManager[CliDesk]"]
    programs: Programs
    wait: Callable[[], None]
    interactive: Callable[[], bool]
