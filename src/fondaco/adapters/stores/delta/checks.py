"""Reading everything that was kept, and comparing it with its hashes."""

import json
from collections.abc import Iterator
from pathlib import Path

from fondaco.adapters.stores.delta.blocks import Untrue
from fondaco.adapters.stores.delta.disk import digest_of
from fondaco.adapters.stores.delta.files import is_hashed
from fondaco.adapters.stores.delta.log import LOG, File, commits
from fondaco.adapters.stores.delta.mapped import Mapped
from fondaco.adapters.stores.delta.state import EMPTY, state_at
from fondaco.core.errors import Unavailable
from fondaco.market.keeping import Damage, Verified
from fondaco.market.tables import Table


def check_table(table: Path, mapped: Path, spec: Table) -> Verified:
    """Check commits, data files of every readable version, and the fast copy; no content hash."""
    state, damage, unhashed = EMPTY, [], 0
    try:
        for commit in commits(table, 0):
            state = state.after(commit)
            unhashed += commit.before is None
        if state.version < 0 and any((table / LOG).glob("*")):
            damage.append(Damage(str(table / LOG), "the first commit is missing"))
    except (OSError, ValueError, Unavailable) as error:
        damage.append(Damage(str(table / LOG), str(error)))
    files: dict[str, File] = {}
    if not damage:
        files = files_since(table, state.oldest)
        damage += _damaged_files(table, files)
        damage += _later_commits(table, state.version)
    damage += _damaged_copies(mapped, spec)
    return Verified(
        spec.name,
        state.version,
        state.version + 1,
        len(files),
        state.rows,
        "",
        unhashed + sum(not is_hashed(file) for file in files.values()),
        tuple(damage),
    )


def files_since(table: Path, oldest: int, newest: int | None = None) -> dict[str, File]:
    """Return the data files of every version from `oldest` to `newest`, or on."""
    state = state_at(table, oldest)
    files = dict(state.files)
    for commit in commits(table, oldest + 1, newest):
        files.update((file.path, file) for file in commit.added)
    return files


def _damaged_files(table: Path, files: dict[str, File]) -> Iterator[Damage]:
    for file in files.values():
        path = table / file.path
        try:
            size = path.stat().st_size
            if size != file.size:
                yield Damage(str(path), f"has {size:,} bytes, was written with {file.size:,}")
            elif is_hashed(file) and digest_of(path) != path.stem:
                yield Damage(str(path), "is not what was written: its hash differs")
        except OSError as error:
            yield Damage(str(path), f"cannot be read: {error.strerror}")


def _later_commits(table: Path, newest: int) -> Iterator[Damage]:
    """Find commits after a gap: one between them and the newest that is read was lost."""
    for path in sorted((table / LOG).glob("*.json")):
        if path.stem.isdigit() and int(path.stem) > newest:
            yield Damage(str(path), f"follows commit {newest}, and commits in between are gone")


def _damaged_copies(mapped: Path, spec: Table) -> Iterator[Damage]:
    if not mapped.is_dir():
        return
    for folder in sorted(one for one in mapped.iterdir() if one.name.isdigit()):
        try:
            Mapped(folder, spec).check()
        except Untrue as error:
            yield Damage(str(folder), f"{error}; it is a copy and will be made anew")
        except (OSError, KeyError, json.JSONDecodeError) as error:
            yield Damage(str(folder), f"cannot be read ({error}); it is a copy and made anew")
