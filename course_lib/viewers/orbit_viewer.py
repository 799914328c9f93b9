"""A scene to look around in: drag the picture, roll the wheel, click a pixel to see along its ray."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from PIL import Image

from course_lib.shapes import Resolution, Tensor
from course_lib.viewers.enlarged import marked, png_bytes, stacked
from course_lib.viewers.maps import Range
from course_lib.viewers.orbit_panel import OrbitPanel, camera_sliders
from course_lib.viewers.orbit_rendering import LookAt, OrbitRenderer, Render, Target
from course_lib.viewers.picture import image_html
from course_lib.viewers.pointer import PICTURE, WORDS, Gesture
from course_lib.viewers.ray_profile import show_ray
from course_lib.viewers.slider_panel import Slider, caption_html, describe_error

# With a ray's chart below, the picture is smaller: both fit on a screen.
PICTURE_WIDTH: Final = "min(420px, calc(100% - 4px))"
RAY_WIDTH: Final = "min(640px, calc(100% - 4px))"

AlongRay = Callable[[Tensor, Tensor, int], Mapping[str, Any]]


class OrbitViewer(OrbitPanel):
    """Maps of a scene from a camera that circles around it, and what happens along one ray.

    `render(world_from_camera, resolution, samples)` returns maps by name: images `h w 3`, normals
    `h w 3` (a name that starts with "normal") and anything `h w`, as {"rgb": …, "depth": …}; buttons
    choose among them. `look_at(eye, target, up)` places the camera; world z is up. All that these
    functions are given is float32 on the CPU; what they return may be on any device.

    `along_ray(world_from_camera, uv, samples)` returns the arguments of `show_ray` by name. A click
    chooses the ray, and so do the sliders u and v; `uv` shows one from the start. `samples` is where
    the slider for samples per ray starts; with 0 there is none, for a `render` that takes none.

    While something moves, pictures are as coarse as it takes to draw ten a second. What any of the
    functions raises is shown below the picture, and the last good picture stays.
    """

    def __init__(
        self,
        render: Render,
        look_at: LookAt,
        *,
        along_ray: AlongRay | None = None,
        resolution: Resolution = (128, 128),
        samples: int = 64,
        most_samples: int | None = None,
        target: Target = (0.0, 0.0, 0.0),
        azimuth: float = 35.0,
        elevation: float = 20.0,
        distance: float = 1.3,
        uv: tuple[float, float] | None = None,
        depth_range: Range | None = None,
    ) -> None:
        if samples < 0:
            raise ValueError(
                f"samples is {samples}; give how many to start with, or 0 for no slider"
            )
        if uv is not None and along_ray is None:
            raise ValueError(
                "uv chooses a ray, but there is no along_ray to tell what happens on it"
            )
        self._along_ray = along_ray
        self._ray_shown = uv is not None
        self.ray_png, self.ray_alt = (
            b"",
            "",
        )  # what happens along the ray; empty while none is chosen
        sliders = camera_sliders(azimuth, elevation, distance)
        if samples:
            most = max(samples, most_samples or 4 * samples)
            sliders["samples"] = Slider("samples", samples, 1, most, 1)
        if along_ray is not None:
            u, v = uv or (0.5, 0.5)
            sliders["u"] = Slider("ray u →", u, 0, 1, 0.005)
            sliders["v"] = Slider("ray v ↓", v, 0, 1, 0.005)
        super().__init__(
            OrbitRenderer(render, look_at, target, resolution),
            sliders,
            "A scene seen by a camera that circles around it.",
            depth_range,
        )

    def _maps(self, values: Mapping[str, float]) -> Mapping[str, Any]:
        return self._renderer.at(values, moving=self._moving).maps

    def _subject(self, values: Mapping[str, float]) -> str:
        return "a scene"

    def _finished(self, picture: Image.Image, values: Mapping[str, float]) -> Image.Image:
        return marked(picture, values["u"], values["v"]) if self._ray_shown else picture

    def set(self, **values: float) -> None:
        """Moves sliders from code, as in `viewer.set(azimuth=90, samples=8)`; u or v choose a ray."""
        self._ray_shown |= any(name in values and name in self._sliders for name in ("u", "v"))
        super().set(**values)

    def _redraw(self) -> None:
        super()._redraw()
        if self._ray_shown and not self._moving and not self.error:
            self._draw_ray(dict(self._values))

    def _draw_ray(self, values: dict[str, float]) -> None:
        """Too slow for moving pictures. What goes wrong here leaves the picture as it is."""
        assert self._along_ray is not None  # else no ray can be chosen
        try:
            pose, uv = self._renderer.at(values).pose, torch.tensor([values["u"], values["v"]])
            found = self._along_ray(pose, uv, round(values.get("samples", 0)))
            if not isinstance(found, Mapping):
                raise ValueError(
                    "along_ray must return a dict of show_ray's arguments, as {'distances': …}; "
                    f"got {type(found).__name__}"
                )
            title = f"along the ray through u = {values['u']:.2f}, v = {values['v']:.2f}"
            profile = show_ray(**{"title": title, **found})
            self.ray_png, self.ray_alt = profile.png(), profile.alt
        except Exception as error:
            self.error = describe_error(error)
        if self._box is not None:
            self._show()

    def _show(self) -> None:
        super()._show()
        self._ray_image.value = self.ray_png
        self._ray_words.value = caption_html(self.ray_alt)
        self._ray_image.layout.display = "" if self.ray_png else "none"

    def _arrange(self, widgets: Any, controls: list[Any]) -> Any:
        self._ray_image = widgets.Image(
            format="png", layout={"align_self": "flex-start", "max_width": RAY_WIDTH}, **PICTURE
        )
        if self._along_ray is not None:  # both are to be seen at once
            self._image.layout.max_width = PICTURE_WIDTH
        self._ray_words = widgets.HTML(**WORDS)
        box = super()._arrange(widgets, controls)
        self._show()
        return box

    def _hint(self) -> str:
        return super()._hint() + (", click it to look along a ray" if self._along_ray else "")

    def _below(self, widgets: Any) -> list[Any]:
        return [self._ray_image, self._ray_words]

    def _touched(self, name: str) -> None:
        self._ray_shown |= name in ("u", "v")

    def _gesture(self, gesture: Gesture) -> None:
        """What the hand did: turned, zoomed, or clicked a pixel."""
        wanted = self._turned(gesture)
        if gesture.click is not None and self._along_ray is not None:
            self._ray_shown = True
            wanted["u"], wanted["v"] = gesture.click
        self._drag_to(wanted)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(include, exclude)
        if "image/png" in bundle and self.ray_png:  # a still picture shows both
            both = stacked(self.png, self.ray_png)
            bundle["image/png"] = base64.b64encode(png_bytes(both)).decode()
            bundle["text/plain"] += f"\n{self.ray_alt}"
            if "text/html" in bundle and not self.error:
                bundle["text/html"] = image_html(bundle["image/png"], bundle["text/plain"])
        return bundle
