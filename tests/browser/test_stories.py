"""Each notebook as a student meets it: opened, set up, answered, looked around in, handed in, graded."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from autograder.catalogue import load_catalogue
from tests.browser.cells import REPOSITORY, Answered, answered
from tests.browser.conftest import Open
from tests.browser.front_end import FrontEnd
from tests.browser.looks import ugly
from tests.browser.stories import STORIES, Story

pytestmark = pytest.mark.browser
ALWAYS = (1, 5)  # the others only in `make test-all`
NUMBERS = [n if n in ALWAYS else pytest.param(n, marks=pytest.mark.slow) for n in STORIES]
STUDENT = "ada"


@pytest.mark.parametrize("front_end", ["lab", "classic"])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_student_and_a_notebook(
    number: int, front_end: str, opened: Open, tmp_path: Path
) -> None:
    story = STORIES[number]
    right = answered(story.notebook)
    with opened(front_end, story.notebook) as tab:
        tab.photograph("opened")
        ran = set_up(tab, right)
        ran |= first_exercise(tab, right)
        ran |= viewer(tab, right, story, ran)
        hand_in(tab, right)
        archive = tab.file.parent / f"{story.notebook}_{STUDENT}.zip"
        look_again(tab, sorted(ran))
        assert not tab.dialogs()
        assert not tab.complaints
    points = {e: worth(story.notebook, e) for e in map(right.exercise, ran) if e}
    assert graded(archive, story, tmp_path) == points


def set_up(tab: FrontEnd, right: Answered) -> set[int]:
    """The cells at the top; the last one shows what runs here."""
    for index in right.set_up:
        run(tab, index)
    table = tab.output(right.set_up[-1]).inner_text()
    assert "mode" in table
    assert "smoke (about a minute)" in table
    tab.photograph("set up", right.set_up[-1])
    return set(right.set_up)


def first_exercise(tab: FrontEnd, right: Answered) -> set[int]:
    """A friendly no, the answer, and a yes."""
    exercise = right.first_exercise
    check = right.containing(f'check("{right.exercise(exercise)}")')
    run(tab, exercise)
    before = run(tab, check)
    assert "is not written yet. Replace this line with your answer." in before
    assert "0 of " in before
    tab.photograph("first check before", check)
    tab.paste(exercise, right.source(exercise))
    run(tab, exercise)
    after = run(tab, check)
    assert "failed" not in after
    assert "could not run" not in after
    points = f"{worth_of(right, exercise):g}"
    assert f"{points} of {points} points" in after
    tab.photograph("first check after", check)
    return {exercise, check}


def viewer(tab: FrontEnd, right: Answered, story: Story, ran: set[int]) -> set[int]:
    """What its cell needs, answered; then a hand on it, and another picture."""
    place = right.containing(story.viewer)
    needed = [i for i in right.needed(place) if i not in ran]
    for index in needed:
        if right.exercise(index):
            tab.paste(index, right.source(index))
        run(tab, index)
    run(tab, place)
    output = tab.output(place)
    picture = shown_picture(output)
    before = picture.get_attribute("src")
    tab.photograph("viewer", place)
    tab.drag(handle(output) or picture, 0.2, 0.1)
    tab.until(lambda: shown_picture(output).get_attribute("src") != before, "the picture changed")
    assert "Error" not in output.inner_text()
    tab.photograph("viewer after a drag", place)
    return {*needed, place}


def shown_picture(output: Locator) -> Locator:
    """The picture of a viewer: the one that can be dragged, or the first."""
    dragged = output.locator("img.course-orbit-picture:visible")
    picture = dragged.first if dragged.count() else output.locator("img:visible").first
    picture.wait_for()
    return picture


def handle(output: Locator) -> Locator | None:
    """The knob of the first slider, where the picture itself is not to be dragged."""
    if output.locator("img.course-orbit-picture:visible").count():
        return None
    return output.locator(".noUi-handle, .ui-slider-handle").first


def hand_in(tab: FrontEnd, right: Answered) -> None:
    """Saved and packed; the receipt says what is missing."""
    place = right.containing("submit(")
    place = max(i for i in range(place, len(right.cells)) if "archive = submit(" in right.source(i))
    tab.paste(place, f'archive = submit("{STUDENT}")')
    tab.save()
    receipt = run(tab, place)
    tab.photograph("handed in", place)
    assert f"_{STUDENT}.zip" in receipt
    assert "Still missing, and worth no points yet:" in receipt
    assert "before your last check" not in receipt


def run(tab: FrontEnd, index: int) -> str:
    """Run a cell whose outputs have to be fit to be seen."""
    said = tab.run(index)
    assert "Traceback" not in said, f"cell {index}: {said}"
    return said


def look_again(tab: FrontEnd, ran: list[int]) -> None:
    """Every output as it is; then on a dark page that is enlarged to 125 %."""
    assert not uglies(tab, ran)
    light = "dark" if tab.dark() else "light"
    tab.page.set_viewport_size({"width": 1120, "height": 800})  # what 125 % leave of the window
    assert not uglies(tab, ran)
    for index in ran:
        output = tab.output(index)
        if output.inner_text().strip() or output.locator("img").count():
            tab.photograph(f"{light} at 125 percent cell {index}", index)


def uglies(tab: FrontEnd, ran: list[int]) -> dict[int, list[str]]:
    """What is wrong with the outputs of these cells, by cell."""
    found = {index: ugly(tab.output(index)) for index in ran if tab.output(index).count()}
    return {index: what for index, what in found.items() if what}


def graded(archive: Path, story: Story, folder: Path) -> dict[str, float]:
    """The exercises that the grader gives points for, and how many."""
    with zipfile.ZipFile(archive) as packed:
        assert json.loads(packed.read("submission.json"))["student"]["id"] == STUDENT
    command = [sys.executable, "-m", "autograder", "grade", str(archive.parent)]
    options = ["-a", story.assignment, "--out", str(folder), "--db", str(folder / "book.db")]
    done = subprocess.run(
        [*command, *options, "--jobs", "1"], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    record = next(folder.rglob("*.json"))
    results = json.loads(record.read_text())
    return {e["exercise"]: e["points"] for e in results["exercises"] if e["points"]}


def worth_of(right: Answered, index: int) -> float:
    return float(right.cells[index]["metadata"]["points"])


def worth(notebook: str, exercise: str) -> float:
    return next(e.points for e in load_catalogue(notebook).exercises if e.id == exercise)
