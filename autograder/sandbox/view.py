"""Which files exist for student code: the interpreter, its libraries and course_lib, but no answers."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/fonts",
    "/usr/share/zoneinfo",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/sys/devices/system/cpu",
)
_SYSTEM_LINKS = ("/lib", "/lib64", "/lib32")  # to /usr on most systems, directories on others
_SCHEMES = ("stdlib", "platstdlib", "purelib", "platlib")
# Not /dev/zero: mapped shared, it is memory that no limit counts.
DEVICES = ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class View:
    """Absolute paths that may be read, none of which holds a hidden one, and symbolic links to repeat."""

    readable: tuple[str, ...]
    links: tuple[tuple[str, str], ...]  # (path, target)


def student_view(home: Path, solved: Sequence[str], hidden: Sequence[Path]) -> View:
    """The files that a worker may read.

    `home` is the folder that holds the packages course_lib and autograder. `solved` names the notebooks whose
    published answers may be imported, such as "camera_geometry". `hidden` adds folders that must not be seen
    even if they lie inside a library folder.
    """
    library = home / "course_lib"
    secret = [
        home,
        home / "autograder",
        library / "solved",
        library / "_assets" / "references",
        *(path.resolve() for path in hidden),
    ]
    published = [library / "solved" / f"{name}.py" for name in ("__init__", *solved)]
    # In a checkout the repository itself is on sys.path, beside libraries; installed, it is site-packages.
    libraries = [path for path in _import_paths() if path != home]
    wanted = [*_system_paths(), *libraries, library, home / "assets" / "data", *published]
    readable: dict[str, None] = {}
    for path in wanted:
        readable |= dict.fromkeys(_without(path, [s for s in secret if s != path]))
    outermost = [p for p in readable if not any(p.startswith(other + "/") for other in readable)]
    links = tuple((p, os.readlink(p)) for p in _SYSTEM_LINKS if os.path.islink(p))
    return View(tuple(outermost), links)


def _system_paths() -> Iterable[Path]:
    yield from (Path(p) for p in _SYSTEM)
    yield from (Path(p) for p in _SYSTEM_LINKS if not os.path.islink(p))
    yield from (Path(sysconfig.get_path(name)) for name in _SCHEMES)
    yield Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib")  # what extension modules link to


def _import_paths() -> Iterable[Path]:
    return (Path(p) for p in sys.path if p)


def _without(path: Path, secret: Sequence[Path]) -> list[str]:
    """`path` itself, or, where it holds a secret path, its other children taken apart the same way."""
    if not path.exists():
        return []
    if not any(s.is_relative_to(path) for s in secret):
        return [str(path)]
    kept: list[str] = []
    for child in sorted(path.iterdir()) if path.is_dir() and path not in secret else ():
        kept += _without(child, secret)
    return kept
