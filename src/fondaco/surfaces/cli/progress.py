"""Progress bars on standard error: of one job, and of the steps of a program."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed

from fondaco.core.jobs import Job
from fondaco.core.text import visible


def error_console() -> Console:
    """Return a console on standard error, without colour where it is not a terminal."""
    return Console(stderr=True, highlight=False, markup=False)


def _bars(console: Console, *, transient: bool) -> Progress:
    words = TextColumn("{task.description}", markup=False)
    return Progress(
        words,
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Elapsed(),
        console=console,
        transient=transient,
        disable=not console.is_terminal,
    )


class JobBar:
    """The bar of one job; nothing is drawn where standard error is not a terminal."""

    def __init__(self) -> None:
        self._bars = _bars(error_console(), transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> "JobBar":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def show(self, job: Job) -> None:
        """Draw how far a job is."""
        words = visible(f"{job.id} {job.step or 'waiting for the worker'}")
        if self._task is None:
            self._task = self._bars.add_task(words, total=None)
        self._bars.update(
            self._task, description=words, completed=job.done, total=job.total or None
        )


class Steps:
    """A bar for each step of a program; lines instead where there is no terminal.

    It is the `Progress` that the program reports to.
    """

    def __init__(self) -> None:
        self._console = error_console()
        self._bars = _bars(self._console, transient=False)
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()

    def __enter__(self) -> "Steps":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def report(self, step: str, done: int, total: int) -> None:
        """Draw how far a step is; a line for each step that ended where bars cannot be drawn."""
        words = visible(step)
        if words not in self._tasks:
            self._tasks[words] = self._bars.add_task(words, total=total or None)
        self._bars.update(self._tasks[words], completed=done, total=total or None)
        if 0 < total <= done and words not in self._ended:
            self._ended.add(words)
            if not self._console.is_terminal:
                self._console.print(f"{words}: {done:,} of {total:,}")
