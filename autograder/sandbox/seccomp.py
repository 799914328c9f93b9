"""A system call filter: what numerical Python needs is allowed, everything else is refused by the kernel.

Written as classic BPF. A refused call returns EPERM, so Python raises PermissionError; calls newer than the table
return ENOSYS, so that C libraries fall back to the older ones.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

from autograder.sandbox import kernel
from autograder.sandbox.syscalls import ALLOWED, AUDIT, FILTERED, SECCOMP

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32_BIT = 0x4000_0000
_NEWER_THAN_TABLE = 424
_SET_MODE_FILTER, _GET_ACTION_AVAIL, _TSYNC = 1, 2, 1

_CLONE_THREAD = 0x0001_0000
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x01, 0x20, 0x100
_AF_UNIX, _SOCK_DGRAM, _SOCK_RAW, _SOCK_KIND = 1, 2, 3, 0xF
_TERMINAL_QUESTIONS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # isatty, size, FIONREAD …
_OWNER_COMMANDS = (8, 10, 15)  # fcntl F_SETOWN, F_SETSIG, F_SETOWN_EX send signals to strangers
_NAME_COMMANDS = (15, 16, 0x5356_4D41)  # prctl: thread names, names of memory areas
_FILE_CALLS = {
    "open", "openat", "creat", "truncate", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir",
    "unlink", "unlinkat", "readlink", "readlinkat", "chdir", "fchdir", "getdents", "getdents64",
}  # fmt: skip

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def available() -> bool:
    """Whether this kernel takes filters, on a processor whose call numbers are known here."""
    if kernel.architecture() not in ALLOWED:
        return False
    action = ctypes.create_string_buffer(struct.pack("=I", _ERRNO), 4)
    try:
        kernel.syscall(SECCOMP[kernel.architecture()], _GET_ACTION_AVAIL, 0, action)
    except OSError:
        return False
    return True


def install(files: bool = True) -> None:
    """Filter every thread of this process from now on. Needs `forbid_new_privileges` first.

    Without `files` nothing can be opened any more: for machines where nothing else guards the file system.
    """
    filter_ = program(kernel.architecture(), os.getpid(), files)
    code = b"".join(struct.pack("=HBBI", *i) for i in filter_)
    instructions = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HxxxxxxQ", len(code) // 8, ctypes.addressof(instructions))
    number = SECCOMP[kernel.architecture()]
    buffer = ctypes.create_string_buffer(header, len(header))
    if kernel.syscall(number, _SET_MODE_FILTER, _TSYNC, buffer) != 0:
        raise OSError(errno.EBUSY, "the system call filter could not be put on every thread")


def program(architecture: str, pid: int, files: bool = True) -> list[Instruction]:
    """The filter for one process on one architecture."""
    numbers = FILTERED[architecture]
    allowed = [n for name, n in ALLOWED[architecture].items() if files or name not in _FILE_CALLS]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, AUDIT[architecture]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if architecture == "x86_64":
        code += [(_JUMP_GREATER_EQUAL, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    for number in allowed:
        code += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for name, tests in _argument_tests(pid).items():
        code += [(_JUMP_EQUAL, 0, len(tests), numbers[name]), *tests]
    # glibc then starts threads by clone, whose flags a filter can see
    code += [(_JUMP_EQUAL, 0, 1, numbers["clone3"]), _refuse(errno.ENOSYS)]
    code += [(_JUMP_GREATER_EQUAL, 0, 1, _NEWER_THAN_TABLE), _refuse(errno.ENOSYS)]
    return [*code, _refuse(errno.EPERM)]


def _argument_tests(pid: int) -> dict[str, list[Instruction]]:
    shared = _MAP_SHARED | _MAP_ANONYMOUS  # together: memory that RLIMIT_DATA does not count
    return {
        "clone": _bits(0, _CLONE_THREAD, _CLONE_THREAD, allow=True),
        "mmap": [*_bits(3, shared, shared, allow=False), *_bits(3, _MAP_GROWSDOWN, 0, allow=True)],
        "fcntl": _one_of(1, _OWNER_COMMANDS, allow=False),
        "ioctl": _one_of(1, _TERMINAL_QUESTIONS, allow=True),
        "prctl": _one_of(0, _NAME_COMMANDS, allow=True),
        "kill": _one_of(0, (pid,), allow=True),
        "tgkill": _one_of(0, (pid,), allow=True),
        "prlimit64": _one_of(0, (0,), allow=True),
        # One of a pair of datagram sockets can still send to any socket that has a name.
        "socketpair": [
            *_bits(1, _SOCK_KIND, _SOCK_DGRAM, allow=False),
            *_bits(1, _SOCK_KIND, _SOCK_RAW, allow=False),
            *_one_of(0, (_AF_UNIX,), allow=True),
        ],
    }


def _bits(argument: int, mask: int, value: int, *, allow: bool) -> list[Instruction]:
    """Allow (or refuse) if the masked argument has that value; otherwise refuse (or go on)."""
    match = (_RETURN, 0, 0, _ALLOW) if allow else _refuse(errno.EPERM)
    head: list[Instruction] = [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),
        (_AND, 0, 0, mask),
        (_JUMP_EQUAL, 0, 1, value),
        match,
    ]
    return [*head, _refuse(errno.EPERM)] if allow else head


def _one_of(argument: int, values: tuple[int, ...], *, allow: bool) -> list[Instruction]:
    listed, others = (_RETURN, 0, 0, _ALLOW), _refuse(errno.EPERM)
    if not allow:
        listed, others = others, listed
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *_jumps(values, listed), others]


def _jumps(values: tuple[int, ...], answer: Instruction) -> Iterator[Instruction]:
    for value in values:
        yield (_JUMP_EQUAL, 0, 1, value)
        yield answer


def _refuse(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)
