"""The application: its pages behind the door, and what is said when something goes wrong."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from autograder.gradebook.errors import GradebookError
from autograder.review import decisions, items, overview, submission
from autograder.review.classroom import Classroom, NoSuchPageError
from autograder.review.door import Door
from autograder.review.keys import Keys
from autograder.review.pages import Pages
from autograder.review.view import looking

_HERE = Path(__file__).parent
_NOWHERE = "There is no such page. Perhaps the gradebook has changed since the link was made."

_NO_BOOK = (
    "Nothing was saved. Why it cannot be used is not told here, since names are hidden: "
    "`autograder gradebook check` tells it in the terminal."
)


def create_app(room: Classroom, keys: Keys, *, anonymous: bool = False) -> Door:
    """The review page of an open course; `anonymous` hides names for good."""
    pages = Pages(keys, room.settings.course.title, room.who, anonymous)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.room, app.state.pages = room, pages
    for part in (overview, submission, items, decisions):
        app.include_router(part.router)
    _add_static(app)

    @app.exception_handler(NoSuchPageError)
    def _no_such_page(_: Request, error: Exception) -> Response:
        return pages.message(404, "There is no such page", str(error))

    @app.exception_handler(RequestValidationError)
    def _no_number(_: Request, error: Exception) -> Response:
        return pages.message(404, "There is no such page", _NOWHERE)

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return pages.message(status, "There is no such page", _NOWHERE)

    @app.exception_handler(GradebookError)
    def _gradebook(request: Request, error: Exception) -> Response:
        # What the gradebook says may name a student, and here nobody knows whom to hide.
        text = _NO_BOOK if looking(request).anonymous else str(error)
        return pages.message(503, "The gradebook cannot be used now", text)

    @app.exception_handler(Exception)
    def _bug(_: Request, error: Exception) -> Response:
        text = (
            "This is a mistake of ours; the terminal says where. Nothing that you had saved is lost, "
            "and the other pages still work."
        )
        return pages.message(500, "Something broke", text)

    return Door(app, keys, pages.message)


def _add_static(app: FastAPI) -> None:
    from autograder.report import environment

    style = Path(environment.__file__).parent / "templates" / "style.css"
    sheet = style.read_text(encoding="utf-8") + (_HERE / "static/review.css").read_text("utf-8")
    script = (_HERE / "static/review.js").read_text("utf-8")

    @app.get("/static/review.css")
    def _style() -> Response:
        return PlainTextResponse(sheet, media_type="text/css")

    @app.get("/static/review.js")
    def _script() -> Response:
        return PlainTextResponse(script, media_type="text/javascript")
