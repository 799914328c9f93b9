"""Pages at the edges: an empty class, files that cannot be read, gradings of another version, trouble with the book."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.sheet import StudentInfo
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.review.keys import Keys
from autograder.review.pages import Pages, _environment
from tests.first_published import FIRST, REPOSITORY, first_published
from tests.hostile_notebook import HOSTILE_TEXT
from tests.review_class import make_class
from tests.review_server import Running, serving


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A course whose roster has two names, and nothing else."""
    root = tmp_path / "course"
    first_published(root)
    (root / "notebooks").mkdir()
    shutil.copy(REPOSITORY / "notebooks" / f"{FIRST}.ipynb", root / "notebooks")
    with Gradebook.open("gradebook.db", root) as book:
        book.import_roster([StudentInfo("ada", "Ada"), StudentInfo("ben", "Ben")])
    return root


def test_before_anything_is_handed_in(empty: Path) -> None:
    with serving(empty) as server:
        client = server.client()
        assert "autograder grade FOLDER -a a1" in client.get("/").text
        assert "Nobody has handed in anything that was graded." in client.get("/works/a1").text
        answer = client.get("/works/a1/items/half_pixel")
        assert answer.status_code == 404
        assert "Nobody has handed in anything for this yet." in answer.text
        assert "There is nothing to show." in client.get(server.person("ada")).text
        assert client.get(server.item("ada")).status_code == 404
        client.close()


def test_a_file_that_cannot_be_read_and_a_grading_of_another_version(empty: Path) -> None:
    with Gradebook.open("gradebook.db", empty) as book:
        store = AssignmentStore(book, "a1")
        result = SubmissionResult(
            "ada", "", "ada.zip", FIRST, Outcome.NOT_GRADABLE, 100.0, problems=("the zip is damaged.",), key="k"
        )  # fmt: skip
        store.save(Submission("ada", "", "ada.zip", "d1"), result)
        store.save(Submission("ben", "", "ben.zip", "d2"), replace(result, student="ben"))
        with book.writing() as session:
            triggers = session.execute(
                text(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'gradings'"
                )
            ).scalars()
            for name in list(triggers):
                session.execute(text(f"DROP TRIGGER {name}"))
            session.execute(text("UPDATE gradings SET result = '{\"format\": 99}' WHERE id = 2"))
    with serving(empty) as server:
        client = server.client()
        page = client.get("/works/a1").text
        assert page.count("cannot be read") == 2
        assert "The zip is damaged." in client.get(server.person("ada")).text
        assert "written by another version of the grader" in client.get(server.person("ben")).text
        client.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    folder = make_class(tmp_path / "course")
    with serving(tmp_path / "course", folder) as server:
        yield server


def test_trouble_with_the_gradebook_is_a_page_with_its_message(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = running.client()

    def fails() -> None:
        raise GradebookError("gradebook.db: the disk is full. Free some space, then try again.")

    monkeypatch.setattr(running.room.book, "reading", fails)
    answer = client.get("/works/a1")
    assert answer.status_code == 503
    assert "the disk is full. Free some space" in answer.text
    assert "The gradebook cannot be used now" in answer.text
    client.close()


def test_a_mistake_of_ours_is_a_page_without_details(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = running.client()
    monkeypatch.setattr(type(running.room), "seats", lambda *_: 1 / 0)
    answer = client.get("/works/a1")
    assert answer.status_code == 500
    assert "This is a mistake of ours" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["content-security-policy"]
    client.close()


@pytest.mark.parametrize("path", ["/nothing", "/works/a9", "/works/a1/people/x", "/works/a1/items/x",
                                  "/works/a1/items/half_pixel/x", "/works/a1/people/x/outputs/1/0",
                                  "/works/a1/people/x/outputs/one/0", "/works/<script>", "/works/a1/"])  # fmt: skip
def test_addresses_that_lead_nowhere_lead_back(running: Running, path: str) -> None:
    client = running.client()
    answer = client.get(path)
    if path != "/works/a1/":
        assert answer.status_code == 404
        assert 'href="/">To the overview</a>' in answer.text
    assert "<script>" not in answer.text
    client.close()


def test_an_output_is_for_its_frame_only(running: Running) -> None:
    client = running.client()
    page = client.get(running.item("ada7", "look_at")).text
    [frame] = set(re.findall(r'src="(/works/[^"]*/outputs/[^"]*)"', page))
    for place in ("iframe", None):
        headers = {"Sec-Fetch-Dest": place} if place else {}
        answer = client.get(frame, headers=headers)
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "allow" not in policy
        assert "script" not in policy
    for place in ("document", "script", "embed", "object", "image", "style"):
        assert client.get(frame, headers={"Sec-Fetch-Dest": place}).status_code == 404
    assert client.get(frame.rpartition("/")[0] + "/0").status_code == 404, "that output is text"
    client.close()


def test_a_page_that_forgets_its_veil_shows_nothing() -> None:
    template = _environment().from_string("{{ text }}")
    with pytest.raises(RuntimeError, match="shows text without a veil"):
        template.render(text="Ada")


def test_whatever_a_template_shows_is_escaped_and_visible() -> None:
    pages = Pages(Keys("a"), HOSTILE_TEXT, HOSTILE_TEXT)
    html = bytes(pages.message(200, HOSTILE_TEXT, HOSTILE_TEXT).body).decode()
    assert html.count("<script") == 1
    assert "<img" not in html
    assert "\u202e" not in html
    assert "⟨U+202E⟩" in html
