"""By what the page's script finds a viewer's widgets: it has to be there as soon as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.viewers import CameraOrbit, CodeExplorer, LatentPlane, pointer
from course_lib.viewers.slider_panel import SliderPanel
from tests.orbit_scene import Scene, look_at

PLAIN = {"course-picture", "course-words"}
DRAGGED = PLAIN | {
    *("course-orbit", "course-orbit-picture", "course-orbit-words"),
    *("course-orbit-say", "course-orbit-heard"),
}


def camera_orbit() -> SliderPanel:
    return CameraOrbit(lambda pose: pose[:3, 3].sigmoid().expand(6, 8, 3), look_at)


def orbit_viewer() -> SliderPanel:
    return Scene().viewer(uv=(0.25, 0.75))


def latent_plane() -> SliderPanel:
    codes = torch.tensor([[-4.0, -1.0], [6.0, 3.0], [1.0, 1.0]])
    return LatentPlane(lambda z: z.sigmoid()[:, [0, 1, 1]].expand(1, 5, 4, 3), codes, [3, 5, 5])


def code_explorer() -> SliderPanel:
    def render(z: Any, pose: Any, resolution: tuple[int, int]) -> Any:
        return {"rgb": torch.full((*resolution, 3), float(z[0].sigmoid()))}

    return CodeExplorer(render, torch.eye(3), look_at, directions=torch.eye(3)[:1])


VIEWERS = [(camera_orbit, PLAIN)] + [
    (make, DRAGGED) for make in (orbit_viewer, latent_plane, code_explorer)
]


@pytest.mark.parametrize(("make", "marks"), VIEWERS)
def test_widgets_open_with_their_marks(
    make: Callable[[], SliderPanel], marks: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ipywidgets as widgets

    monkeypatch.setattr("course_lib.viewers.slider_panel._widgets_can_run", lambda: True)
    monkeypatch.setattr("course_lib.viewers.slider_panel.send_script", lambda: None)
    later: list[Any] = []  # marks that would take a message of their own
    notify = widgets.DOMWidget.notify_change

    def notified(self: Any, change: Any) -> None:
        if change["name"] == "_dom_classes" and self.comm is not None:
            later.append(change)
        notify(self, change)

    monkeypatch.setattr(widgets.DOMWidget, "notify_change", notified)
    viewer = make()
    viewer._repr_mimebundle_()
    assert {mark for widget in _inside(viewer._box) for mark in widget._dom_classes} == marks
    assert not later


def test_the_script_looks_for_these_marks() -> None:
    script = Path(pointer.__file__).with_name("pointer.js").read_text(encoding="utf-8")
    assert set(re.findall(r"course-[a-z]+(?:-[a-z]+)*", script)) == DRAGGED


def _inside(widget: Any) -> Iterator[Any]:
    """A widget and all that it holds."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)
