"""The plane of codes to drag through: hands, sliders, slow decoders, and decoders that go wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.viewers import LatentPlane
from course_lib.viewers.latent_plane import SIDE, WIDE
from course_lib.viewers.pace import BUDGET, PAUSE, Pace
from course_lib.viewers.plane_view import CLOSEST, PlaneView
from course_lib.viewers.slider_panel import WIDGET_VIEW
from tests.orbit_scene import clock, decoded

CODES = torch.tensor([[-4.0, -1.0], [6.0, 3.0], [1.0, 1.0], [2.0, 0.5]])  # the plane: 1 ± 5.3 each
LABELS = [3, 5, 5, 7]
HALF = 1.06 * 5


class Decoder:
    """Remembers the codes that it was asked for; colours tell them: red is z₁, green is z₂."""

    def __init__(self) -> None:
        self.codes: list[list[float]] = []
        self.act: Callable[[], Any] = lambda: None

    def __call__(self, codes: torch.Tensor) -> torch.Tensor:
        assert codes.shape == (1, 2)
        assert codes.dtype == torch.float32
        self.codes.append(codes[0].tolist())
        result = self.act()
        if result is not None:
            return result  # type: ignore[no-any-return]
        color = torch.cat([codes[0] / 20 + 0.5, torch.zeros(1)])
        return color.expand(1, 5, 4, 3)


def on_the_right(plane: LatentPlane) -> list[float]:
    """The code that the colour of the decoded image tells, to about 0.05."""
    color = decoded(plane.png)[SIDE // 2, WIDE - SIDE // 2]
    return [(float(c) / 255 - 0.5) * 20 for c in color[:2]]


class TestStill:
    def test_a_picture_with_words_where_no_widgets_run(self) -> None:
        bundle = LatentPlane(Decoder(), CODES, LABELS)._repr_mimebundle_()
        assert set(bundle) == {"image/png", "text/html", "text/plain"}
        assert decoded(base64.b64decode(bundle["image/png"])).shape == (SIDE, WIDE, 3)
        assert "a ring around z = (1.00, 1.00); right, the image decoded" in bundle["text/plain"]

    def test_it_starts_where_it_is_told_and_goes_where_it_is_set(self) -> None:
        decoder = Decoder()
        plane = LatentPlane(decoder, CODES, LABELS, start=(-2, 3))
        plane.set(z1=4, z2=-1.5)
        assert decoder.codes == [[-2, 3], [4, -1.5]]
        assert on_the_right(plane) == pytest.approx([4, -1.5], abs=0.06)
        assert "z = (4.00, -1.50)" in plane.alt

    def test_the_ring_stands_at_the_code_and_up_is_up(self) -> None:
        plane = LatentPlane(Decoder(), CODES, LABELS, start=(-2, 3))
        before = decoded(plane.png).astype(int)
        plane.set(z1=-2.0, z2=-4.0)
        changed = np.abs(decoded(plane.png) - before).sum(axis=-1)[:, :SIDE] > 60
        # A ring and a hairline each, at its row; the hairline of z₁ stays.
        rows = np.flatnonzero(changed[:, 5])
        expected = [(0.5 - (z2 - 1) / (2 * HALF)) * SIDE for z2 in (3, -4)]
        assert rows == pytest.approx(expected, abs=1.01)
        columns = np.flatnonzero(changed[rows[0] - 8 : rows[0] - 2].any(axis=0))
        assert columns.mean() == pytest.approx((0.5 + (-2 - 1) / (2 * HALF)) * SIDE, abs=1.5)

    def test_an_image_keeps_its_shape(self) -> None:
        picture = decoded(LatentPlane(Decoder(), CODES, LABELS).png)
        right = picture[:, -SIDE:]
        assert (
            right[SIDE // 2, : SIDE // 10 - 2] == 255
        ).all()  # 5 × 4 pixels leave white on either side
        assert (right[2, SIDE // 2] != 255).any()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"start": (99, 0)}, r"start is \[99.0, 0.0\], which lies outside the plane from \["),
            ({"start": (1,)}, r"start must have shape \(2\); got \(1,\)"),
            ({"codes": CODES[:, :1]}, r"codes must have shape \(n 2\); got \(4, 1\)"),
            ({"codes": CODES / 0}, "codes are not finite. Did training diverge"),
            ({"labels": [1, 2]}, r"labels must have shape \(4\), one per code; got \(2,\)"),
        ],
    )
    def test_impossible_options_are_refused(self, options: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            LatentPlane(Decoder(), **{"codes": CODES, "labels": LABELS} | options)


class TestMistakes:
    @pytest.mark.parametrize(
        ("result", "message"),
        [
            (torch.zeros(1, 784), r"got \(1, 784\)\. Reshape every row"),
            (torch.zeros(1, 3, 8, 8), r"got \(1, 3, 8, 8\)\. Channels come last"),
            (
                torch.zeros(2, 8, 8),
                r"images of shape \(1 h w 3\) or \(1 h w 1\); got \(2, 8, 8\)\.",
            ),
            ("an image", "decode must return images as a tensor .* got str"),
        ],
    )
    def test_what_is_no_image_is_told_and_the_last_picture_stays(
        self, result: Any, message: str
    ) -> None:
        decoder = Decoder()
        plane = LatentPlane(decoder, CODES, LABELS)
        good, words = plane.png, plane.alt
        decoder.act = lambda: result
        plane.set(z1=3)
        with pytest.raises(ValueError, match=message):
            raise ValueError(plane.error)
        assert (plane.png, plane.alt) == (good, words)
        decoder.act = lambda: None
        plane.set(z1=3)
        assert plane.error == ""
        assert on_the_right(plane)[0] == pytest.approx(3, abs=0.06)

    def test_a_decoder_that_never_worked_is_told(self) -> None:
        def decode(codes: torch.Tensor) -> torch.Tensor:
            raise NotImplementedError("Exercise 3.2, decoder")

        bundle = LatentPlane(decode, CODES, LABELS)._repr_mimebundle_()
        assert "image/png" not in bundle
        assert "NotImplementedError: Exercise 3.2, decoder" in bundle["text/html"]

    def test_values_that_are_not_finite_are_drawn(self) -> None:
        plane = LatentPlane(lambda codes: torch.full((1, 4, 4), torch.nan), CODES, LABELS)
        assert plane.error == ""
        assert decoded(plane.png)[SIDE // 2, -SIDE // 2].tolist() == [255, 0, 255]

    def test_weights_need_no_detaching(self) -> None:
        weight = torch.rand(1, 4, 4, requires_grad=True)
        graphs: list[Any] = []

        def decode(codes: torch.Tensor) -> torch.Tensor:
            image = weight * 1.0
            graphs.append(image.grad_fn)
            return image

        assert LatentPlane(decode, CODES, LABELS).error == ""
        assert graphs == [None]


class TestWithWidgets:
    @pytest.fixture(autouse=True)
    def _live(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("course_lib.viewers.slider_panel._widgets_can_run", lambda: True)
        monkeypatch.setattr("course_lib.viewers.slider_panel.send_script", lambda: None)
        self.decoder = Decoder()
        self.plane = LatentPlane(self.decoder, CODES, LABELS)
        assert self.plane._repr_mimebundle_()[WIDGET_VIEW]["model_id"]

    def say(self, line: str) -> str:
        """Writes a line as the script does; returns the answer that it waits for."""
        field, answer = self.plane._box.children[-2:]
        field.value = line
        return str(answer.value)

    def test_the_ring_follows_the_hand(self) -> None:
        """A drag by a tenth of the map's width and a fifth of its height."""
        assert self.say(f"s1 {0.1 * SIDE / WIDE} -0.2 0") == "s1"
        expected = [1 + 0.1 * 2 * HALF, 1 + 0.2 * 2 * HALF]
        assert self.decoder.codes[-1] == pytest.approx(expected, rel=1e-5)
        assert on_the_right(self.plane) == pytest.approx(expected, abs=0.06)
        assert self.plane._image.value == self.plane.png
        controls = self.plane._controls
        step = 2 * HALF / 400
        assert controls["z1"].value == pytest.approx(expected[0], abs=step)  # sliders follow
        assert len(self.decoder.codes) == 2  # one image per message

    def test_a_click_on_the_map_jumps_and_one_beside_it_does_not(self) -> None:
        self.say(f"s1 0 0 0 {0.25 * SIDE / WIDE} 0.1")
        there = [1 - 0.5 * HALF, 1 + 0.8 * HALF]
        assert self.decoder.codes[-1] == pytest.approx(there, rel=1e-5)
        assert self.say("s2 0 0 0 0.9 0.9") == "s2"
        assert self.decoder.codes[-1] == pytest.approx(there, rel=1e-5)

    def test_it_stays_in_the_plane(self) -> None:
        self.say("s1 -5 -5 0")
        assert self.decoder.codes[-1] == pytest.approx([1 - HALF, 1 + HALF], rel=1e-5)
        self.say("s2 5 5 0")
        assert self.decoder.codes[-1] == pytest.approx([1 + HALF, 1 - HALF], rel=1e-5)

    def test_the_wheel_enlarges_the_map_around_the_ring(self) -> None:
        self.say("s1 0.1 0.1 0")
        code, before = self.decoder.codes[-1], self.plane._image.value
        uv = self.plane._view.uv(code)
        self.say("s2 0 0 -1")
        assert self.plane._view.half == pytest.approx(HALF / 1.1)
        assert self.plane._view.uv(code) == pytest.approx(uv, abs=1e-6)
        assert self.plane._image.value != before
        assert self.decoder.codes[-1] == pytest.approx(code, rel=1e-6)

    def test_an_enlarged_map_follows_where_hand_and_sliders_go(self) -> None:
        for i in range(20):
            self.say(f"s{i} 0 0 -1")
        assert self.plane._view.half < HALF / 5
        self.plane._controls["z1"].value = 5.5
        self.say("s20 0 -1 0")
        low, high = self.plane._view.corners()
        code = self.decoder.codes[-1]
        assert code[0] == pytest.approx(5.5)
        assert code[1] == pytest.approx(1 + 2 * self.plane._view.half, rel=1e-5)
        assert ((low - 1e-5 <= code) & (code <= high + 1e-5)).all()

    def test_an_error_is_shown_and_answered_or_the_page_would_wait(self) -> None:
        self.decoder.act = lambda: 1 / 0
        assert self.say("s1 0.1 0 0") == "s1"
        assert "ZeroDivisionError: division by zero" in self.plane._message.value
        self.decoder.act = lambda: None
        self.say("s2 0.1 0 0")
        assert self.plane._message.value == ""

    def test_a_slow_decoder_is_asked_when_the_hand_rests(self) -> None:
        self.plane._pace = Pace(clock=clock(*[1.5 * BUDGET] * 9))
        self.plane._pace._full.append(1.5 * BUDGET)

        async def drag() -> None:
            for i in range(3):
                before = self.plane._image.value
                self.say(f"s{i} 0.05 0 0")
                assert self.plane._image.value != before  # the ring moves at once
            assert len(self.decoder.codes) == 1
            assert "right, the last image, until the ring rests" in self.plane._caption.value
            await asyncio.sleep(PAUSE + 0.1)

        asyncio.run(drag())
        expected = 1 + 3 * 0.05 * WIDE / SIDE * 2 * HALF
        assert [code[0] for code in self.decoder.codes[1:]] == pytest.approx([expected], rel=1e-5)
        assert on_the_right(self.plane)[0] == pytest.approx(expected, abs=0.06)
        assert "right, the image decoded there" in self.plane._caption.value

    def test_a_fast_decoder_is_asked_for_every_move(self) -> None:
        self.plane._pace = Pace(clock=clock(*[0.5 * BUDGET] * 9))

        async def drag() -> None:
            for i in range(3):
                self.say(f"s{i} 0.05 0 0")
            assert len(self.decoder.codes) == 4

        asyncio.run(drag())


share = st.floats(0.05, 0.95)
inside = st.tuples(share, share)


class TestView:
    WHOLE = PlaneView.of(np.array([-4.0, 1.0]), np.array([2.0, 7.0]))

    def test_the_corners_are_those_of_the_picture(self) -> None:
        np.testing.assert_allclose(self.WHOLE.code((0, 1)), [-4, 1])
        np.testing.assert_allclose(self.WHOLE.code((1, 0)), [2, 7])

    @given(inside, st.lists(st.tuples(st.floats(-1, 1), inside), max_size=8))
    def test_zooming_shows_a_part_of_the_plane_and_loses_no_place(
        self, uv: tuple[float, float], turns: list[tuple[float, tuple[float, float]]]
    ) -> None:
        view = self.WHOLE
        for notches, around in turns:
            view = view.zoomed(8 * notches, view.code(around))
            low, high = view.corners()
            assert (low >= np.array([-4, 1]) - 1e-9).all()
            assert (high <= np.array([2, 7]) + 1e-9).all()
            assert view.half * (1 + 1e-9) >= 3 / CLOSEST
        assert view.uv(view.code(uv)) == pytest.approx(uv)

    @given(inside, inside)
    def test_holding_a_code_moves_no_further_than_needed(
        self, start: tuple[float, float], uv: tuple[float, float]
    ) -> None:
        view = self.WHOLE.zoomed(-9, self.WHOLE.code(start))
        code = self.WHOLE.code(uv)
        held = view.holding(code)
        assert (np.abs(code - held.middle) <= held.half + 1e-9).all()
        if view is not held:
            moved = np.abs(held.middle - view.middle)
            np.testing.assert_allclose(
                moved, np.maximum(np.abs(code - view.middle) - view.half, 0), atol=1e-9
            )
        assert held.holding(code) is held
