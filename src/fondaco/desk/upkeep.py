"""Upkeep: what the desk does by the hour to stay fast, beside the work that people wait for.

Tables are laid out anew, the fast copies catch up, what will soon be asked for is fetched, and old
lines of the query log go. Nothing rests on it: a chore that fails is noted and tried again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread

from fondaco.core.clock import Clock
from fondaco.core.errors import FondacoError, Unavailable
from fondaco.core.journal import Journal, Note
from fondaco.core.limits import REASON_CHARS_MAX
from fondaco.market.keeping import StoreKeeper

FIRST_SECONDS = 300.0
"""How long after its start the worker looks after things for the first time."""
ROUND_SECONDS = 3_600.0
STOP_SECONDS_MAX = 60.0
BEHIND_ROWS_MIN = 50_000
"""Rows that a fast copy may lack before it is made anew."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that is done once a round; it is handed what says whether it should end."""

    name: str
    do: Callable[[Callable[[], bool]], object]


class Upkeep:
    """Does the chores of the desk, one after the other, in a thread of its own."""

    def __init__(
        self,
        chores: Sequence[Chore],
        journal: Journal,
        clock: Clock,
        *,
        first_seconds: float = FIRST_SECONDS,
        round_seconds: float = ROUND_SECONDS,
    ) -> None:
        self._chores = tuple(chores)
        self._journal = journal
        self._clock = clock
        self._first_seconds = first_seconds
        self._round_seconds = round_seconds
        self._ending = Flag()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin; the first round comes after a while, so that a start is quick."""
        if self._thread is None:
            self._ending = Flag()
            self._thread = Thread(target=self._rounds, name="fondaco-upkeep", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End between two chores, or between the parts of one."""
        thread, self._thread = self._thread, None
        self._ending.set()
        if thread is not None:
            thread.join(STOP_SECONDS_MAX)

    def once(self) -> None:
        """Do every chore once; what one could not do is written to the journal."""
        for chore in self._chores:
            if self._ending.is_set():
                return
            try:
                chore.do(self._ending.is_set)
            except FondacoError as error:
                self._note(chore.name, error.code, error.message)
            except Exception as error:  # the outermost loop: it says so and goes on
                self._note(chore.name, type(error).__name__, str(error))

    def _rounds(self) -> None:
        wait = self._first_seconds
        while not self._ending.wait(wait):
            self.once()
            wait = self._round_seconds

    def _note(self, chore: str, outcome: str, words: str) -> None:
        with suppress(Unavailable):
            self._journal.append(
                Note(
                    at=self._clock.now(),
                    actor="desk",
                    surface="worker",
                    capability="upkeep",
                    effect="write",
                    inputs={"chore": chore},
                    outcome=outcome,
                    detail=words[:REASON_CHARS_MAX],
                )
            )


def tidy_tables(store: StoreKeeper, tables: Sequence[str], ending: Callable[[], bool]) -> None:
    """Lay tables out in few files, and let those fast copies catch up that lack many rows."""
    for table in tables:
        if ending():
            return
        store.compact(table)
        if store.behind(table) >= BEHIND_ROWS_MIN:
            store.refresh(table)
