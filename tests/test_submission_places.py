"""Where `submit()` finds its notebook if nobody says, and what a cell shows of a refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.notebook.locate import SubmissionError, locate
from autograder.notebook.submission import Receipt

CONTENT = {"cells": [{"cell_type": "code", "source": "1"}]}


@pytest.fixture(autouse=True)
def _nobody_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_the_only_notebook_of_the_folder_is_taken() -> None:
    Path("my camera.ipynb").write_text(json.dumps(CONTENT))
    found = locate(None)
    assert (found.name, found.content) == ("my camera", CONTENT)
    assert found.guessed == (
        f"my camera.ipynb was taken because it is the only notebook in {Path.cwd()}."
    )
    assert locate("my camera.ipynb").guessed == ""


def test_of_two_notebooks_neither_is_guessed() -> None:
    for name in ("a.ipynb", "b.ipynb"):
        Path(name).write_text(json.dumps(CONTENT))
    with pytest.raises(SubmissionError, match=r'cannot tell which notebook.*notebook="a.ipynb"'):
        locate(None)


def test_what_the_front_end_says_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("old.ipynb").write_text("{}")
    Path("elsewhere").mkdir()
    opened = Path("elsewhere/opened.ipynb")
    opened.write_text(json.dumps(CONTENT))
    monkeypatch.setenv("JPY_SESSION_NAME", str(opened.resolve()))
    assert locate(None).name == "opened"


def test_a_cell_shows_the_sentence_and_no_lines_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell.instance()
    try:
        shell.run_cell("from autograder import submit\nsubmit('s')")
    finally:
        InteractiveShell.clear_instance()
    said = capsys.readouterr().out
    assert "SubmissionError: submit() cannot tell which notebook it is in. Say so:" in said
    assert "Traceback" not in said
    assert "locate.py" not in said


def test_a_receipt_tells_that_the_notebook_was_guessed() -> None:
    guessed = "my <camera>.ipynb was taken because it is the only notebook in /tmp."
    receipt = Receipt(Path("a.zip"), "s", (), (), "now", guessed)
    assert "<p>my &lt;camera&gt;.ipynb was taken because" in receipt.as_html()
    assert guessed in receipt.as_text().splitlines()


def test_a_receipt_sets_names_as_code() -> None:
    receipt = Receipt(Path("a.zip"), "s", ("1.1 Rays: `rays` < is not written",), ("`x`",), "now")
    assert "<li>1.1 Rays: <code>rays</code> &lt; is not written</li>" in receipt.as_html()
    assert "<code>x</code>" in receipt.as_html()
    assert "`rays`" in receipt.as_text()
