"""One page of a film: pictures of several models side by side, and curves below with a line at the frame on view."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from course_lib.style import BLACK, BLUE, DPI, GREEN, ORANGE, PURPLE, SKY, VERMILION, WIDTH
from course_lib.viewers.arrays import Array
from course_lib.viewers.enlarged import as_large_as
from course_lib.viewers.model_curves import STYLES
from course_lib.viewers.picture import Picture
from course_lib.viewers.spread import spread
from course_lib.viewers.way_frames import page_font

PAGE: Final = round(WIDTH * DPI)  # pixels across
GAP: Final = 10  # pixels between pictures
HEAD: Final = 28  # above them, for their names
SIDE: Final = 256  # pixels of a picture's longer side at most
CURVES: Final = 2.5, 0.95  # inches, with curves and without
RIGHT: Final = 0.17  # of the width, for the curves' names
COLORS: Final = (BLUE, VERMILION, GREEN, PURPLE, SKY)  # orange are the photographs
Place = Callable[[float], tuple[float, float, float]]


class FilmPage:
    """What every frame has in common: the sizes, the curves and where an angle lies in them."""

    def __init__(
        self,
        shots: Mapping[str, list[Array]],
        angles: Array,
        context: Array,
        curves: Mapping[str, Array],
        labels: tuple[str, str],
    ) -> None:
        self._angles = angles
        context = context[(context >= angles[0]) & (context <= angles[-1])]
        self.photographed = photographed(angles, context)
        height, width = next(iter(shots.values()))[0].shape[:2]
        widest = min(SIDE, (PAGE - GAP) // len(shots) - GAP)
        scale: float = min(widest / width, SIDE / height)
        scale = math.floor(scale) if scale >= 1 else scale  # whole, so that pixels stay alike
        size = max(1, round(height * scale)), max(1, round(width * scale))
        self._pictures = {
            name: [as_large_as(image, size) for image in images] for name, images in shots.items()
        }
        self.alt = _words(shots, angles, context, curves)
        self._panel, self._places = _panel(angles, context, curves, labels)
        self._top = HEAD + size[0] + GAP  # of the panel

    def frame(self, i: int) -> Image.Image:
        """The pictures of frame `i`, ringed where a photograph was taken, and a line at its angle."""
        canvas, draw = self._empty()
        width, height = next(iter(self._pictures.values()))[0].size
        total = len(self._pictures) * (width + GAP) - GAP
        for column, (name, images) in enumerate(self._pictures.items()):
            x = (PAGE - total) // 2 + column * (width + GAP)
            draw.text((x + width / 2, HEAD / 2), name, "black", page_font(), anchor="mm")
            canvas.paste(images[i], (x, HEAD))
            if i in self.photographed:
                draw.rectangle((x - 3, HEAD - 3, x + width + 2, HEAD + height + 2), None, ORANGE, 3)
        at, above, below = self._places(float(self._angles[i]))
        draw.line((at, self._top + above, at, self._top + below), BLACK, 2)
        return canvas

    def still(self) -> Image.Image:
        """A few frames of every film, a row each, above the curves."""
        canvas, draw = self._empty()
        whole = next(iter(self._pictures.values()))[0]
        rows = len(self._pictures)
        small = max(1, whole.width // rows - 2), max(1, whole.height // rows - 2)
        left = round(max(page_font().getlength(name) for name in self._pictures)) + 2 * GAP
        across = max(2, min((PAGE - left) // (small[0] + 2), len(self._angles)))
        chosen = np.linspace(0, len(self._angles) - 1, across).round().astype(int)
        for row, (name, images) in enumerate(self._pictures.items()):
            y = GAP // 2 + row * (small[1] + 2)
            draw.text((left - GAP, y + small[1] / 2), name, "black", page_font(), anchor="rm")
            for column, i in enumerate(chosen):
                tile = images[i].resize(small, Image.Resampling.BOX)
                canvas.paste(tile, (left + column * (small[0] + 2), y))
        return canvas

    def _empty(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        canvas = Image.new("RGB", (PAGE, self._top + self._panel.height), "white")
        canvas.paste(self._panel, (0, self._top))
        return canvas, ImageDraw.Draw(canvas)


def _panel(
    angles: Array, context: Array, curves: Mapping[str, Array], labels: tuple[str, str]
) -> tuple[Image.Image, Place]:
    """The curves as an image, and where in it an angle lies: from the left, its upper and its lower end."""
    height = CURVES[0] if curves else CURVES[1]
    figure = Picture(height, "", arranged=False)
    right = RIGHT if curves else 0.02
    axes = figure.add_axes((0.08, 0.56 / height, 0.92 - right, 1 - 0.62 / height))
    for mark in context:
        axes.axvline(mark, color=ORANGE, linewidth=1.2, zorder=1)
    (triangles,) = axes.plot(
        context,
        np.zeros(len(context)),
        "^",
        color=ORANGE,
        markersize=11,
        markeredgecolor="white",
        transform=axes.get_xaxis_transform(),
        clip_on=False,
        zorder=5,
        label="photograph",
    )
    if len(context):
        corner = (axes.get_position().x1 + 0.01, 0.0)
        figure.legend(
            handles=[triangles],
            loc="lower right",
            bbox_to_anchor=corner,
            frameon=False,
            handletextpad=0,
        )
    ends = []
    for i, (name, curve) in enumerate(curves.items()):
        axes.plot(angles, curve, color=COLORS[i], linestyle=STYLES[i])
        ends.append((name, COLORS[i], float(curve[np.isfinite(curve)][-1])))
    axes.set(xlim=(angles[0], angles[-1]), xlabel=labels[0])
    if curves:
        axes.set_ylabel(labels[1])
        axes.grid(alpha=0.3)
        low, high = axes.get_ylim()
        shares = np.array([(value - low) / (high - low) for *_, value in ends])
        for (name, color, _), share in zip(ends, spread(shares, 0.13, 0.05, 0.95), strict=True):
            axes.text(
                1.012,
                share,
                name,
                color=color,
                va="center",
                transform=axes.transAxes,
                fontweight="bold",
            )
    else:
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 1.5, 2, 3, 4.5, 5, 6, 9, 10]))
    with Image.open(io.BytesIO(figure.png())) as drawn:
        panel = drawn.convert("RGB")
    box = axes.get_position()

    def place(angle: float) -> tuple[float, float, float]:
        share = (angle - angles[0]) / (angles[-1] - angles[0])
        return (
            PAGE * (box.x0 + share * box.width),
            panel.height * (1 - box.y1),
            panel.height * (1 - box.y0),
        )

    return panel, place


def photographed(angles: Array, context: Array) -> NDArray[np.intp]:
    """The frames that are nearest to the photographs."""
    return np.unique(np.abs(angles[:, None] - context).argmin(axis=0))


def _words(
    shots: Mapping[str, object], angles: Array, context: Array, curves: Mapping[str, Array]
) -> str:
    text = f"Film of {len(angles)} frames from {angles[0]:g} to {angles[-1]:g}, side by side: {', '.join(shots)}."
    if len(context):
        text += f" Photographs were taken at {', '.join(f'{mark:g}' for mark in context)}."
    for name, curve in curves.items():
        at = photographed(angles, context)
        between = np.delete(curve, at)
        told = [
            f"{np.nanmean(values):.1f} {where}"
            for values, where in ((curve[at], "at the photographs"), (between, "elsewhere"))
            if np.isfinite(values).any()
        ]
        text += f" {name}: {' and '.join(told)}, on average."
    return text
