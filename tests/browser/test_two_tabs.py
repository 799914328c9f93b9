"""One notebook in two tabs, one run in two kernels: whoever comes second is told, and nothing is lost."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from tests.browser.cells import answered
from tests.browser.conftest import Open
from tests.browser.long_training import (
    HELD,
    PREPARE,
    STEPS,
    TRAIN,
    go_on,
    write_notebook,
)
from tests.browser.test_disconnects import start_and_hold

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("front_end", ["lab", pytest.param("classic", marks=pytest.mark.slow)]),
]
NOTEBOOK = "01_camera_geometry"


def test_a_notebook_in_two_tabs(front_end: str, opened: Open) -> None:
    right = answered(NOTEBOOK)
    exercise = right.first_exercise
    last = max(i for i in range(len(right.cells)) if "archive = submit(" in right.source(i))
    with (
        opened(front_end, NOTEBOOK, "two-tabs") as first,
        opened(front_end, NOTEBOOK, "two-tabs") as second,
    ):
        second.owner = False  # both show the same kernel
        first.page.bring_to_front()
        for index in right.set_up:
            first.run(index)
        first.paste(exercise, right.source(exercise))
        first.save()
        # The second tab still shows the stub. What it would save now would be the end of the answer.
        second.page.bring_to_front()
        second.paste(exercise, "# typed in the second tab")
        second.page.keyboard.press("Control+s")
        second.until(lambda: bool(second.dialogs()), "the front end asks which version counts")
        second.photograph("saving in the second tab")
        [question] = second.dialogs()
        assert "changed on disk" in question
        assert written(first.file, exercise) == right.source(exercise)
        second.take_the_files()
        assert second.text(exercise) == right.source(exercise)
        # Handed in from the second tab, with the kernel that the first one has set up.
        second.paste(last, 'archive = submit("ada")')
        second.save()
        receipt = second.run(last)
        second.photograph("handed in from the second tab", last)
        assert "homogenize" not in receipt  # among what is missing
        with zipfile.ZipFile(first.file.parent / f"{NOTEBOOK}_ada.zip") as packed:
            content = json.loads(packed.read(f"{NOTEBOOK}.ipynb"))
        assert "".join(content["cells"][exercise]["source"]) == right.source(exercise)
        # The first tab comes too late in its turn, and is asked as well.
        first.page.bring_to_front()
        first.paste(exercise, "# typed in the first tab")
        first.page.keyboard.press("Control+s")
        first.until(lambda: bool(first.dialogs()), "the front end asks which version counts")
        assert written(first.file, last) == 'archive = submit("ada")'


def test_two_kernels_that_train_the_same_run(front_end: str, opened: Open) -> None:
    with (
        opened(front_end, "training", "twice", write_notebook) as first,
        opened(front_end, "a-copy", "twice", write_notebook, folder="training-twice") as second,
    ):
        first.page.bring_to_front()
        process = re.search(r"process (\d+)", first.run(PREPARE))
        assert process is not None
        folder = start_and_hold(first)
        second.page.bring_to_front()
        second.run(PREPARE)
        second.start(TRAIN)
        second.wait_for_text(TRAIN, f"Continuing at step {HELD}")
        said = second.output(TRAIN).inner_text()
        second.photograph("the second kernel", TRAIN)
        assert f"Another kernel (process {process[1]}) has written" in said
        assert "still runs: is this notebook open in a second tab or copy?" in said
        go_on(folder)
        for tab in (first, second):
            tab.page.bring_to_front()
            tab.done(TRAIN)
            assert f"trained {STEPS} steps" in tab.output(TRAIN).inner_text()


def written(file: Path, index: int) -> str:
    """A cell as it lies on the disk."""
    return "".join(json.loads(file.read_text())["cells"][index]["source"])
