"""What a grader's form says: its fields, and the points that were typed, ticked or given by a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import Depends, Request

from autograder.gradebook.desk import Seen
from autograder.review.door import MOST_FIELDS
from autograder.review.rubric import Criterion, mark_of, reason_for

_GIVE = "give:"  # begins the action of a button that gives points at once


@dataclass(frozen=True)
class Form:
    """The fields of a form, as the door has let them in."""

    fields: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """A field's text with plain ends of lines; "" where there is none."""
        return self.fields.get(name, [""])[0].replace("\r\n", "\n").strip()

    def number(self, name: str) -> int:
        """A field that our page filled in with a number; -1, which nothing has, where somebody changed it."""
        text = self.text(name)
        return int(text) if text.isdecimal() and len(text) < 12 else -1

    def changed(self, name: str) -> bool:
        """Whether a field holds something else than the page had in it."""
        return self.text(name) != self.text(f"{name}_shown")

    def seen(self, decision: str) -> Seen:
        """What stood on the page: the submission, and the last decision of a kind."""
        return Seen(self.number("attempt"), self.number(decision))

    def ticks(self, criteria: Sequence[Criterion]) -> list[int]:
        """The lines of the rubric that are ticked, from 1; those that there are not are left out."""
        given = self.fields.get("tick", [])
        ticked = sorted({int(tick) for tick in given if tick.isdecimal() and len(tick) < 4})
        return [number for number in ticked if 1 <= number <= len(criteria)]


async def read_form(request: Request) -> Form:
    """The form of a request."""
    body = (await request.body()).decode("utf-8", "replace")
    return Form(parse_qs(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))


Sent = Annotated[Form, Depends(read_form)]


class UnclearError(Exception):
    """A form from which nothing can be saved; the message says why, and what to press."""


def points_of(form: Form, criteria: Sequence[Criterion]) -> tuple[str | None, str]:
    """The points that a form gives, if it gives any, and the reason: what is typed outweighs what is ticked."""
    action = form.text("action")
    if action.startswith(_GIVE):
        return action.removeprefix(_GIVE), ""
    if action == "lift":
        return None, ""
    ticked = form.ticks(criteria)
    moved = bool(criteria) and ",".join(map(str, ticked)) != form.text("ticks_shown")
    typed = form.text("points") if form.changed("points") else ""
    if (typed or moved) and form.text("rubric") != mark_of(criteria):
        raise UnclearError(
            "The rubric has changed since this page was made. Nothing was saved; look at it, then decide."
        )
    total = sum(criteria[number - 1].points for number in ticked)
    if typed:
        return typed, reason_for(criteria, ticked) if typed == f"{total:g}" and ticked else ""
    if moved:
        return f"{total:g}", reason_for(criteria, ticked)
    if form.changed("points"):
        raise UnclearError(
            "The points were cleared. Nothing was saved; to take points back, press “Take points back”."
        )
    return None, ""


def entered(form: Form, criteria: Sequence[Criterion], points: str | None) -> dict[str, str]:
    """What was entered, by field: on a page made with it, sending again asks for the same once more.

    Fields that the grader left alone are not among it: they show what others have said meanwhile.
    """
    kept = {"comment": form.text("comment")} if form.changed("comment") else {}
    if points is None:
        return kept
    if form.text("action").startswith(_GIVE):
        return {**kept, "points": points, "points_shown": ""}
    ticks = ",".join(map(str, form.ticks(criteria)))
    same = {name: form.text(name) for name in ("points", "points_shown", "ticks_shown")}
    return {**kept, **same, "ticks": ticks}
