"""How the venue's kernels are compiled: once, kept on disk, and anew when any of them changes.

numba keeps compiled code by the source of the function's own file; it does not see that a kernel
in another file, which was compiled in, has changed. Here one stamp stands for all files of the
family, so that a cache is never older than any of its parts.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

FAMILY = ("trading/simulator", "trading/cost_model", "trading", "backtest")
"""The folders, below the package's, whose files call each other's kernels."""
MARKS = (b"@inner", b"@hot", b"@kernel", b"numba")
"""What a file with compiled code has in it."""
NUMBERS = ("trading/simulator/layout.py", "trading/cost_model/lines.py", "trading/costs.py")
"""Files whose constants are compiled in."""


def family_files() -> tuple[Path, ...]:
    """Return every file whose text takes part in some compiled code."""
    root = Path(__file__).resolve().parents[2]
    found = [root / name for name in NUMBERS]
    for folder in FAMILY:
        for path in sorted((root / folder).glob("*.py")):
            if path not in found and any(mark in path.read_bytes() for mark in MARKS):
                found.append(path)
    return tuple(found)


@lru_cache(maxsize=1)
def family_stamp() -> bytes:
    """Return the hash of all sources of the family."""
    digest = sha256()
    for path in family_files():
        digest.update(path.name.encode() + path.read_bytes())
    return digest.digest()


_njit: Any = numba.njit  # its types leave out the option that spares counting references
Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Mark a function that only kernels call: it is compiled as a part of each of them.

    It allocates nothing, so that references to the arrays need not be counted at every call: that
    would cost more than the work (`_nrt=False`).
    """
    return cast(Function, _njit(error_model="numpy", nogil=True, _nrt=False)(function))


def hot(function: Function) -> Function:
    """Mark what every bar passes through: it is laid into its callers, where a call would cost."""
    options = {"error_model": "numpy", "nogil": True, "_nrt": False, "forceinline": True}
    return cast(Function, _njit(**options)(function))


def kernel(signature: Any, *, allocates: bool = False) -> Callable[[Function], Function]:
    """Compile a function for one signature, from the cache where nothing of the family changed.

    Only what Python calls is a kernel: each costs its time when the program starts. One that makes
    arrays of its own says so (`allocates`), so that they are counted and freed. No divisor in these
    kernels can be zero, so numba's check for it is left out (`error_model="numpy"`).
    """

    def compiled(function: Function) -> Function:
        options = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": allocates}
        dispatcher = _njit(**options)(function)
        dispatcher._cache._cache_file._source_stamp = family_stamp()
        dispatcher.compile(signature)
        dispatcher.disable_compile()
        return cast(Function, dispatcher)

    return compiled
