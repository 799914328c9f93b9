"""A class folder as submissions: zips, notebooks and one folder per student. Every file gets an answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.grading.archive import choose, is_hidden, read_archive
from autograder.grading.notebook_file import read_notebook
from autograder.grading.submission import Cell, Submission, UnreadableError, clean_name
from autograder.student_id import is_placeholder

# Beside submissions a class folder may hold these; they are not anyone's work.
_NOT_SUBMISSIONS = {".md", ".csv", ".tsv", ".json", ".toml", ".xlsx", ".log", ".db", ".ini", ".lnk"}
_DEEPEST = 4
_RESUBMISSION = re.compile(r"([ _-]*(\(\d+\)|v?\d+|copy|final|resubmission))+$")
_CANVAS_OWNER = re.compile(
    r"([^_/]+)_(?:late_)?\d+_\d+_", re.IGNORECASE
)  # set by Canvas, not by students


@dataclass(frozen=True)
class Intake:
    """How files are read: which notebook is wanted, and the limits on size."""

    folder: Path
    notebook: str
    notebook_mb: int = 256
    source_mb: int = 20

    def submissions(self) -> list[Submission]:
        """Everything in the folder, one submission per student, in the order of their ids."""
        found = [self._read(entry) for entry in _entries(self.folder)]
        return sorted(one_per_student(found), key=lambda s: (s.student.lower(), s.source))

    def _read(self, entry: Path) -> Submission:
        name = entry.relative_to(self.folder).as_posix()
        student = clean_name(entry.stem if entry.is_file() else entry.name) or "unnamed"
        blank = Submission(student, "", name, hashlib.sha256(name.encode()).hexdigest())
        try:
            return self._read_file(entry, blank)
        except UnreadableError as error:
            return replace(blank, problems=(str(error),))
        except OSError as error:
            return replace(blank, problems=(f"the file cannot be opened: {error.strerror}",))

    def _read_file(self, entry: Path, blank: Submission) -> Submission:
        remarks: tuple[str, ...] = ()
        path = entry
        if entry.is_dir():
            path, remarks = self._in_folder(entry)
        limit = self.notebook_mb * 2**20
        if path.stat().st_size > limit:
            raise UnreadableError(
                f"the file is {path.stat().st_size / 2**20:.0f} MB large; at most {self.notebook_mb} MB "
                "are read. Clear the notebook's outputs (Edit → Clear all outputs) and hand it in again."
            )
        blank = replace(blank, digest=_digest(path), remarks=remarks)
        if path.suffix.lower() == ".zip":
            packed = read_archive(path, self.notebook, limit)
            cells = read_notebook(packed.notebook, self.source_mb)
            remarks = (*remarks, *packed.remarks)
            return _with_manifest(
                replace(blank, cells=tuple(cells), remarks=remarks), packed.manifest
            )
        if path.suffix.lower() == ".ipynb":
            return replace(blank, cells=tuple(read_notebook(path.read_bytes(), self.source_mb)))
        raise UnreadableError(
            f"this is a {path.suffix or 'nameless kind of'} file, not a notebook. Hand in the zip that "
            "`submit()` makes, or the .ipynb file (File → Download → .ipynb)."
        )

    def _in_folder(self, folder: Path) -> tuple[Path, tuple[str, ...]]:
        files = {p.relative_to(folder).as_posix(): p for p in _files(folder, _DEEPEST)}
        names = [n for n in files if n.lower().endswith((".ipynb", ".zip")) and not is_hidden(n)]
        if not names:
            inside = ", ".join(sorted(files)[:5]) or "nothing"
            raise UnreadableError(
                f"the folder holds no notebook (it holds: {inside}). Hand in the zip that `submit()` makes."
            )
        best, others = choose(names, self.notebook)
        note = f"the folder holds {1 + len(others)} submissions: {best!r} was graded"
        return files[best], (note,) if others else ()


def unknown_ids(cells: tuple[Cell, ...], known: set[str]) -> list[str]:
    """A remark per cell that names an exercise or question nobody set."""
    remarks = []
    for cell in cells:
        named = cell.metadata.get("exercise", cell.metadata.get("written"))
        if isinstance(named, str) and named not in known:
            remarks.append(
                f"cell {cell.number} carries the unknown exercise id {named[:60]!r}; ignored"
            )
    return remarks[:20]


def one_per_student(found: list[Submission]) -> list[Submission]:
    """Of several submissions of one student the latest counts, and says so.

    A file whose name does not carry the id it claims cannot push aside one whose name does: it is graded under
    its own name. Otherwise anybody could replace a classmate's work.
    """
    by_student: dict[str, list[Submission]] = {}
    for submission in found:
        by_student.setdefault(submission.student, []).append(submission)
    kept: list[Submission] = []
    for student, claims in by_student.items():
        rightful = _rightful(student, claims)
        kept += [_under_own_name(s) for s in claims if s not in rightful]
        if rightful:
            kept.append(_latest(rightful))
    taken: set[str] = set()
    for index, submission in enumerate(kept):
        if submission.student in taken:  # only a made-up id can be taken
            kept[index] = replace(submission, student=f"{submission.student} ({submission.source})")
        taken.add(kept[index].student)
    return kept


def _latest(rightful: list[Submission]) -> Submission:
    *earlier, latest = sorted(rightful, key=lambda s: (s.created, s.source))
    if not earlier:
        return latest
    others = ", ".join(s.source for s in earlier)
    note = f"{len(rightful)} submissions: {latest.source} is the latest and counts, not {others}"
    return replace(latest, remarks=(note, *latest.remarks))


def _rightful(student: str, claims: list[Submission]) -> list[Submission]:
    """Those of several claims to one id whose files are named after it; none if their names cannot tell.

    What a student writes (the manifest, their part of a file's name) must not push aside a classmate's work.
    """
    uploaders = {_uploader(s.source) for s in claims}
    if len(uploaders) == 1:
        return claims
    own = re.compile(rf"{re.escape(student.lower())}(?![^\W_])")
    owners = {uploader for uploader in uploaders if own.match(uploader)}
    return [s for s in claims if _uploader(s.source) in owners]


def _uploader(source: str) -> str:
    """Who a file came from: the name that Canvas put first, else the file's own without "(1)" and the like."""
    entry = source.partition("/")[0].lower()
    match = _CANVAS_OWNER.match(entry)
    return match[1] if match else _RESUBMISSION.sub("", Path(entry).stem)


def _under_own_name(submission: Submission) -> Submission:
    own = clean_name(f"{Path(submission.source).name} (claims to be {submission.student})")
    note = f"claims the student id {submission.student!r}, as another file does: a person must say whose it is"
    return replace(submission, student=own, remarks=(note, *submission.remarks))


def _moment(text: object) -> str:
    """A time with a zone as UTC, so that times compare as text; "" for anything else."""
    try:
        moment = datetime.fromisoformat(str(text)[:40])
        return moment.astimezone(UTC).isoformat() if moment.tzinfo else ""
    except (ValueError, OverflowError):
        return ""


def _with_manifest(submission: Submission, manifest: Any) -> Submission:
    student = manifest.get("student")
    claimed = student.get("id") if isinstance(student, dict) else student
    claimed = None if isinstance(claimed, str) and is_placeholder(claimed) else claimed
    name = student.get("name") if isinstance(student, dict) else None
    created = manifest.get("created")
    return replace(
        submission,
        student=clean_name(claimed) or submission.student
        if isinstance(claimed, str)
        else submission.student,
        name=clean_name(name) if isinstance(name, str) else "",
        created=_moment(created),
    )


def _entries(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_hidden(path.name) or path.is_symlink():
            continue
        if path.is_dir() or path.suffix.lower() not in _NOT_SUBMISSIONS:
            yield path


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Files below a student's folder; links are not followed, they could lead anywhere."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif depth > 1 and path.is_dir():
            yield from _files(path, depth - 1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
