"""The picture of a result: some hidden views, the predictions below them, and where they differ. For reports only."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

SHOWN = 8  # views: the worst, the best, and others evenly between
_SIDE = 112  # pixels of the longer side of a view, at least
_GAP, _LABEL = 3, 62  # pixels
Numbers = NDArray[Any]


def strip_png(
    hidden: UInt8[Numbers, "v h w 3"],
    predicted: UInt8[Numbers, "v h w 3"],
    psnr: Sequence[float],
    shown: UInt8[Numbers, "o h w 3"] | None = None,
) -> bytes:
    """A PNG of three rows: hidden, yours, difference. The columns go from the worst view to the best.

    With a photograph of each object, equally many views of each one after the other, it is the row above.
    """
    from PIL import Image, ImageDraw

    chosen = _chosen(psnr)
    scale = max(1, -(-_SIDE // max(hidden.shape[1:3])))
    height, width = hidden.shape[1] * scale, hidden.shape[2] * scale
    rows = {"hidden": hidden, "yours": predicted, "difference": _difference(hidden, predicted)}
    if shown is not None:
        rows = {"shown": shown.repeat(len(hidden) // len(shown), axis=0), **rows}
    size = (_LABEL + len(chosen) * (width + _GAP), 16 + len(rows) * (height + _GAP))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for row, (name, views) in enumerate(rows.items()):
        top = 16 + row * (height + _GAP)
        pen.text((2, top + height // 2 - 6), name, fill="black")
        for column, view in enumerate(chosen):
            picture = Image.fromarray(views[view]).resize((width, height), Image.Resampling.NEAREST)
            sheet.paste(picture, (_LABEL + column * (width + _GAP), top))
    for column, view in enumerate(chosen):
        pen.text((_LABEL + column * (width + _GAP), 2), f"{psnr[view]:.1f} dB", fill="black")
    stream = io.BytesIO()
    sheet.save(stream, format="png", optimize=True)
    return stream.getvalue()


def _chosen(psnr: Sequence[float]) -> list[int]:
    order = sorted(range(len(psnr)), key=lambda view: psnr[view])
    count = min(SHOWN, len(order))
    places = [round(i * (len(order) - 1) / max(1, count - 1)) for i in range(count)]
    return [order[place] for place in places]


def _difference(hidden: Numbers, predicted: Numbers) -> Numbers:
    """The greatest difference of a pixel's colours; white is none, dark red is all."""
    off = np.abs(hidden.astype(np.int64) - predicted.astype(np.int64)).max(-1) / 255
    strength = np.sqrt(off)[..., None]  # small differences are to be seen, too
    colours = (1 - strength) * np.array([255, 255, 255]) + strength * np.array([150, 0, 24])
    levels: Numbers = colours.round().astype(np.uint8)
    return levels
