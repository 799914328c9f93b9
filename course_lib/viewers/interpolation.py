"""What is seen on the way from one code to another, as a moving picture: colours and normals side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from PIL import Image

from course_lib.viewers.animation import LIMIT, Animation
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.counts import is_count
from course_lib.viewers.enlarged import as_large_as
from course_lib.viewers.maps import shown_map, span_of
from course_lib.viewers.way_frames import way_frame, way_strip

SIDE: Final = 256  # pixels of a frame's longer side on the screen, about
MOST: Final = 120  # frames
HOLD: Final = 0.7  # seconds more for the first and the last frame


def show_interpolation(
    rows: Mapping[str, Any],
    *,
    ends: tuple[str, str] = ("start", "end"),
    seconds: float = 2.5,
    back: bool = True,
    loops: int = 0,
) -> Animation:
    """Frames `n h w 3` by name, side by side, as {"rgb": …, "normals": …}: a moving picture.

    A name that starts with "normal" is drawn as normals, as in `show_maps`; rows `n h w` as depth, on
    one scale over all frames. `ends` names what is seen first and last; a dot below runs from one to
    the other in `seconds`, and `back` again. `loops` is how often it plays, 0 for ever. Where
    pictures do not move, a strip of some frames is shown. Frames are left out if all would take more
    than half a megabyte. ValueError names a row that does not fit.
    """
    frames = _frames(rows)
    count, (height, width) = len(next(iter(frames.values()))), _size(frames)
    if isinstance(ends, str) or len(ends) != 2:
        raise ValueError(f"ends is {ends!r}; give two names, of the first and of the last frame")
    if not 0 < seconds < np.inf:
        raise ValueError(f"seconds is {seconds}; give how long it takes from end to end, > 0")
    if not is_count(loops, 0, 1000):
        raise ValueError(f"loops is {loops}; give how often it plays, or 0 for ever")
    longer = max(height, width)
    scale = SIDE / longer if longer > SIDE else SIDE // longer
    size = max(1, round(height * scale)), max(1, round(width * scale))
    pictures = {
        name: [as_large_as(frame, size) for frame in images] for name, images in frames.items()
    }
    found, kept = _moving(pictures, ends, seconds, back=back, loops=loops), count
    while len(found.png()) > LIMIT and kept > 2:  # as grainy pictures have that are not small
        kept = max(2, int(0.95 * kept * LIMIT / len(found.png())))
        chosen = np.linspace(0, count - 1, kept).round().astype(int)
        fewer = {name: [images[i] for i in chosen] for name, images in pictures.items()}
        found = _moving(fewer, ends, seconds, back=back, loops=loops)
    return found


def _moving(
    pictures: Mapping[str, list[Image.Image]],
    ends: tuple[str, str],
    seconds: float,
    *,
    back: bool,
    loops: int,
) -> Animation:
    count = len(next(iter(pictures.values())))
    drawn = [
        way_frame([(name, images[i]) for name, images in pictures.items()], i / (count - 1), ends)
        for i in range(count)
    ]
    each = [seconds / count] * count
    each[0], each[-1] = each[0] + HOLD, each[-1] + HOLD
    alt = (
        f"Moving picture in {count} frames, from {ends[0]} to {ends[1]}{' and back' * back}, side by "
        f"side: {', '.join(pictures)}."
    )
    still = way_strip(pictures, drawn[0].size, ends)
    if back:
        drawn, each = drawn + drawn[-2:0:-1], each + each[-2:0:-1]
    return Animation(drawn, each, still, alt, loops=loops)


def _frames(rows: Any) -> dict[str, list[Array]]:
    """Every row as images `h w 3`, after checking that all rows have as many of one size."""
    if not isinstance(rows, Mapping):
        raise ValueError(
            f"rows is a {type(rows).__name__}; give frames by name, as {{'rgb': images}}"
        )
    if not 1 <= len(rows) <= 4:
        raise ValueError(f"rows has {len(rows)} names; one to four fit side by side")
    shapes = {name: tuple(np.shape(frames)) for name, frames in rows.items()}
    first = next(iter(shapes))
    for name, shape in shapes.items():
        if len(shape) not in (3, 4) or shape[3:] not in ((), (3,)) or 0 in shape:
            raise ValueError(f"{name} must have shape (n h w 3) or (n h w); got {shape}")
        if len(shape) == 3 and shape[2] == 3:
            raise ValueError(
                f"{name} has shape {shape}, which is one image; give several, (n h w 3)"
            )
        if shape[:3] != shapes[first][:3]:
            raise ValueError(
                f"{name} has shape {shape} but {first} has {shapes[first]}; all rows need as many frames, of "
                "one size"
            )
    count = shapes[first][0]
    if not 2 <= count <= MOST:
        raise ValueError(
            f"rows have {count} frames; a moving picture takes 2 to {MOST}. Take every k-th of more"
        )
    return {name: _images(name, frames) for name, frames in rows.items()}


def _images(name: str, frames: Any) -> list[Array]:
    span = None
    if len(np.shape(frames)) == 3:
        span = span_of(as_array(name, frames, ("n", "h", "w")))
    return [shown_map(name, frame, span).image for frame in frames]


def _size(frames: Mapping[str, list[Array]]) -> tuple[int, int]:
    height, width = next(iter(frames.values()))[0].shape[:2]
    return height, width
