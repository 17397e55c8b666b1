"""How the child gives up what it does not need: files, network, other processes, memory, time.

Layers, outermost first; `docs/decisions/0014-user-strategies.md` says what each of them holds:
limits of the process (POSIX), a user and network namespace, Landlock, a filter of system calls
(seccomp). Only Linux has the last three. Each function is called once, by a process of one thread.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from pathlib import Path

from fondaco.adapters.strategies.system_calls import MACHINES, program

NAMESPACES, LANDLOCK, SECCOMP = "namespaces", "landlock", "seccomp"
REQUIRED = (LANDLOCK, SECCOMP)
"""Layers without which a strategy is not run, unless the user asks for that."""

_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000
_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER, _SET_PARENT_DEATH_SIGNAL = 38, 22, 2, 1
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILES_OF_ABI = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
_FILES_NEWEST = 0xFFFF
_FOLDERS = ("/usr", "/lib", "/lib64", "/sys/devices/system/cpu")
_READABLE = (
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/dev/null",
    "/dev/zero",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
)


def missing_layers() -> tuple[str, ...]:
    """Return the required layers that this system does not offer; changes nothing."""
    if not sys.platform.startswith("linux"):
        return REQUIRED
    library = ctypes.CDLL(None, use_errno=True)
    offered = {
        LANDLOCK: library.syscall(_CREATE_RULESET, None, 0, 1) >= 1,
        SECCOMP: platform.machine() in MACHINES,
    }
    return tuple(layer for layer in REQUIRED if not offered[layer])


def outer_layers() -> tuple[str, ...]:
    """Shut the process in, for itself and its children; return the layers that took hold."""
    if not sys.platform.startswith("linux"):
        return ()
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    held = []
    if library.unshare(_NEW_USER | _NEW_NET) == 0:
        held.append(NAMESPACES)
    if _landlock(library, _readable_paths()):
        held.append(LANDLOCK)
    if platform.machine() in MACHINES:
        held.append(SECCOMP)  # taken by each worker for itself: see `inner_layers`
    return tuple(held)


def inner_layers(held: tuple[str, ...], *, seconds: float, memory: int) -> None:
    """Take the limits and the filter of one worker; `memory` is all its address space in bytes.

    Raises OSError when a layer that was promised does not take hold.
    """
    whole = int(seconds) + 2
    limits = {
        resource.RLIMIT_CPU: whole,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        if sys.platform == "darwin" and kind == resource.RLIMIT_AS:
            continue  # macOS refuses it
        resource.setrlimit(kind, (most, most))
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if SECCOMP in held:
        _seccomp(library)


def _seccomp(library: ctypes.CDLL) -> None:
    code = program(MACHINES[platform.machine()], os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
    if library.prctl(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.c_char_p(head), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls was not taken")


def _readable_paths() -> list[Path]:
    """Return what a strategy may read: Python, its packages and the libraries of the system."""
    import fondaco

    mine = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]
    mine.append(str(Path(str(fondaco.__file__)).parent))
    folders = {Path(name).resolve() for name in (*mine, *_FOLDERS) if name}
    paths = [*folders, *(Path(name) for name in _READABLE)]
    return [path for path in paths if path.exists() and path != Path("/")]


def _landlock(library: ctypes.CDLL, paths: list[Path]) -> bool:
    """Deny every file but these, and every TCP connection where the kernel can; False if absent."""
    abi = library.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    files = _FILES_OF_ABI.get(abi, _FILES_NEWEST)
    parts = [files] + ([0b11] if abi >= 4 else []) + ([0b11] if abi >= 6 else [])
    wanted = struct.pack(f"={len(parts)}Q", *parts)
    ruleset = library.syscall(_CREATE_RULESET, ctypes.c_char_p(wanted), len(wanted), 0)
    if ruleset < 0:
        return False
    for path in paths:
        _allow_reading(library, ruleset, path)
    done: bool = library.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done


def _allow_reading(library: ctypes.CDLL, ruleset: int, path: Path) -> None:
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights = _READ_FILE | _READ_FOLDER if path.is_dir() else _READ_FILE
    rule = struct.pack("=Qi", rights, handle)
    library.syscall(_ADD_RULE, ruleset, 1, ctypes.c_char_p(rule), 0)
    os.close(handle)
