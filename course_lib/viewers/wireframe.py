"""A triangle mesh drawn by its edges, with the camera that looks at it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from course_lib.style import BLUE, GREY
from course_lib.viewers.arrays import as_array
from course_lib.viewers.frustum import draw_frustum
from course_lib.viewers.picture import Picture
from course_lib.viewers.stage import Stage, Up

WHOLE: Final = (0.04, 0.09, 0.92, 0.82)  # of the figure
HEIGHT: Final = 5.2  # inches
MOST_EDGES: Final = 20_000  # more only make matplotlib slow
DEFAULT_K: Final = np.array([[1.2, 0, 0.5], [0, 1.2, 0.5], [0, 0, 1]])


def show_mesh_wireframe(
    vertices: Any,
    faces: Any,
    world_from_camera: Any = None,
    K: Any = None,
    *,
    size: float | None = None,
    title: str = "",
    up: Up = "z",
    view: tuple[float, float] = (-60.0, 22.0),
) -> Picture:
    """The edges of triangles `m 3` (indices) between vertices `n 3`, and a camera's frustum `4 4`.

    Edges that two triangles share are drawn once. `size` is the frustum's depth in world units.
    ValueError names a face that uses a vertex there is not.
    """
    points = as_array("vertices", vertices, ("n", 3))
    indices = as_array("faces", faces, ("m", 3))
    if not len(indices):
        raise ValueError("faces is empty; a mesh needs at least one triangle")
    inside = (indices >= 0) & (indices < len(points)) & (indices % 1 == 0)  # false for NaN too
    wrong = np.flatnonzero(~inside.all(axis=-1))
    if len(wrong):
        raise ValueError(
            f"faces[{wrong[0]}] is {indices[wrong[0]].tolist()} but must be three of the "
            f"{len(points)} vertices; indices are whole numbers that start at 0"
        )
    corners = indices.astype(int)
    edges = _edges(corners)
    figure = Picture(
        HEIGHT,
        f"A mesh of {len(corners)} triangles and {len(points)} vertices, drawn by its edges. {title}".strip(),
        arranged=False,
    )
    stage = Stage(figure, WHOLE, up, view)
    shown = edges if len(edges) <= MOST_EDGES else edges[:: -(-len(edges) // MOST_EDGES)]
    stage.lines(points[shown[:, 0]], points[shown[:, 1]], BLUE, width=0.7, alpha=0.7)
    if world_from_camera is not None:
        pose = as_array("world_from_camera", world_from_camera, (4, 4))
        matrix = DEFAULT_K if K is None else as_array("K", K, (3, 3))
        extent = float(np.ptp(points, axis=0).max()) if len(points) else 1.0
        depth = size or 0.35 * extent
        draw_frustum(stage, pose, matrix, depth, GREY)
        stage.camera_axes(pose, 0.55 * depth, labels=True)
    stage.finish(title)
    return figure


def _edges(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every edge `e 2` once, whichever way round its triangles run."""
    pairs = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    unique: NDArray[np.int64] = np.unique(np.sort(pairs, axis=-1), axis=0)
    return unique
