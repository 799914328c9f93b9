"""One request's way of looking: with names or without them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, cast

from fastapi import Request
from starlette.responses import HTMLResponse

from autograder.catalogue import Catalogue
from autograder.review.classroom import Classroom, Seat, words_of_handout
from autograder.review.pages import Pages
from autograder.review.record import Record, record_of
from autograder.review.veil import NO_VEIL, Veil, hide
from autograder.settings import Assignment

ANONYMOUS = "review-anonymous"  # a cookie: "1" hides names


@dataclass(frozen=True)
class Opened:
    """A submission in a grader's hands."""

    assignment: Assignment
    catalogue: Catalogue
    seat: Seat
    record: Record
    veil: Veil

    @property
    def context(self) -> dict[str, Any]:
        """What every template about a submission needs."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class View:
    """Who looks at what, and whether they may know whose it is."""

    room: Classroom
    pages: Pages
    anonymous: bool
    told: str = ""

    def called(self, seat: Seat) -> str:
        """What a student is called here."""
        return seat.alias if self.anonymous else seat.student.name or seat.student.id

    def open(self, work: str, key: str) -> Opened:
        """A student's submission, veiled if this view is; NoSuchPageError if there is none."""
        assignment, catalogue = self.room.assignment(work)
        seat = self.room.seat(work, key)
        record = record_of(self.room, work, catalogue.notebook, seat)
        veil = self._veil(seat, record, catalogue.notebook)
        return Opened(assignment, catalogue, seat, record, veil)

    def _veil(self, seat: Seat, record: Record, notebook: str) -> Veil:
        """Hides the author of a submission, and classmates named in it."""
        if not self.anonymous:
            return NO_VEIL
        words = words_of_handout(self.room.root, notebook)
        return hide(seat.student, seat.alias, record.names, self.room.everybody(), words)

    def render(self, template: str, **context: Any) -> HTMLResponse:
        """A page of this view."""
        context = {"anonymous": self.anonymous, "told": self.told, "called": self.called, **context}
        return self.pages.render(template, **context)


def looking(request: Request) -> View:
    """The view of a request."""
    room = cast(Classroom, request.app.state.room)
    pages = cast(Pages, request.app.state.pages)
    anonymous = pages.locked or request.cookies.get(ANONYMOUS) == "1"
    return View(room, pages, anonymous, request.query_params.get("told", ""))
