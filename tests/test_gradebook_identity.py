"""Whose work it is: accounts that come home with the roster, and what people say about a submission."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.class_folder import with_decisions
from autograder.gradebook.desk import Desk
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.everybody import everybody
from autograder.gradebook.find import find_student
from autograder.gradebook.grades import course_grades
from autograder.gradebook.health import findings
from autograder.gradebook.history import audit_trail, gradings_of
from autograder.gradebook.reception import Reception
from autograder.gradebook.sheet import StudentInfo
from autograder.gradebook.store import AssignmentStore
from autograder.grading.entry import known_ids
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status
from tests.test_gradebook_grades import COURSE, DUE

PHANTOM = "doejane_99999_67895_01_camera_geometry"
JANE = StudentInfo("jane", "Jane Doe", canvas_id="99999", sis_user_id="S1", sis_login_id="jdoe")
WORK = Submission(
    PHANTOM, "", f"{PHANTOM}.zip", "d1", canvas_id="99999",
    received=(DUE - timedelta(days=1)).isoformat(), clock="lms",
)  # fmt: skip


@pytest.fixture
def book(database: str) -> Iterator[Gradebook]:
    """On SQLite and on PostgreSQL."""
    with Gradebook.open(database) as opened:
        yield opened


def grade(book: Gradebook, work: Submission, key: str = "k") -> None:
    """Half of what there is to earn."""
    check = CheckResult("ex", "c", "t", False, Status.PASSED)
    other = CheckResult("ex", "d", "t", False, Status.FAILED)
    result = SubmissionResult(
        work.student, "", work.source, "01_toy", Outcome.GRADED, 10.0,
        (ExerciseResult("ex", "T", 10.0, (check, other)),), key=key,
    )  # fmt: skip
    AssignmentStore(book, "a1").save(work, result)


def listed(book: Gradebook) -> dict[str, float | None]:
    """Who is in the lists and exports, with the points for a1."""
    return {g.student.id: g.works[0].points for g in course_grades(book, COURSE)}


def submissions(book: Gradebook, student: str) -> list[int]:
    return [event.submission for event in gradings_of(book, student)]


def test_an_account_graded_before_the_roster_comes_home_with_it(book: Gradebook) -> None:
    grade(book, WORK)
    Desk(book, COURSE, "ta").score(PHANTOM, "a1", "ex", "9")
    Desk(book, COURSE, "ta").override(PHANTOM, "a2", "70", why="oral")
    before = listed(book)
    assert before == {PHANTOM: 9.0}
    change = book.import_roster([JANE, StudentInfo("ben")], "grace")
    assert change.moved == (f"1 submission and 2 decisions of {PHANTOM} now belong to jane",)
    assert listed(book) == {"jane": 9.0, "ben": None}
    (_, jane) = course_grades(book, COURSE)
    assert jane.works[1].decision.share == pytest.approx(0.7)
    (event,) = [e for e in audit_trail(book, "jane") if e.old == PHANTOM]
    assert (event.who, event.action, event.new) == ("grace", "roster", "jane")
    assert book.import_roster([JANE], "grace").moved == (), "once"
    grade(
        book, replace(WORK, student="jane"), key="another"
    )  # the same folder, read with the roster
    grade(book, WORK)  # and by a grader that had read it without
    assert submissions(book, "jane") == [1, 1]
    assert PHANTOM not in listed(book)
    assert [f for f in findings(book, COURSE) if "others" not in f] == []


@pytest.mark.parametrize(
    "stranger",
    [
        StudentInfo("x", canvas_id="99999"),
        StudentInfo("x", email="JANE@x.org"),
        StudentInfo("JDOE"),
        StudentInfo("s1"),
        StudentInfo("Jane"),
        StudentInfo("jane@X.org"),
    ],
)
def test_every_kind_of_account_leads_home(book: Gradebook, stranger: StudentInfo) -> None:
    work = replace(WORK, student=stranger.id, canvas_id=stranger.canvas_id, email=stranger.email)
    grade(book, work)
    book.import_roster([replace(JANE, email="jane@x.org"), StudentInfo("ben")], "ta")
    assert listed(book) == {"jane": 5.0, "ben": None}


@pytest.mark.parametrize(
    "work",
    [
        replace(WORK, student="x", canvas_id="", email="shared@x.org"),  # two have it
        replace(WORK, student="jdoe", canvas_id="12345"),  # another account wrote her login
        replace(WORK, student="x.zip (claims to be jdoe)", canvas_id=""),
    ],
)
def test_work_stays_where_nothing_is_certain(book: Gradebook, work: Submission) -> None:
    grade(book, work)
    shared = "shared@x.org"
    change = book.import_roster(
        [replace(JANE, email=shared), StudentInfo("ben", email=shared)], "ta"
    )
    assert change.moved == ()
    assert listed(book) == {"jane": None, "ben": None, work.student: 5.0}


def test_the_same_file_of_both_is_counted_once(book: Gradebook) -> None:
    grade(book, WORK)
    grade(book, replace(WORK, student="jane", canvas_id=""))
    change = book.import_roster([JANE], "ta")
    assert change.moved == (f"1 submission of {PHANTOM} now belongs to jane",)
    assert listed(book) == {"jane": 5.0}
    assert book.import_roster([JANE], "ta").moved == ()


def test_an_enrolled_student_s_account_is_not_a_stranger_s(book: Gradebook) -> None:
    people = [
        replace(JANE, email="Jane@x.org"),
        StudentInfo(PHANTOM, canvas_id="99999", email="jane@x.org", enrolled=False),
        StudentInfo("jdoe", enrolled=False),
    ]
    for order in (people, people[::-1]):
        ids = known_ids(order)
        assert {ids[key] for key in ("99999", "email:jane@x.org", "login:jdoe")} == {"jane"}
        assert "id:jdoe" not in ids, "her login, not a stranger's id"
    grade(book, WORK)
    book.import_roster([StudentInfo("ben")], "ta")
    assert {p.id: p.enrolled for p in everybody(book)} == {PHANTOM: False, "ben": True}


def test_two_platforms_rosters_are_one_class(book: Gradebook) -> None:
    book.import_roster([JANE, StudentInfo("ben", "Ben", email="ben@x.org")], "ta")
    change = book.import_roster(
        [
            StudentInfo("s1", "Doe, Jane", email="jane@x.org", section="2", sis_user_id="s1"),
            StudentInfo("77", "Benny", email="BEN@x.org", sis_user_id="77"),
        ],
        "ta",
    )
    assert (change.added, change.changed, change.missing) == ((), ("ben", "jane"), ())
    ben, jane = everybody(book)
    assert jane == replace(JANE, email="jane@x.org", section="2")
    assert ben == StudentInfo("ben", "Ben", "ben@x.org", sis_user_id="77")


def test_a_line_that_may_be_two_students_is_refused(book: Gradebook) -> None:
    book.import_roster([JANE, StudentInfo("ben", email="ben@x.org")], "ta")
    with pytest.raises(GradebookError) as caught:
        book.import_roster([StudentInfo("zoe"), StudentInfo("S1", email="ben@x.org")], "ta")
    assert "accounts of several students of the gradebook: " in str(caught.value)
    assert "'jane'" in str(caught.value)
    assert "'ben'" in str(caught.value)
    with pytest.raises(GradebookError, match=r"both have accounts of 'jane'. Mend one of them"):
        book.import_roster([JANE, StudentInfo("q", sis_user_id="S1")], "ta")
    assert set(listed(book)) == {"jane", "ben"}, "nothing was imported"


MALLORY = "m.zip (claims to be ada)"
CLAIMED = Submission(
    MALLORY, "", "m.zip", "d2", received=WORK.received, clock="student",
    remarks=("claims the student id 'ada': a person must say whose it is", "other"),
)  # fmt: skip


def test_what_a_person_assigned_stays_where_it_is(book: Gradebook) -> None:
    book.import_roster([StudentInfo("mallory"), StudentInfo("ada")], "ta")
    grade(book, CLAIMED)
    Desk(book, COURSE, "ta").score(MALLORY, "a1", "ex", "7")
    said = Reception(book, COURSE, "grace").assign(1, "Mallory", "asked her")
    assert said == f"mallory, a1, submission 1: mallory's from now on (was: {MALLORY}'s)"
    assert listed(book) == {"ada": None, "mallory": 7.0}
    renamed = replace(CLAIMED, source="late/m.zip")  # by who collected it
    assert [s.student for s in with_decisions(book, "a1", [renamed])] == ["mallory"]
    (again,) = with_decisions(book, "a1", [CLAIMED])
    assert again.student == "mallory"
    assert again.remarks == (
        f"handed in as {MALLORY!r}; a person decided that it is the work of 'mallory'",
        "other",
    )
    grade(book, again, "k2")
    grade(book, replace(CLAIMED, canvas_id="666"), "k3")
    assert submissions(book, "mallory") == [1, 1, 1]
    assert set(listed(book)) == {"ada", "mallory"}
    assert all(p.canvas_id == "" for p in everybody(book)), "the uploader's account is not hers"
    said = Reception(book, COURSE, "grace").assign(1, "mallory", "again")
    assert said == "submission 1 is mallory's already"
    decided = audit_trail(book, "mallory", decisions=True)
    assert [(e.action, e.old, e.new) for e in decided] == [("assign", MALLORY, "mallory")]


def test_another_file_of_the_same_name_is_not_assigned(book: Gradebook) -> None:
    book.import_roster([StudentInfo("mallory"), StudentInfo("ada")], "ta")
    grade(book, CLAIMED)
    Reception(book, COURSE, "ta").assign(1, "mallory", "asked her")
    other = replace(CLAIMED, digest="d3")
    copied = replace(CLAIMED, student="ada", source="ada.zip")  # the same bytes from somebody else
    assert {s.student for s in with_decisions(book, "a1", [other, copied])} == {MALLORY, "ada"}
    assert with_decisions(book, "a2", [CLAIMED]) == [CLAIMED]


def test_a_file_that_is_contested_by_now_does_not_follow_its_old_name(book: Gradebook) -> None:
    grade(book, replace(CLAIMED, student="jdoe"))
    book.import_roster([JANE], "ta")
    contested = replace(CLAIMED, student="m.zip (claims to be jdoe)")
    assert with_decisions(book, "a1", [contested]) == [contested], "it would push aside her own"


def test_the_very_same_hand_in_is_not_assigned_twice(book: Gradebook) -> None:
    book.import_roster([StudentInfo("ada")], "ta")
    grade(book, CLAIMED)
    grade(book, replace(CLAIMED, student="ada", source="ada.zip"))
    with pytest.raises(GradebookError, match=r"submission 2\. To keep one .* withdraw 1 --why"):
        Reception(book, COURSE, "ta").assign(1, "ada", "hers")
    assert listed(book) == {"ada": 5.0, MALLORY: 5.0}


def test_what_is_withdrawn_never_counts_until_it_is_taken_back(book: Gradebook) -> None:
    desk = Reception(book, COURSE, "ta")
    grade(book, CLAIMED)
    assert desk.withdraw(1, "test") == f"{MALLORY}, a1, submission 1: never counts"
    assert desk.withdraw(1, "test").endswith("never counts already")
    assert listed(book) == {}
    later = replace(CLAIMED, digest="d9", superseded=True)
    assert with_decisions(book, "a1", [later, CLAIMED]) == [replace(later, superseded=False)]
    grade(book, CLAIMED, "k2")
    assert listed(book) == {}
    assert [e.withdrawn for e in gradings_of(book, MALLORY)] == [True, True]
    assert desk.withdraw(1, "was real", lift=True).endswith("submission 1: may count")
    assert listed(book) == {MALLORY: 5.0}
    assert [e.action for e in audit_trail(book, decisions=True)] == ["withdraw", "withdraw"]


def test_people_are_found_as_people_write_them(book: Gradebook) -> None:
    book.import_roster(
        [replace(JANE, email="j@x.org"), StudentInfo("Al"), StudentInfo("ben")], "ta"
    )
    grade(book, replace(WORK, student="jane", canvas_id=""))
    desk = Desk(book, COURSE, "ta")
    for name in ("JANE", "J@x.org", "jdoe", "s1"):
        assert desk.score(name, "A1", "ex", "6").startswith("jane, a1/ex")
    assert {e.student for e in audit_trail(book, "JANE")} == {"jane"}
    assert desk.milestone("AL", "Report", "80", why="talk").startswith("Al, report: 80")
    assert audit_trail(book, "al")[-1].what == "talk"
    desk.score("jane", "a1", "ex", "7", "regraded")
    assert audit_trail(book, "jane")[-1].what == "ex: regraded"
    grade(book, replace(WORK, student="BEN", digest="x", canvas_id=""))
    assert desk.extend("Ben", "a1", "+1d", why="ill").startswith("ben, a1"), "the roster's"
    with book.changing("ta", "roster") as change:
        find_student(change.session, "Al").email = "j@x.org"
    with pytest.raises(GradebookError, match=r"'j@x.org' may be any of Al, jane; write the id"):
        desk.extend("j@x.org", "a1", "+1d", why="ill")


def test_decisions_on_submissions_are_never_rewritten(tmp_path: Path) -> None:
    with Gradebook.open("grades.db", tmp_path) as book:
        book.import_roster([StudentInfo("ada")], "ta")
        grade(book, CLAIMED)
        Reception(book, COURSE, "ta").assign(1, "ada", "hers")
        Reception(book, COURSE, "ta").withdraw(1, "wrong folder")
    with closing(sqlite3.connect(tmp_path / "grades.db")) as connection:
        for table in ("attributions", "withdrawals"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET why = ''"):
                with pytest.raises(sqlite3.IntegrityError, match="never changed or deleted"):
                    connection.execute(statement)
