"""The pages: everything a student needs is on them, nothing a student wrote can act on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from autograder.catalogue import load_catalogue
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.report.charts import histogram
from autograder.report.feedback import Feedback
from autograder.report.statistics import class_statistics
from autograder.report.terminal import print_summary
from autograder.report.write import write_report
from autograder.results import CheckResult, Evidence, ExerciseResult, Status

CATALOGUE = load_catalogue("01_camera_geometry")
PNG = b"\x89PNG\r\n\x1a\n"
VOID = {"meta", "img", "br", "input", "link", "hr", "rect", "line"}


def check(name: str, status: Status, message: str = "", **more: object) -> CheckResult:
    made = CheckResult("transform", name, f"Title of {name}", False, status, message)
    return replace(made, **more)  # type: ignore[arg-type]


def exercise(
    *checks: CheckResult, name: str = "transform", remarks: tuple[str, ...] = ()
) -> ExerciseResult:
    own = tuple(replace(c, exercise=name) for c in checks)
    listed = CATALOGUE.exercise(name)
    return ExerciseResult(name, listed.title, listed.points, own, remarks)


def result(student: str, *exercises: ExerciseResult, **more: object) -> SubmissionResult:
    listed = {e.exercise: e for e in exercises}
    blank = check("blank", Status.COULD_NOT_RUN, "not written yet")
    full = tuple(listed.get(e.id) or exercise(blank, name=e.id) for e in CATALOGUE.exercises)
    made = SubmissionResult(
        student, "", f"{student}.zip", CATALOGUE.notebook, Outcome.GRADED, 100.0, full, tier="A"
    )
    return replace(made, **more)  # type: ignore[arg-type]


FAILED = exercise(
    check("right", Status.PASSED),
    check(
        "wrong", Status.FAILED, "the values differ",
        evidence=Evidence("shape (2, 3)", "shape (3, 2)", "element [0]: expected 1, got 2", "transpose it", PNG),
        traceback='File "cell 12", line 3',
    ),
    remarks=("`transform` is defined 2 times",),
)  # fmt: skip


class Page(HTMLParser):
    """A page's elements and text; complains about elements that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.text += data


Write = Callable[..., tuple[Page, dict[str, Page]]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def work(*results: SubmissionResult) -> tuple[Page, dict[str, Page]]:
        pages = (Feedback(result, {}) for result in results)
        index, _ = write_report(tmp_path, CATALOGUE, pages, "The course", "Camera geometry")
        students = {p.stem: Page(p.read_text()) for p in (tmp_path / "students").glob("*.html")}
        return Page(index.read_text()), students

    return work


def test_a_student_reads_what_failed_why_and_where(write: Write) -> None:
    _, students = write(result("jdoe", FAILED))
    page = students["jdoe"]
    for text in (
        "failed", "Title of wrong", "The values differ", "shape (2, 3)", "shape (3, 2)",
        "element [0]: expected 1, got 2", "Transpose it", 'File "cell 12", line 3', "is defined 2 times",
        "Title of right", "passed", "Not written yet",
    ):  # fmt: skip
        assert text in page.text, text
    (picture,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert (picture["src"] or "").startswith("data:image/png;base64,iVBORw0K")
    assert "Title of wrong" in (picture["alt"] or "")


def test_a_reason_shared_by_several_checks_is_said_once(write: Write) -> None:
    same = [
        check(f"c{i}", Status.FAILED, "raised ValueError", traceback="line 3") for i in range(4)
    ]
    other = check("d", Status.FAILED, "raised ValueError", traceback="line 9")
    _, students = write(result("jdoe", exercise(*same, other)))
    text = students["jdoe"].text
    assert text.count("Raised ValueError") == 2
    assert all(f"Title of c{i}" in text for i in range(4))


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{ 7*7 }}`</pre>&lt;"


def test_nothing_a_student_wrote_becomes_markup(write: Write) -> None:
    bad = check("c", Status.FAILED, HOSTILE, traceback=HOSTILE, title=HOSTILE,
                evidence=Evidence(HOSTILE, HOSTILE + "2", HOSTILE, HOSTILE))  # fmt: skip
    hostile = result(
        HOSTILE,
        exercise(bad, remarks=(HOSTILE,)),
        name=HOSTILE,
        source=HOSTILE,
        remarks=(HOSTILE,),
        printed={"transform": HOSTILE},
        written=(WrittenAnswer("q", "Q1.1", HOSTILE, 2.0, HOSTILE),),
    )
    unreadable = result("other", outcome=Outcome.NOT_GRADABLE, problems=(HOSTILE,))
    index, students = write(hostile, unreadable)
    for page in (index, *students.values()):
        assert not [t for t, _ in page.tags if t == "script"]
        assert not [a for t, a in page.tags if t == "img" and a.get("src") == "x"]
        assert not [a for _, a in page.tags if any(k.startswith("on") for k in a)]
        assert "<script>alert(1)</script>" in page.text
        assert "49" not in page.text.replace("{{ 7*7 }}", "")


def test_hostile_ids_stay_inside_the_folder(write: Write, tmp_path: Path) -> None:
    index, students = write(result("../../evil"), result("a/b"), result("ok"))
    assert len(students) == 3
    assert not (tmp_path.parent / "evil.html").exists()
    links = [
        a["href"] or "" for t, a in index.tags if t == "a" and "students/" in (a.get("href") or "")
    ]
    assert len(links) == 3
    assert all((tmp_path / link).is_file() for link in links)


def test_pages_stand_alone(write: Write) -> None:
    index, students = write(result("jdoe", FAILED))
    for page in (index, students["jdoe"]):
        assert not [t for t, _ in page.tags if t in ("link", "script", "iframe")]
        outside = [
            v for _, a in page.tags for v in a.values() if v and re.match(r"(https?:)?//", v)
        ]
        assert outside == []
        assert ("html", {"lang": "en"}) in page.tags


def test_status_is_a_sign_and_a_word_never_colour_alone(write: Write) -> None:
    index, students = write(result("jdoe", FAILED))
    marks = [a for t, a in index.tags if t == "td" and "mark" in (a.get("class") or "")]
    assert len(marks) == len(CATALOGUE.exercises)
    assert "failed" in (marks[1]["title"] or "")
    assert "✗" in index.text
    assert "✗ failed" in students["jdoe"].text
    assert "– could not run" in students["jdoe"].text


def test_a_file_that_cannot_be_graded_says_so_on_both_pages(write: Write) -> None:
    lost = result(
        "lost",
        outcome=Outcome.NOT_GRADABLE,
        problems=("the file is empty. Run `submit()`",),
        exercises=(),
    )
    index, students = write(lost, result("fine"))
    assert "The file is empty. Run submit()" in index.text
    assert "This file could not be graded" in students["lost"].text


def test_our_own_failure_is_not_blamed_on_the_student(write: Write) -> None:
    lost = result(
        "lost", outcome=Outcome.GRADER_ERROR, problems=("The grader itself failed",), exercises=()
    )
    _, students = write(lost)
    assert "waits to be graded again" in students["lost"].text


def test_written_answers_await_a_person(write: Write) -> None:
    answers = (
        WrittenAnswer("a", "Q1.1", "Why?", 2.0, "Because."),
        WrittenAnswer("b", "Q1.2", "How?", 3.0, ""),
    )
    _, students = write(result("jdoe", written=answers))
    text = students["jdoe"].text
    assert "Because." in text
    assert "awaits a person, up to 2 points" in text
    assert "nothing was written, 3 points" in text


def test_pages_of_students_who_left_are_removed(write: Write) -> None:
    write(result("a"), result("b"))
    _, students = write(result("b"))
    assert list(students) == ["b"]


def test_an_empty_class_still_has_a_page(write: Write) -> None:
    index, _ = write()
    assert "0 graded" in index.text


def test_statistics_count_what_was_graded() -> None:
    good = exercise(check("right", Status.PASSED), check("wrong", Status.PASSED))
    results = [
        result("a", good),
        result("b", FAILED),
        result("c", FAILED),
        result("d", outcome=Outcome.NOT_GRADABLE, exercises=()),
    ]
    found = class_statistics(CATALOGUE, results)
    assert found.graded == 3
    assert found.totals == (4.0, 2.0, 2.0)
    assert (found.mean, found.median) == (2.7, 2.0)
    row = next(e for e in found.exercises if e.id == "transform")
    assert (row.passed, row.attempted) == (1, 3)
    (worst,) = found.troublesome
    assert (worst.title, worst.failed, worst.of) == ("Title of wrong", 2, 3)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ((), []),
        ((0.0,), [(0, 1)]),
        ((10.0, 10.0), [(4, 2)]),
        ((1.9, 2.0, 9.9), [(0, 1), (1, 1), (4, 1)]),
    ],
)
def test_histograms_put_values_where_they_belong(
    values: tuple[float, ...], counts: list[tuple[int, int]]
) -> None:
    svg = histogram(values, 10.0, 'a "label" <b>', bins=5, width=100, height=50)
    assert isinstance(svg, Markup)
    page = Page(svg)
    assert len([t for t, _ in page.tags if t == "rect"]) == 5
    shown = [int(n) for n in re.findall(r">(\d+)</text>", svg)]
    assert shown == [count for _, count in counts]
    for part, count in counts:
        assert f"{count} in part {part + 1}" in svg
    assert "<b>" not in svg


def test_no_points_at_all_are_no_division_by_zero() -> None:
    assert "rect" in histogram((0.0,), 0.0, "x", 4, 10, 10)


def test_the_terminal_shows_every_student_and_the_place(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lost = result(
        "[bold]x",
        outcome=Outcome.NOT_GRADABLE,
        problems=("the [red]file is empty " * 9,),
        exercises=(),
    )
    rows = [Feedback(r, {}) for r in (result("jdoe", FAILED), lost, result("y" * 200))]
    print_summary(rows, Path("/somewhere/index.html"))
    shown = capsys.readouterr().out
    assert "[bold]x" in shown
    assert "the [red]file is empty" in shown
    assert re.search(r"jdoe +2 +100 +1 +15", shown)
    assert "/somewhere/index.html" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())
