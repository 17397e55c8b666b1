"""Backups: commits and data files of every table as they were at one moment, with a manifest.

A backup is a folder, or the same in a `.tar` file. The manifest names each file's size and SHA-256
and is written last, under the hash of its own content: a copy that was cut short has none.
"""

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fondaco.adapters.stores.delta.checks import files_since
from fondaco.adapters.stores.delta.disk import digest_of, make_folder, sync_folder, write_whole
from fondaco.adapters.stores.delta.faults import unwritable
from fondaco.adapters.stores.delta.log import LOG, commit_path
from fondaco.adapters.stores.delta.state import State
from fondaco.core.errors import Conflict, Unavailable
from fondaco.market.keeping import Backup, Damage, Kept

MANIFEST = "manifest.json"
TAR = ".tar"


def back_up(folder: Path, states: Sequence[tuple[str, State]], place: Path) -> Backup:
    """Copy tables at these states into a new folder or `.tar`; raises Conflict, Unavailable."""
    if place.exists():
        raise Conflict(
            "a backup is never written over another", value=place, remedy="Name a new place."
        )
    try:
        if place.suffix != TAR:
            return _copied(folder, states, place)
        with tempfile.TemporaryDirectory(dir=place.parent) as beside:
            made = _copied(folder, states, Path(beside) / "backup")
            with tarfile.open(Path(beside) / "packed", "w") as tar:
                tar.add(made.place, arcname=".")
            (Path(beside) / "packed").rename(place)
            sync_folder(place.parent)
        return Backup(place, made.tables, made.files, made.bytes)
    except OSError as error:
        raise unwritable(place, error) from error


def _copied(folder: Path, states: Sequence[tuple[str, State]], place: Path) -> Backup:
    files: dict[str, dict[str, Any]] = {}
    kept = []
    for table, state in states:
        held = files_since(folder / table, state.oldest, state.version)
        commits = (commit_path(folder / table, n) for n in range(state.version + 1))
        for path in (*commits, *(folder / table / name for name in held)):
            name = path.relative_to(folder).as_posix()
            make_folder((place / name).parent)
            content = path.read_bytes()
            write_whole(place / name, content)
            digest = hashlib.sha256(content).hexdigest()
            files[name] = {"size": len(content), "sha256": digest}
        kept.append(Kept(table, state.version, state.rows, state.digest))
    body = json.dumps({"tables": [asdict(one) for one in kept], "files": files}, indent=1).encode()
    make_folder(place)
    write_whole(place / MANIFEST, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    return Backup(place, tuple(kept), len(files), sum(one["size"] for one in files.values()))


def verify_backup(place: Path) -> Backup:
    """Compare every file of a backup with its manifest; raises Unavailable when it has none."""
    with _unpacked(place) as folder:
        manifest = _manifest(folder)
        damage = []
        for name, wanted in manifest["files"].items():
            path = folder / name
            if not path.is_file():
                damage.append(Damage(name, "is missing"))
            elif digest_of(path) != wanted["sha256"]:
                damage.append(Damage(name, "is not what was written: its hash differs"))
        return Backup(
            place,
            tuple(Kept(**one) for one in manifest["tables"]),
            len(manifest["files"]),
            sum(one["size"] for one in manifest["files"].values()),
            tuple(damage),
        )


def restore_backup(place: Path, folder: Path) -> Backup:
    """Bring a backup's tables into a store folder that has none of them, once all is verified.

    Raises Conflict when one is there, Unavailable when the backup is damaged.
    """
    found = verify_backup(place)
    if found.damage:
        raise Unavailable(
            "the backup is damaged, so nothing of it was restored",
            value=f"{found.damage[0].where} {found.damage[0].what}",
            remedy="Take an older backup.",
        )
    for kept in found.tables:
        if (folder / kept.table / LOG).exists():
            raise Conflict(
                "a backup is restored into a new store only",
                value=folder / kept.table,
                remedy="Move the present data folder aside first.",
            )
    with _unpacked(place) as source:
        for name in _manifest(source)["files"]:
            make_folder((folder / name).parent)
            # A table appears with its commits, in the manifest's order: the first comes first.
            if f"/{LOG}/" not in name:
                write_whole(folder / name, (source / name).read_bytes())
        for name in _manifest(source)["files"]:
            if f"/{LOG}/" in name:
                write_whole(folder / name, (source / name).read_bytes())
    return found


@contextmanager
def _unpacked(place: Path) -> Iterator[Path]:
    if place.suffix != TAR:
        yield place
        return
    try:
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            with tarfile.open(place) as tar:
                tar.extractall(folder, filter="data")
            yield Path(folder)
    except (tarfile.TarError, FileNotFoundError) as error:
        raise Unavailable(
            "the backup cannot be read", value=f"{place}: {error}", remedy="Take an older backup."
        ) from error


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        line, _, body = (folder / MANIFEST).read_bytes().partition(b"\n")
    except OSError:
        line = body = b""
    if not body or hashlib.sha256(body).hexdigest().encode() != line:
        raise Unavailable(
            "this is no whole backup: its manifest is missing or changed",
            value=folder / MANIFEST,
            remedy="Take an older backup.",
        )
    found: dict[str, Any] = json.loads(body)
    return found
