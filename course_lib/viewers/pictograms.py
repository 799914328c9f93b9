"""Small drawings for diagrams, in inches: photographs, a vector, a camera."""

from __future__ import annotations

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from course_lib.style import BLACK, BLUE, GREY

LIGHT: Final = "#F1F1F1"
STEP: Final = 0.07  # from one photograph of a pile to the next
SIDE: Final = 0.14  # of a number's cell
MOUNTAINS: Final = (((0.1, 0.2), (0.4, 0.7), (0.7, 0.2)), ((0.5, 0.2), (0.72, 0.52), (0.92, 0.2)))


def paint(strong: bool) -> dict[str, Any]:
    """How a patch is filled: dark against light, so that it shows in grey too."""
    return {
        "facecolor": BLUE if strong else LIGHT,
        "edgecolor": BLUE if strong else GREY,
        "linewidth": 1.2,
    }


def draw_photographs(
    axes: Axes, left: float, middle: float, width: float, *, copies: int, strong: bool
) -> None:
    """A pile of square photographs, `width` wide altogether, around the height `middle`."""
    size = width - STEP * (copies - 1)
    low = middle - (size + STEP * (copies - 1)) / 2
    for i in reversed(range(copies)):
        corner = (left + STEP * i, low + STEP * i)
        axes.add_patch(Rectangle(corner, size, size, **paint(strong)))
    for corners in MOUNTAINS:
        places = [(left + u * size, low + v * size) for u, v in corners]
        axes.add_patch(Polygon(places, color="white" if strong else GREY))


def draw_vector(axes: Axes, x: float, y: float, *, cells: int, strong: bool) -> None:
    """A column of numbers around (x, y)."""
    look = paint(strong) | ({"edgecolor": "white"} if strong else {})
    for i in range(cells):
        corner = (x - SIDE / 2, y + (i - cells / 2) * SIDE)
        axes.add_patch(Rectangle(corner, SIDE, SIDE, **look))


def draw_camera(axes: Axes, x: float, y: float) -> None:
    """A camera with its lens to the right; its body's middle is at (x, y)."""
    axes.add_patch(Rectangle((x - 0.11, y - 0.08), 0.22, 0.16, color=BLACK))
    lens = [(x + 0.11, y), (x + 0.22, y + 0.08), (x + 0.22, y - 0.08)]
    axes.add_patch(Polygon(lens, color=BLACK))
