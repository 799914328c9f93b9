"""A student's page stays small whatever they print, predict or write: what is too long is cut, and the cut is told."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from autograder.grading.record import SubmissionResult
from autograder.report.feedback import Feedback
from autograder.results import CheckResult, Evidence, ExerciseResult

SMALL = 100_000  # bytes of a picture that is not worth the time of packing it better
LIMIT = 1_900_000  # bytes of a page: mail and learning platforms take it, phones open it


@dataclass(frozen=True)
class Room:
    """How much of everything there is room for."""

    text: int  # characters of what an exercise printed, of a traceback, of a written answer
    line: int  # characters of a message or a remark
    remarks: int  # lines
    picture: int  # pixels of a picture's width; 0 for none
    sketches: bool = True


# The first that fits is taken; the last fits anything: it holds a few hundred characters per check.
ROOMS = (
    Room(text=20_000, line=2_000, remarks=100, picture=1400),
    Room(text=4_000, line=800, remarks=40, picture=900),
    Room(text=1_500, line=400, remarks=20, picture=500),
    Room(text=500, line=200, remarks=10, picture=0),
    Room(text=150, line=120, remarks=5, picture=0, sketches=False),
)


def fitting(render: Callable[[Feedback], str], feedback: Feedback, limit: int = LIMIT) -> str:
    """The page with as much on it as fits into `limit` bytes; whatever is cut says so in its place."""
    page = ""
    for room in ROOMS:
        if _pictures_bytes(feedback, room) > limit:  # told without scaling any of them
            continue
        page = render(cut(feedback, room))
        if len(page.encode("utf-8", "replace")) <= limit:
            break
    return page


def _pictures_bytes(feedback: Feedback, room: Room) -> float:
    """About what the pictures would take on a page of this room, as text: their bytes shrink with their area."""
    checks = (check for exercise in feedback.result.exercises for check in exercise.checks)
    pictures = [png for check in checks if (png := check.evidence.picture_png)]
    shrunk = (min(1.0, room.picture / max(_width(png), 1)) ** 2 for png in pictures)
    return sum(4 / 3 * len(png) * share for png, share in zip(pictures, shrunk, strict=True))


def _width(png: bytes) -> int:
    """Pixels, as the file's first chunk says; 0 if it is none."""
    return int.from_bytes(png[16:20], "big") if png[12:16] == b"IHDR" else 0


def cut(feedback: Feedback, room: Room) -> Feedback:
    """The same feedback with everything within its room."""
    result = feedback.result
    return replace(
        feedback,
        result=_cut_result(result, room),
        name=shortened(feedback.name, 200),
        comments=[shortened(text, room.text) for text in feedback.comments],
        said={item: shortened(text, room.text) for item, text in feedback.said.items()},
    )


def shortened(text: str, most: int) -> str:
    """The beginning and the end of a long text, and between them how much is left out."""
    if len(text) <= most:
        return text
    tail = most // 4
    return f"{text[: most - tail]} … [{len(text) - most:,} characters left out] … {text[len(text) - tail :]}"


def _cut_result(result: SubmissionResult, room: Room) -> SubmissionResult:
    return replace(
        result,
        student=shortened(result.student, 200),
        name=shortened(result.name, 200),
        source=shortened(result.source, 200),
        problems=_lines(result.problems, room),
        remarks=_lines(result.remarks, room),
        exercises=tuple(_cut_exercise(exercise, room) for exercise in result.exercises),
        printed={key: shortened(_quiet(text), room.text) for key, text in result.printed.items()},
        written=tuple(replace(w, text=shortened(w.text, room.text)) for w in result.written),
    )


def _lines(lines: tuple[str, ...], room: Room) -> tuple[str, ...]:
    kept = tuple(shortened(line, room.line) for line in lines[: room.remarks])
    more = len(lines) - len(kept)
    return (*kept, f"… and {more:,} more remarks") if more else kept


def _cut_exercise(exercise: ExerciseResult, room: Room) -> ExerciseResult:
    checks = tuple(_cut_check(check, room) for check in exercise.checks)
    return replace(exercise, checks=checks, remarks=_lines(exercise.remarks, room))


def _cut_check(check: CheckResult, room: Room) -> CheckResult:
    message, evidence = shortened(check.message, room.line), check.evidence
    picture = _scaled(evidence.picture_png, room.picture)
    if evidence.picture_png and picture is None:
        message = f"{message} (There was no room on this page for the picture.)".strip()
    facts = {
        name: shortened(text, room.line) if (text := getattr(evidence, name)) else text
        for name in ("expected", "actual", "worst", "hint", "picture_alt")
    }
    sketch = evidence.sketch if room.sketches else None
    return replace(
        check,
        message=message,
        traceback=shortened(_quiet(check.traceback), room.text),
        evidence=Evidence(**facts, picture_png=picture, sketch=sketch),
    )


def _quiet(text: str) -> str:
    """Without a terminal's colours, which a page shows as noise."""
    return re.sub(r"\x1b\[[0-9;:]*[A-Za-z]", "", text)


def _scaled(png: bytes | None, width: int) -> bytes | None:
    """A picture of at most this width, in fewer bytes if it can be; a broken one is left as it is."""
    if png is None or not width:
        return None
    if _width(png) <= width and len(png) < SMALL:
        return png
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(png)) as image:
            small = image.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        return png
    small.thumbnail((width, 4 * width))
    buffer = io.BytesIO()
    small.save(buffer, format="png", optimize=True)
    return min(buffer.getvalue(), png, key=len)
