"""Notes of reads, gathered and written in batches, so that a read never waits for a disk."""

import atexit
import threading
from collections import deque
from collections.abc import Callable, Sequence

from fondaco.core.errors import FondacoError
from fondaco.core.journal import Note
from fondaco.core.limits import JOURNAL_BATCH_MAX

IDLE_SECONDS = 0.5
"""How long a note waits for company before it is written."""

WAITING_MAX = 8 * JOURNAL_BATCH_MAX
"""How many may wait; a reader beyond that writes them itself, and fails if it cannot."""


class ReadNotes:
    """A bounded queue of notes and the thread that empties it.

    At most `IDLE_SECONDS` of notes are lost to a kill -9; none to an orderly end.
    """

    def __init__(
        self, write: Callable[[Sequence[Note]], None], *, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self._write = write
        self._idle_seconds = idle_seconds
        self._waiting: deque[Note] = deque()
        self._bell = threading.Condition()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, note: Note) -> None:
        """Take a note; raises what writing raises when too many wait."""
        with self._bell:
            self._waiting.append(note)
            count = len(self._waiting)
            if self._thread is None and not self._closed:
                self._begin()
            if count == 1 or count >= JOURNAL_BATCH_MAX:
                self._bell.notify()
        if count > WAITING_MAX or self._closed:
            self.flush()

    def flush(self) -> None:
        """Write all that waits, in batches; what cannot be written waits on, in its order."""
        with self._writing:
            while batch := self._take():
                try:
                    self._write(batch)
                except BaseException:
                    with self._bell:
                        self._waiting.extendleft(reversed(batch))
                    raise

    def close(self) -> None:
        """Write what waits and end the thread."""
        with self._bell:
            self._closed = True
            self._bell.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
            atexit.unregister(self.close)
        self.flush()

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._run, name="journal-reads", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _run(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                self._bell.wait_for(self._ready, timeout=self._idle_seconds)
            try:
                self.flush()
            except FondacoError:  # they wait on; whoever fills the queue is told
                with self._bell:
                    self._bell.wait_for(lambda: self._closed, timeout=self._idle_seconds)

    def _ready(self) -> bool:
        return self._closed or len(self._waiting) >= JOURNAL_BATCH_MAX

    def _take(self) -> tuple[Note, ...]:
        with self._bell:
            count = min(len(self._waiting), JOURNAL_BATCH_MAX)
            return tuple(self._waiting.popleft() for _ in range(count))
