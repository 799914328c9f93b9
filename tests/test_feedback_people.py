"""What people say and give reaches the student's page in its place: comments, rubrics, late days, overrides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.catalogue import load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.desk import Desk
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.report.collect import class_feedback
from autograder.report.feedback import Feedback
from autograder.report.rubrics import RubricLine
from autograder.report.write import write_report
from autograder.results import CheckResult, ExerciseResult, Status
from autograder.review.rubric import Criterion, models_of, reason_for
from tests.test_gradebook_grades import COURSE, DUE, hand_in

RUBRIC = """
[why]
criteria = [{ points = 0.5, text = "names the `camera`" }, { points = 1.5, text = "<b>gives</b> a reason" }]
"""
SOURCE = """# ---
# jupyter:
#   kernelspec: {display_name: Python 3, name: python3}
# ---

# %% [markdown]
# # 1 · Toy

# %% [markdown] written="why" title="Why?" points=2
# **Question 1.** Why?
#
# BEGIN SOLUTION
# Because.
# END SOLUTION
"""
RESULT = SubmissionResult(
    "ada", "Ada", "4.zip", "01_toy", Outcome.GRADED, 10.0,
    (ExerciseResult("ex", "Exercise", 8.0, (CheckResult("ex", "c0", "t", False, Status.FAILED),)),),
    (WrittenAnswer("why", "1.9", "Why?", 2.0, "because"),),
)  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook.open("grades.db", tmp_path) as opened:
        yield opened


@pytest.fixture
def desk(book: Gradebook) -> Desk:
    return Desk(book, COURSE, "ta")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "solutions" / "rubrics").mkdir(parents=True)
    (tmp_path / "solutions" / "01_toy.py").write_text(SOURCE)
    (tmp_path / "solutions" / "rubrics" / "01_toy.toml").write_text(RUBRIC)
    return tmp_path


def page(book: Gradebook, root: Path | None = None) -> Feedback:
    (found,) = class_feedback(book, COURSE, "a1", {"ada": RESULT}, root)
    return found


@pytest.mark.usefixtures("root")
def test_comments_stand_where_they_belong(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 2)
    desk.comment("ada", "a1", "Well done.")
    desk.comment("ada", "a1", "Think again.", "ex")
    desk.comment("ada", "a1", "Half right.", "why")
    found = page(book)
    assert list(found.comments) == ["Well done."]
    assert found.said == {"ex": "Think again.", "why": "Half right."}


def test_the_rubric_says_what_points_were_given_for(
    book: Gradebook, desk: Desk, root: Path
) -> None:
    hand_in(book, 2)
    assert page(book, root).rubrics == {}  # nobody has graded it
    desk.score("ada", "a1", "why", "1.5", reason_for(criteria(root), [2]))
    expected = (
        RubricLine(0.5, "names the `camera`", False),
        RubricLine(1.5, "<b>gives</b> a reason", True),
    )
    assert page(book, root).rubrics == {"why": expected}
    assert page(book).rubrics == {}  # without the course's sources
    write_report(root / "out", load_catalogue("01_camera_geometry"), [page(book, root)], "C", "A")
    html = (root / "out" / "students" / "ada.html").read_text()
    assert "– 0 of 0.5</span> · Names the <code>camera</code>" in html
    assert "✓ 1.5 of 1.5</span> · &lt;b&gt;gives&lt;/b&gt; a reason" in html


def test_points_given_without_a_rubric_show_none(book: Gradebook, desk: Desk, root: Path) -> None:
    hand_in(book, 2)
    desk.score("ada", "a1", "why", "1", "well argued")
    assert page(book, root).rubrics == {}
    kept = reason_for(criteria(root), [2])
    desk.score("ada", "a1", "why", "1.5", kept)
    rubric = root / "solutions" / "rubrics" / "01_toy.toml"
    rubric.write_text(RUBRIC.replace("names the `camera`", "another line"))
    os.utime(rubric, ns=(5, 5))
    assert page(book, root).rubrics == {}  # they were lines of what the rubric was


def criteria(root: Path) -> tuple[Criterion, ...]:
    return models_of(root, "01_toy")["why"].criteria


def test_an_override_and_lateness_are_on_the_account(book: Gradebook, desk: Desk) -> None:
    hand_in(book, 4, DUE + timedelta(hours=30))
    late = page(book).late
    assert late is not None
    assert (late.rows[0].spent, late.rows[0].penalty, late.left) == (1, "−25% for 1 day", 0)
    desk.override("ada", "a1", "9", "agreed")
    row = page(book).late.rows[0]  # type: ignore[union-attr]
    assert (row.came, row.spent, row.penalty) == ("set by hand", 0, "")
