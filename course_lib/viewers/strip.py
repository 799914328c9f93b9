"""A long sequence of images, as of a field that learns, told on one strip of film."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from course_lib.viewers.images import film_strip
from course_lib.viewers.picture import Picture

MOST: Final = 8  # frames that are still readable side by side


def show_strip(images: Any, captions: Sequence[str] | None = None, *, most: int = MOST) -> Picture:
    """Images `n h w 3`, however many: at most `most` of them, evenly spread, first and last kept.

    `captions` has one text for each image, also for those that are left out. ValueError if it has
    not, if there are no images, or if `most` is not in 1 … 8.
    """
    if not 1 <= most <= MOST:
        raise ValueError(f"most is {most}; a strip takes 1 to {MOST} frames")
    count = len(images)
    if count == 0:
        raise ValueError("images is empty; give at least one image")
    if captions is not None and len(captions) != count:
        raise ValueError(f"{count} images but {len(captions)} captions; give one per image")
    chosen = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    return film_strip([images[i] for i in chosen], captions and [captions[i] for i in chosen])
