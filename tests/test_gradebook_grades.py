"""From what was handed in and decided to the grades of the course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.desk import Desk
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.grades import course_grades
from autograder.gradebook.reception import Reception
from autograder.gradebook.sheet import StudentGrades, StudentInfo, WorkGrade
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status
from autograder.settings import (
    Assignment,
    Course,
    GradingLimits,
    LatePolicy,
    Milestone,
    Release,
    Settings,
)

OPENS, DUE = datetime(2026, 9, 8, 9, tzinfo=UTC), datetime(2026, 9, 25, 23, 59, tzinfo=UTC)
COURSE = Settings(
    Course("Toy", "1"),
    Release("o/n"),
    (Assignment("a1", "One", 40.0, None, OPENS, DUE), Assignment("a2", "Two", 40.0)),
    (Milestone("report", "Report", 20.0, late_days=False),),
    LatePolicy(1, 0.25),
    GradingLimits(),
)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook.open("grades.db", tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(book: Gradebook) -> Desk:
    return Desk(book, COURSE, "ta")


def hand_in(
    book: Gradebook,
    passed: int,
    received: datetime | None = DUE - timedelta(days=1),
    outcome: Outcome = Outcome.GRADED,
    student: str = "ada",
) -> None:
    """A submission with `passed` of four checks on 8 points right, and an answer worth up to 2."""
    told = received.isoformat() if received else ""
    work = Submission(student, "Ada", f"{passed}.zip", f"{passed}", received=told, clock="lms")
    checks = tuple(
        CheckResult("ex", f"c{n}", "t", False, Status.PASSED if n < passed else Status.FAILED)
        for n in range(4)
    )
    result = SubmissionResult(
        student, "Ada", work.source, "01_toy", outcome, 10.0,
        (ExerciseResult("ex", "Exercise", 8.0, checks),),
        (WrittenAnswer("why", "1.9", "Why?", 2.0, "because"),), key="k",
    )  # fmt: skip
    if outcome != Outcome.GRADED:
        result = replace(result, exercises=(), written=())
    AssignmentStore(book, "a1").save(work, result)


def grades(book: Gradebook, student: str = "ada") -> StudentGrades:
    (one,) = course_grades(book, COURSE, [student])
    return one


def first(book: Gradebook) -> WorkGrade:
    return grades(book).works[0]


def test_the_latest_on_time_counts_and_a_late_one_if_it_pays(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 4, DUE - timedelta(days=3))
    hand_in(book, 2, DUE - timedelta(days=2))
    assert (first(book).points, first(book).decision.share) == (4.0, 0.4)
    hand_in(book, 3, DUE + timedelta(hours=30))  # two days late: a late day, then a quarter off
    assert first(book).points == 6.0
    assert first(book).decision.share == pytest.approx(0.6 * 0.75)
    assert grades(book).standing.late_days_left == 0
    assert grades(book).standing.percent == pytest.approx(40 * 0.45)
    desk.extend("ada", "a1", "+2d", why="ill")
    assert first(book).decision.share == pytest.approx(0.6)
    assert "Extended until 2026-09-27 23:59." in first(book).decision.lines
    assert grades(book).standing.late_days_left == 1
    desk.extend("ada", "a1", None, why="was not ill")
    assert first(book).decision.share == pytest.approx(0.45)


def test_people_s_points_count_instead_of_the_checks(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 2)
    item = {i.id: i for i in first(book).items}
    assert (item["ex"].points, item["why"].points, first(book).awaiting) == (4.0, None, 2.0)
    desk.score("ada", "a1", "1.9", "1.5")
    assert (first(book).points, first(book).awaiting) == (5.5, 0.0)
    desk.score("ada", "a1", "ex", "75%")
    assert (first(book).points, first(book).decision.share) == (7.5, 0.75)
    desk.score("ada", "a1", "ex", "10", beyond=True)
    assert first(book).points == 11.5
    desk.score("ada", "a1", "ex", None)
    assert first(book).points == 5.5
    assert grades(book).remarks == ()
    hand_in(book, 3, DUE - timedelta(hours=1))  # the score stands, and somebody should look again
    assert first(book).points == 7.5
    assert grades(book).remarks == (), "a student's page is no place for it"
    (told,) = grades(book).staff_remarks
    assert told == (
        "a1: why scored on an older submission than 2, which counts; "
        "if the points do not fit it: score again, or --lift"
    )
    desk.score("ada", "a1", "why", "1.5")  # the same points again: somebody has looked
    assert grades(book).staff_remarks == ()


def test_an_override_stands_until_it_is_lifted(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 2, DUE + timedelta(days=9))
    before = first(book).decision.share
    desk.override("ada", "a1", "90", why="honour code: cleared")
    assert first(book).decision.share == 0.9
    assert first(book).points == 4.0, "points stay those that were earned"
    desk.override("ada", "a1", None, why="mistaken")
    assert first(book).decision.share == before


def test_comments_stand_in_the_order_of_the_work(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 2)
    desk.comment("ada", "a1", "Say why.", "why")
    desk.comment("ada", "a1", "Look at the edge.", "ex")
    desk.comment("ada", "a1", "Nearly there!")
    desk.comment("ada", "a1", "Much better.", "ex")
    assert first(book).comments == ("Nearly there!", "Exercise: Much better.", "1.9 Why?: Say why.")
    desk.comment("ada", "a1", " ", "ex")
    assert first(book).comments == ("Nearly there!", "1.9 Why?: Say why.")


def test_milestones_are_graded_out_of_100(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 4)
    assert grades(book).works[2].points is None
    desk.milestone("ada", "report", "17/20")
    report = grades(book).works[2]
    assert (report.points, report.max_points, report.decision.share) == (85.0, 100.0, 0.85)
    assert grades(book).standing.percent == pytest.approx(40 * 0.8 + 20 * 0.85)
    desk.milestone("ada", "report", None)
    assert grades(book).works[2].points is None


@pytest.mark.parametrize(
    ("received", "said"),
    [
        (
            OPENS - timedelta(minutes=1),
            "2.zip says it was handed in at 2026-09-08 08:59 UTC, before ",
        ),
        (
            datetime.now(UTC) + timedelta(days=2),
            "later than it was collected: that clock was wrong.",
        ),
    ],
)
def test_times_that_cannot_be_are_not_believed(
    book: Gradebook, desk: Desk, received: datetime, said: str
) -> None:
    hand_in(book, 2, received)
    decision = first(book).decision
    assert decision.attempt is not None
    assert decision.attempt.received is None
    assert decision.days_late == 0
    assert any(said in line for line in decision.lines), decision.lines
    Reception(book, COURSE, "ta").correct_time(1, "2026-09-25T23:00", why="the server's log")
    decision = first(book).decision
    assert decision.attempt is not None
    assert decision.attempt.received == datetime(2026, 9, 25, 23, tzinfo=UTC)
    assert not any("clock was wrong" in line for line in decision.lines)


def test_an_unreadable_file_never_replaces_good_work(book: Gradebook) -> None:
    hand_in(book, 0, DUE - timedelta(days=2), Outcome.NOT_GRADABLE)
    assert (first(book).points, first(book).decision.share) == (0.0, 0.0)
    assert "0.zip cannot be read." in first(book).decision.lines
    hand_in(book, 3, DUE - timedelta(days=3))
    assert first(book).points == 6.0
    assert "0.zip cannot be read and is set aside." in first(book).decision.lines


def test_a_failure_of_ours_is_said_to_be_ours(book: Gradebook) -> None:
    hand_in(book, 3, outcome=Outcome.GRADER_ERROR)
    assert any("The grader itself failed on it" in line for line in first(book).decision.lines)


def test_a_roster_flags_strangers_and_keeps_what_it_does_not_say(book: Gradebook) -> None:
    hand_in(book, 3)
    assert grades(book).remarks == ()
    entries = [StudentInfo("ben", "Ben", email="b@x.org", canvas_id="7"), StudentInfo("cy", "Cy")]
    change = book.import_roster(entries, "ta")
    assert (change.added, change.changed, change.unchanged, change.missing) == (
        ("ben", "cy"),
        (),
        (),
        (),
    )
    assert grades(book).remarks == ("not on the roster",)
    assert grades(book).works[0].points == 6.0, "kept all the same"
    change = book.import_roster(
        [StudentInfo("ben", "Benjamin"), StudentInfo("ada", "Ada L.")], "ta"
    )
    assert (change.added, change.changed, change.missing) == (("ada",), ("ben",), ("cy",))
    assert grades(book).remarks == ()
    assert grades(book, "ben").student == StudentInfo("ben", "Benjamin", "b@x.org", canvas_id="7")
    assert [g.student.id for g in course_grades(book, COURSE)] == ["ada", "ben", "cy"]
    change = book.import_roster([StudentInfo("cy", "Cy")], "ta")
    assert change.unchanged == ("cy",)


@pytest.mark.parametrize("again", ["ben", "Ben", "BEN"])
def test_a_roster_with_one_id_twice_changes_nothing(book: Gradebook, again: str) -> None:
    entries = [StudentInfo("ada"), StudentInfo("ben", "Ben A."), StudentInfo(again, "Ben B.")]
    with pytest.raises(GradebookError) as caught:
        book.import_roster(entries, "ta")
    assert str(caught.value) == (
        f"the roster names {again!r} twice: entry 2 (Ben A.) and entry 3 (Ben B.). "
        "Mend one of them; nothing was imported."
    )
    assert course_grades(book, COURSE) == []
    with pytest.raises(GradebookError, match=r"entry 1 \(Zed\) has no id. Nothing was imported"):
        book.import_roster([StudentInfo(" ", "Zed")], "ta")


def test_the_same_grades_come_from_postgresql(postgres: object, book: Gradebook) -> None:
    assert callable(postgres)
    with Gradebook.open(postgres()) as other:
        for each in (book, other):
            desk = Desk(each, COURSE, "ta")
            hand_in(each, 2)
            hand_in(each, 3, DUE + timedelta(hours=1))
            hand_in(each, 4, None, student="ben")
            each.import_roster([StudentInfo("ada", "Ada")], "ta")
            desk.score("ada", "a1", "why", "2")
            desk.extend("ada", "a1", "+1d", why="ill")
            desk.override("ben", "a2", "50%", why="oral")
            desk.milestone("ben", "report", "100")
            Reception(each, COURSE, "ta").correct_time(1, "2026-09-20", why="log")
        assert course_grades(book, COURSE) == course_grades(other, COURSE)
        assert len(course_grades(other, COURSE)) == 2
