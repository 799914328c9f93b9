"""A trained task of many objects in miniature: each has stripes of its own, two of its views are shown, four hidden."""

from __future__ import annotations

from dataclasses import replace

from autograder.trained.task import Drawn, Task
from course_lib.data import PosedViews
from tests import trained_standin

OBJECTS, SHOWN, HIDDEN = 3, 2, 4


def draw(seed: str) -> Drawn:
    """The first views of as many stand-ins as there are objects."""
    drawn = [trained_standin.draw(f"{seed}, object {i}") for i in range(OBJECTS)]
    return Drawn(
        PosedViews.stack([one.train[:SHOWN] for one in drawn]),
        PosedViews.stack([one.hidden[:HIDDEN] for one in drawn]),
    )


TASK: Task = replace(
    trained_standin.TASK,
    id="objects",
    views=(OBJECTS * HIDDEN, *trained_standin.RESOLUTION),
    draw=draw,
)
