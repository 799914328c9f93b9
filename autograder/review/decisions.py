"""What graders send: points, comments, and whether they want to know names. Everything is decided at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from autograder.gradebook.errors import DecidedMeanwhile, GradebookError
from autograder.review.classroom import NoSuchPageError, Seat, next_to_read
from autograder.review.form import Sent, UnclearError, entered, points_of
from autograder.review.items import desk_page
from autograder.review.overview import Looking
from autograder.review.pages import at
from autograder.review.record import Said, said_about
from autograder.review.rubric import NOTHING, models_of
from autograder.review.submission import person_page
from autograder.review.view import ANONYMOUS, View

router = APIRouter()
MOST_WORDS = 20_000  # characters of a comment


@router.post("/works/{work}/items/{item}/{key}")
def grade(work: str, item: str, key: str, view: Looking, form: Sent) -> Response:
    """Points and words for an answer, unless somebody has decided about it since the page was made."""
    seat = view.room.seat(work, key)
    found = seat.item(item)
    if found is None:
        raise NoSuchPageError("Another submission counts by now, and it holds nothing for this.")
    _, catalogue = view.room.assignment(work)
    criteria = models_of(view.room.root, catalogue.notebook).get(item, NOTHING).criteria
    action, student = form.text("action"), seat.student.id
    try:
        points, why = points_of(form, criteria)
    except UnclearError as error:
        kept = entered(form, criteria, None)
        return desk_page(view, work, item, key, status=422, mistake=str(error), kept=kept)
    kept = entered(form, criteria, points)
    saved: list[str] = []
    as_before = ""
    try:
        if action == "lift" or points is not None:
            view.room.desk.score(student, work, item, points, why, seen=form.seen("score"))
            said = _said(view, work, catalogue.notebook, student, item)
            full = f"{found.max_points:g}"
            if said.score == form.number("score"):  # everything was as wanted already
                as_before = f"{points} of {full}, as before" if points else ""
            else:
                saved.append("points taken back" if points is None else f"{points} of {full}")
            kept = entered(form, criteria, None)  # of what is not saved yet
        if form.changed("comment"):
            words = form.text("comment")[:MOST_WORDS]
            view.room.desk.comment(student, work, words, item, seen=form.seen("comment_seen"))
            saved.append("comment" if words else "comment taken back")
    except DecidedMeanwhile as error:
        conflict = f"{_so_far(saved)}{error}"
        return desk_page(view, work, item, key, status=409, conflict=conflict, kept=kept)
    except GradebookError as error:
        mistake = _so_far(saved) + str(error).replace(
            "say --beyond", "use `autograder gradebook score … --beyond` in the terminal"
        )
        return desk_page(view, work, item, key, status=422, mistake=mistake, kept=kept)
    if not saved and not as_before and action != "next":
        mistake = "Nothing was chosen: tick what the answer has, type points, or write a comment."
        return desk_page(view, work, item, key, status=422, mistake=mistake, kept=kept)
    return _go_on(view, work, item, seat, action, saved or [as_before])


@router.post("/works/{work}/people/{key}")
def comment(work: str, key: str, view: Looking, form: Sent) -> Response:
    """Words on the whole of a submission."""
    seat = view.room.seat(work, key)
    words = form.text("comment")[:MOST_WORDS]
    try:
        if form.changed("comment"):
            view.room.desk.comment(seat.student.id, work, words, seen=form.seen("comment_seen"))
    except DecidedMeanwhile as error:
        return person_page(view, work, key, status=409, conflict=str(error), typed=words)
    except GradebookError as error:
        return person_page(view, work, key, status=422, conflict=str(error), typed=words)
    told = view.pages.tell(f"{view.called(seat)}: the comment is saved.")
    return RedirectResponse(at("works", work, "people", key) + Markup(f"?told={told}"), 303)


@router.post("/anonymous")
def anonymous(form: Sent, view: Looking) -> Response:
    """Hide names, or show them again."""
    back = form.text("back")
    local = back.startswith("/") and not back.startswith("//") and "\\" not in back
    answer = RedirectResponse(back if local else "/", 303)
    if not view.pages.locked:
        value = "1" if form.text("on") == "1" else "0"
        answer.set_cookie(ANONYMOUS, value, httponly=True, samesite="strict", path="/")
    return answer


def _said(view: View, work: str, notebook: str, student: str, item: str) -> Said:
    return said_about(view.room, work, notebook, student).get(item, Said())


def _so_far(saved: Sequence[str]) -> str:
    return f"Saved: {', '.join(saved)}. But " if saved else ""


def _go_on(
    view: View, work: str, item: str, seat: Seat, action: str, saved: Sequence[str]
) -> RedirectResponse:
    """To the next answer that waits; when none does, back to the assignment."""
    said = f"{view.called(seat)}: {', '.join(saved)}." if any(saved) else ""
    place = at("works", work, "items", item, seat.key)
    if action != "stay":
        following = next_to_read(view.room.seats(work), item, seat.key)
        if following is not None:
            place = at("works", work, "items", item, following.key)
        elif seat.item(item) is not None:
            place = at("works", work)
            said = f"{said} Nobody waits for this one any more.".strip()
    told = view.pages.tell(said) if said else ""
    return RedirectResponse(place + Markup(f"?told={told}") if told else place, 303)
