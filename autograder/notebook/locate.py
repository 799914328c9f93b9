"""Finds the notebook that this kernel belongs to, in Colab, Jupyter and VS Code."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


class SubmissionError(RuntimeError):
    """Nothing was packed; the message says what to do."""

    def _render_traceback_(self) -> list[str]:
        """For IPython: the sentence, without the lines of ours that led to it."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class OpenNotebook:
    """A notebook's content and where it came from."""

    name: str  # of the file, without ".ipynb"
    content: dict[str, Any]
    saved: float | None  # seconds since the epoch; None where the content is live (Colab)
    guessed: str = ""  # why it was taken although nobody said that it is the open one

    def cells(self) -> list[dict[str, Any]]:
        """The cells that have a source, whatever else the file holds."""
        cells = self.content.get("cells")
        return [c for c in cells if isinstance(c, dict)] if isinstance(cells, list) else []


def source_of(cell: dict[str, Any]) -> str:
    """A cell's text; notebooks store it as one string or as a list of lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def locate(notebook: str | Path | None) -> OpenNotebook:
    """The named notebook, or else the one that is open; SubmissionError if there is none."""
    if notebook is not None:
        return _read(Path(notebook).expanduser())
    if "google.colab" in sys.modules:
        return _from_colab()
    for path in (os.environ.get("JPY_SESSION_NAME"), _user_variable("__vsc_ipynb_file__")):
        if path:
            found = Path(path)
            # Jupyter may give a path as the server sees it; the kernel runs in the notebook's folder.
            return _read(found if found.is_file() else Path(found.name))
    here = sorted(path.name for path in Path.cwd().glob("*.ipynb"))
    if len(here) == 1:  # the classic notebook does not say, but its kernels run beside the file
        why = f"{here[0]} was taken because it is the only notebook in {Path.cwd()}."
        return replace(_read(Path(here[0])), guessed=why)
    example = here[0] if here else "01_camera_geometry.ipynb"
    raise SubmissionError(
        "submit() cannot tell which notebook it is in. Say so: "
        f'submit("your id", notebook="{example}")'
    )


def _read(path: Path) -> OpenNotebook:
    if not path.is_file():
        raise SubmissionError(
            f"there is no notebook at {path} (looked from {Path.cwd()}). Save the notebook, then "
            'give its name: submit("your id", notebook="….ipynb")'
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise SubmissionError(
            f"{path} is not a readable notebook: {error}. Save it again."
        ) from error
    if not isinstance(content, dict):
        raise SubmissionError(f"{path} is not a notebook: it holds no cells. Save it again.")
    return OpenNotebook(path.stem, content, path.stat().st_mtime)


def _from_colab() -> OpenNotebook:
    from google.colab import _message

    try:
        answer = _message.blocking_request("get_ipynb", timeout_sec=30)
    except Exception:  # Colab's page refused or is closed; it says so by a type of its own
        answer = None
    content = answer.get("ipynb") if isinstance(answer, dict) else None
    if not isinstance(content, dict):
        raise SubmissionError(
            "Colab did not hand the notebook over. Run the cell again; if that does not help, use "
            "File → Download → .ipynb, upload the file here and pass its name: "
            'submit("your id", notebook="….ipynb")'
        )
    title = content.get("metadata", {}).get("colab", {}).get("name", "notebook.ipynb")
    return OpenNotebook(Path(str(title)).stem, content, None)


def _user_variable(name: str) -> str | None:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell = get_ipython()
    value = None if shell is None else shell.user_ns.get(name)
    return None if value is None else str(value)


def age_in_words(moment: float) -> str:
    """How long ago that was, for a sentence."""
    seconds = max(0.0, time.time() - moment)
    if seconds < 90:
        return f"{seconds:.0f} seconds ago"
    return (
        f"{seconds / 60:.0f} minutes ago" if seconds < 5400 else f"{seconds / 3600:.0f} hours ago"
    )
