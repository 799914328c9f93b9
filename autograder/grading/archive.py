"""Reading a submitted zip without unpacking it: nothing in it can name a file outside, or grow without end."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.grading.handed_in import HandedIn, from_archive
from autograder.grading.submission import UnreadableError

MANIFEST = "submission.json"
_MOST_DIRECTORY_BYTES = 4 * 2**20
MANIFEST_BYTES = 2**20
_AGAIN = "Run `submit()` in the notebook's last cell again and hand in the zip it makes."


@dataclass(frozen=True)
class Packed:
    """The notebook of a zip, and what its manifest says."""

    notebook: bytes
    notebook_name: str
    manifest: Mapping[str, Any]
    remarks: tuple[str, ...]
    predictions: Mapping[str, HandedIn] = field(default_factory=dict)  # by task


def read_archive(
    path: Path, wanted: str, most_bytes: int, predictions: Mapping[str, int] | None = None
) -> Packed:
    """The notebook that a zip holds, `wanted` by name if there are several. UnreadableError for what cannot be read.

    `predictions` names the tasks whose predictions are read too, each with its limit in bytes.
    """
    try:
        _refuse_huge_directory(path)
        with zipfile.ZipFile(path) as archive:
            return _read(archive, wanted, most_bytes, predictions or {})
    except (zipfile.BadZipFile, EOFError, zlib.error, struct.error, OSError) as error:
        raise UnreadableError(
            f"the zip is damaged ({str(error)[:100]}). It may have been cut off while uploading. {_AGAIN}"
        ) from None
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise UnreadableError(f"the zip cannot be read ({str(error)[:100]}). {_AGAIN}") from None


def _read(
    archive: zipfile.ZipFile, wanted: str, most_bytes: int, predictions: Mapping[str, int]
) -> Packed:
    files = [info for info in archive.infolist() if not info.is_dir()]
    remarks = [
        f"the zip names a file outside its own folder ({info.filename[:80]!r}); it was ignored"
        for info in files
        if leaves(info.filename)
    ][:5]
    files = [i for i in files if not leaves(i.filename) and not is_hidden(i.filename)]
    manifest_info = next((i for i in files if PurePosixPath(i.filename).name == MANIFEST), None)
    manifest: Mapping[str, Any] = {}
    if manifest_info is not None:
        manifest = parse_manifest(_content(archive, manifest_info, MANIFEST_BYTES), remarks)
    notebooks = [i for i in files if i.filename.lower().endswith(".ipynb")]
    if not notebooks:
        inside = ", ".join(i.filename[:60] for i in files[:5]) or "nothing"
        raise UnreadableError(f"the zip holds no notebook (it holds: {inside}). {_AGAIN}")
    best, others = choose([i.filename for i in notebooks], wanted)
    if others:
        remarks.append(f"the zip holds {1 + len(others)} notebooks: {best!r} was graded")
    info = next(i for i in notebooks if i.filename == best)
    content = _content(archive, info, most_bytes)
    remarks += compare_hash(manifest, best, content)
    found = from_archive(archive, files, best, predictions)
    return Packed(content, best, manifest, tuple(remarks), found)


def choose(names: list[str], wanted: str) -> tuple[str, list[str]]:
    """The name most like `wanted`, and the others. "Copy of 01_x.ipynb" and "01_x (1).ipynb" are like "01_x"."""

    def unlikeness(name: str) -> tuple[int, int, str]:
        stem = PurePosixPath(name).stem
        return (0 if stem == wanted else 1 if wanted in stem else 2, name.count("/"), name)

    best, *others = sorted(names, key=unlikeness)
    return best, others


def is_hidden(name: str) -> bool:
    """Whether a path is a system's own litter: __MACOSX, checkpoints, dot files."""
    parts = PurePosixPath(name).parts
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most_bytes: int) -> bytes:
    if info.flag_bits & 1:
        raise UnreadableError(f"the zip is protected by a password. {_AGAIN}")
    with archive.open(info) as file:
        content = file.read(most_bytes + 1)  # the size that the zip states may be a lie
    if len(content) > most_bytes:
        raise UnreadableError(
            f"{info.filename[:80]!r} is larger than {most_bytes / 2**20:.0f} MB. Clear the notebook's "
            "outputs (Edit → Clear all outputs) and hand it in again."
        )
    return content


def parse_manifest(raw: bytes, remarks: list[str]) -> Mapping[str, Any]:
    """What `submit()` wrote about a submission; a remark, and nothing, if it is damaged."""
    try:
        manifest = json.loads(raw)
    except (ValueError, RecursionError):
        manifest = None
    if isinstance(manifest, dict):
        return manifest
    remarks.append(f"{MANIFEST} is damaged; the student was told by the file's name")
    return {}


def compare_hash(manifest: Mapping[str, Any], name: str, content: bytes) -> list[str]:
    """A remark if the notebook is another than the one that `submit()` packed."""
    files = manifest.get("files")
    stated = files.get(PurePosixPath(name).name) if isinstance(files, dict) else None
    if not isinstance(stated, dict) or "sha256" not in stated:
        return []
    if stated["sha256"] == hashlib.sha256(content).hexdigest():
        return []
    return ["the notebook was changed after `submit()` packed it (its SHA-256 differs)"]


def leaves(name: str) -> bool:
    """Whether a path in an archive leads out of the folder that it is unpacked in."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in (path.parts or ("",))[0]


def _refuse_huge_directory(path: Path) -> None:
    """zipfile reads a zip's whole table of contents into memory; a hostile one has millions of entries."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 22 - 0xFFFF))
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(tail):
        raise zipfile.BadZipFile("its end is missing")
    if tail[max(0, end - 20) : end].startswith(
        b"PK\x06\x07"
    ):  # zip64: for archives of many gigabytes
        raise UnreadableError(f"the zip holds too many files. {_AGAIN}")
    directory_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory_bytes > _MOST_DIRECTORY_BYTES:
        raise UnreadableError(f"the zip holds too many files. {_AGAIN}")
