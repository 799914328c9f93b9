"""Files of predictions in a submission: found beside the notebook, read up to their limit, kept small."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

_AGAIN = "Run the cell that exports the predictions and `submit()` once more, and hand in the zip it makes."


@dataclass(frozen=True)
class HandedIn:
    """A file as it was handed in, or why it could not be read. Not judged, only bounded in size."""

    digest: str
    packed: bytes = b""  # deflated: the views of a whole class wait in memory
    problem: str = ""

    @classmethod
    def holding(cls, content: bytes) -> HandedIn:
        """A file that was read."""
        return cls(hashlib.sha256(content).hexdigest(), zlib.compress(content, 1))

    @classmethod
    def unread(cls, problem: str) -> HandedIn:
        """A file that was not."""
        return cls(hashlib.sha256(problem.encode()).hexdigest(), problem=problem)

    @property
    def content(self) -> bytes | str:
        """The file's bytes, or the text that says why they were not read."""
        return self.problem or zlib.decompress(self.packed)


Read = Callable[[int], bytes]  # at most so many bytes


def from_archive(
    archive: zipfile.ZipFile,
    members: Iterable[zipfile.ZipInfo],
    notebook: str,
    limits: Mapping[str, int],
) -> dict[str, HandedIn]:
    """The predictions in a zip, by task. `limits` says which are wanted, and how many bytes each may have."""
    readers = {info.filename: partial(_inflated, archive, info) for info in members}
    return _found(readers, notebook, limits)


def from_files(
    files: Mapping[str, Path], notebook: str, limits: Mapping[str, int]
) -> dict[str, HandedIn]:
    """The predictions among files, which are known by the name they were handed in under."""
    readers = {name: partial(_beginning, path) for name, path in files.items()}
    return _found(readers, notebook, limits)


def is_predictions(name: str, tasks: Iterable[str]) -> bool:
    """Whether a file's name says that it holds predictions of one of these tasks.

    Browsers and platforms number what they have twice: "task (1).safetensors", "doejane_12_34_task-1.safetensors".
    """
    any_task = "|".join(re.escape(task) for task in tasks)
    like = rf"(?:.*_\d+_)?(?:{any_task})(?:[ _-]*\(?\d+\)?)?\.safetensors"
    return bool(any_task) and re.fullmatch(like, PurePosixPath(name).name, re.I) is not None


def _found(
    readers: Mapping[str, Read], notebook: str, limits: Mapping[str, int]
) -> dict[str, HandedIn]:
    found: dict[str, HandedIn] = {}
    for task, most in limits.items():
        name = _nearest(readers, notebook, task)
        if name is not None:
            found[task] = _read(name, readers[name], most)
    return found


def _nearest(names: Iterable[str], notebook: str, task: str) -> str | None:
    """Of several files that could be meant the one where `submit()` puts it, seen from the notebook."""
    place = str(PurePosixPath(notebook).parent / "predictions" / f"{task}.safetensors")

    def distance(name: str) -> tuple[bool, bool, int, str]:
        exact = PurePosixPath(name).name == f"{task}.safetensors"
        return (name != place, not exact, name.count("/"), name)

    meant = [name for name in names if is_predictions(name, [task])]
    return min(meant, key=distance, default=None)


def _read(name: str, read: Read, most: int) -> HandedIn:
    shown = PurePosixPath(name).name[:80]
    try:
        content = read(most + 1)
    except (
        zipfile.BadZipFile,
        EOFError,
        zlib.error,
        struct.error,
        OSError,
        NotImplementedError,  # a method of compression that nobody uses
        RuntimeError,  # a password
        ValueError,
    ) as error:
        return HandedIn.unread(f"{shown!r} cannot be read ({str(error)[:100]}). {_AGAIN}")
    if len(content) > most:
        return HandedIn.unread(
            f"{shown!r} is larger than the {most:,} bytes that the predictions can take. {_AGAIN}"
        )
    return HandedIn.holding(content)


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        return file.read(most)  # the size that the zip states may be a lie


def _beginning(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)
