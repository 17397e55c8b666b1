"""The filter of system calls: its numbers are the kernel's, and its program decides as it says."""

import errno
import re
import struct
from pathlib import Path

import pytest

from fondaco.adapters.strategies.system_calls import DENIED, MACHINES, program

ALLOW, KILL, DENY, ABSENT = 0x7FFF0000, 0x80000000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
HEADERS = {
    0: Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    1: Path("/usr/include/asm-generic/unistd.h"),
}
PID = 4321


def decide(code: bytes, audit: int, number: int, *arguments: int) -> int:
    """Run classic BPF as the kernel does (Linux: Documentation/networking/filter.rst)."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=IIQ6Q", number, audit, 0, *padded)
    lines = list(struct.iter_unpack("=HBBI", code))
    held, at = 0, 0
    while True:
        kind, if_true, if_false, operand = lines[at]
        at += 1
        if kind == 0x20:
            held = struct.unpack_from("=I", data, operand)[0]
        elif kind == 0x06:
            return int(operand)
        else:
            hit = {0x15: held == operand, 0x35: held >= operand, 0x45: bool(held & operand)}[kind]
            at += if_true if hit else if_false


def ask(machine: str, number: int, *arguments: int) -> int:
    found = MACHINES[machine]
    return decide(program(found, PID), found.audit, number, *arguments)


@pytest.mark.parametrize("column", HEADERS)
def test_the_numbers_are_those_of_the_kernel_s_headers(column: int) -> None:
    header = HEADERS[column]
    if not header.exists():
        pytest.skip(f"{header} is not installed (linux-libc-dev)")
    text = header.read_text()
    known = {name: int(n) for name, n in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    mine = {name: numbers[column] for name, numbers in DENIED.items() if numbers[column]}
    assert len(mine) > 60
    newer = {"fchmodat2"}  # Linux 6.6; older headers do not know it
    wrong = {n: (v, known.get(n)) for n, v in mine.items() if n not in newer and known.get(n) != v}
    assert wrong == {}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_listed_call_is_denied_and_others_are_allowed(machine: str) -> None:
    column = MACHINES[machine].column
    for numbers in DENIED.values():
        if numbers[column] is not None:
            assert ask(machine, numbers[column]) == DENY
    read, write, mmap = ((0, 1, 9), (63, 64, 222))[column]
    assert {ask(machine, number) for number in (read, write, mmap)} == {ALLOW}
    assert {ask(machine, number) for number in (435, 437)} == {ABSENT}


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide_where_a_call_is_needed_for_good_things_too(machine: str) -> None:
    clone, openat, tgkill, sendto, prlimit = (
        (56, 257, 234, 44, 302),
        (220, 56, 131, 206, 261),
    )[MACHINES[machine].column]
    thread, process = 0x3D0F00, 0x1200011  # what glibc asks for a thread and for fork()
    assert (ask(machine, clone, thread), ask(machine, clone, process)) == (ALLOW, DENY)
    assert ask(machine, openat, 0, 0, 0o2000000) == ALLOW  # O_CLOEXEC
    for flag in (0o1, 0o2, 0o100, 0o1000, 0o2000):  # write, read and write, create, cut, append
        assert ask(machine, openat, 0, 0, flag) == DENY
    assert (ask(machine, tgkill, PID), ask(machine, tgkill, 1)) == (ALLOW, DENY)
    assert ask(machine, tgkill, PID + (1 << 32)) == DENY
    assert (ask(machine, sendto, 3, 0, 0, 0, 0), ask(machine, sendto, 3, 0, 0, 0, 9)) == (
        ALLOW,
        DENY,
    )
    assert ask(machine, sendto, 3, 0, 0, 0, 1 << 40) == DENY
    assert (ask(machine, prlimit, 0, 7, 0), ask(machine, prlimit, 0, 7, 1 << 40)) == (ALLOW, DENY)


def test_another_numbering_of_the_kernel_ends_the_process() -> None:
    found = MACHINES["x86_64"]
    code = program(found, PID)
    assert decide(code, 0x40000003, 1) == KILL  # 32 bit
    assert decide(code, found.audit, 0x40000000 + 41) == KILL  # x32
