"""Points and comments given on the review page: what reaches the gradebook, what is refused, who was first."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from autograder.gradebook.book import Gradebook
from autograder.gradebook.grades import course_grades
from autograder.gradebook.history import audit_trail
from autograder.gradebook.sheet import WorkGrade
from autograder.settings import load_settings
from tests.review_class import make_class
from tests.review_server import Running, fields, serving


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    folder = make_class(tmp_path / "course")
    with serving(tmp_path / "course", folder) as server:
        yield server


@pytest.fixture
def grader(running: Running) -> Iterator[httpx.Client]:
    client = running.client()
    yield client
    client.close()


def grade_of(running: Running, student: str) -> WorkGrade:
    [grades] = course_grades(running.room.book, load_settings(running.root), [student])
    return next(work for work in grades.works if work.id == "a1")


def points_of(running: Running, student: str, item: str = "half_pixel") -> float | None:
    return next(one.points for one in grade_of(running, student).items if one.id == item)


def decisions(running: Running) -> list[tuple[str, str, str, str, str]]:
    events = audit_trail(running.room.book, decisions=True)
    return [(e.who, e.action, e.student, e.what, e.new) for e in events]


def send(
    running: Running,
    client: httpx.Client,
    student: str,
    item: str = "half_pixel",
    **entered: object,
) -> httpx.Response:
    """Open the page of an answer, fill in, send."""
    place = running.item(student, item)
    form = {k: html.unescape(v) for k, v in fields(client.get(place).text).items()}
    return client.post(place, data={**form, "action": "next", **entered})


def test_typed_points_and_a_comment_reach_the_gradebook(
    running: Running, grader: httpx.Client
) -> None:
    answer = send(running, grader, "bjorn", points="1.5", comment="Say why.\r\nIn a sentence.")
    assert answer.status_code == 200
    assert points_of(running, "bjorn") == 1.5
    assert any("Say why.\nIn a sentence." in text for text in grade_of(running, "bjorn").comments)
    assert decisions(running) == [
        ("grace", "score", "bjorn", "half_pixel", "1.5"),
        ("grace", "comment", "bjorn", "half_pixel", "Say why.\nIn a sentence."),
    ]


def test_after_saving_comes_the_next_who_waits_and_in_the_end_the_assignment(
    running: Running, grader: httpx.Client
) -> None:
    order = [seat.student.id for seat in running.room.seats("a1") if seat.item("half_pixel")]
    waiting = [s for s in order if points_of(running, s) is None]
    assert len(waiting) == 3, "carol wrote nothing: nobody needs to read that"
    first = grader.get("/works/a1/items/half_pixel")
    assert str(first.url).endswith(running.item(waiting[0]))
    for student, following in zip(waiting, [*waiting[1:], None], strict=True):
        answer = send(running, grader, student, points="2")
        place = running.item(following) if following else "/works/a1"
        assert str(answer.url).split("?")[0].endswith(place)
        assert "2 of 2." in answer.text
    assert "Nobody waits for this one any more." in answer.text
    assert "4 of 4 read" in answer.text


def test_the_rubric_is_added_up_kept_and_shown_again(
    running: Running, grader: httpx.Client
) -> None:
    answer = send(running, grader, "ada7", tick=["2"], action="stay")
    assert points_of(running, "ada7") == 1
    [(who, action, student, what, new)] = decisions(running)
    assert (who, action, student, new) == ("grace", "score", "ada7", "1")
    assert re.fullmatch(r"half_pixel: rubric 2 #[0-9a-f]{6}", what)
    page = answer.text
    assert page.count(" checked") == 1
    assert 'value="2" data-points="1" checked' in page
    send(running, grader, "ada7", tick=["1", "2"], action="stay")
    assert points_of(running, "ada7") == 2
    send(running, grader, "ada7", tick=["7", "-1", "x", "1", "1"], action="stay")
    assert points_of(running, "ada7") == 1, "lines that there are not earn nothing"


def test_typed_points_outweigh_ticks(running: Running, grader: httpx.Client) -> None:
    send(running, grader, "ada7", tick=["1"], points="0.5", action="stay")
    assert points_of(running, "ada7") == 0.5
    assert decisions(running)[-1][3] == "half_pixel", "the rubric is not the reason then"


@pytest.mark.parametrize(("button", "points"), [("give:2", 2.0), ("give:1", 1.0), ("give:0", 0.0)])
def test_a_button_gives_points_at_once(
    running: Running, grader: httpx.Client, button: str, points: float
) -> None:
    send(running, grader, "ada7", action=button)
    assert points_of(running, "ada7") == points


def test_an_exercise_is_judged_by_a_person_and_given_back_to_the_checks(
    running: Running, grader: httpx.Client
) -> None:
    before = points_of(running, "ada7", "look_at")
    assert before == 0
    send(running, grader, "ada7", "look_at", points="60%", action="stay")
    assert points_of(running, "ada7", "look_at") == 3
    answer = send(running, grader, "ada7", "look_at", action="lift")
    assert answer.status_code == 200
    assert points_of(running, "ada7", "look_at") == before
    assert decisions(running)[-1][4] == "as the checks say"


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("3", "3 is more than the 2 there are to earn"),
        ("-1", "points cannot be negative"),
        ("two", "are no points; write 7.5, 3/4 or 90%"),
        ("nan", "are no points"),
        ("1e999", "are no points"),
        ("<b>", "are no points"),
    ],
)
def test_points_that_are_none_are_refused_and_nothing_typed_is_lost(
    running: Running, grader: httpx.Client, points: str, words: str
) -> None:
    answer = send(running, grader, "ada7", points=points, comment="A long comment.")
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert f'value="{html.escape(points)}"' in answer.text
    assert ">A long comment.</textarea>" in answer.text
    assert decisions(running) == []


def test_a_form_without_anything_says_what_to_do(running: Running, grader: httpx.Client) -> None:
    answer = send(running, grader, "ada7", action="stay")
    assert answer.status_code == 422
    assert "tick what the answer has, type points, or write a comment" in answer.text
    assert send(running, grader, "ada7").status_code == 200, "to go on without points is no mistake"
    assert decisions(running) == []


def test_a_comment_on_the_whole(running: Running, grader: httpx.Client) -> None:
    place = running.person("ada7")
    form = fields(grader.get(place).text)
    answer = grader.post(place, data={**form, "comment": "Well done <all>."})
    assert "Well done &lt;all&gt;." in answer.text
    assert "Well done <all>." in grade_of(running, "ada7").comments
    form = fields(grader.get(place).text)
    assert grader.post(place, data={**form, "comment": ""}).status_code == 200
    assert grade_of(running, "ada7").comments == ()


def test_two_graders_at_one_answer_the_second_sees_the_first_and_decides(
    database: str, tmp_path: Path
) -> None:
    root = tmp_path / "course"
    folder = make_class(root, database)
    with (
        serving(root, folder, who="grace", database=database) as one,
        serving(root, folder, who="linus", database=database) as two,
    ):
        grace, linus = one.client(), two.client()
        place = one.item("ada7")
        first, second = fields(grace.get(place).text), fields(linus.get(place).text)
        grace.post(place, data={**first, "points": "2", "comment": "Right.", "action": "stay"})
        entered = {"points": "0.5", "comment": "Why?", "action": "next"}
        answer = linus.post(place, data={**second, **entered})
        assert answer.status_code == 409
        assert points_of(one, "ada7") == 2
        for words in ("grace has decided meanwhile", "<b>2</b> of 2", "grace says: Right.",
                      'value="0.5"', ">Why?</textarea>", "keep theirs"):  # fmt: skip
            assert words in answer.text, words
        # linus has seen it now; what he sends from that page is his decision
        again = linus.post(place, data={**fields(answer.text), **entered})
        assert again.status_code == 200
        assert points_of(one, "ada7") == 0.5
        assert [d[0] for d in decisions(one)] == ["grace", "grace", "linus", "linus"]
        # grace's old page does not win it back unseen
        stale = grace.post(place, data={**first, "points": "2", "action": "stay"})
        assert stale.status_code == 409
        assert points_of(one, "ada7") == 0.5
        grace.close()
        linus.close()


def test_a_comment_that_came_meanwhile_is_not_overwritten(
    running: Running, grader: httpx.Client
) -> None:
    place = running.item("ada7")
    form = fields(grader.get(place).text)
    with Gradebook.open("gradebook.db", running.root) as book:
        from autograder.gradebook.desk import Desk

        Desk(book, running.room.settings, "linus").comment("ada7", "a1", "Theirs.", "half_pixel")
    answer = grader.post(place, data={**form, "points": "1", "comment": "Mine.", "action": "next"})
    assert answer.status_code == 409
    assert "Saved: 1 of 2. But" in answer.text
    assert "linus says: Theirs." in answer.text
    assert ">Mine.</textarea>" in answer.text
    assert points_of(running, "ada7") == 1
    assert [d[4] for d in decisions(running) if d[1] == "comment"] == ["Theirs."]


def test_a_newer_submission_is_not_judged_by_what_was_seen_of_the_older(
    running: Running, grader: httpx.Client
) -> None:
    from tests.review_class import grade, pack
    from tests.review_notebook import honest

    place = running.item("bjorn")
    form = fields(grader.get(place).text)
    later = running.root / "class" / "b.zip"
    pack(later, honest("Björn", "bjorn", "A better answer."), "bjorn", "Björn", hour=21)
    grade(running.root, running.root / "class", running.room.book)
    answer = grader.post(place, data={**form, "points": "0", "action": "next"})
    assert answer.status_code == 409
    assert "another submission counts by now" in answer.text
    assert "A better answer." in answer.text
    assert points_of(running, "bjorn") is None


@pytest.mark.parametrize("field", ["attempt", "score", "comment_seen"])
@pytest.mark.parametrize("value", ["", "x", "-1", "999999999999999", "²"])
def test_a_form_that_does_not_say_what_was_seen_decides_nothing(
    running: Running, grader: httpx.Client, field: str, value: str
) -> None:
    send(running, grader, "ada7", points="1", comment="First.", action="stay")
    before = decisions(running)
    place = running.item("ada7")
    form = {**fields(grader.get(place).text), field: value}
    answer = grader.post(place, data={**form, "points": "2", "comment": "Second."})
    assert answer.status_code == 409
    saved = decisions(running)[len(before) :]
    assert all(d[1] == "score" for d in saved) if field == "comment_seen" else saved == []
