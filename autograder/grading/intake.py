"""A class folder, or a download of one, as submissions. Every file gets an answer."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.grading.archive import (
    MANIFEST,
    MANIFEST_BYTES,
    choose,
    compare_hash,
    is_hidden,
    parse_manifest,
    read_archive,
)
from autograder.grading.download import is_one_submission, unpacked
from autograder.grading.entry import Entry, LayoutError
from autograder.grading.handed_in import HandedIn, from_files, is_predictions
from autograder.grading.identity import Claim, claim, settle
from autograder.grading.layouts import entries
from autograder.grading.notebook_file import read_notebook
from autograder.grading.submission import Cell, Submission, UnreadableError, clean_name

_DEEPEST = 4
_ID_KEYS = ("exercise", "written", "trained")


@dataclass(frozen=True)
class Opened:
    """The files of one submission as they are."""

    digest: str  # what the gradebook knows it by
    notebook: bytes
    manifest: Mapping[str, Any]
    predictions: Mapping[str, HandedIn]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Intake:
    """How files are read: which notebook is wanted, the limits on size, and who is who on the platforms."""

    folder: Path  # or a zip that Canvas or Gradescope made of one
    notebook: str
    notebook_mb: int = 256
    source_mb: int = 20
    roster: Mapping[str, str] = field(default_factory=dict)  # see entry.known_ids
    predictions: Mapping[str, int] = field(
        default_factory=dict
    )  # wanted tasks, each with its most bytes

    def submissions(self) -> list[Submission]:
        """Everything handed in, ordered by student and time; LayoutError if the folder itself cannot be used.

        Of several submissions of one student all but the latest are marked as superseded.
        """
        if self.folder.is_dir():
            found = entries(self.folder, self.roster)
            return settle([self._read(entry) for entry in found])
        if self.folder.suffix.lower() != ".zip":
            raise LayoutError(
                f"{self.folder} is neither a folder of submissions nor a zip that Canvas or Gradescope made of one. "
                f"To grade one file, put it into a folder of its own and name that folder."
            )
        if is_one_submission(self.folder):
            alone = Entry(self.folder, self.folder.name, uploader=self.folder.stem.lower())
            return settle([self._read(alone)])
        with unpacked(self.folder, self.notebook_mb * 2**20) as folder:
            found = entries(folder, self.roster, unpacked=True)
            return settle([self._read(entry) for entry in found])

    def _read(self, entry: Entry) -> Claim:
        entry = replace(entry, source=_text(entry.source), uploader=_text(entry.uploader))
        stem = entry.path.name if entry.path.is_dir() else Path(entry.source).stem
        blank = Submission(
            clean_name(stem) or "unnamed",
            "",
            entry.source,
            hashlib.sha256(entry.source.encode()).hexdigest(),
            remarks=(*entry.remarks, *self._not_graded(entry)),
        )
        try:
            if entry.problem:
                raise UnreadableError(entry.problem)
            return self._read_file(entry, blank)
        except UnreadableError as error:
            return claim(replace(blank, problems=(str(error),)), entry, {}, self.roster)
        except OSError as error:
            problem = f"the file cannot be opened: {error.strerror}"
            return claim(replace(blank, problems=(problem,)), entry, {}, self.roster)

    def _not_graded(self, entry: Entry) -> list[str]:
        """A remark if files came with a notebook or zip that nobody looks at."""
        alone = entry.path.suffix.lower() != ".zip"  # a zip holds its own predictions
        known = self.predictions if alone else ()
        names = [path.name for path in entry.beside if not is_predictions(path.name, known)]
        return [f"also handed in, and not graded: {', '.join(names[:5])}"] if names else []

    def _read_file(self, entry: Entry, blank: Submission) -> Claim:
        opened = self.open(entry)
        read = replace(
            blank,
            digest=opened.digest,
            cells=tuple(read_notebook(opened.notebook, self.source_mb)),
            predictions=opened.predictions,
            remarks=(*blank.remarks, *opened.remarks),
        )
        return claim(read, entry, opened.manifest, self.roster)

    def open(self, entry: Entry) -> Opened:
        """The files of one submission, read and not judged; UnreadableError says what is wrong with them."""
        remarks: list[str] = []
        path = self._in_folder(entry.path, remarks) if entry.path.is_dir() else entry.path
        limit, state = self.notebook_mb * 2**20, path.stat()
        if not stat.S_ISREG(state.st_mode):  # to open a pipe would be to wait for its writer
            raise UnreadableError(
                "this is a pipe, a socket or a device, not a file. Hand in the zip that `submit()` makes."
            )
        if state.st_size > limit:
            raise UnreadableError(
                f"the file is {state.st_size / 2**20:.0f} MB large; at most {self.notebook_mb} MB "
                "are read. Clear the notebook's outputs (Edit → Clear all outputs) and hand it in again."
            )
        digest = _digest(path)
        if path.suffix.lower() == ".zip":
            packed = read_archive(path, self.notebook, limit, self.predictions)
            remarks += packed.remarks
            return Opened(
                digest, packed.notebook, packed.manifest, packed.predictions, tuple(remarks)
            )
        if path.suffix.lower() == ".ipynb":
            content = path.read_bytes()
            manifest: Mapping[str, Any] = {}
            if entry.path.is_dir():
                manifest = _manifest_beside(path, content, remarks)
            predictions = from_files(_beside(entry, path), path.name, self.predictions)
            digest = _digest_of_all(digest, predictions)
            return Opened(digest, content, manifest, predictions, tuple(remarks))
        raise UnreadableError(
            f"this is a {path.suffix or 'nameless kind of'} file, not a notebook. Hand in the zip that "
            "`submit()` makes, or the .ipynb file (File → Download → .ipynb)."
        )

    def _in_folder(self, folder: Path, remarks: list[str]) -> Path:
        files = {p.relative_to(folder).as_posix(): p for p in _files(folder, _DEEPEST)}
        names = [n for n in files if n.lower().endswith((".ipynb", ".zip")) and not is_hidden(n)]
        if not names:
            inside = ", ".join(sorted(files)[:5]) or "nothing"
            raise UnreadableError(
                f"the folder holds no notebook (it holds: {inside}). Hand in the zip that `submit()` makes."
            )
        best, others = choose(names, self.notebook)
        if others:
            remarks.append(f"the folder holds {1 + len(others)} submissions: {best!r} was graded")
        return files[best]


def _text(name: str) -> str:
    """A file's name for people and tables: on Linux it may be no text at all. Different names stay different."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def unknown_ids(cells: tuple[Cell, ...], known: set[str]) -> list[str]:
    """A remark per cell that names an exercise or question nobody set."""
    remarks = []
    for cell in cells:
        named = next((cell.metadata[k] for k in _ID_KEYS if k in cell.metadata), None)
        if isinstance(named, str) and named not in known:
            remarks.append(
                f"cell {cell.number} carries the unknown exercise id {named[:60]!r}; ignored"
            )
    return remarks[:20]


def _manifest_beside(notebook: Path, content: bytes, remarks: list[str]) -> Mapping[str, Any]:
    """What `submit()` packed with a notebook, where the platform has unpacked its zip."""
    path = notebook.with_name(MANIFEST)
    if path.is_symlink() or not path.is_file():
        return {}
    with path.open("rb") as file:
        manifest = parse_manifest(file.read(MANIFEST_BYTES + 1), remarks)
    remarks += compare_hash(manifest, notebook.name, content)
    return manifest


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Files below a student's folder; links are not followed, they could lead anywhere."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif depth > 1 and path.is_dir():
            yield from _files(path, depth - 1)


def _beside(entry: Entry, notebook: Path) -> dict[str, Path]:
    """What was handed in with a notebook, by its place seen from the notebook where they share a folder."""
    if not entry.path.is_dir():
        return {path.name: path for path in entry.beside}
    files = [path for path in _files(entry.path, _DEEPEST) if not is_hidden(path.name)]
    return {Path(os.path.relpath(path, notebook.parent)).as_posix(): path for path in files}


def _digest_of_all(notebook: str, predictions: Mapping[str, HandedIn]) -> str:
    """Two uploads are the same if notebook and predictions are."""
    if not predictions:
        return notebook
    parts = [notebook, *(f"{task} {found.digest}" for task, found in sorted(predictions.items()))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
