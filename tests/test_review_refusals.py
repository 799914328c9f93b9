"""What graders enter is what is saved: after a refusal, with ticks moved, with a box cleared, by a changed rubric."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from autograder.gradebook.desk import Desk
from autograder.gradebook.store import AssignmentStore
from autograder.review.classroom import Classroom
from tests.first_published import FIRST
from tests.review_class import make_class
from tests.review_server import Running, fields, serving
from tests.test_review_grading import decisions, points_of, send


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


def box(page: str) -> str:
    """What stands in the box for points."""
    return re.findall(r'name="points"[^>]*? value="([^"]*)"', page)[0]


def ticked(page: str) -> list[str]:
    return re.findall(r'name="tick" value="(\d+)"[^>]* checked', page)


def shown(client: httpx.Client, place: str) -> dict[str, object]:
    """What a browser would send of a page that nobody touches."""
    page = client.get(place).text
    return as_sent(page)


def as_sent(page: str) -> dict[str, object]:
    hidden = {name: html.unescape(text) for name, text in fields(page).items()}
    return {**hidden, "points": box(page), "tick": ticked(page), "action": "stay"}


def linus(running: Running) -> Desk:
    return Desk(running.room.book, running.room.settings, "linus")


def reason(running: Running) -> str:
    return [d[3] for d in decisions(running) if d[1] == "score"][-1]


def test_a_button_that_came_too_late_is_what_is_saved_the_second_time(
    running: Running,
    grader: httpx.Client,
) -> None:
    send(running, grader, "ada7", points="1", action="stay")
    place = running.item("ada7")
    sent = shown(grader, place)
    linus(running).score("ada7", "a1", "half_pixel", "0")
    answer = grader.post(place, data={**sent, "action": "give:2"})
    assert answer.status_code == 409
    assert box(answer.text) == "2"
    assert grader.post(place, data=as_sent(answer.text)).status_code == 200
    assert points_of(running, "ada7") == 2


@pytest.mark.parametrize("theirs", ["0", "1", "2"])
def test_ticks_outlive_a_refusal_and_are_the_reason_then(
    running: Running,
    grader: httpx.Client,
    theirs: str,
) -> None:
    send(running, grader, "ada7", points="1", action="stay")
    place = running.item("ada7")
    sent = shown(grader, place)
    linus(running).score("ada7", "a1", "half_pixel", theirs, "theirs")
    linus(running).comment("ada7", "a1", "Theirs.", "half_pixel")
    answer = grader.post(place, data={**sent, "points": "2", "tick": ["1", "2"]})
    assert answer.status_code == 409
    assert re.search(r">Theirs\.</textarea>", answer.text), "what was left alone is theirs now"
    assert ticked(answer.text) == ["1", "2"]
    assert grader.post(place, data=as_sent(answer.text)).status_code == 200
    assert points_of(running, "ada7") == 2
    assert reason(running).startswith("half_pixel: rubric 1,2 #")
    assert ticked(grader.get(place).text) == ["1", "2"]


def test_a_tick_that_moves_at_equal_points_is_kept(
    running: Running,
    grader: httpx.Client,
) -> None:
    send(running, grader, "ada7", tick=["1"], action="stay")
    answer = send(running, grader, "ada7", points="1", tick=["2"], action="stay")
    assert "1 of 2." in answer.text
    assert ticked(answer.text) == ["2"]
    count = len(decisions(running))
    answer = send(running, grader, "ada7", action="give:1")
    assert "1 of 2, as before." in grader.get(answer.url).text + answer.text
    assert len(decisions(running)) == count


def test_points_that_are_cleared_are_asked_about(
    running: Running,
    grader: httpx.Client,
) -> None:
    send(running, grader, "ada7", points="1", action="stay")
    answer = send(running, grader, "ada7", points="", comment="Mine.", action="next")
    assert answer.status_code == 422
    assert "press “Take points back”" in answer.text
    assert ">Mine.</textarea>" in answer.text
    assert [d[1] for d in decisions(running)] == ["score"]


def test_ticks_of_an_earlier_rubric_are_not_shown_for_lines_of_today_s(
    running: Running,
    grader: httpx.Client,
) -> None:
    place = running.item("ada7")
    send(running, grader, "ada7", tick=["1"], action="stay")
    before = shown(grader, place)
    rubric = running.root / "solutions" / "rubrics" / f"{FIRST}.toml"
    rubric.write_text(
        '[half_pixel]\ncriteria = [{ points = 1, text = "a" }, { points = 1, text = "b" }]'
    )
    os.utime(rubric, ns=(7, 7))
    assert ticked(grader.get(place).text) == []
    assert points_of(running, "ada7") == 1
    answer = grader.post(place, data={**before, "points": "2", "tick": ["1", "2"]})
    assert answer.status_code == 422
    assert "The rubric has changed since this page was made" in answer.text
    assert points_of(running, "ada7") == 1


def test_a_comment_on_the_whole_that_came_meanwhile_is_not_overwritten(
    running: Running, grader: httpx.Client
) -> None:
    place = running.person("ada7")
    form = fields(grader.get(place).text)
    linus(running).comment("ada7", "a1", "Theirs.")
    answer = grader.post(place, data={**form, "comment": "Mine."})
    assert answer.status_code == 409
    assert "linus has decided meanwhile" in answer.text
    assert ">Mine.</textarea>" in answer.text
    assert [d[4] for d in decisions(running)] == ["Theirs."]


def test_names_follow_a_new_seed_while_the_page_runs(running: Running) -> None:
    before = running.room.aliases("a1").key("ada7")
    AssignmentStore(running.room.book, "a1", who="ta").seed(99)
    room = Classroom(running.room.book, running.room.settings, running.root, "linus")
    assert before != running.room.aliases("a1").key("ada7") == room.aliases("a1").key("ada7")
