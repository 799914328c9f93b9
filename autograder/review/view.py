"""One request's way of looking: with names or without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request
from starlette.responses import HTMLResponse

from autograder.review.classroom import Classroom, Seat, words_of_handout
from autograder.review.pages import Pages
from autograder.review.record import Record
from autograder.review.veil import NO_VEIL, Veil, hide

ANONYMOUS = "review-anonymous"  # a cookie: "1" hides names


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

    def veil(self, seat: Seat, record: Record, notebook: str) -> Veil:
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
