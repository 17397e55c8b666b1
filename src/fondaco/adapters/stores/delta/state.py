"""Which files make up a table at a version, from its commits.

Every so many versions the list is kept beside the log, with its hash, so that opening a table reads
few commits. It is a convenience: where it is missing or changed, the commits are read from the
first on.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fondaco.adapters.stores.delta.disk import write_whole
from fondaco.adapters.stores.delta.log import (
    LOG,
    OWN,
    Commit,
    Damaged,
    File,
    commit_path,
    commits,
)

KEPT_EVERY = 100
"""Versions between two lists of files that are kept."""


@dataclass(frozen=True, slots=True)
class State:
    """A table at a version. `oldest` is the first version that retention left readable."""

    version: int
    files: Mapping[str, File]
    columns: tuple[str, ...]
    partitions: tuple[str, ...]
    oldest: int
    digest: str

    @property
    def rows(self) -> int:
        """The rows of all revisions."""
        return sum(file.rows for file in self.files.values())

    def after(self, commit: Commit) -> "State":
        """Return the state that a commit makes; raises Damaged when it follows another one."""
        if commit.before is not None and commit.before != self.digest:
            raise Damaged(f"commit {commit.version} does not follow the one before it")
        gone = set(commit.removed)
        files = {path: file for path, file in self.files.items() if path not in gone}
        files.update((file.path, file) for file in commit.added)
        return State(
            commit.version,
            files,
            self.columns if commit.columns is None else commit.columns,
            self.partitions if commit.partitions is None else commit.partitions,
            max(self.oldest, commit.note.oldest),
            commit.digest,
        )


EMPTY = State(-1, {}, (), (), 0, "")


def state_at(table: Path, version: int | None = None) -> State:
    """Return a table's state at a version, or the newest; `EMPTY` when there is no table.

    Raises Damaged when commits are missing or changed.
    """
    state = _nearest(table, version)
    for commit in commits(table, state.version + 1, version):
        state = state.after(commit)
    if state.version < 0 and any((table / LOG).glob("*.json")):
        raise Damaged("the first commit is missing")
    return state


def caught_up(table: Path, state: State) -> tuple[State, tuple[Commit, ...]]:
    """Return the newest state and the commits that lead to it from an earlier one."""
    more = []
    # One look at the next name costs microseconds, where listing a folder would cost milliseconds.
    if commit_path(table, state.version + 1).exists():
        for commit in commits(table, state.version + 1):
            state = state.after(commit)
            more.append(commit)
    return state, tuple(more)


def keep_state(table: Path, state: State) -> None:
    """Keep the list of files, at one version of every `KEPT_EVERY`."""
    if state.version > 0 and state.version % KEPT_EVERY == 0:
        body = json.dumps(
            asdict(state) | {"files": [asdict(f) for f in state.files.values()]},
            separators=(",", ":"),
            default=str,
        ).encode()
        line = hashlib.sha256(body).hexdigest().encode() + b"\n"
        write_whole(_kept(table, state.version), line + body)


def _kept(table: Path, version: int) -> Path:
    return table / OWN / f"{version:020}.state"


def _nearest(table: Path, version: int | None) -> State:
    names = sorted((table / OWN).glob("*.state"), reverse=True)
    for path in names:
        if version is None or int(path.stem) <= version:
            state = _read(path)
            if state is not None:
                return state
    return EMPTY


def _read(path: Path) -> State | None:
    line, _, body = path.read_bytes().partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != line:
        return None
    found: dict[str, Any] = json.loads(body)
    files = {one["path"]: File(**one) for one in found["files"]}
    return State(
        found["version"],
        files,
        tuple(found["columns"]),
        tuple(found["partitions"]),
        found["oldest"],
        found["digest"],
    )
