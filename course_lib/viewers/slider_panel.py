"""A picture under sliders, for ipywidgets 7.7 and 8, with a still picture where no widgets run."""

from __future__ import annotations

import base64
import html
import traceback
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final

from course_lib.viewers.picture import image_html
from course_lib.viewers.pointer import PICTURE, WORDS, send_script

WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Slider:
    """One number that the student moves."""

    label: str
    value: float
    low: float
    high: float
    step: float


class SliderPanel(ABC):
    """Redraws `picture_png` whenever a slider moves.

    An exception of the student's code is shown under the picture, once, until a redraw succeeds;
    the last good picture stays. In a saved notebook the picture itself is what remains.
    """

    _picture_marks, _word_marks = PICTURE, WORDS

    def __init__(self, sliders: dict[str, Slider], alt: str) -> None:
        self.alt = alt
        self.png = b""
        self.error = ""  # of the last redraw; empty if it succeeded
        self._sliders = sliders
        self._values = {name: slider.value for name, slider in sliders.items()}
        self._box: Any = None
        self._redraw()

    @abstractmethod
    def picture_png(self, values: dict[str, float]) -> bytes:
        """The picture for these slider values; may raise whatever the student's code raises."""

    def set(self, **values: float) -> None:
        """Moves sliders from code, as in `viewer.set(azimuth=90)`; KeyError for an unknown one."""
        for name, value in values.items():
            if name not in self._sliders:
                raise KeyError(f"no slider {name!r}; there are {', '.join(self._sliders)}")
            slider = self._sliders[name]
            self._values[name] = min(max(float(value), slider.low), slider.high)
        if self._box is not None:
            for name in values:
                self._controls[name].value = self._values[name]
        self._redraw()

    def _redraw(self) -> None:
        try:
            self.png, self.error = self.picture_png(dict(self._values)), ""
        except Exception as error:
            self.error = describe_error(error)
        if self._box is not None:
            self._show()

    def _show(self) -> None:
        """Brings the widgets up to date."""
        self._image.value = self.png
        self._show_image()
        self._caption.value = caption_html(self.alt)
        self._message.value = _error_html(self.error)

    def _build(self) -> Any:
        import ipywidgets as widgets

        # A box stretches what is in it; a picture keeps its size and, where there is no room, its margins.
        own_size = widgets.Layout(align_self="flex-start", max_width="calc(100% - 4px)")
        self._image = widgets.Image(
            value=self.png, format="png", layout=own_size, **self._picture_marks
        )
        self._show_image()
        self._caption = widgets.HTML(value=caption_html(self.alt), **self._word_marks)
        self._message = widgets.HTML(value=_error_html(self.error))
        self._controls = {
            name: widgets.FloatSlider(
                value=self._values[name],
                min=slider.low,
                max=slider.high,
                step=slider.step,
                description=slider.label,
                readout_format=".2f" if slider.step < 1 else ".0f",
                continuous_update=True,
            )
            for name, slider in self._sliders.items()
        }
        for name, control in self._controls.items():
            control.observe(
                lambda change, name=name: self._moved(name, change["new"]), names="value"
            )
        return self._arrange(widgets, [*self._controls.values(), *self._extra_controls(widgets)])

    def _arrange(self, widgets: Any, controls: list[Any]) -> Any:
        """The box that holds everything; its parts exist when this is called."""
        return widgets.VBox([self._image, self._caption, widgets.VBox(controls), self._message])

    def _show_image(self) -> None:
        self._image.layout.display = (
            "" if self.png else "none"
        )  # no bytes would show as a broken picture

    def _extra_controls(self, widgets: Any) -> list[Any]:
        """More controls below the sliders; `self._controls` exists when this is called."""
        return []

    def _moved(self, name: str, value: float) -> None:
        if value != self._values[name]:
            self._values[name] = value
            self._redraw()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        text = f"{self.alt}\n{self.error}" if self.error else self.alt
        bundle: dict[str, Any] = {"text/plain": text}
        if self.png:
            bundle["image/png"] = base64.b64encode(self.png).decode()
        if self._box is None and _widgets_can_run():
            self._box = self._build()
        if self._box is not None:
            bundle[WIDGET_VIEW] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._box.model_id,
            }
            send_script()
        else:
            bundle["text/html"] = _still_html(self.png, self.alt, self.error)
        return bundle


def describe_error(error: Exception) -> str:
    """The exception's type and text, and the last line of notebook code it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [
        f for f in frames if "course_lib" not in f.filename and "site-packages" not in f.filename
    ]
    where = f" (in {theirs[-1].name}: {theirs[-1].line})" if theirs and theirs[-1].line else ""
    return f"{type(error).__name__}: {error}{where}"


def caption_html(alt: str) -> str:
    """Words under a picture; the widget Image knows no alt text, so a script reads it from here."""
    return f"<small>{html.escape(alt)}</small>"


def _error_html(error: str) -> str:
    if not error:
        return ""
    return (
        "<div style='border-left:4px solid #D55E00;padding:4px 10px;white-space:pre-wrap'>"
        f"<b>Your code raised</b> {html.escape(error)}</div>"
    )


def _still_html(png: bytes, alt: str, error: str) -> str:
    image = image_html(base64.b64encode(png).decode(), alt) if png else ""
    return image + _error_html(error)


def _widgets_can_run() -> bool:
    """True in a kernel with ipywidgets; a plain IPython terminal has no front end for them."""
    try:
        import ipywidgets  # noqa: F401
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
