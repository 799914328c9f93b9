"""Everything about one student's submission that a page may show: results, words, decisions, and the notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.catalogue import Catalogue, Exercise
from autograder.gradebook import models
from autograder.gradebook.history import last_reason
from autograder.gradebook.ledger import read_ledger
from autograder.grading.notebook_file import parse_cells
from autograder.grading.record import SubmissionResult, from_json
from autograder.grading.submission import UnreadableError
from autograder.review.classroom import Classroom, Seat
from autograder.review.files import NotFoundError
from autograder.review.outputs import MOST_PARSED, NotebookCell, author_names, read_outputs
from autograder.review.rubric import NOTHING, Model, models_of, ticked_in

_MOST_CELLS = 20  # of one exercise


@dataclass(frozen=True)
class Said:
    """People's last word on an exercise, a question, or (item "") the whole."""

    score: int = 0  # the decision's number; 0: there is none
    points: float | None = None
    scored_by: str = ""
    scored_at: datetime | None = None
    ticked: frozenset[int] = frozenset()  # lines of the rubric, from 1
    comment: int = 0
    text: str = ""
    commented_by: str = ""


@dataclass(frozen=True)
class Record:
    """A submission."""

    source: str = ""
    result: SubmissionResult | None = None
    cells: tuple[NotebookCell, ...] = ()
    names: frozenset[str] = frozenset()  # of the author, as the file and what is in it say
    trouble: str = ""  # why there are no cells
    others: int = 0  # further submissions of the same student
    said: dict[str, Said] = field(default_factory=dict)  # by item

    def about(self, item: str) -> Said:
        """People's last word on an item."""
        return self.said.get(item, Said())

    def cells_of(self, item: str, catalogue: Catalogue) -> list[NotebookCell]:
        """The cells of an exercise or question, by their ids; where an editor dropped those, by what they define."""
        tagged = [cell for cell in self.cells if cell.task == item]
        if tagged:
            return tagged[:_MOST_CELLS]
        exercise = next((e for e in catalogue.exercises if e.id == item), None)
        if exercise is None:
            return []
        return [cell for cell in self.cells if _defines(cell, exercise)][:_MOST_CELLS]

    def outputs_after(self, cell: NotebookCell) -> list[NotebookCell]:
        """The cell and those that follow it up to the next task, as far as they have outputs."""
        found = [cell]
        for other in self.cells[cell.number :]:
            if other.task or other.kind == "markdown":
                break
            found.append(other)
        return [one for one in found if one.outputs]


def record_of(room: Classroom, work: str, notebook: str, seat: Seat) -> Record:
    """The submission that counts, with its notebook where a class folder has it."""
    said = said_about(room, work, notebook, seat.student.id)
    with room.book.reading() as session:
        if seat.attempt is None:
            return Record(said=said)
        row = session.get_one(models.Submission, seat.attempt)
        digest, source, name = row.digest, row.source, row.name
        others = session.scalars(
            select(models.Submission.id).where(
                models.Submission.student_id == row.student_id,
                models.Submission.assignment == work,
                models.Submission.id != row.id,
            )
        ).all()
        counting = session.get(models.Counting, seat.attempt)
        grading = session.get(models.Grading, counting.grading_id) if counting else None
        result = _result(grading.id, grading.result) if grading else None
    names = {source, name, *([result.student, result.name] if result else [])}
    cells: tuple[NotebookCell, ...] = ()
    trouble = ""
    try:
        contents = _contents(room, digest, source, notebook)
        cells, trouble = contents.cells, contents.trouble
        names |= contents.names
    except (NotFoundError, UnreadableError) as error:
        trouble = str(error)
    names.discard("")
    return Record(source, result, cells, frozenset(names), trouble, len(others), said)


def said_about(room: Classroom, work: str, notebook: str, student: str) -> dict[str, Said]:
    """People's last words on a student's work, by item."""
    with room.book.reading() as session:
        return _said(session, student, work, models_of(room.root, notebook))


def _said(session: Session, student: str, work: str, known: Mapping[str, Model]) -> dict[str, Said]:
    entries = read_ledger(session, [student])
    found: dict[str, Said] = {}
    for entry in entries:
        for item in {i for of, i in (*entry.scores, *entry.comments) if of == work}:
            score = entry.scores.get((work, item))
            comment = entry.comments.get((work, item))
            given = score is not None and score.points is not None
            reason = last_reason(session, student, work, item) if given else ""
            found[item] = Said(
                score=score.id if score else 0,
                points=score.points if score else None,
                scored_by=score.who if score else "",
                scored_at=score.at if score else None,
                ticked=ticked_in(reason, known.get(item, NOTHING).criteria),
                comment=comment.id if comment else 0,
                text=comment.text if comment else "",
                commented_by=comment.who if comment else "",
            )
    return found


@lru_cache(maxsize=64)
def _result(_grading: int, text: str) -> SubmissionResult | None:
    """Gradings never change, so their results are read once."""
    try:
        return from_json(text)
    except ValueError:  # written by another version of the grader
        return None


@dataclass(frozen=True)
class _Contents:
    cells: tuple[NotebookCell, ...]
    names: frozenset[str]
    trouble: str = ""


_last: dict[tuple[str, str], _Contents] = {}  # by notebook and hash


def _contents(room: Classroom, digest: str, source: str, notebook: str) -> _Contents:
    """A page and its frames ask for the same file again and again; a hash never means another one."""
    known = _last.get((notebook, digest))
    if known is not None:
        return known
    raw = room.files.notebook(digest, source, notebook)
    if len(raw) > MOST_PARSED:
        trouble = f"The notebook is {len(raw) / 2**20:.0f} MB large: open it in Jupyter."
        found = _Contents((), frozenset(), trouble)
    else:
        cells = parse_cells(raw)
        found = _Contents(read_outputs(cells), author_names(cells))
    for oldest in list(_last)[:-3]:
        _last.pop(oldest, None)
    _last[notebook, digest] = found
    return found


def _defines(cell: NotebookCell, exercise: Exercise) -> bool:
    """Whether a cell defines a function of the exercise, as far as its lines tell: nothing is parsed here."""
    names = "|".join(map(re.escape, exercise.functions))
    return cell.kind == "code" and bool(
        names and re.search(rf"^(?:async )?(?:def|class) (?:{names})\b", cell.source, re.M)
    )
