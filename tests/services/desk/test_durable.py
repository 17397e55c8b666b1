"""Durable work on DBOS: each key once, in turn for one subject, and over the death of a process."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition

import pytest

from fondaco.desk.durable import DbosDurable
from fondaco.desk.ports import Steps

pytestmark = [pytest.mark.services, pytest.mark.timeout(120)]

SECONDS_MAX = 30.0


class Diary:
    """What workflows wrote down, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._written = Condition()

    def write(self, line: str) -> str:
        """Write a line."""
        with self._written:
            self.lines.append(line)
            self._written.notify_all()
        return line

    def wait_for(self, count: int) -> list[str]:
        """Wait until that many lines stand here."""
        with self._written:
            assert self._written.wait_for(lambda: len(self.lines) >= count, SECONDS_MAX), self.lines
            return list(self.lines)


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def durable(database_url: str, tmp_path: Path) -> Iterator[DbosDurable]:
    made = DbosDurable(database_url, tmp_path / "worker.log")
    yield made
    made.stop()


def writing(diary: Diary) -> Callable[[Steps, str, int], None]:
    """Return a workflow of two steps that writes each."""

    def workflow(steps: Steps, subject: str, look: int) -> None:
        first = steps.run("first", lambda: diary.write(f"{subject} first {look}"))
        steps.run("second", lambda: diary.write(f"after {first}"))

    return workflow


def test_a_key_is_worked_on_once_however_often_it_is_enqueued(
    durable: DbosDurable, diary: Diary
) -> None:
    durable.start({"job": writing(diary), "card": writing(diary)})
    for _ in range(3):
        durable.enqueue("job", "J-1", "J-1", look=4)
    durable.enqueue("job", "J-2", "J-2")
    lines = diary.wait_for(4)
    assert sorted(lines) == ["J-1 first 4", "J-2 first 0", "after J-1 first 4", "after J-2 first 0"]


def test_work_with_a_delay_waits_while_other_work_goes_on(
    durable: DbosDurable, diary: Diary
) -> None:
    durable.start({"job": writing(diary), "card": writing(diary)})
    durable.enqueue("card", "TC-1/end", "TC-1", delay_seconds=3_600)
    durable.enqueue("card", "TC-1/now", "TC-1")
    assert diary.wait_for(2) == ["TC-1 first 0", "after TC-1 first 0"]


def test_work_of_one_subject_is_done_one_after_the_other(
    durable: DbosDurable, diary: Diary
) -> None:
    durable.start({"job": writing(diary), "card": writing(diary)})
    for number in range(4):
        durable.enqueue("card", f"TC-1/{number}", "TC-1", look=number)
    lines = diary.wait_for(8)
    assert [lines[n + 1] == f"after {lines[n]}" for n in range(0, 8, 2)] == [True] * 4


def test_a_workflow_may_enqueue_the_next_one(durable: DbosDurable, diary: Diary) -> None:
    def chain(steps: Steps, subject: str, look: int) -> None:
        steps.run("look", lambda: diary.write(f"look {look}"))
        if look < 2:
            durable.enqueue("card", f"{subject}/{look + 1}", subject, look=look + 1)

    durable.start({"job": writing(diary), "card": chain})
    durable.enqueue("card", "TC-1/0", "TC-1")
    assert diary.wait_for(3) == ["look 0", "look 1", "look 2"]


def test_work_that_raises_is_given_up_and_its_words_are_logged(
    durable: DbosDurable, diary: Diary, tmp_path: Path
) -> None:
    def broken(steps: Steps, subject: str, look: int) -> None:
        steps.run("only", lambda: diary.write("tried"))
        raise ValueError("a fault that nobody caught")

    durable.start({"job": broken, "card": writing(diary)})
    durable.enqueue("job", "J-1", "J-1")
    diary.wait_for(1)
    durable.enqueue("card", "TC-1/x", "TC-1")
    diary.wait_for(3)
    assert durable.gave_up("J-1")
    assert not durable.gave_up("TC-1/x")
    assert not durable.gave_up("never heard of")
    durable.stop()
    assert "a fault that nobody caught" in (tmp_path / "worker.log").read_text()
    durable.start({"job": broken, "card": writing(diary)})


def test_what_a_stop_cut_short_goes_on_at_the_next_start_without_its_first_step(
    durable: DbosDurable, diary: Diary
) -> None:
    def workflow(steps: Steps, subject: str, look: int) -> None:
        steps.run("first", lambda: diary.write("first"))
        diary.write("between")
        durable._stopping.wait(SECONDS_MAX)
        steps.run("second", lambda: diary.write("second"))

    durable.start({"job": workflow, "card": writing(diary)})
    durable.enqueue("job", "J-1", "J-1")
    diary.wait_for(2)
    durable.stop()
    assert diary.lines == ["first", "between"]

    def rest(steps: Steps, subject: str, look: int) -> None:
        steps.run("first", lambda: diary.write("first again"))
        steps.run("second", lambda: diary.write("second"))

    durable.start({"job": rest, "card": writing(diary)})
    assert diary.wait_for(3) == ["first", "between", "second"]


PROCESS = """
import os, sys
from pathlib import Path
from threading import Event
from fondaco.desk.durable import DbosDurable

def workflow(steps, subject, look):
    steps.run("first", lambda: print("first", flush=True))
    if sys.argv[3] == "die":
        os.kill(os.getpid(), 9)
    steps.run("second", lambda: print("second", flush=True))
    done.set()

done = Event()
durable = DbosDurable(sys.argv[1], Path(sys.argv[2]))
durable.start({"job": workflow, "card": workflow})
durable.enqueue("job", "J-1", "J-1")
done.wait(30)
durable.stop()
"""


def test_a_process_that_is_killed_leaves_its_work_to_the_next_one(
    database_url: str, tmp_path: Path
) -> None:
    said = []
    for mode in ("die", "live"):
        done = subprocess.run(
            [sys.executable, "-c", PROCESS, database_url, str(tmp_path / "log"), mode],
            capture_output=True,
            text=True,
            check=False,
        )
        said.append(done.stdout.split())
    assert said == [["first"], ["second"]]


def test_only_plain_json_is_kept(durable: DbosDurable, diary: Diary) -> None:
    def workflow(steps: Steps, subject: str, look: int) -> None:
        kept = steps.run("plain", lambda: {"a": [1, "two", None]})
        diary.write(repr(kept))
        try:
            steps.run("odd", lambda: object())
        except TypeError as error:
            diary.write(str(error))

    durable.start({"job": workflow, "card": writing(diary)})
    durable.enqueue("job", "J-1", "J-1")
    assert diary.wait_for(2) == ["{'a': [1, 'two', None]}", "a step gives plain JSON, not object"]
