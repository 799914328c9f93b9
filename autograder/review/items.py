"""One exercise or question across the class: an answer, what was asked, and the place to give points."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import HTMLResponse, RedirectResponse, Response

from autograder.catalogue import Catalogue
from autograder.grading.record import WrittenAnswer
from autograder.results import ExerciseResult
from autograder.review.classroom import (
    NoSuchPageError,
    Seat,
    neighbours,
    next_to_read,
    progress,
)
from autograder.review.overview import Looking
from autograder.review.pages import at
from autograder.review.record import Record
from autograder.review.rubric import NOTHING, choices, mark_of, models_of
from autograder.review.view import View

router = APIRouter()


@dataclass(frozen=True)
class Way:
    """Where to go from here."""

    before: Seat | None
    after: Seat | None
    waiting: Seat | None  # the next one that a person has to read
    read: int
    of: int


@router.get("/works/{work}/items/{item}")
def begin(work: str, item: str, view: Looking) -> Response:
    """Go to the first answer that waits; if none does, to the first of all."""
    _, catalogue = view.room.assignment(work)
    _number(catalogue, item)
    seats = view.room.seats(work)
    first = next_to_read(seats, item) or next((s for s in seats if s.item(item)), None)
    if first is None:
        raise NoSuchPageError("Nobody has handed in anything for this yet.")
    return RedirectResponse(at("works", work, "items", item, first.key), 303)


@router.get("/works/{work}/items/{item}/{key}")
def show(work: str, item: str, key: str, view: Looking) -> HTMLResponse:
    """An answer and the place to give points for it."""
    return desk_page(view, work, item, key)


def desk_page(
    view: View,
    work: str,
    item: str,
    key: str,
    *,
    status: int = 200,
    conflict: str = "",
    mistake: str = "",
    kept: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page; after a refusal it says why, and what was entered (`autograder.review.form`) is still there."""
    number = _number(view.room.assignment(work)[1], item)
    opened = view.open(work, key)
    record, grade = opened.record, opened.seat.item(item)
    if grade is None:
        raise NoSuchPageError("This submission holds nothing for it: it could not be graded.")
    seats = view.room.seats(work)
    before, after = neighbours(seats, item, key)
    way = Way(before, after, next_to_read(seats, item, key), *progress(seats, item))
    said = record.about(item)
    model = models_of(view.room.root, opened.catalogue.notebook).get(item, NOTHING)
    points = "" if said.points is None else f"{said.points:g}"
    ticks = ",".join(str(line) for line in sorted(said.ticked) if line)
    return view.render(
        "item.html",
        status=status,
        **opened.context,
        item=grade,
        number=number,
        said=said,
        exercise=_exercise(record, item),
        answer=_answer(record, item),
        model=model,
        mark=mark_of(model.criteria),
        choices=choices(grade.max_points),
        way=way,
        conflict=conflict,
        mistake=mistake,
        typed={
            "points": points,
            "points_shown": points,
            "ticks": ticks,
            "ticks_shown": ticks,
            "comment": said.text,
            **(kept or {}),
        },
    )


def _number(catalogue: Catalogue, item: str) -> str:
    numbers = {e.id: e.number for e in catalogue.graded}
    numbers |= {question.id: question.number for question in catalogue.written}
    if item not in numbers:
        raise NoSuchPageError("The assignment has no exercise or question of this name.")
    return numbers[item]


def _exercise(record: Record, item: str) -> ExerciseResult | None:
    found = record.result.exercises if record.result else ()
    return next((one for one in found if one.exercise == item), None)


def _answer(record: Record, item: str) -> WrittenAnswer | None:
    found = record.result.written if record.result else ()
    return next((one for one in found if one.id == item), None)
