"""A moving picture that plays wherever a notebook is shown, without a kernel."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

LIMIT: Final = 500_000  # bytes; a notebook holds many pictures
BITS: Final = (8, 6, 4, 3)  # per colour; noisy pictures of fewer colours take a third of the bytes


class Animation:
    """Frames as an animated PNG, which browsers play and everything else shows as one `still` picture.

    Unlike a film or a player of widgets it needs no kernel, no script and no network, so it keeps
    playing in a saved notebook; unlike a GIF it is not bound to 256 colours. `seconds` has the time
    of each frame; all frames and the still are of one size. Colours are rounded if the bytes would
    otherwise exceed `LIMIT`, which only noise does to small pictures. `alt` describes it in words.
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
        for bits in BITS:
            found = self._with_colors(bits)
            if len(found) <= LIMIT:
                break
        return found

    def _with_colors(self, bits: int) -> bytes:
        buffer = io.BytesIO()
        self.still.save(
            buffer,
            format="png",
            save_all=True,
            default_image=True,
            append_images=[rounded(frame, bits) for frame in self.frames],
            duration=[round(1000 * seconds) for seconds in self.seconds],
            loop=self.loops,
        )
        return buffer.getvalue()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}


def rounded(picture: Image.Image, bits: int) -> Image.Image:
    """Every colour rounded to that many bits, so that black and white stay what they are."""
    levels = 2**bits - 1
    table = np.round(np.round(np.arange(256) / 255 * levels) / levels * 255).astype(int)
    return picture.point([*table.tolist()] * len(picture.getbands()))
