"""A panel that shows maps of something from a camera on an orbit; what it shows is up to its subclass."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final

from PIL import Image

from course_lib.style import PANEL
from course_lib.viewers.dragged_panel import DraggedPanel
from course_lib.viewers.enlarged import as_large_as, png_bytes
from course_lib.viewers.maps import Range, shown_map
from course_lib.viewers.orbit_rendering import OrbitRenderer
from course_lib.viewers.pointer import DRAGGED_BOX, Gesture, Pointer
from course_lib.viewers.slider_panel import Slider

DEGREES: Final = 180.0  # that a drag across the whole picture turns
ZOOM: Final = 1.1  # per notch of the wheel


def camera_sliders(azimuth: float, elevation: float, distance: float) -> dict[str, Slider]:
    """Where the camera stands: angles in degrees, distance in world units around what it is at first."""
    return {
        "azimuth": Slider("azimuth °", azimuth, -180, 180, 1),
        "elevation": Slider("elevation °", elevation, -85, 85, 1),
        "distance": Slider("distance", distance, 0.3 * distance, 3 * distance, 0.01),
    }


class OrbitPanel(DraggedPanel):
    """Drag the picture to turn the camera, roll the wheel to zoom; buttons choose the map.

    `sliders` hold those of `camera_sliders` and any others. While something moves, pictures are as
    coarse as it takes to draw ten a second.
    """

    def __init__(
        self,
        renderer: OrbitRenderer,
        sliders: dict[str, Slider],
        alt: str,
        depth_range: Range | None,
    ) -> None:
        self._renderer, self._depth_range = renderer, depth_range
        self._names: tuple[str, ...] = ()
        self._name = ""  # the map on view
        super().__init__(sliders, alt)

    @abstractmethod
    def _maps(self, values: Mapping[str, float]) -> Mapping[str, Any]:
        """The maps by name for these values of the sliders; coarser ones will do while `_moving`."""

    @abstractmethod
    def _subject(self, values: Mapping[str, float]) -> str:
        """What the maps show, in words that follow "rgb of"."""

    def _finished(self, picture: Image.Image, values: Mapping[str, float]) -> Image.Image:
        """The picture on view with what is drawn over it."""
        return picture

    def picture_png(self, values: dict[str, float]) -> bytes:
        """The map on view from where the sliders place the camera."""
        maps = self._maps(values)
        if tuple(maps) != self._names:
            self._offer(tuple(maps))
        span = self._depth_range if self._name.startswith(("depth", "distance")) else None
        shown = shown_map(self._name, maps[self._name], span)
        self.alt = self._words(values, shown.span)
        height, width = self._renderer.resolution
        scale = max(1, PANEL // width) if width <= PANEL else PANEL / width
        picture = as_large_as(shown.image, (round(height * scale), round(width * scale)))
        return png_bytes(self._finished(picture, values))

    def select(self, name: str) -> None:
        """Shows another map, as the buttons do; KeyError if `render` returns none of that name."""
        if name not in self._names:
            raise KeyError(f"no map {name!r}; there are {', '.join(self._names) or 'none yet'}")
        self._name = name
        if self._box is not None:
            self._buttons.value = name
        self._redraw()

    def _offer(self, names: tuple[str, ...]) -> None:
        self._names = names
        if self._name not in names:
            self._name = names[0]
        if self._box is not None:
            self._buttons.unobserve(self._chosen, "value")  # new options choose the first
            self._buttons.options, self._buttons.value = names, self._name
            self._buttons.observe(self._chosen, "value")

    def _words(self, values: Mapping[str, float], span: Range | None) -> str:
        text = (
            f"{self._name} of {self._subject(values)} from azimuth {values['azimuth']:.0f}°, elevation "
            f"{values['elevation']:.0f}°, distance {values['distance']:.2f}"
        )
        if span:
            near, far = "bright", "dark"
            if not self._name.startswith(("depth", "distance")):
                near, far = far, near
            text += f"; {span[0]:.3g} is {near}, {span[1]:.3g} is {far}"
        return text + "."

    def _arrange(self, widgets: Any, controls: list[Any]) -> Any:
        self._buttons = widgets.ToggleButtons(options=self._names, style={"button_width": "auto"})
        if self._name:
            self._buttons.value = self._name
        self._buttons.observe(self._chosen, "value")
        pointer = Pointer(self._gesture)
        hint = widgets.HTML(value=f"<small>{self._hint()}; or use these.</small>")
        # On a narrow page the picture shrinks, so that the controls stay beside it.
        shrinking = {"flex": "1 1 256px", "max_width": f"{PANEL + 8}px"}
        row = widgets.HBox(
            [
                widgets.VBox([self._image, self._caption], layout=shrinking),
                widgets.VBox([hint, self._buttons, *controls]),
            ],
            layout={"flex_flow": "row wrap", "align_items": "flex-start"},
        )
        below = self._below(widgets)
        return widgets.VBox([row, *below, self._message, *pointer.widgets], **DRAGGED_BOX)

    def _hint(self) -> str:
        """What a hand can do over the picture."""
        return "Drag the picture to turn, roll the wheel to zoom"

    def _below(self, widgets: Any) -> list[Any]:
        """What stands below the picture and the controls."""
        return []

    def _chosen(self, change: Any) -> None:
        if change["new"] and change["new"] != self._name:
            self.select(change["new"])

    def _gesture(self, gesture: Gesture) -> None:
        """What the hand did: turned or zoomed."""
        self._drag_to(self._turned(gesture))

    def _turned(self, gesture: Gesture) -> dict[str, float]:
        """Where a hand takes the camera."""
        turned = self._values["azimuth"] - DEGREES * gesture.right
        return {
            "azimuth": (turned + 180) % 360 - 180,
            "elevation": self._values["elevation"] + DEGREES * gesture.down,
            "distance": self._values["distance"] * ZOOM**gesture.zoom,
        }
