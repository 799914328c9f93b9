"""The clock of the first picture: which cell stops it, and what it says where there is none."""

from __future__ import annotations

import pytest

from benchmarks.first_picture import code_cells, opened

NO_SETUP = "def setup(): pass\nsetup()"
CHECK = "check('nothing')"
DEFINE = "check = lambda name: None"
PICTURE = """
from IPython.display import display
display({'image/png': 'iVBORw0KGgo=', 'text/plain': ''}, raw=True)
"""


def test_cells_run_until_the_first_picture_and_the_first_check() -> None:
    took = opened([NO_SETUP, DEFINE, PICTURE, CHECK, "raise SystemError('too far')"], mode="smoke")
    assert took.cells == 4
    assert 0 < took.first_check_seconds < took.picture_seconds
    assert 20 < took.proportional <= took.megabytes < 700


def test_a_picture_may_come_as_html() -> None:
    html = 'from IPython.display import HTML\nHTML(\'<p><img alt="x" src="data:"></p>\')'
    assert opened([DEFINE, CHECK, html, "1 / 0"]).cells == 3


def test_a_cell_that_fails_is_no_measurement() -> None:
    with pytest.raises(
        RuntimeError, match="the cell '1 / 0' … stopped with ZeroDivisionError: div"
    ):
        opened(["1 / 0", PICTURE])


def test_without_a_picture_there_is_nothing_to_time() -> None:
    with pytest.raises(RuntimeError, match="none of 2 cells shows a picture"):
        opened(["1", CHECK.replace("check", "print")])


def test_the_cells_are_those_of_the_notebook() -> None:
    cells = code_cells("01_camera_geometry")
    assert any("session = setup()" in cell for cell in cells)
    assert 'check("homogenize")' in cells
    assert not any("NotImplementedError" in cell for cell in cells)
