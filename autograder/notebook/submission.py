"""`submit()`: says what is missing, packs the notebook, and on Colab downloads the zip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from autograder.catalogue import Catalogue
from autograder.notebook import hand_over
from autograder.notebook.archive import manifest, notebook_bytes, predictions
from autograder.notebook.card import prose
from autograder.notebook.completeness import catalogue_of, missing_parts
from autograder.notebook.locate import OpenNotebook, SubmissionError, age_in_words, locate
from autograder.student_id import is_placeholder
from course_lib import COURSE, __version__

_last_check: list[float] = []  # one entry: when `check()` last ran in this kernel


@dataclass(frozen=True)
class Receipt:
    """What was packed, and what the student may want to do before the deadline."""

    path: Path
    student_id: str
    missing: tuple[str, ...]
    remarks: tuple[str, ...]
    created: str
    guessed: str = ""  # why this notebook, where nobody said which; no reason to worry, but to look

    def as_text(self) -> str:
        """For a terminal."""
        lines = [f"Packed {self.path.name} for {self.student_id} at {self.created}."]
        if self.guessed:
            lines.append(self.guessed)
        if self.missing:
            lines += [
                "Still missing, and worth no points yet:",
                *(f"  – {m}" for m in self.missing),
            ]
        else:
            lines.append("Every exercise and every question has an answer.")
        return "\n".join([*lines, *(f"Note: {r}" for r in self.remarks), self._next()])

    def as_html(self) -> str:
        """For a notebook, in its own colours."""
        items = "".join(f"<li>{prose(m)}</li>" for m in self.missing)
        state = (
            f"<p><b>Still missing</b>, and worth no points yet:</p><ul>{items}</ul>"
            if items
            else "<p>✓ Every exercise and every question has an answer.</p>"
        )
        taken = f"<p>{escape(self.guessed)}</p>" if self.guessed else ""
        notes = "".join(f"<p>⚠️ {prose(r)}</p>" for r in self.remarks)
        colour = "#d55e00" if self.missing or self.remarks else "#009e73"
        return (
            f'<div style="border-left:5px solid {colour};padding:.4em .9em;max-width:54em">'
            f"<b>📦 {escape(self.path.name)}</b> · {escape(self.student_id)} · {self.created}"
            f"{taken}{state}{notes}<p>{escape(self._next())}</p></div>"
        )

    def _next(self) -> str:
        if not hand_over.downloads_by_itself():
            return _NEXT
        return f"{_NEXT} {hand_over.LEFT_IN_COLAB.format(name=self.path.name)}"


_NEXT = "Hand the zip in where your course collects it. You may submit again; the last one counts."


def note_check(moment: float) -> None:
    """`check()` calls this, so that `submit()` can tell a notebook that was not saved since."""
    _last_check[:] = [moment]


def submit(
    student_id: str | None = None,
    *,
    name: str = "",
    notebook: str | Path | None = None,
    folder: str | Path = ".",
) -> Path:
    """Packs this notebook into a zip in `folder`, shows a receipt and returns the zip's path.

    What is missing is said and packed all the same. SubmissionError, and no zip, if the student id is
    empty, the notebook cannot be found, it is no notebook of this course, or `folder` takes no file.
    """
    identity = (student_id or "").strip()
    if not identity:
        raise SubmissionError('your student id is missing. Put it in: submit("jdoe")')
    opened = locate(notebook)
    catalogue = catalogue_of(opened)
    target = Path(folder).expanduser()
    content, stripped = notebook_bytes(opened.content)
    files = {f"{catalogue.notebook}.ipynb": content, **predictions(target)}
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    facts = manifest(
        files,
        course=COURSE,
        course_version=__version__,
        assignment=_assignment(catalogue),
        notebook=catalogue.notebook,
        student={"id": identity, "name": name.strip()},
        created=created,
    )
    safe = re.sub(r"[^\w.@-]+", "-", identity)
    path = target / f"{catalogue.notebook}_{safe}.zip"
    hand_over.write(path, files, facts)
    missing = tuple(missing_parts(opened, catalogue, target))
    remarks = _remarks(opened, stripped)
    if is_placeholder(identity):
        remarks.insert(
            0, f"{identity!r} is nobody's id: set STUDENT_ID to your own and run this cell again."
        )
    _show(Receipt(path, identity, missing, tuple(remarks), created, opened.guessed))
    hand_over.download(path)
    return path


def _assignment(catalogue: Catalogue) -> str:
    return f"a{int(catalogue.notebook.split('_')[0])}"  # one assignment per notebook, same number


def _remarks(opened: OpenNotebook, stripped: bool) -> list[str]:
    remarks = []
    if opened.saved is not None and _last_check and opened.saved < _last_check[0]:
        remarks.append(
            f"The notebook was last saved {age_in_words(opened.saved)}, before your last check. If you "
            "changed anything since, save it (Ctrl+S) and run this cell again."
        )
    if stripped:
        remarks.append(
            "The notebook was large, so its outputs were left out; grading does not need them."
        )
    return remarks


def _show(receipt: Receipt) -> None:
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(receipt.as_text())
        return
    if get_ipython() is None:
        print(receipt.as_text())
    else:
        bundle = {"text/html": receipt.as_html(), "text/plain": receipt.as_text()}
        display(bundle, raw=True)  # type: ignore[no-untyped-call]
