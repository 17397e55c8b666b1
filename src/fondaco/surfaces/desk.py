"""What a surface is handed: the house behind the one door, with its jobs."""

from typing import Protocol

from fondaco.core.invoke import House
from fondaco.core.jobs import Jobs


class Desk(House, Protocol):
    """The app, as far as the command line, REST and MCP know it."""

    @property
    def jobs(self) -> Jobs: ...
