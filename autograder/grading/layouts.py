"""How submissions lie in a class folder: as Gradescope exports them, as Canvas does, or however they were collected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.grading.archive import is_hidden
from autograder.grading.canvas_names import canvas_entries, is_canvas, parse
from autograder.grading.entry import Entry, LayoutError
from autograder.grading.gradescope_export import INDEX, gradescope_entries

# Beside submissions a class folder may hold these; they are not anyone's work.
_NOT_SUBMISSIONS = {
    ".md",
    ".csv",
    ".tsv",
    ".json",
    ".toml",
    ".xlsx",
    ".log",
    ".db",
    ".ini",
    ".lnk",
    ".yml",
}
_EXPORT = re.compile(r"assignment_\d+_export", re.IGNORECASE)  # as Gradescope names it
_RESUBMISSION = re.compile(r"([ _-]*(\(\d+\)|v?\d+|copy|final|resubmission))+$")


def entries(folder: Path, roster: Mapping[str, str], unpacked: bool = False) -> list[Entry]:
    """Everything that was handed in, in the order of the names. `unpacked`: the folder comes out of a zip."""
    try:
        folder = _descend(folder, unpacked)
        if (folder / INDEX).is_file():
            return list(gradescope_entries(folder, roster))
        return sorted(_collected(folder, roster), key=lambda entry: entry.source)
    except OSError as error:
        raise LayoutError(f"{error.filename or folder}: cannot be read: {error.strerror}") from None


def _collected(folder: Path, roster: Mapping[str, str]) -> Iterator[Entry]:
    """Files by Canvas's names, and whatever else lies in the folder."""
    from_canvas = []
    for path in _visible(folder):
        if path.is_dir() and _EXPORT.search(path.name) and (path / INDEX).is_file():
            raise LayoutError(
                f"{path} is an export from Gradescope among other things. Grade it by itself: name that folder."
            )
        said = parse(path.name, roster) if path.is_file() else None
        if said is not None:
            from_canvas.append((path, said))
        elif path.is_dir() or path.suffix.lower() not in _NOT_SUBMISSIONS:
            yield Entry(path, path.name, uploader=_owner(path.name))
    yield from canvas_entries(from_canvas, roster)


def _descend(folder: Path, unpacked: bool) -> Path:
    """The folder itself, or the only one in it if by its name that is what was downloaded.

    By its name, for its content could be one student's, who would speak for classmates.
    """
    inside = list(_visible(folder))
    if (folder / INDEX).is_file() or len(inside) != 1 or not inside[0].is_dir():
        return folder
    names = [path.name for path in _visible(inside[0])]
    if _EXPORT.search(inside[0].name) and INDEX in names:
        return inside[0]
    if "submissions" in inside[0].name.lower() and is_canvas(names):
        return inside[0]
    return inside[0] if unpacked and len(names) > 1 else folder


def _visible(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not is_hidden(path.name) and not path.is_symlink():
            yield path


def _owner(name: str) -> str:
    """Who collected files are from: their name without "(1)" and the like."""
    return _RESUBMISSION.sub("", Path(name.lower()).stem)
