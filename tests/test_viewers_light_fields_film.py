"""The film of a camera's walk between photographs: frames, marks, curves, and what it says to a careless caller."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from PIL import Image

from course_lib.style import ORANGE
from course_lib.viewers import Animation, show_film
from course_lib.viewers.film import HOLD

ANGLES = torch.linspace(-30, 30, 7)
SHADES = torch.linspace(0, 0.6, 7)[:, None, None, None]
FILMS = {"truth": SHADES.expand(7, 12, 16, 3), "mine": 1 - SHADES.expand(7, 12, 16, 3)}
PSNR = {"mine": [30.0, 20, 20, 31, 20, 20, 32]}
CONTEXT = [-30.0, 1.0, 30.0, 90.0]  # the last lies outside
RING = tuple(round(255 * channel) for channel in to_rgb(ORANGE))


def column_of_line(frame: Image.Image) -> float:
    """Where the black line stands in the panel: columns that are black all the way, two side by side."""
    panel = np.asarray(frame.convert("L"))[-220:-90]
    (columns,) = np.nonzero((panel < 30).all(axis=0))
    (first,) = columns[:-1][np.diff(columns) == 1]  # the axes' own lines are thinner
    return float(first) + 1


class TestFrames:
    film = show_film(FILMS, ANGLES, CONTEXT, PSNR, seconds=3.5)

    def test_every_frame_shows_the_films_side_by_side(self) -> None:
        assert isinstance(self.film, Animation)
        assert len(self.film.frames) == 7
        for i, frame in enumerate(self.film.frames):
            assert frame.size == self.film.still.size == self.film.frames[0].size
            assert frame.width == 900
            row = np.asarray(frame)[100]
            shades = [round(255 * 0.1 * i), 255 - round(255 * 0.1 * i)]
            left, right = row[300], row[600]
            assert np.abs(left.astype(int) - shades[0]).max() <= 1
            assert np.abs(right.astype(int) - shades[1]).max() <= 1

    def test_photographs_are_ringed_and_waited_for(self) -> None:
        ringed = [RING in set(map(tuple, np.asarray(f)[100])) for f in self.film.frames]
        assert ringed == [True, False, False, True, False, False, True]
        assert self.film.seconds == pytest.approx([0.5 + HOLD * there for there in ringed])

    def test_a_line_runs_over_the_curves(self) -> None:
        places = [column_of_line(frame) for frame in self.film.frames[1:-1]]
        panel = np.asarray(self.film.frames[3], dtype=int)[-220:-90]
        orange = (np.abs(panel - RING) < 110).all(axis=-1).mean(axis=0) > 0.7  # photographs
        low, high = np.flatnonzero(orange)[[0, -1]]  # at 1° and 30°; that at -30° is under the axis
        expected = low + (high - low) * (ANGLES.numpy() - 1) / 29
        np.testing.assert_allclose(places, expected[1:-1], atol=2.5)

    def test_words_tell_what_the_curves_tell(self) -> None:
        assert self.film.alt == (
            "Film of 7 frames from -30 to 30, side by side: truth, mine. Photographs were taken at -30, "
            "1, 30. mine: 31.0 at the photographs and 20.0 elsewhere, on average."
        )

    def test_it_plays_as_one_png_with_a_still(self) -> None:
        data, metadata = self.film._repr_mimebundle_()
        with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as png:
            assert png.n_frames == 8  # type: ignore[attr-defined]
            assert png.default_image  # type: ignore[attr-defined]
        assert data["text/plain"] == metadata["image/png"]["alt"] == self.film.alt


def test_a_film_without_curves_or_photographs_is_a_film_too() -> None:
    film = show_film({"mine": FILMS["mine"]}, ANGLES)
    assert film.alt == "Film of 7 frames from -30 to 30, side by side: mine."
    assert set(film.seconds) == {6 / 7}
    assert film.still.size[1] < TestFrames.film.still.size[1]


def test_photographs_stay_where_frames_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.viewers.film.LIMIT", 150_000)
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(20, 32, 32, 3, generator=generator)
    film = show_film({"a": noise, "b": noise.flip(0)}, torch.arange(20.0), [1.2, 17.9])
    assert 8 <= len(film.frames) < 20
    assert len(film.png()) <= 150_000 or len(film.frames) <= 10
    assert sum(seconds > HOLD + 1e-6 for seconds in film.seconds) >= 2
    ringed = [RING in set(map(tuple, np.asarray(f.convert("RGB"))[27])) for f in film.frames]
    assert sum(ringed) == 2


def film(films: Any = FILMS, angles: Any = ANGLES, *rest: Any, **options: Any) -> Callable[[], Any]:
    return lambda: show_film(films, angles, *rest, **options)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "no names": (film(FILMS["mine"]), "films must be one to 5 by name.*got Tensor of 7"),
    "no films": (film({}), "films must be one to 5 by name.*got dict of 0"),
    "too few frames": (
        film({"a": FILMS["mine"][:3]}),
        r"films\['a'\] has 3 images but there should be 7",
    ),
    "sizes": (
        film(FILMS | {"b": FILMS["mine"][:, :9]}),
        r"films\['b'\] has \(height, width\) \(9, 16\) but films\['truth'\] has \(12, 16\)",
    ),
    "one angle": (film(angles=[1.0]), "angles has 1 numbers; a film takes 2 to 120 frames"),
    "backwards": (
        film(angles=ANGLES.flip(0)),
        r"angles must increase.*got \[30, 20, 10, 0, -10, -20, …\]",
    ),
    "no time": (film(seconds=0), "seconds is 0; give how long the film takes"),
    "a photograph nowhere": (
        film(FILMS, ANGLES, [float("nan")]),
        r"context is \[nan\]; give the angles",
    ),
    "curves without names": (
        film(FILMS, ANGLES, [], [1.0]),
        "psnr is a list; give curves by the films'",
    ),
    "a curve of no film": (
        film(FILMS, ANGLES, [], {"SRN": PSNR["mine"]}),
        "psnr has 'SRN', which is no film; there are truth, mine",
    ),
    "a short curve": (
        film(FILMS, ANGLES, [], {"mine": [1.0]}),
        r"psnr\['mine'\] must have shape \(7\)",
    ),
    "a curve of the truth": (
        film(FILMS, ANGLES, [], {"truth": [float("inf")] * 7}),
        r"psnr\['truth'\] has no finite number; leave it out",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    call, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        call()
