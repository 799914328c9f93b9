"""The explorer of codes: where its sliders lead, hands, slow renderers, and what it says to a careless caller."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from course_lib.viewers import CodeExplorer
from course_lib.viewers.code_path import MEAN
from course_lib.viewers.pace import BUDGET, PAUSE, Pace
from course_lib.viewers.slider_panel import WIDGET_VIEW
from tests.orbit_scene import Maps, clock, decoded, look_at

CODES = torch.tensor([[-4.0, 1, 0], [6, 3, 0], [1, 2, 9], [3, -2, 3]])
AVERAGE = [1.5, 1.0, 3.0]
DIRECTIONS = torch.tensor([[0.6, 0.8, 0], [0, 0, -1.0]])
ALONG = np.array([-1.6, 6, 2.2, 0.2])  # of CODES, along the first direction


class Decoder:
    """Remembers what it was asked for; the colour of its pictures tells z₁, the first pixel's depth z₂."""

    def __init__(self) -> None:
        self.codes: list[list[float]] = []
        self.poses: list[Tensor] = []
        self.resolutions: list[tuple[int, int]] = []
        self.act: Callable[[], Any] = lambda: None

    def __call__(self, z: Tensor, pose: Tensor, resolution: tuple[int, int]) -> Maps:
        assert z.shape == (3,)
        assert z.dtype == torch.float32
        assert not torch.is_grad_enabled()
        self.codes.append(z.tolist())
        self.poses.append(pose)
        self.resolutions.append(resolution)
        result = self.act()
        if result is not None:
            return result  # type: ignore[no-any-return]
        rgb = (z[0] / 40 + 0.5).expand(*resolution, 3)
        depth = torch.linspace(1, 2, resolution[1]).expand(resolution)
        return {"rgb": rgb, "depth": depth, "normals": torch.zeros(*resolution, 3)}

    def explorer(self, **options: Any) -> CodeExplorer:
        options = {"codes": CODES, "directions": DIRECTIONS, "resolution": (24, 32)} | options
        codes = options.pop("codes")
        return CodeExplorer(self, codes, look_at, **options)


class TestStill:
    def test_a_picture_with_words_where_no_widgets_run(self) -> None:
        bundle = Decoder().explorer()._repr_mimebundle_()
        assert set(bundle) == {"image/png", "text/html", "text/plain"}
        assert decoded(base64.b64decode(bundle["image/png"])).shape == (384, 512, 3)
        assert bundle["text/plain"] == (
            "rgb of mean code from azimuth 35°, elevation 20°, distance 1.30."
        )

    def test_it_starts_at_the_mean(self) -> None:
        decoder = Decoder()
        explorer = decoder.explorer()
        assert decoder.codes == [pytest.approx(AVERAGE)]
        assert explorer.code.tolist() == pytest.approx(AVERAGE)

    def test_it_leads_from_one_code_to_another(self) -> None:
        decoder = Decoder()
        explorer = decoder.explorer(start=0, end=1)
        assert "rgb of object 0 from azimuth" in explorer.alt
        explorer.set(between=0.25)
        assert "rgb of 75% object 0 + 25% object 1 from" in explorer.alt
        explorer.set(between=1)
        assert "rgb of object 1 from" in explorer.alt
        assert decoder.codes == [[-4, 1, 0], [-1.5, 1.5, 0], [6, 3, 0]]
        assert explorer.code.tolist() == [6, 3, 0]

    def test_directions_are_measured_in_deviations_of_the_codes(self) -> None:
        explorer = Decoder().explorer()
        explorer.set(direction_1=2, direction_2=-1)
        first, second = ALONG.std(), CODES[:, 2].std(correction=0).item()
        expected = [1.5 + 1.2 * first, 1.0 + 1.6 * first, 3.0 + second]
        assert explorer.code.tolist() == pytest.approx(expected, rel=1e-5)
        assert (
            "mean code, +2.00 σ along direction 1, -1.00 σ along direction 2 from" in explorer.alt
        )

    def test_scales_may_be_given(self) -> None:
        explorer = Decoder().explorer(scales=[10, 0.1], start=0)
        explorer.set(direction_1=-9, direction_2=1)
        assert explorer.code.tolist() == pytest.approx([-4 - 15, 1 - 20, -0.1])

    def test_names_choose(self) -> None:
        explorer = Decoder().explorer(names=["car", "boat", "plane", "train"])
        explorer.choose("boat", 3)
        explorer.set(between=0.5)
        assert explorer.code.tolist() == pytest.approx([4.5, 0.5, 1.5])
        assert "50% boat + 50% train" in explorer.alt
        explorer.choose("plane", None)
        assert explorer.code.tolist() == pytest.approx([1.25, 1.5, 6])
        assert "50% plane + 50% mean code" in explorer.alt

    def test_a_new_code_is_rendered_and_a_new_map_is_not(self) -> None:
        decoder = Decoder()
        explorer = decoder.explorer()
        before = explorer.png
        explorer.select("depth")
        assert "1 is bright, 2 is dark" in explorer.alt
        explorer.select("rgb")
        assert len(decoder.codes) == 1
        explorer.set(direction_1=1)
        assert len(decoder.codes) == 2
        assert explorer.png != before

    def test_the_camera_stands_where_the_sliders_say(self) -> None:
        decoder = Decoder()
        decoder.explorer(target=(0, 0, 0.5)).set(azimuth=90, elevation=30, distance=2)
        expected = torch.tensor([0, 2 * np.cos(np.pi / 6), 0.5 + 1.0], dtype=torch.float32)
        torch.testing.assert_close(decoder.poses[-1][:3, 3], expected, atol=1e-6, rtol=0)

    def test_the_rate_is_told_where_it_is_asked_for(self) -> None:
        decoder = Decoder()
        explorer = decoder.explorer(show_rate=True)
        took = explorer.seconds
        assert took > 0
        expected = f" A picture takes {1e3 * took:.0f} ms: {1 / took:.0f} a second."
        assert explorer.alt == decoder.explorer().alt + expected
        explorer.select("depth")  # was rendered already, which says nothing
        assert explorer.seconds == took
        explorer.set(azimuth=3)
        assert len(explorer._took) == 2

    def test_a_hand_can_ask_for_more_pictures(self) -> None:
        pace = Decoder().explorer(frames_per_second=40)._renderer._pace
        pace._full.extend(3 * [0.03])  # seconds of pictures: enough for ten a second, not for forty
        assert pace.divisor() == 2
        pace = Decoder().explorer()._renderer._pace
        pace._full.extend(3 * [0.03])
        assert pace.divisor() == 1

    @pytest.mark.parametrize("wanted", [0, -5, float("inf"), float("nan")])
    def test_no_pictures_a_second_are_no_rate(self, wanted: float) -> None:
        with pytest.raises(ValueError, match=rf"frames_per_second is {wanted}; .* above 0"):
            Decoder().explorer(frames_per_second=wanted)

    def test_a_single_code_can_be_looked_at(self) -> None:
        explorer = Decoder().explorer(codes=CODES[:1], directions=None)
        assert explorer.code.tolist() == [-4, 1, 0]
        with pytest.raises(KeyError, match="no slider 'direction_1'; there are between, azimuth"):
            explorer.set(direction_1=1)


class TestMistakes:
    def test_what_is_no_map_is_told_and_the_last_picture_stays(self) -> None:
        decoder = Decoder()
        explorer = decoder.explorer()
        good, words = explorer.png, explorer.alt
        decoder.act = lambda: torch.zeros(24, 32, 3)
        explorer.set(between=0.5)
        assert "render must return a dict of maps" in explorer.error
        assert (explorer.png, explorer.alt) == (good, words)
        decoder.act = lambda: None
        explorer.set(between=0.5)
        assert explorer.error == ""
        assert explorer.png != good

    def test_a_renderer_that_never_worked_is_told(self) -> None:
        def render(z: Tensor, pose: Tensor, resolution: tuple[int, int]) -> Maps:
            raise NotImplementedError("Exercise 4.10, render_view")

        bundle = CodeExplorer(render, CODES, look_at)._repr_mimebundle_()
        assert "image/png" not in bundle
        assert "NotImplementedError: Exercise 4.10, render_view" in bundle["text/html"]


class TestWithWidgets:
    @pytest.fixture(autouse=True)
    def _live(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("course_lib.viewers.slider_panel._widgets_can_run", lambda: True)
        monkeypatch.setattr("course_lib.viewers.slider_panel.send_script", lambda: None)
        self.decoder = Decoder()
        self.explorer = self.decoder.explorer()
        assert self.explorer._repr_mimebundle_()[WIDGET_VIEW]["model_id"]

    def say(self, line: str) -> str:
        """Writes a line as the script does; returns the answer that it waits for."""
        field, answer = self.explorer._box.children[-2:]
        field.value = line
        return str(answer.value)

    def test_a_drag_turns_the_camera_and_keeps_the_code(self) -> None:
        assert self.say("s1 0.1 0.05 1") == "s1"
        values = self.explorer._values
        assert values["azimuth"] == pytest.approx(35 - 18)
        assert values["elevation"] == pytest.approx(20 + 9)
        assert values["distance"] == pytest.approx(1.3 * 1.1)
        assert len(self.decoder.codes) == 2  # one rendering per message
        assert self.decoder.codes[0] == self.decoder.codes[1]

    def test_sliders_move_the_code(self) -> None:
        controls = self.explorer._controls
        before = self.explorer._image.value
        controls["direction_2"].value = 1.5
        controls["between"].value = 1.0
        assert self.explorer._image.value != before
        z = -1.5 * CODES[:, 2].std(correction=0).item()
        assert self.decoder.codes[-1] == pytest.approx([-4, 1, z], rel=1e-5)
        assert controls["direction_2"].description == "dir. 2 (σ)"
        assert (controls["direction_2"].min, controls["direction_2"].max) == (-2.5, 2.5)
        assert "object 0, +1.50 σ along direction 2" in self.explorer._caption.value

    def test_menus_choose_the_codes(self) -> None:
        start, end = self.explorer._menus
        assert start.options == end.options == (MEAN, *(f"object {i}" for i in range(4)))
        assert (start.value, end.value) == (MEAN, "object 0")
        start.value = "object 3"
        assert self.decoder.codes[-1] == [3, -2, 3]
        self.explorer.set(between=1)
        end.value = "object 1"
        assert self.decoder.codes[-1] == [6, 3, 0]
        self.explorer.set(between=0.5)
        drawn = len(self.decoder.codes)
        self.explorer.choose(2, 0)
        assert (start.value, end.value) == ("object 2", "object 0")
        assert len(self.decoder.codes) == drawn + 1
        start.value = MEAN  # menus still listen
        assert self.explorer._ends == (MEAN, "object 0")

    def test_buttons_choose_the_map(self) -> None:
        assert self.explorer._buttons.options == ("rgb", "depth", "normals")
        self.explorer._buttons.value = "normals"
        assert self.explorer.alt.startswith("normals of mean code")

    def test_an_error_is_shown_and_answered_or_the_page_would_wait(self) -> None:
        self.decoder.act = lambda: 1 / 0
        assert self.say("s1 0.1 0 0") == "s1"
        assert "ZeroDivisionError: division by zero" in self.explorer._message.value
        self.decoder.act = lambda: None
        self.explorer._controls["between"].value = 0.3
        assert self.explorer._message.value == ""

    def test_moving_is_coarse_and_rest_is_full(self) -> None:
        """With an event loop as in a kernel, and a renderer that took four times too long."""
        self.explorer._renderer._pace = Pace(clock=clock(*[4 * BUDGET / 4] * 9))
        self.explorer._renderer._pace._full.append(4 * BUDGET)

        async def slide() -> None:
            for share in (0.1, 0.2, 0.3):
                self.explorer._controls["between"].value = share
            assert self.decoder.resolutions[1:] == [(12, 16)] * 3
            assert decoded(self.explorer._image.value).shape == (384, 512, 3)
            await asyncio.sleep(PAUSE + 0.1)

        asyncio.run(slide())
        assert self.decoder.resolutions[4:] == [(24, 32)]  # once
        assert self.decoder.codes[4] == self.decoder.codes[3]
