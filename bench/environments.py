"""Each rival in an environment of its own, made once from its pinned list and kept.

They are never part of Fondaco: nothing of them is imported by it, and git ignores the folder.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
KEPT = HERE / ".environments"
LISTS = HERE / "engine" / "rivals"
INSTALL_SECONDS_MAX = 900


def python_of(rival: str, lists: Path = LISTS) -> Path | None:
    """Return the interpreter of a rival, made if it is not there; None, said aloud, if it fails.

    `rival` names a list of packages in `lists`; without a list it runs in this environment.
    """
    pins = lists / f"{rival}.txt"
    if not pins.exists():
        return Path(sys.executable)
    folder = KEPT / rival
    python, stamp = folder / "bin" / "python", folder / "pins.sha256"
    wanted = hashlib.sha256(pins.read_bytes()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"  setting up {rival} (once) ...", flush=True)
    fault = _make(folder, pins)
    if fault:
        print(f"  COULD NOT SET UP {rival}; it is left out:\n    {fault}", flush=True)
        return None
    stamp.write_text(wanted)
    return python


def _make(folder: Path, pins: Path) -> str:
    """Make an environment; returns what went wrong, or nothing."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        return "uv is missing: run `make up` first"
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    for words in (
        ["venv", "--quiet", "--python", sys.executable, str(folder)],
        ["pip", "install", "--quiet", "--python", str(python), "--requirement", str(pins)],
    ):
        try:
            done = subprocess.run(
                [uv, *words], capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode != 0:
            return done.stderr.strip().replace("\n", "\n    ")[-2_000:]
    return ""


def environment_of(python: Path) -> dict[str, str]:
    """Return the variables a side runs with: one thread each, its own packages, this tree's bench.

    Our own side keeps PYTHONPATH, so that it runs the tree that was asked for.
    """
    variables = dict(os.environ)
    if python != Path(sys.executable):
        variables.pop("PYTHONPATH", None)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        variables[name] = "1"
    return variables
