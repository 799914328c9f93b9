"""One student's submission: all of it, its notebook with the outputs, and the frames that HTML outputs live in."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import APIRouter, Header
from markupsafe import Markup
from starlette.responses import HTMLResponse

from autograder.review.classroom import NoSuchPageError, next_to_read
from autograder.review.harmless import harmless
from autograder.review.keys import FRAME_POLICY
from autograder.review.outputs import Kind
from autograder.review.overview import Looking
from autograder.review.rubric import models_of
from autograder.review.view import View

router = APIRouter()
# Students' HTML was made for a white page, whatever the theme around it.
_FRAME = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="{policy}"><title>An output</title><style>'
    "html{{background:#fff;color:#1d2126;color-scheme:light;font:15px/1.5 system-ui,sans-serif}}"
    "body{{margin:.6rem}}img{{max-width:100%}}table{{border-collapse:collapse}}td,th{{padding:.2rem .5rem}}"
    "</style></head><body>{html}</body></html>"
)
_META_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


@router.get("/works/{work}/people/{key}")
def person(work: str, key: str, view: Looking) -> HTMLResponse:
    """A submission: exercise by exercise, then what was written, then the whole."""
    return person_page(view, work, key)


def person_page(
    view: View,
    work: str,
    key: str,
    *,
    status: int = 200,
    conflict: str = "",
    typed: str | None = None,
) -> HTMLResponse:
    """The page; after a refusal it says why, and what was typed is still there."""
    opened = view.open(work, key)
    seat, catalogue = opened.seat, opened.catalogue
    seats = view.room.seats(work)
    waiting = seat.waiting[0].id if seat.waiting else None
    return view.render(
        "person.html",
        status=status,
        conflict=conflict,
        typed=opened.record.about("").text if typed is None else typed,
        **opened.context,
        waiting=waiting,
        following=next(
            (s for q in catalogue.written if (s := next_to_read(seats, q.id, key))), None
        ),
        questions={q.id: q for q in catalogue.written},
        models=models_of(view.room.root, catalogue.notebook),
    )


@router.get("/works/{work}/people/{key}/notebook")
def notebook(work: str, key: str, view: Looking) -> HTMLResponse:
    """The notebook as it was handed in, with its outputs."""
    return view.render("notebook.html", **view.open(work, key).context)


@router.get("/works/{work}/people/{key}/outputs/{cell}/{number}")
def frame(
    work: str,
    key: str,
    cell: int,
    number: int,
    view: Looking,
    sec_fetch_dest: Annotated[str | None, Header()] = None,
) -> HTMLResponse:
    """A student's HTML or drawing: for a sandboxed frame only, where nothing in it runs or is loaded."""
    if sec_fetch_dest not in (None, "iframe"):
        raise NoSuchPageError("An output is shown within its submission only.")
    opened = view.open(work, key)
    cells = opened.record.cells
    outputs = cells[cell - 1].outputs if 0 < cell <= len(cells) else ()
    output = outputs[number] if 0 <= number < len(outputs) else None
    if output is None or output.kind != Kind.FRAME:
        raise NoSuchPageError("There is no such output.")
    text = opened.veil(output.data)
    if output.mime == "image/svg+xml":  # as a picture: there nothing in it runs or loads
        data = base64.b64encode(text.encode()).decode()
        text = f'<img alt="A drawing by the notebook" src="data:image/svg+xml;base64,{data}">'
    else:
        text = harmless(text)
    html = _FRAME.format(policy=_META_POLICY, html=Markup(text))
    headers = {"Content-Security-Policy": FRAME_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)
