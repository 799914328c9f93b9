"""What a hand does over a picture, as text that a script in the page sends through a hidden field.

Core ipywidgets report no mouse. `pointer.js` adds up drags, turns of the wheel and key strokes and
writes one line into a text widget; it writes the next only when that line has been answered, so that
a slow renderer never has frames queueing up. Where scripts do not run, nothing is ever sent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final


def marked(*names: str) -> dict[str, list[str]]:
    """Arguments of a widget by which the script finds it, as in `widgets.Image(**PICTURE)`.

    `add_class` would mark it by a second message to the page; where that one does not arrive, the
    widget is there and the script never finds it.
    """
    return {"_dom_classes": list(names)}


# A picture has the words as its alt text that stand right below it. One that a hand may drag says so,
# and so do its words and the box that holds both.
PICTURE: Final = marked("course-picture")
WORDS: Final = marked("course-words")
DRAGGED_PICTURE: Final = marked("course-picture", "course-orbit-picture")
DRAGGED_WORDS: Final = marked("course-words", "course-orbit-words")
DRAGGED_BOX: Final = marked("course-orbit")


@dataclass(frozen=True)
class Gesture:
    """One line of the script. Drags are in shares of the picture's width and height."""

    serial: str
    right: float
    down: float
    zoom: float  # turns of the wheel, positive moves away
    click: tuple[float, float] | None = None  # uv

    @staticmethod
    def parse(line: str) -> Gesture | None:
        """`SERIAL right down zoom [u v]`; None for anything else, as a student's own typing."""
        serial, *words = line.split() or [""]
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            return None
        if len(numbers) not in (3, 5) or not all(math.isfinite(number) for number in numbers):
            return None
        right, down, zoom, *uv = numbers
        return Gesture(serial, right, down, zoom, (uv[0], uv[1]) if uv else None)


class Pointer:
    """The hidden widgets between page and kernel; calls `act` for every gesture, then answers."""

    def __init__(self, act: Callable[[Gesture], None]) -> None:
        import ipywidgets as widgets

        hidden = widgets.Layout(display="none")
        self._act = act
        self.field = widgets.Text(layout=hidden, **marked("course-orbit-say"))
        self.answer = widgets.Label(layout=hidden, **marked("course-orbit-heard"))
        self.field.observe(lambda change: self._heard(change["new"]), names="value")

    @property
    def widgets(self) -> list[Any]:
        """To be placed anywhere inside the viewer's box, a `DRAGGED_BOX`."""
        return [self.field, self.answer]

    def _heard(self, line: str) -> None:
        gesture = Gesture.parse(line)
        if gesture is None:
            return
        try:
            self._act(gesture)
        finally:  # a script without an answer would wait
            self.answer.value = gesture.serial


def send_script() -> None:
    """Shows an invisible output with the script, in the cell that shows the viewer."""
    from IPython.display import display

    script = Path(__file__).with_name("pointer.js").read_text(encoding="utf-8")
    bundle = {"text/html": f"<script>{script}</script>", "text/plain": ""}
    display(bundle, raw=True)  # type: ignore[no-untyped-call]
