"""The one picture of all conventions: camera axes, uv and pixels, and what other programs do."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from course_lib.style import AXIS_COLORS, BLACK, BLUE, GREY, PURPLE, SKY, VERMILION
from course_lib.viewers.frustum import draw_frustum
from course_lib.viewers.picture import Picture
from course_lib.viewers.stage import Stage

# Where x, y and z point for someone standing behind the camera: right and up on the page, or along
# the line of sight (+1 away from the camera, −1 back towards it).
OTHERS: Final = {
    "OpenCV (this course)": {"x": (1, 0, 0), "y": (0, -1, 0), "z": (0, 0, 1)},
    "OpenGL, Blender": {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, -1)},
    "PyTorch3D": {"x": (-1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1)},
}
ROWS, COLUMNS = 3, 4  # of the sketched image: not square on purpose


def conventions_picture() -> Picture:
    """Camera axes and frustum, the uv square over a 3×4 pixel grid, and three other conventions."""
    figure = Picture(
        7.0,
        "Camera axes as in OpenCV: x right, y down, z forward. uv: u to the right and v down "
        "from (0, 0) at the top left to (1, 1); pixel centres at ((col + 0.5) / width, "
        "(row + 0.5) / height); resolution is (height, width). OpenGL and Blender: x right, y up, "
        "z backward. PyTorch3D: x left, y up, z forward.",
        arranged=False,
    )
    for x, y, heading in (
        (0.02, 0.95, "1  Camera axes"),
        (0.58, 0.95, "2  uv and pixels, resolution (3, 4)"),
        (0.02, 0.33, "3  The same camera from behind, with the axes of other programs"),
    ):
        figure.text(x, y, heading, fontsize=12, fontweight="bold")
    _camera(figure)
    _pixels(figure.add_axes((0.57, 0.43, 0.42, 0.49)))
    for i, (name, directions) in enumerate(OTHERS.items()):
        _seen_from_behind(figure.add_axes((0.02 + 0.33 * i, 0.01, 0.3, 0.26)), name, directions)
    return figure


def _camera(figure: Picture) -> None:
    stage = Stage(figure, (0.06, 0.42, 0.43, 0.5), "-y", (-56, 18))
    stage.axes.set_axis_off()
    pose, K = np.eye(4), np.array([[1.0, 0, 0.5], [0, COLUMNS / ROWS, 0.5], [0, 0, 1]])
    draw_frustum(stage, pose, K, 1.0, GREY)
    stage.camera_axes(pose, 0.5, labels=False)
    for name, place in {
        "x right": (0.62, 0.0, -0.1),
        "y down": (0.0, 0.6, 0.0),
        "z forward": (0.0, -0.08, 1.62),
    }.items():
        stage.text(np.array(place), name, AXIS_COLORS[name[0]])
    stage.lines(np.zeros((1, 3)), np.array([[0, 0, 1.45]]), AXIS_COLORS["z"], width=1.0, alpha=0.6)
    point = np.array([0.52, 0.3, 1.6])
    stage.lines(np.zeros((1, 3)), point[None], PURPLE, width=1.4)
    stage.points(np.stack([point, point / point[2]]), PURPLE, 45)
    stage.text(point + np.array([0.13, 0.0, 0.0]), "xyz", PURPLE)
    stage.text(point / point[2] + np.array([0.02, -0.12, 0]), "uv", PURPLE)
    stage.text(np.array([-0.1, 0.1, -0.1]), "camera", GREY)
    stage.finish()


def _pixels(axes: Axes) -> None:
    axes.set(xlim=(-0.14, 1.16), ylim=(1.2, -0.2), aspect=ROWS / COLUMNS)
    axes.axis("off")
    axes.fill([0, 1, 1, 0], [0, 0, 1, 1], color=SKY, alpha=0.18, linewidth=0)
    for u in np.linspace(0, 1, COLUMNS + 1):
        axes.plot([u, u], [0, 1], color=GREY, linewidth=1)
    for v in np.linspace(0, 1, ROWS + 1):
        axes.plot([0, 1], [v, v], color=GREY, linewidth=1)
    u, v = np.meshgrid((np.arange(COLUMNS) + 0.5) / COLUMNS, (np.arange(ROWS) + 0.5) / ROWS)
    axes.plot(u.ravel(), v.ravel(), "o", color=BLUE, markersize=5)
    axes.plot([1.5 / COLUMNS], [2.5 / ROWS], "o", color=VERMILION, markersize=9)
    axes.annotate(
        "row 2, col 1:\nuv = (1.5/4, 2.5/3)",
        (1.5 / COLUMNS, 2.5 / ROWS),
        (0.5, 1.03),
        color=VERMILION,
        va="top",
        fontsize=10,
        arrowprops={"arrowstyle": "-", "color": VERMILION},
    )
    arrow = {"arrowstyle": "-|>", "linewidth": 2}
    axes.annotate("", (0.62, -0.07), (0, -0.07), arrowprops={**arrow, "color": BLACK})
    axes.annotate("", (-0.06, 0.62), (-0.06, 0), arrowprops={**arrow, "color": BLACK})
    axes.text(0.66, -0.07, "u", fontweight="bold", va="center")
    axes.text(-0.06, 0.7, "v", fontweight="bold", ha="center")
    axes.text(-0.03, -0.16, "(0, 0)", ha="center", fontsize=10)
    axes.text(1.06, 1.07, "(1, 1)", ha="center", fontsize=10)


def _seen_from_behind(axes: Axes, name: str, directions: dict[str, tuple[int, int, int]]) -> None:
    axes.set(xlim=(-1.7, 1.7), ylim=(-1.4, 1.4), aspect="equal")
    axes.axis("off")
    axes.set_title(name, fontsize=11)
    horizontal, vertical = directions["x"][0], directions["y"][1]
    away = directions["z"][2]
    for axis, (right, up, _) in directions.items():
        if axis == "z":
            continue
        color = AXIS_COLORS[axis]
        arrow = {"arrowstyle": "-|>", "color": color, "linewidth": 2.4}
        axes.annotate("", (right, up), (0.16 * right, 0.16 * up), arrowprops=arrow)
    color = AXIS_COLORS["z"]  # ⊗ is an arrow's tail, going away; ⊙ its tip, coming towards us
    axes.plot(0, 0, "o", color="white", markeredgecolor=color, markersize=15, markeredgewidth=2)
    mark: dict[str, Any] = (
        {"marker": "x", "markersize": 9} if away > 0 else {"marker": "o", "markersize": 5}
    )
    axes.plot(0, 0, color=color, markeredgewidth=2, **mark)
    words = {
        "x": ("right" if horizontal > 0 else "left", (1.0 * horizontal, -0.3 * vertical)),
        "y": ("up" if vertical > 0 else "down", (0, 1.22 * vertical)),
        "z": ("forward" if away > 0 else "backward", (-1.0 * horizontal, 0)),
    }
    for axis, (word, place) in words.items():
        axes.text(
            *place,
            f"{axis} {word}",
            color=AXIS_COLORS[axis],
            ha="center",
            va="center",
            fontweight="bold",
        )
