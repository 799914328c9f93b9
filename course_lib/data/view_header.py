"""The header of a file of posed views: is it one of ours, of a version we know, and whole?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open

from course_lib.data.camera_checks import ViewsError

FORMAT: Final = "posed views"
VERSION: Final = 1
REQUIRED: Final = {"images", "K", "world_from_camera"}
OPTIONAL: Final = {"depth", "normals", "labels"}


class ViewFileError(ViewsError):
    """A file of posed views that cannot be read or written; the message names it and the remedy."""


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Mapping[str, str]]]:
    """The file and its header, known to be posed views of a version that is understood here."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            present = set(file.keys())
            _check_header(path, metadata, present)
            yield file, metadata
    except FileNotFoundError as error:
        raise ViewFileError(f"there is no file {path}; is the path right?") from error
    except (SafetensorError, OSError) as error:
        raise ViewFileError(f"{path} {_why_unreadable(path)} ({error})") from error


def _check_header(path: Path, metadata: Mapping[str, str], present: set[str]) -> None:
    if metadata.get("format") != FORMAT:
        raise ViewFileError(
            f"{path} is a safetensors file, but not of posed views (it holds "
            f"{', '.join(sorted(present)[:5]) or 'nothing'}); give a file that PosedViews.save wrote"
        )
    version = metadata.get("version", "")
    if version.isdecimal() and int(version) > VERSION:
        raise ViewFileError(
            f"{path} was written by a newer course library (format {version}; this one reads up to "
            f"{VERSION}): install the newest release of the course"
        )
    wrong = (REQUIRED - present) | (present - REQUIRED - OPTIONAL)
    if version != str(VERSION) or wrong:
        what = (
            f"missing or unknown tensors: {', '.join(sorted(wrong))}"
            if wrong
            else f"version {version!r}"
        )
        raise ViewFileError(f"{path} is damaged ({what}); make it again")


def _why_unreadable(path: Path) -> str:
    """What a file that safetensors refuses seems to be."""
    if path.is_dir():
        return "is a folder; give the file in it"
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError:
        return "cannot be opened; may you read it?"
    if not start:
        return "is empty; make or copy it again"
    if start[8:] == b"{":
        return "was cut off or damaged, perhaps while copying; copy or make it again"
    if start.startswith((b"\x80", b"PK")):
        return (
            "looks like a pickle or a torch.save file; those can run code and are never loaded here. "
            "Give a file that PosedViews.save wrote"
        )
    return "is no safetensors file; give one that PosedViews.save wrote"
