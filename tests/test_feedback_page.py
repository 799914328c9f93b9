"""The page that a student receives: alone in one file, small, legible in every light, and safe to open."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from PIL import Image

from autograder.catalogue import load_catalogue
from autograder.checking.sketching import sketch
from autograder.gradebook.sheet import StudentGrades, StudentInfo, WorkGrade
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.policy import Attempt, Work, settle
from autograder.report.feedback import Feedback, PersonsPoints
from autograder.report.late_days import LateDays, late_days
from autograder.report.write import write_report
from autograder.results import CheckResult, Evidence, ExerciseResult, Status
from autograder.settings import LatePolicy
from autograder.sketches import Sketch
from tests.test_report import VOID

CATALOGUE = load_catalogue("01_camera_geometry")
TWO_MEGABYTES = 2_000_000
HOSTILE = "</style></script><script>alert(1)</script><img src=https://evil.test/x onerror=alert(1)>\"'&`{{7*7}}`\u202e"


class Parsed(HTMLParser):
    """Elements in their order with their text; every element must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == [], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append((self._open[-1] if self._open else "", data))

    @property
    def text(self) -> str:
        return " ".join("".join(d for tag, d in self.said if tag != "style").split())


def some_sketch(what: str = "points") -> Sketch | None:
    expected = torch.arange(24.0).reshape(8, 3)
    actual = -expected
    error = (actual - expected).abs()
    return sketch(actual, expected, error, error > 0, what)


def noise_png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    pixels = torch.randint(0, 256, (height, width, 3), dtype=torch.uint8).numpy()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


def failing(name: str, **evidence: object) -> CheckResult:
    found = Evidence("1", "2", "element [0]", "look again", **evidence)  # type: ignore[arg-type]
    return CheckResult("x", name, f"Title of {name}", False, Status.FAILED, "differs", found)


def graded(*checks: CheckResult, **more: object) -> SubmissionResult:
    exercises = tuple(
        ExerciseResult(e.id, e.title, e.points, tuple(replace(c, exercise=e.id) for c in checks))
        for e in CATALOGUE.exercises
    )
    made = SubmissionResult(
        "jdoe", "Jo Doe", "jdoe.zip", CATALOGUE.notebook, Outcome.GRADED, 100.0, exercises, tier="A"
    )
    return replace(made, **more)  # type: ignore[arg-type]


def page_of(feedback: Feedback, folder: Path) -> str:
    write_report(folder, CATALOGUE, [feedback], "The course", "Camera geometry")
    (path,) = (folder / "students").glob("*.html")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def full(tmp_path: Path) -> str:
    """A page with something of everything."""
    result = graded(
        failing("seen", picture_png=noise_png(40, 20), picture_alt="Two images: 3 % differ."),
        failing("sketched", sketch=some_sketch()),
        replace(failing("fine"), status=Status.PASSED),
        printed={"homogenize": "hello"},
        remarks=("a remark",),
        written=(WrittenAnswer("half_pixel", "Q1.1", "Why half a pixel?", 2.0, "Because."),),
    )
    feedback = Feedback(
        result, {"half_pixel": PersonsPoints(1.5, 2.0), "transform": PersonsPoints(3, 4)}, 50.0, ("on time",),
        ("Well done.",), "Jo Doe", said={"half_pixel": "Half right.", "transform": "Your idea is good."}, late=ACCOUNT,
    )  # fmt: skip
    return page_of(feedback, tmp_path)


ZONE = timezone(timedelta(hours=-4))
DUE = datetime(2026, 9, 25, 23, 59, tzinfo=ZONE)


def account(policy: LatePolicy, *days: int | None) -> LateDays | None:
    """Of a student who handed in works of equal weight so many days late (None: not at all)."""
    works = [
        Work(f"a{i}", f"Work {i}", 20.0, DUE + timedelta(days=30 * i), True,
             () if late is None else (Attempt(i, DUE + timedelta(days=30 * i + late, hours=-1), 0.9),))
        for i, late in enumerate(days)
    ]  # fmt: skip
    standing = settle(works, policy)
    grades = [
        WorkGrade(w.id, w.title, w.weight, 100, 90, (), d, ())
        for w, d in zip(works, standing.decisions, strict=True)
    ]
    return late_days(StudentGrades(StudentInfo("jdoe"), tuple(grades), standing), "a1", policy)


ACCOUNT = account(LatePolicy(3, 0.25), 0, 2, 2, None)


def test_the_account_says_what_every_lateness_cost() -> None:
    assert ACCOUNT is not None
    assert (ACCOUNT.granted, ACCOUNT.left, ACCOUNT.spent) == (3, 0, 3)
    assert [row.spent for row in ACCOUNT.rows] == [0, 2, 1, 0]
    assert [row.penalty for row in ACCOUNT.rows] == ["", "", "−25% for 1 day", ""]
    assert [row.here for row in ACCOUNT.rows] == [False, True, False, False]
    assert ACCOUNT.rows[0].due == "25 September 23:59"  # on the course's clocks
    assert ACCOUNT.rows[0].came == "25 September 22:59, on time"
    assert ACCOUNT.rows[1].came == "27 October 22:59, 2 days late"
    assert ACCOUNT.rows[3].came == "not handed in"


def test_a_course_without_late_days_has_no_account() -> None:
    assert account(LatePolicy(0, 0.0), 0) is None


def test_the_page_shows_the_account_people_and_pictures(full: str) -> None:
    page = Parsed(full)
    for words in (
        "0 of 3 left for the whole course", "crossed out are the 3 spent", "27 October 22:59, 2 days late",
        "−25% for 1 day", "A comment on your work", "Well done.", "A comment on this exercise", "Your idea is good.",
        "A person gave 3 of 4 points; the checks alone gave 1.3", "A comment on this answer", "Half right.",
    ):  # fmt: skip
        assert words in page.text, words
    assert ("img", "Two images: 3 % differ.") in [(t, a.get("alt")) for t, a in page.tags]
    assert "○ expected, × yours" in page.text


def test_nothing_on_the_page_points_outside(full: str) -> None:
    page = Parsed(full)
    addresses = [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster", "background")
    ]
    assert addresses
    for address in addresses:
        assert address
        assert address.startswith(("#", "data:image/png;base64,")), address
        if address.startswith("data:"):
            assert base64.b64decode(address.partition(",")[2], validate=True)[:4] == b"\x89PNG"
    targets = {a["id"] for _, a in page.tags if "id" in a}
    assert {a[1:] for a in addresses if a and a[0] == "#"} <= targets
    assert not re.search(r"url\(|@import|@font-face", full)
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & {
        t for t, _ in page.tags
    }


def test_the_browser_is_told_to_run_and_fetch_nothing(full: str) -> None:
    (policy,) = (
        a["content"] for t, a in Parsed(full).tags
        if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip
    rules = dict(rule.split()[:2] for rule in str(policy).split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "script-src" not in rules


def test_headings_go_down_one_level_at_a_time(full: str) -> None:
    levels = [int(t[1]) for t, _ in Parsed(full).tags if re.fullmatch("h[1-6]", t)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_is_described(full: str) -> None:
    tags = Parsed(full).tags
    pictures = [a.get("alt") for t, a in tags if t == "img"]
    pictures += [a.get("aria-label") for _, a in tags if a.get("role") == "img"]
    assert len(pictures) > 30
    assert all(words and len(words) > 15 for words in pictures)
    for _, attributes in tags:
        if attributes.get("tabindex") == "0":  # what a keyboard stops at has a name
            assert attributes.get("aria-label")


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    bad = replace(failing("c", sketch=some_sketch(HOSTILE), picture_alt=HOSTILE), message=HOSTILE, title=HOSTILE,
                  traceback=HOSTILE)  # fmt: skip
    drawn = replace(bad, evidence=replace(bad.evidence, picture_png=noise_png(4, 4), sketch=None))
    result = graded(bad, drawn, name=HOSTILE, source=HOSTILE, remarks=(HOSTILE,), problems=(HOSTILE,),
                    printed={e.id: HOSTILE for e in CATALOGUE.exercises},
                    written=(WrittenAnswer("q", "Q1", HOSTILE, 2.0, HOSTILE),))  # fmt: skip
    feedback = Feedback(result, {}, comments=(HOSTILE,), said={"q": HOSTILE}, name=HOSTILE, ledger=(HOSTILE,),
                        late=replace(ACCOUNT, rows=(replace(ACCOUNT.rows[0], title=HOSTILE),)))  # fmt: skip
    page = Parsed(page_of(feedback, tmp_path))
    assert not {"script", "iframe", "form"} & {t for t, _ in page.tags}
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert not [a for _, a in page.tags if "evil.test" in (a.get("src") or "")]
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text


def worst_case(text: str) -> Feedback:
    """As much as a submission could bring of everything, and pictures of noise for every check."""
    picture = noise_png(700, 160)
    checks = [
        replace(failing(f"c{i}", picture_png=picture), message=text, traceback=text)
        for i in range(9)
    ]
    result = graded(
        *checks,
        name=text,
        remarks=(text,) * 200,
        printed={e.id: text for e in CATALOGUE.exercises},
        written=tuple(WrittenAnswer(f"w{i}", f"Q{i}", "Why?", 2.0, text) for i in range(5)),
    )
    return Feedback(result, {}, comments=(text,), said={"w1": text}, name=text, late=ACCOUNT)


@pytest.mark.parametrize("character", ["<", "😀"])
def test_the_page_stays_small_whatever_a_submission_brings(character: str, tmp_path: Path) -> None:
    html = page_of(worst_case(character * 30_000), tmp_path)
    assert len(html.encode()) < TWO_MEGABYTES
    page = Parsed(html)
    assert "characters left out" in page.text
    assert "There was no room on this page for the picture." in page.text
    assert page.text.count("Title of c8") == len(CATALOGUE.exercises)  # no check is lost


def test_what_fits_is_left_as_it_is(tmp_path: Path) -> None:
    picture, text = noise_png(60, 40), "x" * 15_000
    result = graded(failing("c", picture_png=picture), printed={"homogenize": text})
    html = page_of(Feedback(result, {}), tmp_path)
    assert text in html
    assert base64.b64encode(picture).decode() in html
    assert "left out" not in html


def test_large_pictures_are_scaled_before_any_is_left_out(tmp_path: Path) -> None:
    smooth = Image.linear_gradient("L").resize((1500, 500))
    buffer = io.BytesIO()
    smooth.save(buffer, format="png", compress_level=0)
    page = Parsed(
        page_of(Feedback(graded(failing("c", picture_png=buffer.getvalue())), {}), tmp_path)
    )
    sources = [a["src"] or "" for t, a in page.tags if t == "img"]
    assert len(sources) == len(CATALOGUE.exercises)
    with Image.open(io.BytesIO(base64.b64decode(sources[0].partition(",")[2]))) as shown:
        assert shown.width <= 500
        assert shown.width / shown.height == pytest.approx(3, abs=0.02)
