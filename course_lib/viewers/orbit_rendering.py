"""Maps of a scene from a camera on an orbit, coarse while it moves, and remembered while it does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from course_lib.shapes import Float, Resolution, Tensor
from course_lib.viewers.arrays import as_array
from course_lib.viewers.pace import BUDGET, FRAMES_PER_SECOND, Pace

LookAt = Callable[[Tensor, Tensor, Tensor], Tensor]
Render = Callable[[Tensor, Resolution, int], Mapping[str, Any]]
Target = tuple[float, float, float]
CAMERA: Final = ("azimuth", "elevation", "distance", "samples")  # what a rendering depends on


@dataclass(frozen=True)
class Rendering:
    """What `render` returned, and for what."""

    camera: tuple[float, ...]
    scene: Hashable
    divisor: int  # of height and width
    pose: Float[Tensor, "4 4"]  # world_from_camera
    maps: Mapping[str, Any]


class OrbitRenderer:
    """Calls the student's `look_at` and `render` for values of sliders, as seldom as possible."""

    def __init__(
        self,
        render: Render,
        look_at: LookAt,
        target: Target,
        resolution: Resolution,
        frames_per_second: float = FRAMES_PER_SECOND,
    ) -> None:
        if not _is_resolution(resolution):
            raise ValueError(f"resolution is {resolution}; give (height, width) in pixels")
        if not 0 < frames_per_second < math.inf:
            raise ValueError(
                f"frames_per_second is {frames_per_second}; give how many a hand should see, above 0"
            )
        self._render, self._look_at = render, look_at
        self._target, self.resolution = torch.tensor(target), resolution
        self._pace = Pace(BUDGET * (FRAMES_PER_SECOND / frames_per_second))
        self._last: Rendering | None = None

    def at(
        self, values: Mapping[str, float], *, moving: bool = False, scene: Hashable = None
    ) -> Rendering:
        """The view from there; a coarser one if it is `moving` and that takes too long.

        A view of another `scene` (as of another code) is never taken for this one.

        ValueError if `look_at` returns no pose or `render` no maps; else what those raise.
        """
        camera = tuple(values.get(name, 0.0) for name in CAMERA)
        divisor = self._pace.divisor() if moving else 1
        last = self._last
        same = last is not None and (last.camera, last.scene) == (camera, scene)
        if last is not None and same and last.divisor <= divisor:
            return last
        eye = orbit_eye(self._target, *camera[:3])
        pose = self._look_at(eye, self._target, torch.tensor([0.0, 0.0, 1.0]))
        as_array("what look_at returned", pose, (4, 4))
        height, width = (-(-size // divisor) for size in self.resolution)
        with self._pace.measuring(divisor):
            maps = _fetched(self._render(pose, (height, width), round(camera[3])), (height, width))
        self._last = Rendering(camera, scene, divisor, pose, maps)
        return self._last


def _is_resolution(value: object) -> bool:
    return (
        isinstance(value, Sequence)
        and len(value) == 2
        and all(isinstance(size, int) and size >= 1 for size in value)
    )


def _fetched(maps: Any, resolution: Resolution) -> dict[str, Any]:
    """What `render` returned, computed to the end and without the graph that it may hang on."""
    if not isinstance(maps, Mapping) or not maps:
        got = "an empty one" if isinstance(maps, Mapping) else type(maps).__name__
        raise ValueError(
            f"render must return a dict of maps, as {{'rgb': image, 'depth': depth}}; got {got}"
        )
    for name, value in maps.items():
        if not isinstance(name, str):
            raise ValueError(f"render must name its maps, as in {{'rgb': image}}; got {name!r}")
        shape = tuple(np.shape(value))
        if len(shape) in (2, 3) and shape[:2] != resolution:
            swapped = " Were height and width swapped?" if shape[:2] == resolution[::-1] else ""
            raise ValueError(
                f"render was asked for {resolution[0]} rows of {resolution[1]} pixels, (height, width), and "
                f"returned {name!r} of shape {shape}.{swapped}"
            )
    return {
        name: value.detach().cpu() if isinstance(value, Tensor) else value
        for name, value in maps.items()
    }


def orbit_eye(
    target: Float[Tensor, " 3"], azimuth: float, elevation: float, distance: float
) -> Float[Tensor, " 3"]:
    """Where a camera stands that circles around `target`; angles in degrees, world z is up."""
    level = distance * math.cos(math.radians(elevation))
    x, y = math.cos(math.radians(azimuth)), math.sin(math.radians(azimuth))
    z = distance * math.sin(math.radians(elevation))
    return target + torch.tensor([level * x, level * y, z])
