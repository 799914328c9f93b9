"""A space of codes to walk through: sliders along its directions and between known codes, while one looks around."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from statistics import median_low
from typing import Any, Final

import torch

from course_lib.shapes import Float, Resolution, Tensor
from course_lib.viewers.code_path import CodeSpace
from course_lib.viewers.maps import Range
from course_lib.viewers.orbit_panel import OrbitPanel, camera_sliders
from course_lib.viewers.orbit_rendering import LookAt, OrbitRenderer, Target
from course_lib.viewers.pace import FRAMES_PER_SECOND
from course_lib.viewers.slider_panel import Slider

RenderCode = Callable[[Tensor, Tensor, Resolution], Mapping[str, Any]]
REACH: Final = 2.5  # standard deviations, each way
REMEMBERED: Final = 9  # pictures, whose seconds are told


class CodeExplorer(OrbitPanel):
    """What a decoder makes of any code, from a camera that circles around it.

    `render(z, world_from_camera, resolution)` returns maps by name of the code `d`: images `h w 3`,
    normals `h w 3` (a name that starts with "normal") and anything `h w`, as {"rgb": …, "depth": …};
    buttons choose among them. It is called without gradients. `look_at(eye, target, up)` places the
    camera; world z is up. All that these functions are given is float32 on the CPU; what they return
    may be on any device.

    `codes` `n d` are those of known objects, with `names` if they have any. The slider `between`
    leads from one of them to another, which menus or `choose` pick; both may be their mean. For each
    row of `directions` `k d` (unit vectors, as the principal directions of the codes; at most eight) a
    slider leads up to 2.5 standard deviations either way from there: `scales` `k`, by default those of
    the codes along it.

    While something moves, pictures are as coarse as it takes to draw `frames_per_second`. With
    `show_rate`, the words below the picture tell how long one takes from code to bytes, and how many
    a second that makes (the middle one of the last few; the page adds what it takes to send them).
    What any of the functions raises is shown below the picture, and the last good picture stays.
    """

    def __init__(
        self,
        render: RenderCode,
        codes: Any,
        look_at: LookAt,
        *,
        directions: Any = None,
        scales: Any = None,
        names: Sequence[str] | None = None,
        start: str | int | None = None,
        end: str | int | None = 0,
        resolution: Resolution = (64, 64),
        target: Target = (0.0, 0.0, 0.0),
        azimuth: float = 35.0,
        elevation: float = 20.0,
        distance: float = 1.3,
        depth_range: Range | None = None,
        frames_per_second: float = FRAMES_PER_SECOND,
        show_rate: bool = False,
    ) -> None:
        self._show_rate, self._fresh = show_rate, False
        self._took: deque[float] = deque(maxlen=REMEMBERED)  # seconds per picture
        self._space = CodeSpace.of(codes, names, directions, scales)
        self._ends = self._space.named("start", start), self._space.named("end", end)
        self._render = render
        self._along = tuple(f"direction_{i + 1}" for i in range(len(self._space.steps)))
        sliders = {"between": Slider("from → to", 0.0, 0.0, 1.0, 0.01)}
        for i, name in enumerate(self._along):
            sliders[name] = Slider(f"dir. {i + 1} (σ)", 0.0, -REACH, REACH, 0.05)
        super().__init__(
            OrbitRenderer(self._rendered, look_at, target, resolution, frames_per_second),
            sliders | camera_sliders(azimuth, elevation, distance),
            "What is decoded from a code, seen by a camera that circles around it.",
            depth_range,
        )

    @property
    def code(self) -> Float[Tensor, " d"]:
        """The code on view, float32 on the CPU."""
        return self._code(self._values)

    @property
    def seconds(self) -> float:
        """How long a picture takes, from code to bytes: the middle one of the last few. NaN before the first."""
        return median_low(self._took) if self._took else math.nan

    def picture_png(self, values: dict[str, float]) -> bytes:
        """The map on view of the code and from where the sliders say."""
        self._fresh, start = False, time.perf_counter()
        png = super().picture_png(values)
        if self._fresh:  # another map of the same picture costs nothing, and says nothing
            self._took.append(time.perf_counter() - start)
        if self._show_rate:
            each = self.seconds
            self.alt += f" A picture takes {1e3 * each:.0f} ms: {1 / each:.0f} a second."
        return png

    def choose(self, start: str | int | None = None, end: str | int | None = None) -> None:
        """Between which known codes the slider leads, as the menus do: by name or number, None is the mean."""
        self._ends = self._space.named("start", start), self._space.named("end", end)
        if self._box is not None:
            for menu, name in zip(self._menus, self._ends, strict=True):
                menu.unobserve(self._picked, "value")  # both are moved before anything is drawn
                menu.value = name
                menu.observe(self._picked, "value")
        self._redraw()

    def _code(self, values: Mapping[str, float]) -> Float[Tensor, " d"]:
        along = [values[name] for name in self._along]
        code = self._space.at(*self._ends, values["between"], along)
        return torch.from_numpy(code).to(torch.float32)

    def _maps(self, values: Mapping[str, float]) -> Mapping[str, Any]:
        self._shown = self._code(values)
        scene = tuple(self._shown.tolist())
        return self._renderer.at(values, moving=self._moving, scene=scene).maps

    def _rendered(self, pose: Tensor, resolution: Resolution, samples: int) -> Mapping[str, Any]:
        self._fresh = True
        with torch.no_grad():
            return self._render(self._shown, pose, resolution)

    def _subject(self, values: Mapping[str, float]) -> str:
        start, end = self._ends
        share = values["between"]
        between = {0.0: start, 1.0: end}.get(share, f"{1 - share:.0%} {start} + {share:.0%} {end}")
        moved = [
            f"{values[name]:+.2f} σ along direction {i + 1}"
            for i, name in enumerate(self._along)
            if values[name]
        ]
        return ", ".join([start if start == end else between, *moved])

    def _arrange(self, widgets: Any, controls: list[Any]) -> Any:
        self._menus = [
            widgets.Dropdown(options=self._space.names, value=name, description=label)
            for label, name in zip(("from", "to"), self._ends, strict=True)
        ]
        for menu in self._menus:
            menu.observe(self._picked, "value")
        return super()._arrange(widgets, [*self._menus, *controls])

    def _picked(self, change: Any) -> None:
        self._ends = self._menus[0].value, self._menus[1].value
        self._redraw()
