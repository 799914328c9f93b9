"""The orbit viewer with widgets: what a hand can do to it, and that frames never queue up."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from course_lib.viewers import OrbitViewer, pointer
from course_lib.viewers.pace import BUDGET, PAUSE, Pace
from course_lib.viewers.slider_panel import WIDGET_VIEW
from tests.orbit_scene import Scene, clock, decoded, look_at


class TestWithWidgets:
    """As in a live kernel: ipywidgets keep their models without one, which is enough to move them."""

    @pytest.fixture(autouse=True)
    def _live(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scripts: list[int] = []
        monkeypatch.setattr("course_lib.viewers.slider_panel._widgets_can_run", lambda: True)
        monkeypatch.setattr(
            "course_lib.viewers.slider_panel.send_script", lambda: self.scripts.append(1)
        )

    def shown(self, scene: Scene, **options: Any) -> OrbitViewer:
        viewer = scene.viewer(**options)
        bundle = viewer._repr_mimebundle_()
        assert bundle[WIDGET_VIEW]["model_id"]
        assert "image/png" in bundle
        return viewer

    def say(self, viewer: OrbitViewer, line: str) -> str:
        """Writes a line as the script does; returns the answer that it waits for."""
        field, answer = viewer._box.children[-2:]
        field.value = line
        return str(answer.value)

    def test_the_script_goes_with_every_showing(self) -> None:
        self.shown(Scene())._repr_mimebundle_()
        assert len(self.scripts) == 2

    def test_a_drag_turns_and_is_answered(self) -> None:
        scene = Scene()
        viewer = self.shown(scene)
        before = viewer._image.value
        assert self.say(viewer, "s1 0.1 0.05 0") == "s1"
        assert viewer._values["azimuth"] == pytest.approx(35 - 18)
        assert viewer._values["elevation"] == pytest.approx(20 + 9)
        assert viewer._controls["azimuth"].value == 17  # the sliders follow
        assert viewer._image.value != before
        assert len(scene.poses) == 2  # one rendering per message

    def test_small_drags_add_up_though_sliders_are_rounded(self) -> None:
        viewer = self.shown(Scene())
        for i in range(10):
            self.say(viewer, f"s{i} 0.001 0 0")
        assert viewer._values["azimuth"] == pytest.approx(35 - 1.8)
        viewer._controls["azimuth"].value = 33.4  # a page that rounds what it was told
        assert viewer._values["azimuth"] == pytest.approx(35 - 1.8)
        viewer._controls["azimuth"].value = 60  # a hand
        assert viewer._values["azimuth"] == 60

    def test_azimuth_goes_round_and_elevation_stops(self) -> None:
        viewer = self.shown(Scene(), azimuth=-170)
        self.say(viewer, "s1 0.2 9 0")
        assert viewer._values["azimuth"] == pytest.approx(154)
        assert viewer._values["elevation"] == 85

    def test_the_wheel_zooms(self) -> None:
        viewer = self.shown(Scene(), distance=2.0)
        self.say(viewer, "s1 0 0 -1")
        assert viewer._values["distance"] == pytest.approx(2 / 1.1)

    def test_a_click_shows_what_happens_along_the_ray(self) -> None:
        scene = Scene()
        viewer = self.shown(scene)
        assert viewer._ray_image.layout.display == "none"
        self.say(viewer, "s1 0 0 0 0.3 0.6")
        torch.testing.assert_close(scene.rays[-1], torch.tensor([0.3, 0.6]))
        assert viewer._ray_image.layout.display == ""
        assert decoded(viewer._ray_image.value).shape[1] == 900
        assert "of 16 samples along a ray" in viewer._ray_words.value
        assert len(scene.poses) == 1  # the picture was there already

    def test_a_click_without_rays_does_nothing(self) -> None:
        viewer = self.shown(Scene(), along_ray=None)
        assert self.say(viewer, "s1 0 0 0 0.3 0.6") == "s1"
        assert viewer.error == ""

    def test_buttons_choose_the_map(self) -> None:
        viewer = self.shown(Scene())
        assert viewer._buttons.options == ("rgb", "depth", "normals")
        viewer._buttons.value = "depth"
        assert viewer.alt.startswith("depth of a scene")
        viewer.select("normals")
        assert viewer._buttons.value == "normals"

    def test_buttons_appear_once_the_renderer_works(self) -> None:
        scene = Scene()
        scene.broken = "not yet"
        viewer = self.shown_broken(scene)
        assert viewer._buttons.options == ()
        scene.broken = ""
        viewer._controls["azimuth"].value = 0
        assert viewer._buttons.options == ("rgb", "depth", "normals")
        assert viewer.error == viewer._message.value == ""

    def test_a_map_stays_on_view_when_others_come_and_go(self) -> None:
        names = ["rgb", "depth"]
        scene = Scene()
        viewer = OrbitViewer(lambda *view: {name: scene(*view)[name] for name in names}, look_at)
        viewer._repr_mimebundle_()
        viewer._buttons.value = "depth"
        drawn: list[str] = []
        viewer._image.observe(lambda change: drawn.append(viewer._name), names="value")
        names.insert(1, "normals")
        viewer.set(elevation=45, azimuth=0)
        assert set(drawn) <= {"depth"}  # not for a moment another
        assert viewer._buttons.options == ("rgb", "normals", "depth")
        assert viewer._buttons.value == "depth"
        names.remove("depth")
        viewer.set(azimuth=1)
        assert viewer._buttons.value == "rgb"
        assert viewer.alt.startswith("rgb of a scene")

    def shown_broken(self, scene: Scene) -> OrbitViewer:
        viewer = scene.viewer()
        viewer._repr_mimebundle_()
        assert "ZeroDivisionError: not yet" in viewer._message.value
        return viewer

    def test_an_error_is_answered_too_or_the_page_would_wait(self) -> None:
        scene = Scene()
        viewer = self.shown(scene)
        scene.broken = "a & b"
        assert self.say(viewer, "s1 0.1 0 0") == "s1"
        assert "ZeroDivisionError: a &amp; b" in viewer._message.value

    def test_moving_is_coarse_and_rest_is_full(self) -> None:
        """With an event loop as in a kernel, and a renderer that took four times too long."""
        scene = Scene()
        viewer = self.shown(scene, uv=(0.5, 0.5))
        viewer._renderer._pace = Pace(clock=clock(*[4 * BUDGET / 4] * 9))
        viewer._renderer._pace._full.append(4 * BUDGET)
        rays = len(scene.rays)

        async def drag() -> None:
            for i in range(3):
                self.say(viewer, f"s{i} 0.1 0 0")
            assert scene.resolutions[1:] == [(12, 16)] * 3
            assert decoded(viewer._image.value).shape == (384, 512, 3)  # the page does not jump
            assert len(scene.rays) == rays  # too slow while moving
            await asyncio.sleep(PAUSE + 0.1)

        asyncio.run(drag())
        assert scene.resolutions[4:] == [(24, 32)]  # once
        assert len(scene.rays) == rays + 1

    def test_rest_does_not_render_what_was_full_already(self) -> None:
        scene = Scene()
        viewer = self.shown(scene)
        viewer._renderer._pace = Pace(clock=lambda: 0.0)

        async def drag() -> None:
            self.say(viewer, "s1 0.1 0 0")
            await asyncio.sleep(PAUSE + 0.1)

        asyncio.run(drag())
        assert scene.resolutions == [(24, 32)] * 2


def test_the_script_knows_every_mark_of_the_widgets() -> None:
    source = Path(inspect.getfile(pointer))
    script = source.with_suffix(".js").read_text(encoding="utf-8")
    marks = set(re.findall(r"course-orbit(?:-[a-z]+)?", script))
    assert marks == {f"course-orbit{end}" for end in ("", "-say", "-heard", "-picture", "-words")}
    assert all(end in source.read_text(encoding="utf-8") for end in ("-say", "-heard", "-words"))


def test_the_script_is_sent_as_an_invisible_output(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: sent.append(bundle))
    pointer.send_script()
    assert sent[0]["text/html"].startswith("<script>")
    assert sent[0]["text/html"].count("</script>") == 1
    assert sent[0]["text/plain"] == ""
