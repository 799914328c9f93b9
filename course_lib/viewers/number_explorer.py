"""A code whose numbers have names: a slider for each, while one looks around."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch

from course_lib.shapes import Float, Resolution, Tensor
from course_lib.viewers.maps import Range
from course_lib.viewers.orbit_panel import OrbitPanel, camera_sliders
from course_lib.viewers.orbit_rendering import LookAt, OrbitRenderer, Target
from course_lib.viewers.slider_panel import Slider

RenderCode = Callable[[Tensor, Tensor, Resolution], Mapping[str, Any]]
STEPS: Final = 50  # of a slider, from end to end


class NumberExplorer(OrbitPanel):
    """What a decoder makes of a code that somebody has written down, from a camera that circles around it.

    `render(z, world_from_camera, resolution)` returns maps by name of the code `d`, as for
    `CodeExplorer`; it is called without gradients. `look_at(eye, target, up)` places the camera; world
    z is up. All that these functions are given is float32 on the CPU; what they return may be on any
    device.

    `numbers` are those of the code in their order, (start, lowest, highest) by name, as
    {"smile": (0.0, -1.0, 1.0), …}; each has a slider.

    While something moves, pictures are as coarse as it takes to draw ten a second. What any of the
    functions raises is shown below the picture, and the last good picture stays.
    """

    def __init__(
        self,
        render: RenderCode,
        numbers: Mapping[str, tuple[float, float, float]],
        look_at: LookAt,
        *,
        resolution: Resolution = (64, 64),
        target: Target = (0.0, 0.0, 0.0),
        azimuth: float = 35.0,
        elevation: float = 20.0,
        distance: float = 1.3,
        depth_range: Range | None = None,
    ) -> None:
        camera = camera_sliders(azimuth, elevation, distance)
        self._numbers = _sliders(numbers, tuple(camera))
        self._render = render
        super().__init__(
            OrbitRenderer(self._rendered, look_at, target, resolution),
            self._numbers | camera,
            "What is decoded from a code, seen by a camera that circles around it.",
            depth_range,
        )

    @property
    def code(self) -> Float[Tensor, " d"]:
        """The code on view, float32 on the CPU."""
        return torch.tensor([self._values[name] for name in self._numbers])

    def _maps(self, values: Mapping[str, float]) -> Mapping[str, Any]:
        numbers = tuple(values[name] for name in self._numbers)
        self._shown = torch.tensor(numbers)
        return self._renderer.at(values, moving=self._moving, scene=numbers).maps

    def _rendered(self, pose: Tensor, resolution: Resolution, samples: int) -> Mapping[str, Any]:
        with torch.no_grad():
            return self._render(self._shown, pose, resolution)

    def _subject(self, values: Mapping[str, float]) -> str:
        moved = [
            f"{name} {values[name]:.2f}"
            for name, slider in self._numbers.items()
            if values[name] != slider.value
        ]
        return f"the code with {', '.join(moved)}" if moved else "the code as it was given"


def _sliders(numbers: Any, taken: tuple[str, ...]) -> dict[str, Slider]:
    """A slider for every number; ValueError names the one that cannot have any."""
    if not isinstance(numbers, Mapping) or not numbers:
        raise ValueError(
            f"numbers is {numbers!r}; give (start, lowest, highest) by name, as {{'smile': (0, -1, 1)}}"
        )
    found = {}
    for name, given in numbers.items():
        if name in taken:
            raise ValueError(
                f"numbers has {name!r}, but that is a slider of the camera; call it otherwise"
            )
        try:
            start, low, high = (float(value) for value in given)
        except (TypeError, ValueError):
            start, low, high = math.nan, math.nan, math.nan
        if not (low <= start <= high and low < high and math.isfinite(high - low)):
            raise ValueError(
                f"numbers[{name!r}] is {given!r}; give finite (start, lowest, highest) with the start between"
            )
        found[str(name)] = Slider(str(name), start, low, high, (high - low) / STEPS)
    return found
