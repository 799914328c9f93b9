"""The files behind the gradebook: a submission's notebook, found in the class folders by its hash, never unpacked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from autograder.catalogue import load_catalogue
from autograder.grading.download import is_one_submission, unpacked
from autograder.grading.entry import Entry, LayoutError
from autograder.grading.intake import Intake, Opened
from autograder.grading.layouts import entries
from autograder.grading.submission import UnreadableError
from autograder.trained.predictions import most_bytes

_MOST_MB = 256


class NotFoundError(Exception):
    """No file of a class folder is the submission; the message says what to do."""


@dataclass(frozen=True)
class _Shelf:
    """A class folder with what lies in it."""

    folder: Path
    entries: Sequence[Entry]


@dataclass
class ClassFiles:
    """The class folders, or downloads of such, that the command named."""

    folders: Sequence[Path]
    roster: Mapping[str, str] = field(default_factory=dict)
    notebook_mb: int = _MOST_MB

    def __post_init__(self) -> None:
        self._to_close = ExitStack()
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Entry] = {}  # by notebook and hash
        self._walked: set[str] = set()
        self._shelves = [self._shelf(folder) for folder in self.folders]

    def notebook(self, digest: str, source: str, notebook: str) -> bytes:
        """The notebook of a submission, as it was graded; NotFoundError if no folder has it (any more)."""
        with self._lock:
            entry = self._known.get((notebook, digest)) or self._named(digest, source, notebook)
            if entry is None:
                self._walk(notebook)
                entry = self._known.get((notebook, digest))
            opened = self._open(entry, notebook) if entry is not None else None
            if opened is not None and opened.digest == digest:
                return opened.notebook
            self._walked.discard(notebook)  # it may be put there: look again next time
            self._known.pop((notebook, digest), None)
        raise NotFoundError(self._missing(source))

    def close(self) -> None:
        """Delete what was unpacked of downloads."""
        self._to_close.close()

    def _shelf(self, folder: Path) -> _Shelf:
        if folder.is_dir():
            return _Shelf(folder, entries(folder, self.roster))
        if folder.suffix.lower() != ".zip" or not folder.is_file():
            raise LayoutError(
                f"{folder} is neither a folder of submissions nor a zip that Canvas or Gradescope made of one. "
                "Name the folder that `autograder grade` was given."
            )
        if is_one_submission(folder):
            return _Shelf(folder, [Entry(folder, folder.name, folder.stem.lower())])
        place = self._to_close.enter_context(unpacked(folder, self.notebook_mb * 2**20))
        return _Shelf(folder, entries(place, self.roster, unpacked=True))

    def _entries(self) -> Iterator[Entry]:
        for shelf in self._shelves:
            yield from shelf.entries

    def _named(self, digest: str, source: str, notebook: str) -> Entry | None:
        """The file of the name that it was graded under, if that is still the same file."""
        for entry in self._entries():
            opened = self._open(entry, notebook) if entry.source == source else None
            if opened is not None and opened.digest == digest:
                self._known[notebook, digest] = entry
                return entry
        return None

    def _walk(self, notebook: str) -> None:
        """Hash everything: files may have been renamed since they were graded, or handed in again."""
        if notebook in self._walked:
            return
        try:
            self._shelves = [
                _Shelf(shelf.folder, entries(shelf.folder, self.roster))
                if shelf.folder.is_dir()
                else shelf
                for shelf in self._shelves
            ]
        except LayoutError as error:  # the folder has changed since the start
            raise NotFoundError(str(error)) from None
        self._walked.add(notebook)
        for entry in self._entries():
            opened = self._open(entry, notebook)
            if opened is not None:
                self._known[notebook, opened.digest] = entry

    def _open(self, entry: Entry, notebook: str) -> Opened | None:
        wanted = {e.id: most_bytes(e) for e in load_catalogue(notebook).trained}
        intake = Intake(
            Path(), notebook, notebook_mb=self.notebook_mb, roster=self.roster, predictions=wanted
        )
        try:
            return None if entry.problem else intake.open(entry)
        except (UnreadableError, OSError):
            return None

    def _missing(self, source: str) -> str:
        if not self.folders:
            return (
                "No class folder was named, so neither code nor outputs can be shown. Start again with the folder "
                "that was graded: autograder serve FOLDER"
            )
        named = ", ".join(str(folder) for folder in self.folders)
        return (
            f"No file in {named} has the contents of {source or 'this submission'} as it was graded: it was moved, "
            "or changed since. Put it back, or start again and name its folder, too: autograder serve FOLDER FOLDER"
        )
