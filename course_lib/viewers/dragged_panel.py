"""Sliders that a hand over the picture moves too; quick pictures while it does, the full one after."""

from __future__ import annotations

from collections.abc import Mapping

from course_lib.viewers.pace import Rest
from course_lib.viewers.pointer import DRAGGED_PICTURE, DRAGGED_WORDS
from course_lib.viewers.slider_panel import Slider, SliderPanel


class DraggedPanel(SliderPanel):
    """A panel whose box is a `DRAGGED_BOX` and holds a `Pointer`; `_drag_to` moves to where the hand wants.

    While something moves, `_moving` is true and `picture_png` may do with less; when it rests, it is
    asked for the full picture.
    """

    _picture_marks, _word_marks = DRAGGED_PICTURE, DRAGGED_WORDS

    def __init__(self, sliders: dict[str, Slider], alt: str) -> None:
        self._moving, self._rest = False, Rest(self._redraw)
        self._on_slider = {name: slider.value for name, slider in sliders.items()}
        super().__init__(sliders, alt)

    def _drag_to(self, wanted: Mapping[str, float]) -> None:
        """Values that a hand asks for, kept in range; sliders show them rounded to their steps."""
        for name, value in wanted.items():
            slider = self._sliders[name]
            self._values[name] = min(max(value, slider.low), slider.high)
            steps = round((self._values[name] - slider.low) / slider.step)
            self._on_slider[name] = min(slider.low + steps * slider.step, slider.high)
            self._controls[name].value = self._on_slider[name]
        self._redraw_moving()

    def _moved(self, name: str, value: float) -> None:
        """A hand moves a slider by a step at least; less is the page, rounding what it was told."""
        step = value - self._on_slider[name]
        self._on_slider[name] = value
        if value != self._values[name] and abs(step) > 0.51 * self._sliders[name].step:
            self._values[name] = value
            self._touched(name)
            self._redraw_moving()

    def _touched(self, name: str) -> None:
        """Called when a hand has moved that slider, before the picture is drawn."""

    def _redraw(self) -> None:
        self._rest.cancel()
        super()._redraw()

    def _redraw_moving(self) -> None:
        """Quick now and full when it rests, where a kernel can tell; else full now."""
        if not Rest.possible():
            self._redraw()
            return
        self._moving = True
        try:
            self._redraw()
        finally:
            self._moving = False
        self._rest.later()
