"""A camera that the student turns about an object, seen through the student's own functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import torch

from course_lib.shapes import Float, Tensor
from course_lib.viewers.arrays import as_array, as_image
from course_lib.viewers.enlarged import enlarged, png_bytes
from course_lib.viewers.orbit_rendering import LookAt, orbit_eye
from course_lib.viewers.slider_panel import Slider, SliderPanel

WIDTH: Final = 512  # pixels on the screen


class CameraOrbit(SliderPanel):
    """Sliders for azimuth, elevation, distance and roll; ▶ turns the camera.

    `look_at(eye, target, up)` places the camera and `render(world_from_camera)` draws its image
    `h w 3`: both are the student's. World z is up.
    """

    def __init__(
        self,
        render: Callable[[Tensor], Any],
        look_at: LookAt,
        *,
        target: tuple[float, float, float] = (0.0, 0.0, 0.0),
        azimuth: float = 35.0,
        elevation: float = 20.0,
        distance: float = 1.8,
    ) -> None:
        self._render, self._look_at = render, look_at
        self._target = torch.tensor(target)
        sliders = {
            "azimuth": Slider("azimuth °", azimuth, -180, 180, 1),
            "elevation": Slider("elevation °", elevation, -85, 85, 1),
            "distance": Slider("distance", distance, 0.5 * distance, 2.5 * distance, 0.01),
            "roll": Slider("roll °", 0, -180, 180, 1),
        }
        super().__init__(sliders, "An object rendered by a camera that circles around it.")

    def picture_png(self, values: dict[str, float]) -> bytes:
        """The student's rendering of the view that the sliders describe."""
        eye = orbit_eye(self._target, values["azimuth"], values["elevation"], values["distance"])
        pose = self._look_at(eye, self._target, torch.tensor([0.0, 0.0, 1.0]))
        as_array("what look_at returned", pose, (4, 4))
        result = self._render(pose @ _roll(values["roll"]).to(pose))
        image = result[0] if isinstance(result, tuple) else result
        return png_bytes(enlarged(as_image("what render returned", image), WIDTH))

    def _extra_controls(self, widgets: Any) -> list[Any]:
        play = widgets.Play(
            value=round(self._values["azimuth"]), min=-180, max=180, step=4, interval=150
        )
        # Linked in the browser, so that a slow renderer drops frames instead of queueing them.
        widgets.jslink((play, "value"), (self._controls["azimuth"], "value"))
        return [play]


def _roll(degrees: float) -> Float[Tensor, "4 4"]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return torch.tensor([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]])
