"""The filter of system calls: what a user's strategy may not ask of the kernel.

A list of what is denied, not of what is allowed: numeric libraries differ too much in what they
ask. It is built for x86_64 and aarch64; each row gives the numbers of both, None where the call
does not exist (Linux: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
"""

import errno
import os
import struct
from dataclasses import dataclass

Numbers = tuple[int | None, int | None]

_NETWORK: dict[str, Numbers] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_PROCESSES: dict[str, Numbers] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "setrlimit": (160, 164),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setresuid": (117, 147),
    "capset": (126, 91),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
}
_FILES: dict[str, Numbers] = {
    "creat": (85, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "open_by_handle_at": (304, 265),
}
_SYSTEM: dict[str, Numbers] = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
DENIED = {**_NETWORK, **_PROCESSES, **_FILES, **_SYSTEM}
"""Calls that are always denied."""

# Absent for the library that asks: the C library then takes the older call, which can be looked at.
_ABSENT: dict[str, Numbers] = {"clone3": (435, 435), "openat2": (437, 437)}

_THREAD = 0x0001_0000  # CLONE_THREAD
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_X32 = 0x4000_0000  # the other numbering of x86_64
_ALLOW, _KILL, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16


@dataclass(frozen=True, slots=True)
class Machine:
    """An architecture: its audit number, and which column of the tables is its own."""

    audit: int
    column: int


MACHINES = {"x86_64": Machine(0xC000_003E, 0), "aarch64": Machine(0xC000_00B7, 1)}
"""Machines for which there is a filter, as `platform.machine()` names them."""


def program(machine: Machine, pid: int) -> bytes:
    """Return the filter as classic BPF: 8 bytes an instruction.

    `pid` is the one process to which signals may be sent: itself, as `abort()` does.
    """
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_EQUAL, machine.audit, 1, 0),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NUMBER),
    ]
    if machine.column == 0:
        lines += [_line(_AT_LEAST, _X32, 0, 1), _line(_RETURN, _KILL)]
    for table, code in ((DENIED, errno.EPERM), (_ABSENT, errno.ENOSYS)):
        for numbers in table.values():
            if (number := numbers[machine.column]) is not None:
                lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _ERRNO | code)]
    for numbers, argument, test in _looked_at(pid):
        if (number := numbers[machine.column]) is not None:
            lines += _only_if(number, argument, test)
    return b"".join([*lines, _line(_RETURN, _ALLOW)])


def _looked_at(pid: int) -> tuple[tuple[Numbers, int, tuple[int, int, bool]], ...]:
    """Return calls that an argument decides: (test, operand, whether a hit allows)."""
    return (
        ((56, 220), 0, (_ANY_BIT, _THREAD, True)),  # clone: threads, no processes
        ((2, None), 1, (_ANY_BIT, _WRITING, False)),  # open
        ((257, 56), 2, (_ANY_BIT, _WRITING, False)),  # openat
        ((234, 131), 0, (_EQUAL, pid, True)),  # tgkill
        ((44, 206), 4, (_EQUAL, 0, True)),  # sendto: no address, so on a pair of its own only
        ((302, 261), 2, (_EQUAL, 0, True)),  # prlimit64: ask, not set
    )


def _only_if(number: int, argument: int, test: tuple[int, int, bool]) -> list[bytes]:
    kind, operand, hit_allows = test
    low = _ARGUMENTS + 8 * argument  # both machines are little-endian
    hit, miss = (_ALLOW, _ERRNO | errno.EPERM) if hit_allows else (_ERRNO | errno.EPERM, _ALLOW)
    whole = [_line(_LOAD, low + 4), _line(_EQUAL, 0, 1, 0), _line(_RETURN, _ERRNO | errno.EPERM)]
    high = whole if kind == _EQUAL else []  # a pointer or a number above 32 bits is no match
    body = [
        *high,
        _line(_LOAD, low),
        _line(kind, operand, 0, 1),
        _line(_RETURN, hit),
        _line(_RETURN, miss),
    ]
    return [_line(_EQUAL, number, 0, len(body)), *body]


def _line(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, operand & 0xFFFF_FFFF)
