"""Training that is cut off in the browser: by a kernel that dies, a page that is closed, a line that breaks."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from course_lib.training.checkpoints import read_numbers
from tests.browser.conftest import Open
from tests.browser.front_end import FrontEnd
from tests.browser.long_training import (
    AFTER,
    HELD,
    PREPARE,
    STEPS,
    TRAIN,
    checkpoint_in,
    go_on,
    hold,
    write_notebook,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("front_end", ["lab", pytest.param("classic", marks=pytest.mark.slow)]),
]


def start_and_hold(tab: FrontEnd) -> Path:
    """Train to where it holds still, with a checkpoint on the disk; the folder."""
    folder = tab.file.parent
    hold(folder)
    tab.start(TRAIN)
    path = checkpoint_in(folder)
    tab.until(
        lambda: path.is_file() and read_numbers(path)["step"] == HELD, "it trained and held still"
    )
    return folder


def test_a_kernel_that_dies_goes_on_where_it_was(front_end: str, opened: Open) -> None:
    with opened(front_end, "training", "killed", write_notebook) as tab:
        process = re.search(r"process (\d+)", tab.run(PREPARE))
        assert process is not None
        folder = start_and_hold(tab)
        os.kill(int(process[1]), signal.SIGKILL)
        tab.until(lambda: bool(tab.dialogs()), "the front end says that the kernel died")
        tab.photograph("the kernel died")
        tab.dismiss()
        go_on(folder)
        tab.wait_idle()
        tab.run(PREPARE)
        said = tab.run(TRAIN)
        tab.photograph("continued", TRAIN)
    assert f"Continuing at step {HELD} from checkpoints/line-" in said
    assert "delete that file to train anew" in said
    assert f"trained {STEPS} steps" in said
    assert not checkpoint_in(folder).exists()


@pytest.mark.slow
def test_a_page_that_is_closed_trains_on(front_end: str, opened: Open) -> None:
    with opened(front_end, "training", "closed", write_notebook) as tab:
        tab.run(PREPARE)
        tab.save()
        folder = start_and_hold(tab)
        tab.reopen()
        tab.photograph("opened again while it trains")
        tab.start(AFTER)
        assert tab.busy(AFTER)  # it waits for its turn
        go_on(folder)
        tab.done(AFTER)
        tab.photograph("opened again after it has trained")
        assert f"afterwards {STEPS} steps" in tab.output(AFTER).inner_text()
        assert tab.saved()[TRAIN]["source"]  # the notebook is what it was


@pytest.mark.slow
def test_a_line_that_breaks_is_mended(front_end: str, opened: Open) -> None:
    with opened(front_end, "training", "broken-line", write_notebook) as tab:
        tab.run(PREPARE)
        folder = start_and_hold(tab)
        tab.break_the_line()
        tab.until(lambda: bool(tab.lines), "the front end has connected again")
        go_on(folder)
        tab.done(TRAIN)
        assert f"trained {STEPS} steps" in tab.output(TRAIN).inner_text()
        tab.photograph("connected again", TRAIN)
