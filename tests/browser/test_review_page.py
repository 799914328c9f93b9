"""The review page in a real browser: an evening of grading by keyboard, and a notebook that attacks its reader."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from autograder.gradebook.grades import course_grades
from autograder.settings import load_settings
from tests.browser.watched import Elsewhere, Watched
from tests.hostile_notebook import HOSTILE_HTML
from tests.review_class import make_class
from tests.review_server import Running, serving

pytestmark = pytest.mark.browser
EVIL_STUDENT = '"><img src=x onerror=alert(1)>'


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Elsewhere(listener)


@pytest.fixture
def running(tmp_path: Path, elsewhere: Elsewhere) -> Iterator[Running]:
    folder = make_class(tmp_path / "course", evil=elsewhere.address)
    with serving(tmp_path / "course", folder) as server:
        yield server


@pytest.fixture
def watched(chromium: Any, running: Running, elsewhere: Elsewhere) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1400, "height": 950})
    yield Watched(context, running, elsewhere)
    context.close()


def points(server: Running, student: str) -> dict[str, float | None]:
    [grades] = course_grades(server.room.book, load_settings(server.root), [student])
    return {i.id: i.points for w in grades.works if w.id == "a1" for i in w.items}


def comments(server: Running, student: str) -> tuple[str, ...]:
    [grades] = course_grades(server.room.book, load_settings(server.root), [student])
    return next(w.comments for w in grades.works if w.id == "a1")


def test_an_evening_by_keyboard(watched: Watched) -> None:
    page, server = watched.page, watched.server
    assert page.url == server.address + "/", "the token has left the address"
    watched.shot("1 course")
    page.get_by_role("link", name="Camera geometry").click()
    watched.shot("2 class", full=True)
    page.get_by_role("link", name="Read answers").first.click()
    waiting = [s.student.id for s in server.room.seats("a1") if s.item("half_pixel") and s.waiting]
    waiting = [s for s in waiting if points(server, s)["half_pixel"] is None]
    first, second, third = waiting
    page.wait_for_url(f"**{server.item(first)}")

    page.keyboard.press("2")  # the second line of the rubric: one point
    assert page.locator("#points").input_value() == "1"
    page.keyboard.press("1")
    assert page.locator("#points").input_value() == "2"
    page.keyboard.press("2")
    page.keyboard.press("c")
    page.keyboard.type("Where do 1.5 pixels come from? 12 n p")
    watched.shot("3 question")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{server.item(second)}*")
    assert points(server, first)["half_pixel"] == 1
    assert any("Where do 1.5 pixels come from? 12 n p" in said for said in comments(server, first))
    assert "1 of 2, comment." in page.locator(".told").inner_text()

    page.keyboard.press("f")
    page.keyboard.press("n")  # not saved: the first press only warns
    assert page.locator("#unsaved").is_visible()
    assert page.url.split("?")[0].endswith(server.item(second))
    page.keyboard.press("c")
    page.keyboard.type("Good.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{server.item(third)}*")
    assert points(server, second)["half_pixel"] == 2

    page.keyboard.press("0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/works/a1?told=*")
    assert points(server, third)["half_pixel"] == 0
    assert "Nobody waits for this one any more." in page.locator(".told").inner_text()
    watched.assert_quiet()


def test_next_previous_help_and_the_whole_submission_by_keyboard(watched: Watched) -> None:
    server = watched.server
    page = watched.open("/works/a1/items/look_at")
    seen = [page.url]
    for _ in range(3):
        page.keyboard.press("n")
        page.wait_for_url(lambda url: url != seen[-1])
        seen.append(page.url)
    assert len(set(seen)) == 4, "n goes through the class"
    page.keyboard.press("p")
    page.wait_for_url(seen[-2])
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    watched.shot("4 keys")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert page.locator("#model pre").is_visible()
    watched.shot("5 exercise", full=True)
    page.keyboard.press("o")
    page.wait_for_url("**/people/*")
    page.keyboard.press("u")
    page.wait_for_url(server.address + "/works/a1")
    watched.assert_quiet()


def test_a_hostile_notebook_stays_in_its_frames(watched: Watched) -> None:
    server, requests = watched.server, watched.requests
    for path in ("/works/a1", server.person(EVIL_STUDENT), server.item(EVIL_STUDENT),
                 server.item(EVIL_STUDENT, "look_at"), server.person(EVIL_STUDENT) + "/notebook"):  # fmt: skip
        page = watched.open(path)
        for frame in page.locator("iframe").all():
            frame.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        assert page.locator("#escaped").count() == 0, "out of its frame"
        assert page.evaluate("document.scripts.length") == 1
        assert page.url == server.address + path
    page = watched.open(server.item(EVIL_STUDENT, "look_at"))
    watched.shot("6 hostile exercise", full=True)
    assert len([url for url in set(requests) if "/outputs/" in url]) >= len(HOSTILE_HTML), (
        "none was tried"
    )
    for frame in page.locator("iframe").all():
        assert frame.get_attribute("sandbox") == ""
        frame.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    frames = [frame for frame in page.frames if "/outputs/" in frame.url]
    shown = [frame.locator("body").inner_text() for frame in frames]
    assert any("styled" in text for text in shown), "the frames show their HTML"
    watched.assert_quiet()


def test_a_click_in_a_frame_leads_nowhere(watched: Watched) -> None:
    server = watched.server
    page = watched.open(server.item(EVIL_STUDENT, "look_at"))
    for text in ("click", "click me", "x"):
        for locator in page.locator("iframe").all():
            inside = locator.content_frame.get_by_text(text, exact=True)
            if inside.count():
                inside.first.click()
    page.wait_for_timeout(300)
    assert page.url == server.address + server.item(EVIL_STUDENT, "look_at")
    watched.assert_quiet()


def test_a_frame_opened_by_itself_is_still_shut_in(watched: Watched) -> None:
    """Without the sandbox attribute around it there is the policy that it is sent with."""
    server = watched.server
    page = watched.open(server.item(EVIL_STUDENT, "look_at"))
    address = page.locator("iframe").first.get_attribute("src")
    page = watched.open(str(address))
    assert "There is no such page" in page.inner_text("h1"), "a browser says that it is no frame"
    cookie = {server.keys.cookie_name: server.keys.cookie}
    sent = httpx.get(server.address + str(address), cookies=cookie)
    assert sent.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    watched.context.route("**/outputs/**", lambda route: route.fulfill(
        status=200, headers=dict(sent.headers), body=sent.text))  # fmt: skip
    page = watched.open(str(address))
    page.wait_for_load_state("networkidle")
    assert "not run" in page.content(), "the attack is there"
    watched.assert_quiet()


def test_another_page_cannot_frame_it_send_forms_to_it_or_read_it(
    watched: Watched, chromium: Any
) -> None:
    server = watched.server
    page = watched.page
    place = server.address + server.item("ada7")
    form = (
        f"<form id=f method=post action='{place}'><input name=key value=guess>"
        "<input name=action value='give:2'></form>"
    )
    html = f"<iframe src='{place}'></iframe>{form}<script>document.getElementById('f').submit()</script>"
    watched.context.route(
        "http://evil.test/**", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    page.goto("http://evil.test/")
    page.wait_for_load_state("networkidle")
    assert page.inner_text("h1") in ("A new link is needed", "This form came from elsewhere")
    page.goto("http://evil.test/frame")
    assert all("Ada" not in frame.content() for frame in page.frames)
    assert points(server, "ada7")["half_pixel"] is None


def test_names_are_hidden_everywhere(watched: Watched) -> None:
    server = watched.server
    page = watched.open("/works/a1")
    page.get_by_role("button", name="Hide names").click()
    page.wait_for_url("**/works/a1")
    watched.shot("7 without names", full=True)
    for path in ("/works/a1", server.person("ada7"), server.item("ada7"), server.item("ada7", "look_at"),
                 server.person("ada7") + "/notebook"):  # fmt: skip
        page = watched.open(path)
        for frame in page.locator("iframe").all():
            frame.scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        seen = " ".join([page.url, *(frame.content() for frame in page.frames)])
        for name in ("Ada", "Lovelace", "ada7", "uni.edu", "alovelace", "90417"):
            assert not re.search(rf"\b{re.escape(name)}\b", seen), f"{name} on {path}"
    watched.shot("8 notebook without names")
    page.get_by_role("button", name="Show names").click()
    page.wait_for_load_state("networkidle")
    assert "Ada Lovelace" in page.content()
    watched.assert_quiet()


def test_without_script_it_grades_all_the_same(chromium: Any, running: Running) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 1400, "height": 950}
    )
    page = context.new_page()
    page.goto(running.link)
    page.goto(running.address + running.item("ada7"))
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Comment for the student").fill("Half of it.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**told=*")
    page.wait_for_load_state("load")  # with the style sheet, which hides what needs the script
    assert points(running, "ada7")["half_pixel"] == 1
    assert page.get_by_role("checkbox").first.is_checked()
    assert not page.get_by_role("button", name="Keys").is_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_at_125_percent_in_either_theme(
    chromium: Any, running: Running, elsewhere: Elsewhere, theme: str
) -> None:
    context = chromium.new_context(
        viewport={"width": 1120, "height": 760}, device_scale_factor=1.25, color_scheme=theme
    )
    watched = Watched(context, running, elsewhere)
    for name, path in (("class", "/works/a1"), ("submission", running.person("ada7")),
                       ("question", running.item("ada7")), ("exercise", running.item("ada7", "look_at")),
                       ("notebook", running.person("ada7") + "/notebook")):  # fmt: skip
        page = watched.open(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide"
        watched.shot(f"9 {theme} {name}")
    watched.assert_quiet()
    context.close()
