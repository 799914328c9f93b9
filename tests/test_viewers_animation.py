"""Moving pictures: what browsers play, what everything else shows, how many bytes that takes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.viewers import Animation, show_interpolation
from course_lib.viewers.animation import COLORS, with_few_colors
from course_lib.viewers.interpolation import HOLD
from course_lib.viewers.way_frames import FOOT, GAP, HEAD

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
COUNT, HEIGHT, WIDTH = 5, 16, 24  # enlarged tenfold
LARGE = 10
SHARE = torch.linspace(0, 1, COUNT)[:, None, None, None]
RGB = SHARE * torch.tensor([1.0, 0.5, 0]).expand(COUNT, HEIGHT, WIDTH, 3)
NORMALS = torch.tensor([0.0, 0, -1]).expand(COUNT, HEIGHT, WIDTH, 3)
DEPTH = (1 + SHARE[..., 0]).expand(COUNT, HEIGHT, WIDTH)


def played(png: bytes) -> tuple[list[Pixels], list[float], Pixels]:
    """What a browser plays, how long each frame stays, and what other programs show."""
    image = Image.open(io.BytesIO(png))
    assert image.is_animated  # type: ignore[attr-defined]
    assert image.info["default_image"]
    still = np.array(image.convert("RGB"))
    frames, seconds = [], []
    for i in range(1, image.n_frames):  # type: ignore[attr-defined]
        image.seek(i)
        frames.append(np.array(image.convert("RGB")))
        seconds.append(image.info["duration"] / 1000)
    return frames, seconds, still


def _few(animation: Animation) -> tuple[Image.Image, list[Image.Image]]:
    still, *frames = with_few_colors((animation.still, *animation.frames))
    return still, frames


def middle(frame: Pixels, place: int) -> list[int]:
    """The colour in the middle of one of the pictures side by side."""
    column = place * (WIDTH * LARGE + GAP) + WIDTH * LARGE // 2
    return list(map(int, frame[HEAD + HEIGHT * LARGE // 2, column]))


class TestInterpolation:
    def test_frames_play_there_and_back(self) -> None:
        animation = show_interpolation({"rgb": RGB, "normals": NORMALS}, seconds=5)
        frames, seconds, still = played(animation.png())
        size = (HEAD + HEIGHT * LARGE + FOOT, 2 * WIDTH * LARGE + GAP, 3)
        assert {frame.shape for frame in [*frames, still]} == {size}
        red = [middle(frame, 0) for frame in frames]
        shares = [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]
        np.testing.assert_allclose(red, np.outer(shares, (255, 127.5, 0)), atol=0.6)
        assert seconds == pytest.approx([1 + HOLD, 1, 1, 1, 1 + HOLD, 1, 1, 1], abs=0.002)
        assert {tuple(middle(frame, 1)) for frame in frames} == {(128, 128, 0)}

    def test_it_may_go_one_way_only(self) -> None:
        frames, seconds, _ = played(show_interpolation({"rgb": RGB}, back=False).png())
        assert [middle(frame, 0)[0] for frame in frames] == [0, 64, 128, 191, 255]
        assert sum(seconds) == pytest.approx(2.5 + 2 * HOLD, abs=0.01)

    def test_a_dot_runs_from_one_end_to_the_other(self) -> None:
        frames, _, _ = played(show_interpolation({"rgb": RGB}, ends=("A", "B")).png())
        foot = [frame[-FOOT:].astype(int) for frame in frames[:COUNT]]
        blue = [np.argwhere(f[..., 2] - f[..., 0] > 100)[:, 1].mean() for f in foot]
        assert np.diff(blue) == pytest.approx([blue[1] - blue[0]] * (COUNT - 1), abs=1.01)
        assert blue[0] < 0.2 * WIDTH * LARGE < 0.8 * WIDTH * LARGE < blue[-1]

    def test_depth_has_one_scale_over_all_frames(self) -> None:
        frames, _, _ = played(show_interpolation({"depth": DEPTH}, back=False).png())
        brightness = [sum(middle(frame, 0)) for frame in frames]
        assert brightness == sorted(brightness, reverse=True)  # near is bright
        assert len(set(brightness)) == COUNT

    @pytest.mark.parametrize("names", [["rgb"], ["rgb", "normals"], ["rgb", "normals", "a depth"]])
    def test_the_still_picture_is_a_strip_from_the_first_to_the_last(
        self, names: list[str]
    ) -> None:
        rows = {"rgb": RGB, "normals": NORMALS, "a depth": DEPTH}
        still = played(show_interpolation({name: rows[name] for name in names}).png())[2]
        lines = max(2, len(names))
        height = HEIGHT * LARGE // lines
        read = [still[HEAD + height // 2]] + [still[HEAD + height * 3 // 2]] * (len(names) == 1)
        reds = [int(red) for line in read for red, green, blue in line if blue == 0]
        assert reds == sorted(reds)
        assert (reds[0], reds[-1]) == (0, 255)
        assert len(set(reds)) >= 4

    def test_large_frames_are_made_smaller(self) -> None:
        frames = torch.rand(2, 8, 600, 3)
        animation = show_interpolation({"rgb": frames, "mask": frames[..., 0]})
        assert animation.frames[0].size == (2 * 256 + GAP, HEAD + 3 + FOOT)

    def test_narrow_frames_leave_room_for_the_names(self) -> None:
        animation = show_interpolation({"rgb": RGB[:, :, :6]})
        assert animation.frames[0].size == (240, HEAD + 256 + FOOT)
        frames, _, still = played(animation.png())
        for i, frame in enumerate(frames[:COUNT]):
            assert int(frame[HEAD + 128, 120, 0]) == round(i * 255 / (COUNT - 1) + 1e-6)
        assert (still[HEAD + 64] < 255).any()

    def test_the_words_tell_what_moves(self) -> None:
        animation = show_interpolation({"rgb": RGB, "normals": NORMALS}, ends=("a car", "a van"))
        data, metadata = animation._repr_mimebundle_()
        assert data["text/plain"] == metadata["image/png"]["alt"] == animation.alt
        assert animation.alt == (
            "Moving picture in 5 frames, from a car to a van and back, side by side: rgb, normals."
        )
        assert base64.b64decode(data["image/png"]) == animation.png()
        assert set(data) == {"image/png", "text/html", "text/plain"}  # no widget
        assert "<script" not in data["text/html"]


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "frames without a name": (
        lambda: show_interpolation(RGB),  # type: ignore[arg-type]
        r"rows is a Tensor; give frames by name, as \{'rgb': images\}",
    ),
    "nothing": (lambda: show_interpolation({}), "rows has 0 names; one to four fit"),
    "an image": (
        lambda: show_interpolation({"rgb": RGB[0, 0]}),
        r"rgb must have shape \(n h w 3\) or \(n h w\); got \(24, 3\)",
    ),
    "one image": (
        lambda: show_interpolation({"rgb": RGB[0]}),
        r"rgb has shape \(16, 24, 3\), which is one image; give several",
    ),
    "channels first": (
        lambda: show_interpolation({"rgb": RGB.permute(0, 3, 1, 2)}),
        r"rgb must have shape \(n h w 3\) or \(n h w\); got \(5, 3, 16, 24\)",
    ),
    "one frame": (
        lambda: show_interpolation({"rgb": RGB[:1]}),
        "rows have 1 frames; a moving picture takes 2 to 120. Take every k-th",
    ),
    "other counts": (
        lambda: show_interpolation({"rgb": RGB, "normals": NORMALS[1:]}),
        r"normals has shape \(4, 16, 24, 3\) but rgb has \(5, 16, 24, 3\); all rows need",
    ),
    "one end": (lambda: show_interpolation({"rgb": RGB}, ends="ab"), "ends is 'ab'; give two"),  # type: ignore[arg-type]
    "long ends": (
        lambda: show_interpolation({"rgb": RGB}, ends=("a" * 20, "b" * 20)),
        "too long for a picture 240 pixels wide; shorten",
    ),
    "no time": (lambda: show_interpolation({"rgb": RGB}, seconds=0), "seconds is 0; give how"),
    "loops": (lambda: show_interpolation({"rgb": RGB}, loops=-1), "loops is -1; give how often"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    call, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        call()


class TestBytes:
    def test_what_is_smooth_keeps_its_colours(self) -> None:
        ramp = torch.linspace(0, 1, 64)
        image = torch.stack([ramp.expand(64, 64), ramp[:, None].expand(64, 64)], -1)
        rows = torch.stack([torch.cat([image, image[..., :1] * t], -1) for t in (0.2, 0.9)])
        animation = show_interpolation({"rgb": rows})
        frames, _, _ = played(animation.png())
        np.testing.assert_array_equal(frames[1], np.array(animation.frames[1]))

    def test_noise_is_drawn_in_fewer_colours(self, monkeypatch: pytest.MonkeyPatch) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (3, 60, 60, 3), dtype=np.uint8)
        pictures = [Image.fromarray(frame) for frame in noise]
        whole = Animation(pictures, [0.1] * 3, pictures[0], "noise").png()
        monkeypatch.setattr("course_lib.viewers.animation.LIMIT", len(whole) - 1)
        smaller = Animation(pictures, [0.1] * 3, pictures[0], "noise").png()
        assert len(smaller) < 0.4 * len(whole)
        frames, _, still = played(smaller)
        off = np.abs(np.array([*frames, still]).astype(int) - noise[[0, 1, 2, 0]])
        assert (
            off.mean() < 20
        )  # eight levels each way are 255 / 8 / 4 = 8 apart on average, evenly spread
        assert len(np.unique(np.concatenate(frames).reshape(-1, 3), axis=0)) <= COLORS

    def test_few_colours_are_those_that_occur(self) -> None:
        """Also in the last of many pictures, which share them."""
        colors = np.random.default_rng(1).integers(0, 256, (40, 3), dtype=np.uint8)
        pictures = [
            Image.fromarray(np.broadcast_to(color, (9, 8, 3)).copy()) for color in colors[:8]
        ]
        for picture, few in zip(pictures, with_few_colors(pictures), strict=True):
            assert few.mode == "P"
            off = np.array(few.convert("RGB")).astype(int) - np.array(picture)
            assert np.abs(off).max() <= 1

    def test_of_grainy_frames_some_are_left_out_but_not_the_ends(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        generator = torch.Generator().manual_seed(0)
        grainy = torch.rand(9, 32, 32, 3, generator=generator)
        whole = show_interpolation({"rgb": grainy}, back=False)
        assert len(whole.frames) == 9
        limit = int(0.8 * len(whole._as_png(*_few(whole))))
        for module in ("animation", "interpolation"):
            monkeypatch.setattr(f"course_lib.viewers.{module}.LIMIT", limit)
        fewer = show_interpolation({"rgb": grainy}, back=False)
        assert len(fewer.png()) <= limit
        assert 4 <= len(fewer.frames) <= 7
        assert f"in {len(fewer.frames)} frames" in fewer.alt
        for i in (0, -1):
            assert fewer.frames[i].tobytes() == whole.frames[i].tobytes()
        assert sum(fewer.seconds) == pytest.approx(sum(whole.seconds))

    def test_it_plays_as_often_as_asked(self) -> None:
        for loops in (0, 3):
            png = show_interpolation({"rgb": RGB}, loops=loops).png()
            assert Image.open(io.BytesIO(png)).info["loop"] == loops

    def test_it_is_saved_whole(self, tmp_path: Path) -> None:
        animation = show_interpolation({"rgb": RGB})
        path = animation.save(tmp_path / "way.png")
        assert path.read_bytes() == animation.png()
        assert list(tmp_path.iterdir()) == [path]  # no part of it is left
