"""A small class for the review page: honest work with outputs, and a submission that attacks whoever reads it."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from autograder.catalogue import load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.sheet import StudentInfo
from autograder.gradebook.store import AssignmentStore
from autograder.grading.entry import known_ids
from autograder.grading.intake import Intake
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.grading.written import handed_out_prompts, written_answers
from autograder.results import CheckResult, Evidence, ExerciseResult, Status
from tests.first_published import FIRST, REPOSITORY, first_published
from tests.hostile_notebook import EVIL, HOSTILE_TEXT, hostile
from tests.review_notebook import honest, png_bytes

ROSTER = (
    StudentInfo("ada7", "Ada Lovelace", "ada.lovelace@uni.edu", "2", "90417", "", "alovelace"),
    StudentInfo("bjorn", "Björn Stråle", "bjorn@uni.edu"),
    StudentInfo("carol", "Carol Danvers", "cd@uni.edu"),
    StudentInfo("dan", "Dan Absent", "dan@uni.edu"),
)


def make_class(root: Path, database: str | None = None, evil: str = EVIL) -> Path:
    """A course at `root` with a class folder and a gradebook in which it is graded; the class folder."""
    first_published(root)
    shutil.copytree(REPOSITORY / "solutions" / "rubrics", root / "solutions" / "rubrics")
    (root / "notebooks").mkdir()
    shutil.copy(REPOSITORY / "notebooks" / f"{FIRST}.ipynb", root / "notebooks")
    folder = root / "class"
    folder.mkdir()
    pack(folder / "alovelace_upload.zip", honest("Ada Lovelace", "ada7"), "ada7", "Ada Lovelace")
    pack(
        folder / "b.zip",
        honest("Björn Stråle", "bjorn", words="Half a pixel, I think."),
        "bjorn",
        "Björn",
    )
    pack(folder / "c.zip", honest("Carol Danvers", "carol", words=""), "carol", "Carol Danvers")
    name = '"><img src=x onerror=alert(1)>.ipynb'
    (folder / name).write_text(json.dumps(hostile(evil)), encoding="utf-8")
    with Gradebook.open(database or "gradebook.db", root) as book:
        book.import_roster(ROSTER, "registrar")
        grade(root, folder, book)
    return folder


def grade(root: Path, folder: Path, book: Gradebook) -> None:
    """Put invented results of everything in the folder into the book; nothing is run."""
    store = AssignmentStore(book, "a1", who="grader")
    store.seed(1234)
    for submission in Intake(folder, FIRST, roster=known_ids(ROSTER)).submissions():
        store.save(submission, _result(root, submission))


def pack(path: Path, notebook: dict[str, Any], student: str, name: str, hour: int = 20) -> None:
    """A zip as `submit()` makes it."""
    content = json.dumps(notebook).encode()
    facts = {
        "student": {"id": student, "name": name},
        "created": f"2026-09-20T{hour}:00:00+00:00",
        "files": {f"{FIRST}.ipynb": {"sha256": hashlib.sha256(content).hexdigest()}},
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("submission.json", json.dumps(facts))
        archive.writestr(f"{FIRST}.ipynb", content)


def _result(root: Path, submission: Submission) -> SubmissionResult:
    catalogue = load_catalogue(FIRST)
    passed = CheckResult("e", "c", "The plainest case.", True, Status.PASSED)
    evil = HOSTILE_TEXT if submission.student not in {s.id for s in ROSTER} else submission.student
    failed = CheckResult(
        "look_at", "f", "Up is up.", True, Status.FAILED, f"the camera looks away, {evil}",
        Evidence(f"shape (4, 4) {evil}", "shape (3, 4)", "element [0, 1]", "use `cross`", png_bytes()),
        f"Traceback {evil}",
    )  # fmt: skip
    exercises = tuple(
        ExerciseResult(e.id, e.title, e.points, (failed if e.id == "look_at" else passed,))
        for e in catalogue.exercises
    )
    prompts = handed_out_prompts(root / "notebooks" / f"{FIRST}.ipynb")
    return SubmissionResult(
        submission.student,
        submission.name,
        submission.source,
        FIRST,
        Outcome.GRADED,
        100.0,
        exercises,
        written_answers(submission.cells, catalogue.written, prompts),
        remarks=(f"the file {submission.source} came from {submission.student}",),
        printed={"look_at": f"printed {evil}"},
        key=submission.digest,
    )
