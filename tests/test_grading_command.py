"""`autograder grade` and `autograder doctor` as a person runs them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.grading import crew, diagnosis, early
from autograder.grading.diagnosis import Finding
from autograder.grading.job import Job
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.sandbox import probe
from autograder.sandbox.policy import Layers
from tests.first_published import first_published

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOK = "01_camera_geometry"


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and everything said."""
    result = CliRunner().invoke(app, [str(a) for a in arguments], prog_name="autograder")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


class Idle:
    """In place of a grading process that gets warm."""

    def close(self) -> None:
        pass


class EveryoneGraded:
    """In place of the real grader: full marks, or a failure of ours for those called "unlucky"."""

    def __init__(self, job: Job) -> None:
        from autograder.catalogue import load_catalogue

        self.catalogue = load_catalogue(job.notebook)

    def grade(self, work: Submission, key: str) -> SubmissionResult:
        if work.student == "unlucky":
            raise OSError("no memory for the grader")
        outcome = Outcome.NOT_GRADABLE if work.problems else Outcome.GRADED
        return SubmissionResult(
            work.student,
            work.name,
            work.source,
            NOTEBOOK,
            outcome,
            100.0,
            problems=work.problems,
            remarks=work.remarks,
            key=key,
        )

    def close(self) -> None:
        pass


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real syllabus with its first notebook published, an empty class folder, and a grader that only pretends."""
    root = first_published(tmp_path / "course")
    (root / "class").mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setattr(crew, "make_grader", EveryoneGraded)
    monkeypatch.setattr(crew, "LocalCrew", lambda job, size, early: crew.InlineCrew(job))
    monkeypatch.setattr(early, "start_early", Idle)
    return root


def hand_in(root: Path, *students: str) -> None:
    cells = [{"cell_type": "code", "metadata": {}, "source": "x = 1"}]
    for student in students:
        (root / "class" / f"{student}.ipynb").write_text(json.dumps({"cells": cells}))


def test_a_class_becomes_a_report(course: Path) -> None:
    hand_in(course, "ada", "ben")
    (course / "class" / "cy.ipynb").write_text("")
    code, said = run("grade", "class", "--assignment", "a1", "--out", "out", "-j", "1")
    assert code == 0, said
    assert "The report: out/index.html" in said
    assert "the file is empty" in said
    rows = list(csv.DictReader((course / "out" / "gradebook.csv").open()))
    assert [(r["student"], r["outcome"]) for r in rows] == [
        ("ada", "graded"), ("ben", "graded"), ("cy", "not gradable"),
    ]  # fmt: skip
    pages = {p.relative_to(course / "out").as_posix() for p in (course / "out").rglob("*.html")}
    assert pages == {"index.html", "students/ada.html", "students/ben.html", "students/cy.html"}


def test_the_only_published_assignment_needs_no_name(course: Path) -> None:
    hand_in(course, "ada")
    assert run("grade", "class", "-j", "1")[0] == 0
    assert (course / "build" / "report" / "index.html").is_file()


def test_a_failure_of_ours_is_exit_code_1_and_the_others_have_their_report(course: Path) -> None:
    hand_in(course, "ada", "unlucky")
    code, said = run("grade", "class", "--out", "out", "-j", "1")
    assert code == 1
    assert "no memory for the grader" in (course / "out" / "students" / "unlucky.html").read_text()
    assert (course / "out" / "students" / "ada.html").is_file()
    assert "The report: out/index.html" in said


def test_wrong_usage_is_exit_code_2_with_one_message(course: Path) -> None:
    hand_in(course, "ada")
    cases = {
        ("grade", "nowhere"): "nowhere: no such folder",
        ("grade", "solutions/../class", "-a", "a9"): "no assignment 'a9'; known: a1, a2",
        ("grade", "class", "-a", "a2"): "assignment 'a2' has no notebook in course.toml yet",
        ("grade", "class", "--out", "course.toml"): "course.toml",
        ("grade", "class", "-j", "0"): "'--jobs'",
        ("doctor", "--root", "nowhere"): "--root nowhere: no such folder",
    }
    for arguments, message in cases.items():
        code, said = run(*arguments)
        assert code == 2, (arguments, said)
        assert message in said, said


def test_an_empty_class_folder_is_said(course: Path) -> None:
    code, said = run("grade", "class")
    assert code == 2
    assert "class holds no submissions" in said


def test_a_release_without_solutions_cannot_grade(course: Path) -> None:
    hand_in(course, "ada")
    shutil.rmtree(course / "solutions")
    (course / "notebooks").mkdir()
    (course / "notebooks" / f"{NOTEBOOK}.ipynb").write_text("{}")
    code, said = run("grade", "class")
    assert code == 2
    assert "needs the course's own repository, not a release" in said


@pytest.mark.parametrize(
    ("layers", "code"),
    [
        (Layers("root", 7, True, True), 0),
        (Layers("", 7, True, True), 0),
        (Layers("", 0, True, False), 2),
    ],
)
def test_a_sandbox_weaker_than_the_course_asks_for_is_refused(
    course: Path, monkeypatch: pytest.MonkeyPatch, layers: Layers, code: int
) -> None:
    hand_in(course, "ada")
    syllabus = (course / "course.toml").read_text()
    (course / "course.toml").write_text(
        syllabus.replace("[grading]", '[grading]\nminimum_tier = "B"')
    )
    monkeypatch.setattr(probe, "probe_here", lambda: layers)
    got, said = run("grade", "class", "-j", "1")
    assert got == code, said
    if code == 2:
        assert "course.toml asks for a sandbox of tier B, this machine offers tier D" in said


def test_the_doctor_lists_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Finding(True, "torch", "2.13 [cpu]"), Finding(None, "memory", "2 GB")]
    monkeypatch.setattr(diagnosis, "findings", lambda root: iter(rows))
    code, said = run("doctor")
    assert code == 0
    assert "2.13 [cpu]" in said
    rows.append(Finding(False, "matplotlib", "not installed; run `make setup`"))
    code, said = run("doctor")
    assert code == 1
    assert "missing" in said


def test_the_doctor_tries_the_sandbox_for_real() -> None:
    found = {f.what: f for f in diagnosis.findings(REPOSITORY)}
    assert set(found) >= {
        "Python",
        "torch",
        "cores",
        "memory",
        "figures",
        "course.toml",
        "sandbox",
        "Landlock",
    }
    assert found["sandbox"].good is not False, found["sandbox"].text
    assert "tier" in found["sandbox"].text


def test_the_doctor_says_what_is_wrong_with_a_course(tmp_path: Path) -> None:
    found = {f.what: f for f in diagnosis._course(tmp_path)}
    assert found["course.toml"].good is False
    assert "not found" in found["course.toml"].text


def test_what_people_and_the_late_policy_said_stands_on_the_page(course: Path) -> None:
    hand_in(course, "ada")
    assert run("grade", "class", "--out", "out", "-j", "1")[0] == 0
    assert run("gradebook", "comment", "ada", "a1", "Well done <b>", "--who", "tara")[0] == 0
    assert (
        run("gradebook", "override", "ada", "a1", "80", "--why", "agreed", "--who", "tara")[0] == 0
    )
    assert run("grade", "class", "--out", "out", "-j", "1")[0] == 0
    page = (course / "out" / "students" / "ada.html").read_text()
    assert "Well done &lt;b&gt;" in page
    assert "80.0% counts, set by hand" in page
    assert "What counts: 80 of 100 points" in page


def test_the_gradebook_lies_beside_the_syllabus_and_is_private(course: Path) -> None:
    hand_in(course, "ada")
    assert run("grade", "class", "-j", "1")[0] == 0
    assert (course / "gradebook.db").stat().st_mode & 0o777 == 0o600
    results = course / "build" / "report" / "results"
    assert results.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in results.iterdir()} == {0o600}


def test_pages_of_students_who_left_are_removed_and_the_gradebook_keeps_them(course: Path) -> None:
    hand_in(course, "ada", "ben")
    assert run("grade", "class", "--out", "out", "-j", "1")[0] == 0
    (course / "class" / "ben.ipynb").unlink()
    assert run("grade", "class", "--out", "out", "-j", "1")[0] == 0
    assert {p.stem for p in (course / "out" / "students").iterdir()} == {"ada"}
    assert {p.stem for p in (course / "out" / "results").iterdir()} == {"ada"}
    assert "ben" in run("gradebook", "show")[1]


def test_a_gradebook_that_cannot_be_used_is_one_message(course: Path) -> None:
    hand_in(course, "ada")
    (course / "notes.db").write_text("shopping list")
    code, said = run("grade", "class", "--db", "notes.db")
    assert code == 2
    assert "notes.db" in said
    assert "Traceback" not in said
    assert (course / "notes.db").read_text() == "shopping list"


def test_no_cluster_is_said(course: Path) -> None:
    hand_in(course, "ada")
    code, said = run("grade", "class", "--cluster", "nonsense://127.0.0.1:1")
    assert code == 2
    assert "no Dask scheduler answers at nonsense://127.0.0.1:1" in " ".join(said.split())


def test_a_canvas_download_goes_there_and_back_without_a_roster(course: Path) -> None:
    hand_in(course, f"lovelaceada_1001_5001_{NOTEBOOK}")
    code, said = run("grade", "class", "--out", "out", "-j", "1")
    assert code == 0
    assert "Import the roster to be certain: autograder roster FILE" in said
    template = "Student,ID,SIS User ID,SIS Login ID,Section,Camera geometry (4711)\n    Points Possible,,,,,100\n"
    (course / "template.csv").write_text(template + '"Lovelace, Ada",1001,9,ada,Mon,\n')
    code, said = run("export", "canvas", "--template", "template.csv", "--out", "import.csv")
    assert code == 0, said
    rows = list(csv.DictReader((course / "import.csv").open(encoding="utf-8-sig")))
    assert rows[-1]["ID"] == "1001"
    assert rows[-1]["Camera geometry (4711)"] not in ("", None)


def test_a_late_mark_of_canvas_beats_the_students_own_clock(course: Path) -> None:
    hand_in(course, f"doejane_LATE_1002_5002_{NOTEBOOK}", f"lovelaceada_1001_5001_{NOTEBOOK}")
    code, said = run("grade", "class", "--out", "out", "-j", "1")
    assert code == 0
    rows = {
        line.split()[0]: line for line in said.splitlines() if line.startswith(("doej", "lovel"))
    }
    assert "1 d late" in rows[min(rows)]
    assert "late" not in rows[max(rows)]
    assert "it counts as one day late" in " ".join(said.split())


def test_ctrl_c_says_what_is_kept(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(course, "ada", "ben", "cy")
    graded: list[str] = []

    def interrupted(self: EveryoneGraded, work: Submission, key: str) -> SubmissionResult:
        if len(graded) == 2:
            raise KeyboardInterrupt
        graded.append(work.student)
        return SubmissionResult(
            work.student, "", work.source, NOTEBOOK, Outcome.GRADED, 100.0, key=key
        )

    monkeypatch.setattr(EveryoneGraded, "grade", interrupted)
    code, said = run("grade", "class", "--out", "out", "-j", "1")
    assert code == 130
    assert "Stopped: 2 of 3 submissions are graded and kept." in said


def test_an_out_folder_that_cannot_be_written_is_named(course: Path) -> None:
    hand_in(course, "ada")
    (course / "file").write_text("")
    code, said = run("grade", "class", "--out", "file/report")
    assert code == 2
    assert "--out file/report: " in said
    assert "Name a folder that can be written." in said
