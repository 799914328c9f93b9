"""What holds for every picture of the course: one PNG of the course's width, and words that stand for it."""

from __future__ import annotations

import base64
import html

from course_lib.viewers import Picture
from tests.orbit_scene import decoded


def assert_one_png_with_words(picture: Picture, heights: range, words: int) -> None:
    """Of a height in `heights` (pixels), not blank, with more than `words` letters of alt text."""
    data, metadata = picture._repr_mimebundle_()
    image = decoded(base64.b64decode(data["image/png"]))
    assert image.shape[1] == 900
    assert image.shape[0] in heights
    assert (image < 250).any(axis=-1).mean() > 0.005
    assert html.escape(picture.alt, quote=True) in data["text/html"]  # what browsers show
    assert data["image/png"] in data["text/html"]
    assert data["text/plain"] == picture.alt == metadata["image/png"]["alt"]
    assert len(picture.alt) > words
