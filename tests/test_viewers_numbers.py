"""The explorer of named numbers: each slider moves its own number, and careless callers are told."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.viewers import NumberExplorer
from tests.orbit_scene import Maps, decoded, look_at

NUMBERS = {"smile": (0.25, -1.0, 1.0), "width": (3.0, 2.0, 4.0), "gaze": (0.0, 0.0, 5.0)}


class Decoder:
    """Remembers the codes that it was asked for; the brightness of its pictures is the first number."""

    def __init__(self) -> None:
        self.codes: list[list[float]] = []

    def __call__(self, z: Tensor, pose: Tensor, resolution: tuple[int, int]) -> Maps:
        assert z.dtype == torch.float32
        assert not torch.is_grad_enabled()
        self.codes.append(z.tolist())
        if z[2] > 4:
            raise ArithmeticError("too far to the left")
        rgb = ((z[0] + 1) / 2).expand(*resolution, 3)
        return {"rgb": rgb, "depth": torch.linspace(1, 2, resolution[1]).expand(resolution)}

    def explorer(self, **options: Any) -> NumberExplorer:
        numbers = options.pop("numbers", NUMBERS)
        return NumberExplorer(self, numbers, look_at, **{"resolution": (24, 32)} | options)


def test_it_starts_with_the_numbers_given_in_their_order() -> None:
    decoder = Decoder()
    explorer = decoder.explorer()
    assert decoder.codes == [[0.25, 3.0, 0.0]]
    assert explorer.code.tolist() == [0.25, 3.0, 0.0]
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "rgb of the code as it was given from azimuth 35°, elevation 20°, distance 1.30."
    )
    shown = decoded(base64.b64decode(bundle["image/png"]))
    assert shown.shape == (384, 512, 3)
    assert shown.mean() / 255 == pytest.approx(0.625, abs=0.005)


def test_a_slider_moves_its_own_number_within_its_range() -> None:
    decoder = Decoder()
    explorer = decoder.explorer()
    explorer.set(width=2.5)
    assert decoder.codes[-1] == [0.25, 2.5, 0.0]
    explorer.set(smile=-7)
    assert explorer.code.tolist() == [-1.0, 2.5, 0.0]
    assert "rgb of the code with smile -1.00, width 2.50 from azimuth 35°" in explorer.alt


def test_a_turn_of_the_camera_keeps_the_code_and_another_map_renders_nothing() -> None:
    decoder = Decoder()
    explorer = decoder.explorer()
    explorer.set(smile=0.5)
    explorer.set(azimuth=90)
    assert decoder.codes[-1] == [0.5, 3.0, 0.0]
    count = len(decoder.codes)
    explorer.select("depth")
    assert "1 is bright, 2 is dark" in explorer.alt
    assert len(decoder.codes) == count


def test_what_the_decoder_raises_is_told_and_the_picture_stays() -> None:
    explorer = Decoder().explorer()
    good = explorer.png
    explorer.set(gaze=4.5)
    assert "ArithmeticError: too far to the left" in explorer.error
    assert explorer.png == good
    explorer.set(gaze=1)
    assert explorer.error == ""


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({}, r"numbers is \{\}; give \(start, lowest, highest\) by name"),
        ([(0, -1, 1)], r"numbers is \[\(0, -1, 1\)\]; give \(start, lowest, highest\) by name"),
        ({"smile": (2, -1, 1)}, r"numbers\['smile'\] is \(2, -1, 1\); .* the start between"),
        ({"smile": (1, 1, 1)}, r"numbers\['smile'\] is \(1, 1, 1\); give finite"),
        ({"smile": (0, -1, float("inf"))}, r"numbers\['smile'\] is \(0, -1, inf\); give finite"),
        ({"smile": 0.5}, r"numbers\['smile'\] is 0.5; give finite"),
        ({"distance": (0, -1, 1)}, "numbers has 'distance', but that is a slider of the camera"),
    ],
)
def test_a_careless_caller_is_told(numbers: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Decoder().explorer(numbers=numbers)
