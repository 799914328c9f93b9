"""Tier A's box: a private root of read-only binds, built once by the warm process, and scratch space per worker."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import kernel
from autograder.sandbox.view import DEVICES, View

_SCRATCH = ("/tmp", "/dev/shm")
_MOUNT_POINTS = ("/mnt", "/media", "/srv", "/opt", "/run", "/var/tmp", "/tmp", "/dev/shm")
_KEPT_FLAGS = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
_READ_ONLY = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID


def enter_namespaces(root: bool) -> None:
    """Leave the host's mounts, processes, network and IPC. The caller must fork afterwards to become pid 1.

    Raises OSError where this machine does not allow it.
    """
    flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET
    flags |= kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    if root:
        kernel.unshare(flags)
        return
    user, group = os.getuid(), os.getgid()
    kernel.unshare(flags | kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def build_root(view: View) -> None:
    """Replace the root by a small read-only one that shows only `view`. Call inside `enter_namespaces`."""
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    root = _mount_point(view)
    kernel.mount("none", root, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=0755")
    for path in view.readable:
        _bind(path, root, _READ_ONLY | kernel.MS_NODEV)
    for path in DEVICES:
        _bind(path, root, _READ_ONLY)
    for path, target in view.links:
        if not os.path.lexists(root + path):
            os.symlink(target, root + path)
    for path in scratch_folders(view):
        os.makedirs(root + path, exist_ok=True)
    os.chdir(root)
    kernel.pivot_root(".", ".")  # the old root now lies on top of the new one, and is taken off
    kernel.detach(".")
    os.chdir("/")
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
    kernel.mount("none", "/", None, flags | kernel.MS_NOSUID | kernel.MS_NODEV)


def scratch_folders(view: View) -> tuple[str, ...]:
    """Where a worker may write: /tmp and /dev/shm, or others where libraries lie inside these.

    A course that is tried out below /tmp has its virtual environment there, which must not be covered.
    """
    return tuple(
        f"/scratch{path}" if any(p.startswith(f"{path}/") for p in view.readable) else path
        for path in _SCRATCH
    )


def fresh_scratch(megabytes: int, folders: Sequence[str]) -> None:
    """Private mounts with empty, small scratch folders: nothing is left for the next submission."""
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC)
    options = f"size={megabytes}m,nr_inodes=2048,mode=1777"
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
    for path in folders:
        kernel.mount("none", path, "tmpfs", flags, options)
    os.environ.update(TMPDIR=folders[0], HOME=folders[0])
    os.chdir(folders[0])


def _mount_point(view: View) -> str:
    """An existing directory whose contents the view does not need: the new root is built over it."""
    for candidate in _MOUNT_POINTS:
        inside = (path.startswith(candidate + "/") or path == candidate for path in view.readable)
        if os.path.isdir(candidate) and not os.path.islink(candidate) and not any(inside):
            return candidate
    raise OSError("no directory to build the box over: " + ", ".join(_MOUNT_POINTS))


def _bind(path: str, root: str, flags: int) -> None:
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    kernel.mount(path, target, None, kernel.MS_BIND | kernel.MS_REC)
    # A user namespace may not take off the flags that the host's mount carries.
    kept = os.statvfs(path).f_flag & _KEPT_FLAGS
    kernel.mount("none", target, None, flags | kept)
