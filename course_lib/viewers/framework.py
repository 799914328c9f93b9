"""The framework of the lecture as a diagram: from photographs to a code, to a scene, to a new view."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from course_lib.style import BLACK, BLUE, GREY, VERMILION, WIDTH
from course_lib.viewers.pictograms import draw_camera, draw_photographs, draw_vector, paint
from course_lib.viewers.picture import Picture

HEIGHT: Final = 2.15  # inches; all numbers below are inches too
ROW: Final = 1.17  # the middle of the blocks
TALL: Final = 0.5  # a block
LETTER: Final = 0.068  # the mean width of a letter in a note
# Left edge and width of everything in the row, in the order in which data pass through it.
PLACES: Final = {
    "images": (0.2, 0.62),
    "encoder": (1.12, 0.86),
    "codes": (2.22, 0.42),
    "conditioning": (2.9, 1.06),
    "representation": (4.22, 1.18),
    "renderer": (5.66, 0.88),
    "image": (6.82, 0.56),
    "loss": (7.68, 0.8),
}
CAPTIONS: Final = {"images": 0.36, "codes": 0.23, "image": 0.23}  # above a note, under a picture
# What stands for several blocks at once.
GROUPS: Final = {"decoder": ("conditioning", "representation", "renderer")}
NAMES: Final = (*PLACES, *GROUPS)
WAYS: Final = "hypernetwork,\nvoxels, FiLM,\nconcatenation,\nlifting"


def show_framework(
    highlight: str | Sequence[str] = (), *, notes: Mapping[str, str] | None = None
) -> Picture:
    """Images → encoder → codes → conditioning → representation → renderer → image → loss.

    `highlight` names the blocks that a section is about: one or several of images, encoder, codes,
    conditioning, representation, renderer, image, loss, or decoder for all between code and image.
    `notes` puts a few words under a block, as {"renderer": "volume_render"}. ValueError names the
    blocks that there are.
    """
    asked = _asked(highlight)
    _check_notes(notes or {})
    strong = {block for name in asked for block in GROUPS.get(name, (name,))}
    figure = Picture(HEIGHT, _alt(asked, notes or {}), arranged=False)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
    axes.axis("off")
    for name in PLACES:
        {"images": _photographs, "image": _photographs, "codes": _code}.get(name, _block)(
            axes, name, name in strong
        )
    for start, end in zip(PLACES, list(PLACES)[1:], strict=False):
        _arrow(axes, (_right(start) + 0.04, ROW), (PLACES[end][0] - 0.04, ROW))
    _decoder_brace(axes, strong.issuperset(GROUPS["decoder"]))
    _other_camera(axes)
    _gradient(axes)
    words = {
        "conditioning": WAYS,
        **{name: _wrapped(text, _letters(name)) for name, text in (notes or {}).items()},
    }
    for name, text in words.items():
        low = ROW - TALL / 2 - CAPTIONS.get(name, 0) - 0.06
        axes.text(_middle(name), low, text, ha="center", va="top", fontsize=8, linespacing=1.1)
    return figure


def _asked(highlight: Any) -> tuple[str, ...]:
    several = isinstance(highlight, Iterable) and not isinstance(highlight, str)
    asked = tuple(highlight) if several else (highlight,)
    for name in asked:
        _known("highlight", name, NAMES)
    return asked


def _known(argument: str, name: Any, names: Sequence[str]) -> None:
    if name not in names:
        raise ValueError(
            f"{argument} has {name!r}, which is no block; there are {', '.join(names)}"
        )


def _check_notes(notes: Any) -> None:
    if not isinstance(notes, Mapping):
        raise ValueError(
            f"notes is a {type(notes).__name__}; give words by block, as {{'renderer': 'volume_render'}}"
        )
    for name, words in notes.items():
        _known("notes", name, tuple(PLACES))
        if not isinstance(words, str):
            raise ValueError(f"notes[{name!r}] is {words!r:.40}; give a few words")


def _right(name: str) -> float:
    left, width = PLACES[name]
    return left + width


def _middle(name: str) -> float:
    left, width = PLACES[name]
    return left + width / 2


def _block(axes: Axes, name: str, strong: bool) -> None:
    left, width = PLACES[name]
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.05, ROW - TALL / 2 + 0.05),
            width - 0.1,
            TALL - 0.1,
            boxstyle="round,pad=0.05,rounding_size=0.07",
            **paint(strong),
        )
    )
    axes.text(
        _middle(name),
        ROW,
        name,
        ha="center",
        va="center",
        fontsize=9,
        color="white" if strong else BLACK,
        fontweight="bold" if strong else "normal",
    )


def _photographs(axes: Axes, name: str, strong: bool) -> None:
    """One frame for the rendered image, several for those that are encoded."""
    left, width = PLACES[name]
    copies = 3 if name == "images" else 1
    draw_photographs(axes, left, ROW, width, copies=copies, strong=strong)
    caption = "images and\ntheir cameras" if name == "images" else "image"
    _caption(axes, name, caption, strong)


def _code(axes: Axes, name: str, strong: bool) -> None:
    """A vector: a column of numbers."""
    draw_vector(axes, _middle(name), ROW, cells=4, strong=strong)
    _caption(axes, name, "codes $z$", strong)


def _caption(axes: Axes, name: str, text: str, strong: bool) -> None:
    axes.text(
        _middle(name),
        ROW - TALL / 2 - 0.06 - (0.03 if name != "codes" else 0.06),
        text,
        ha="center",
        va="top",
        fontsize=8.5,
        color=BLUE if strong else BLACK,
        fontweight="bold" if strong else "normal",
    )


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str = BLACK
) -> None:
    axes.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>",
            "color": color,
            "linewidth": 1.2,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 9,
        },
    )


def _decoder_brace(axes: Axes, strong: bool) -> None:
    """All that makes an image of a code."""
    left, right = PLACES["conditioning"][0], PLACES["renderer"][0] + 0.6
    low, high = ROW + TALL / 2 + 0.08, ROW + TALL / 2 + 0.15
    color = BLUE if strong else GREY
    axes.plot([left, left, right, right], [low, high, high, low], color=color, linewidth=1.0)
    axes.text(
        (left + right) / 2,
        high + 0.04,
        "decoder",
        ha="center",
        va="bottom",
        fontsize=8.5,
        color=color,
        fontweight="bold" if strong else "normal",
    )


def _other_camera(axes: Axes) -> None:
    """The camera that the encoder did not see by: it poses the renderer and took the photograph."""
    x, y = _middle("image"), HEIGHT - 0.28
    draw_camera(axes, x, y)
    axes.text(x, y + 0.1, "another camera", ha="center", va="bottom", fontsize=8.5)
    top = ROW + TALL / 2 + 0.03
    for name, word, side in (("renderer", "pose", -1), ("loss", "photograph", 1)):
        at = _middle(name) - (-0.28 if side < 0 else 0)
        axes.plot([x + side * (0.15 if side < 0 else 0.26), at], [y, y], color=BLACK, linewidth=1.2)
        _arrow(axes, (at, y), (at, top))
        axes.text(
            at + 0.06 * side,
            (y + top) / 2,
            word,
            ha="right" if side < 0 else "left",
            va="center",
            fontsize=8.5,
        )


def _gradient(axes: Axes) -> None:
    """Back from the loss to everything that learns."""
    y, end = 0.14, PLACES["encoder"][0] + 0.1
    x = _right("loss") + 0.3
    axes.plot(
        [_right("loss") + 0.02, x, x, end + 0.1],
        [ROW, ROW, y, y],
        "--",
        color=VERMILION,
        linewidth=1.2,
    )
    _arrow(axes, (end + 0.1, y), (end, y), VERMILION)
    axes.text(
        _middle("codes"),
        y,
        "gradient",
        ha="center",
        va="center",
        fontsize=8.5,
        color=VERMILION,
        backgroundcolor="white",
    )


def _letters(name: str) -> int:
    """How many letters a line of a note has room for."""
    return max(16, int((PLACES[name][1] + 0.2) / LETTER))


def _wrapped(text: str, length: int) -> str:
    """Lines that fit under a block; long names break behind an underscore."""
    lines = [""]
    for piece in re.findall(r"\n|[^\S\n]+|[^\s_]*_+|[^\s_]+", text.strip()):
        if piece == "\n":
            lines.append("")
        elif lines[-1].strip() and len((lines[-1] + piece).rstrip()) > length:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return "\n".join(line.strip() for line in lines).strip()


def _alt(asked: Sequence[str], notes: Mapping[str, str]) -> str:
    text = (
        "Framework: images and their cameras go through an encoder to codes z, these through a "
        "conditioning into a scene representation, a renderer makes an image of it for another "
        "camera, and the loss compares it with that camera's photograph; its gradient goes back "
        "to the encoder."
    )
    if asked:
        text += f" Highlighted: {', '.join(asked)}."
    for name, words in notes.items():
        text += f" {name}: {' '.join(words.split())}."
    return text
