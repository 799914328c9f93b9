"""`autograder gradebook …` as a person runs it: what it says, what it refuses, what stays on the record."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.catalogue import load_catalogue
from autograder.cli.app import app
from autograder.gradebook.book import Gradebook
from autograder.gradebook.sheet import StudentInfo
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status
from tests.first_published import first_published

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOK = "01_camera_geometry"


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and everything said by `autograder gradebook …`, on a wide terminal."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["gradebook", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def full_marks(student: str) -> SubmissionResult:
    catalogue = load_catalogue(NOTEBOOK)
    check = CheckResult("e", "c", "t", True, Status.PASSED)
    exercises = tuple(
        ExerciseResult(e.id, e.title, e.points, (check,)) for e in catalogue.exercises
    )
    written = tuple(
        WrittenAnswer(w.id, w.number, w.title, w.points, "so") for w in catalogue.written
    )
    return SubmissionResult(
        student, "Ada L.", "ada.zip", NOTEBOOK, Outcome.GRADED, 100.0, exercises, written, key="k"
    )


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real syllabus; ada has handed in, ben has not, and [red]mallory[/] is not on the roster."""
    first_published(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOGRADER_DB", raising=False)
    with Gradebook.open("gradebook.db", tmp_path) as book:
        book.import_roster([StudentInfo("ada", "Ada L.", section="2"), StudentInfo("ben", "Ben")])
        store = AssignmentStore(book, "a1")
        for student in ("ada", "[red]mallory[/]"):
            work = Submission(
                student, "", "x.zip", "d", received="2026-09-20T10:00:00+00:00", clock="lms"
            )
            store.save(work, full_marks(student))
    return tmp_path


@pytest.fixture
def question() -> str:
    return load_catalogue(NOTEBOOK).written[0].id


def test_the_class_at_a_glance(course: Path) -> None:
    code, said = run("show")
    assert code == 0
    lines = {line.split()[0]: line for line in said.splitlines()}
    written = sum(w.points for w in load_catalogue(NOTEBOOK).written)
    assert f"{100 - written:.1f} …" in lines["ada"]
    assert " – " in lines["ben"]
    assert lines["[red]mallory[/]"].endswith("not on the roster")


def test_a_student_s_page(course: Path, question: str) -> None:
    assert (
        run("score", "ada", "a1", question, "1", "--comment", "Why [so]?", "--who", "grace")[0] == 0
    )
    code, said = run("show", "ada")
    assert code == 0
    for words in ("Ada L.", "section 2", "5 of 5 late days left", "Camera geometry", "look_at",
                  "1.5", "Why [so]?", "x.zip", "2026-09-20 06:00", "lms", "counts", "grace"):  # fmt: skip
        assert words in said, words
    assert "to be read of" in said, "two questions are still unread"


def test_every_decision_is_told_kept_and_on_the_record(course: Path, question: str) -> None:
    maximum = load_catalogue(NOTEBOOK).written[0].points
    told = [
        run("score", "ada", "a1", question, "1", "--who", "grace"),
        run("score", "ada", "a1", question, "1", "--who", "grace"),  # nothing new: not recorded
        run("score", "ada", "a1", question, "75%", "--who", "grace"),
        run("comment", "ada", "a1", "Well done.", "--who", "grace"),
        run("extend", "ada", "a1", "+2d", "--why", "ill", "--who", "grace"),
        run("override", "ben", "a2", "70", "--why", "oral exam", "--who", "linus"),
        run("override", "ben", "a2", "--lift", "--why", "the other Ben", "--who", "linus"),
        run("milestone", "ada", "proposal", "4.5/5", "--who", "grace"),
        run("received", "1", "2026-09-21T08:00", "--why", "mail", "--who", "grace"),
    ]
    assert [code for code, _ in told] == [0] * len(told)
    title = load_catalogue(NOTEBOOK).written[0].title
    assert told[0][1] == f"ada, a1/{question} {title}: 1 of {maximum:g} (was: not graded)\n"
    assert told[2][1].endswith(f"{maximum * 0.75:g} of {maximum:g} (was: 1)\n")
    assert told[4][1] == "ada, a1: due 2026-09-27 23:59-04:00 (was: 2026-09-25 23:59-04:00)\n"
    assert told[6][1] == "ben, a2: no override (was: 70 of 100)\n"
    assert told[7][1] == "ada, proposal: 90 of 100 (was: not graded)\n"
    trail = run("audit")[1].splitlines()
    decisions = [line for line in trail if "grace" in line or "linus" in line]
    assert len(decisions) == len(told) - 1
    words = (
        "score",
        "score",
        "comment",
        "extension",
        "override",
        "override",
        "milestone",
        "received",
    )
    for line, word in zip(decisions, words, strict=True):
        assert word in line
    assert "oral exam" in decisions[4]
    assert "linus" in decisions[4]
    only = run("audit", "ben")[1]
    assert "oral exam" in only
    assert "grace" not in only


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("show adda", "no student 'adda' in the gradebook; nearest: ada."),
        ("audit zzzzzz", "no student 'zzzzzz' in the gradebook; it holds 3."),
        ("score Adda a1 look_at 1", "no student 'Adda' in the gradebook; nearest: ada."),
        ("score ada proposal look_at 1", "graded as a whole: autograder gradebook milestone ada proposal"),
        ("score ada a1 look_at -1", "a1/look_at: points cannot be negative (-1); there are 0 to 5 to give"),
        ("override ada a1 -10% --why x", "a1: points cannot be negative (-10%); there are 0 to 100"),
        ("milestone ada proposal -1", "proposal: points cannot be negative (-1); there are 0 to 100"),
        ("assign 77 ada --why x", "no submission 77"),
        ("assign 1 adda --why x", "no student 'adda' in the gradebook; nearest: ada."),
        ("assign 1 ben", "Missing option '--why'"),
        ("withdraw 77 --why x", "no submission 77"),
        ("withdraw 1 --why=", "why? Somebody will ask"),
        ("score ada a9 look_at 1", "no work 'a9'; nearest: a"),
        ("score ada a1 lookat 1", "no exercise or question 'lookat' in a1; nearest: look_at"),
        ("score ada a1 look_at 6", "a1/look_at: 6 is more than the 5 there are to earn."),
        ("score ada a1 look_at nan", "a1/look_at: 'nan' are no points; write 7.5, 3/4 or 90%"),
        ("score ada a1 look_at 1/0", "a1/look_at: '1/0' are no points"),
        ("score ada a1 look_at -- -1", "a1/look_at: points cannot be negative (-1)"),
        ("score ada a1 look_at", "POINTS is missing (or --lift, to take the decision back)"),
        ("score ada a1 look_at 3 --lift", "POINTS or --lift, not both"),
        ("score ben a1 look_at 3", "autograder gradebook override ben a1 POINTS --why"),
        ("score ada a2 look_at 3", "ada has handed in nothing for a2."),
        ("comment ada a1 hm --item lokat", "no exercise or question 'lokat' in a1; nearest: look_at"),
        ("comment ada a1 hm --who=", "who decides? Give a name with --who"),
        ("extend ada a1 2026-09-24 --why x", "is due 2026-09-25 23:59-04:00 anyway"),
        ("extend ada a1 soon --why x", "'soon' is no date; write 2026-09-30"),
        ("extend ada a3 +2d --why x", "+2d: there is no deadline to count from; write a date"),
        ("extend ada a1 +2d --why=", "why? Somebody will ask"),
        ("extend ada a1 +2d", "Missing option '--why'"),
        ("override ada a1 101 --why x", "a1: 101 is more than the 100 there are to earn."),
        ("milestone ada a1 90", "no milestone 'a1'; course.toml lists proposal, midterm"),
        ("received 77 2026-09-20 --why x", "no submission 77"),
        ("received 1 2099-01-01 --why x", "is in the future; nothing was handed in then"),
        ("received 1 2026-09-01 --why x", "is before a1 opened (2026-09-08 09:00-04:00)"),
    ],
)  # fmt: skip
def test_mistakes_are_refused_and_change_nothing(
    course: Path, arguments: str, message: str
) -> None:
    def rows() -> list[str]:
        with closing(sqlite3.connect(course / "gradebook.db")) as connection:
            return list(connection.iterdump())

    before = rows()
    code, said = run(*arguments.split())
    assert code == 2
    assert message in said
    assert "Traceback" not in said
    assert rows() == before


def test_a_file_that_cannot_be_read_has_no_exercises_to_score(course: Path) -> None:
    nothing = replace(full_marks("ben"), outcome=Outcome.NOT_GRADABLE, exercises=())
    with Gradebook.open("gradebook.db", course) as book:
        AssignmentStore(book, "a1").save(Submission("ben", "", "ben.rar", "e"), nothing)
    code, said = run("score", "ben", "a1", "look_at", "5")
    assert code == 2
    assert "the submission of ben for a1 could not be graded, so 'look_at' has no points" in said
    assert "autograder gradebook override ben a1 POINTS --why" in said
    assert run("override", "ben", "a1", "60", "--why", "read by hand")[0] == 0
    assert "60.0" in run("show")[1]


def test_check_finds_what_was_meddled_with(course: Path) -> None:
    code, said = run("check")
    assert code == 0
    assert "all well. 3 students, 2 submissions, 2 gradings" in said
    with closing(sqlite3.connect(course / "gradebook.db")) as connection:
        connection.execute("DROP TRIGGER gradings_keeps_UPDATE")
        connection.execute("UPDATE gradings SET points = 1000 WHERE id = 1")
        connection.execute("UPDATE gradings SET result = '{}' WHERE id = 2")
        connection.execute("UPDATE counting SET grading_id = 1 WHERE submission_id = 2")
        connection.execute("UPDATE submissions SET assignment = 'a7' WHERE id = 2")
        connection.commit()
    (course / "gradebook.db").chmod(0o644)
    code, said = run("check")
    assert code == 1
    for finding in (
        "grading 1: 1000 points, but its result says",
        "grading 2: its result cannot be read",
        "submission 2 counts a grading of submission 1",
        "'a7', which course.toml does not list",
        "may be read by others",
        "gradebook.db: 5 findings",
    ):
        assert finding in said, finding


def test_a_backup_is_whole_and_never_overwrites(course: Path) -> None:
    code, said = run("backup", "copy.db")
    assert code == 0
    assert "copy.db: a copy of" in said
    assert run("check", "--db", "copy.db")[0] == 0
    assert run("show", "--db", "copy.db")[1] == run("show")[1]
    code, said = run("backup", "copy.db")
    assert code == 2
    assert "copy.db is there already; name a new file" in said
    assert run("backup", "no/where.db")[0] == 2
    code, said = run("show", "--db", "mysql://x")
    assert code == 2
    assert "the gradebook knows SQLite and PostgreSQL" in said


def test_the_commands_on_postgresql(
    course: Path, postgres: Callable[[], str], question: str
) -> None:
    address = postgres()
    with Gradebook.open(address) as book:
        work = Submission(
            "ada", "", "x.zip", "d", received="2026-09-20T10:00:00+00:00", clock="lms"
        )
        AssignmentStore(book, "a1").save(work, full_marks("ada"))
    assert run("score", "ada", "a1", question, "1", "--db", address)[0] == 0
    assert question in run("audit", "ada", "--db", address)[1]
    assert " of 100 points" in run("show", "ada", "--db", address)[1]
    assert "all well. 1 students, 1 submissions" in run("check", "--db", address)[1]
    code, said = run("backup", "copy.sql", "--db", address)
    assert code == 2
    assert "copy it with: pg_dump --file=copy.sql" in said


def test_the_database_of_course_toml_lies_beside_it(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (course / "elsewhere").mkdir()
    monkeypatch.chdir(course / "elsewhere")
    assert "ada" in run("show")[1]
    code, said = run("show", "--db", "new.db")
    assert code == 2
    assert f"{course / 'elsewhere' / 'new.db'}: there is no gradebook yet." in said
    assert not (course / "elsewhere" / "new.db").exists(), "a mistyped name makes nothing"
    Gradebook.open("new.db").close()
    assert "The gradebook is empty" in run("show", "--db", "new.db")[1]
    monkeypatch.setenv("AUTOGRADER_DB", str(course / "gradebook.db"))
    assert "ada" in run("show")[1]
    syllabus = (course / "course.toml").read_text()
    changed = syllabus.replace("sqlite:///gradebook.db", "other.db")
    (course / "course.toml").write_text(changed)
    monkeypatch.delenv("AUTOGRADER_DB")
    assert f"{course / 'other.db'}: there is no gradebook yet." in run("show")[1]
