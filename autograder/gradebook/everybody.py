"""Who the gradebook knows, for telling whose an upload is."""

from __future__ import annotations

from sqlalchemy import select

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.sheet import StudentInfo

_COLUMNS = ("name", "email", "section", "canvas_id", "sis_user_id", "sis_login_id", "enrolled")


def everybody(book: Gradebook) -> list[StudentInfo]:
    """Every student with the ids that the platforms know them by."""
    with book.reading() as session:
        rows = session.scalars(select(models.Student).order_by(models.Student.student)).all()
        return [StudentInfo(r.student, *(getattr(r, name) for name in _COLUMNS)) for r in rows]
