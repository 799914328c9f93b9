"""A moving picture that plays wherever a notebook is shown, without a kernel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from course_lib.viewers.picture import png_with_words

LIMIT: Final = 500_000  # bytes; a notebook holds many pictures
COLORS: Final = 256  # if all colours take too many bytes
SAMPLED: Final = 8  # frames from which those are chosen


class Animation:
    """Frames as an animated PNG, which browsers play and everything else shows as one `still` picture.

    Unlike a film or a player of widgets it needs no kernel, no script and no network, so it keeps
    playing in a saved notebook; unlike a GIF it can have all colours. `seconds` has the time
    of each frame; all frames and the still are of one size. If all colours would take more bytes than
    `LIMIT`, as noise does, it is 256 after all. `alt` describes it in words.
    """

    def __init__(
        self,
        frames: Sequence[Image.Image],
        seconds: Sequence[float],
        still: Image.Image,
        alt: str,
        *,
        loops: int = 0,
    ) -> None:
        """`loops` is how often it plays, 0 for ever."""
        self.frames, self.seconds, self.still = tuple(frames), tuple(seconds), still
        self.alt, self.loops = alt, loops

    def png(self) -> bytes:
        """The animation as PNG bytes; its default image, outside the animation, is the still."""
        return self._encoded

    def save(self, path: str | Path) -> Path:
        """Writes `png()` to a file, whose name should end with .png."""
        target = Path(path)
        partial = target.with_name(target.name + ".part")
        partial.write_bytes(self.png())
        return partial.replace(target)

    @cached_property
    def _encoded(self) -> bytes:
        whole = self._as_png(self.still, self.frames)
        if len(whole) <= LIMIT:
            return whole
        still, *frames = with_few_colors((self.still, *self.frames))
        return self._as_png(still, frames)

    def _as_png(self, still: Image.Image, frames: Sequence[Image.Image]) -> bytes:
        buffer = io.BytesIO()
        still.save(
            buffer,
            format="png",
            save_all=True,
            default_image=True,
            append_images=frames,
            duration=[round(1000 * seconds) for seconds in self.seconds],
            loop=self.loops,
        )
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return png_with_words(self.png(), self.alt)


def with_few_colors(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    """The same `COLORS` colours for all pictures of one size, so that they fit into one file."""
    every = -(-len(pictures) // SAMPLED)
    sample = [np.asarray(picture.convert("RGB")) for picture in pictures[::every]]
    palette = Image.fromarray(np.concatenate(sample)).quantize(
        COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE
    )
    return [
        picture.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
        for picture in pictures
    ]
