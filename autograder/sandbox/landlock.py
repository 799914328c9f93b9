"""Landlock: a process gives up the file system and network for good, except for what it names."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from autograder.sandbox import kernel

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH = 1

# Rights by the version of Landlock that brought them (linux/landlock.h).
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE = 1 << 14
_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE, 5: 1 << 15}
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_NET_RIGHTS, _NET_VERSION = 0b11, 4  # bind and connect TCP
_SCOPES, _SCOPE_VERSION = 0b11, 6  # abstract unix sockets and signals

READ = _READ_FILE | _READ_DIR
DEVICE = _READ_FILE | _WRITE_FILE


def version() -> int:
    """The kernel's Landlock version; 0 where it has none or it is switched off."""
    try:
        return kernel.syscall(_CREATE, None, 0, 1)
    except (OSError, AttributeError):
        return 0


def restrict(
    readable: Iterable[str], devices: Iterable[str], writable: Iterable[str], abi: int
) -> None:
    """Close every file but those below the named paths, and all TCP. Needs `forbid_new_privileges` first.

    Paths that do not exist are left out.
    """
    handled = sum(rights for since, rights in _RIGHTS_OF_VERSION.items() if since <= abi)
    attributes = struct.pack(
        "=QQQ",
        handled,
        _NET_RIGHTS if abi >= _NET_VERSION else 0,
        _SCOPES if abi >= _SCOPE_VERSION else 0,
    )
    size = 24 if abi >= _SCOPE_VERSION else 16 if abi >= _NET_VERSION else 8
    ruleset = kernel.syscall(_CREATE, ctypes.create_string_buffer(attributes, 24), size, 0)
    try:
        for paths, rights in ((readable, READ), (devices, DEVICE), (writable, handled & ~_EXECUTE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        kernel.syscall(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, parent), 12)
        kernel.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(parent)
