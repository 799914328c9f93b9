"""Cameras, points and rays in three dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps

from course_lib.style import BLACK, BLUE, EXPECTED, GREY, SEQUENTIAL, SKY, YOURS
from course_lib.viewers.arrays import Array, as_array, as_batch, as_image
from course_lib.viewers.frustum import draw_frustum, draw_image_plane
from course_lib.viewers.picture import Picture
from course_lib.viewers.stage import Stage, Up

HEIGHT = 5.2  # inches
WHOLE = (0.04, 0.09, 0.92, 0.82)  # of the figure
MOST_POINTS = 12_000  # drawn; more only make matplotlib slow
MOST_RAYS = 300
DEFAULT_K = np.array([[1.2, 0, 0.5], [0, 1.6, 0.5], [0, 0, 1]])


def show_frusta(
    world_from_camera: Any,
    K: Any = None,
    points: Any = None,
    colors: Any = None,
    *,
    images: Any = None,
    size: float | None = None,
    title: str = "",
    up: Up = "z",
    view: tuple[float, float] = (-60.0, 22.0),
) -> Picture:
    """Cameras `v 4 4` (or one) as frusta with their axes, and the points `n 3` they look at.

    `K` is `3 3` or `v 3 3`, `images` `v h w 3`. `size` is the frustum's depth in world units, `up`
    the world direction drawn upwards, `view` the onlooker's (azimuth, elevation) in degrees.
    """
    poses = as_batch("world_from_camera", world_from_camera, ("v", 4, 4))
    matrices = _per_camera(K, len(poses))
    figure = _figure(
        f"{len(poses)} camera frusta in space with their x, y and z axes{_about(title)}"
    )
    stage = Stage(figure, WHOLE, up, view)
    size = size or _frustum_size(poses, points)
    _draw_points(stage, points, colors)
    for i, (pose, matrix) in enumerate(zip(poses, matrices, strict=True)):
        draw_frustum(stage, pose, matrix, size, GREY)
        if images is not None:
            draw_image_plane(stage, pose, matrix, size, as_image(f"images[{i}]", images[i]))
        stage.camera_axes(pose, 0.55 * size, labels=len(poses) <= 6)
        if len(poses) > 1:
            stage.text(pose[:3, 3] - 0.45 * size * pose[:3, 2], str(i + 1), BLACK)
    stage.finish(title)
    figure.alt += stage.extent()
    return figure


def show_points(
    points: Any,
    colors: Any = None,
    *,
    size: float = 6.0,
    title: str = "",
    up: Up = "z",
    view: tuple[float, float] = (-60.0, 22.0),
) -> Picture:
    """A point cloud `n 3` with colours `n 3`."""
    figure = _figure(f"{len(points)} points in space{_about(title)}")
    stage = Stage(figure, WHOLE, up, view)
    _draw_points(stage, points, colors, size)
    stage.finish(title)
    figure.alt += stage.extent()
    return figure


def show_rays(
    origins: Any,
    directions: Any,
    *,
    length: float = 1.0,
    points: Any = None,
    colors: Any = None,
    world_from_camera: Any = None,
    K: Any = None,
    title: str = "",
    up: Up = "z",
    view: tuple[float, float] = (-60.0, 22.0),
) -> Picture:
    """Rays (`n 3` each) drawn `length` long, their tips marked; cameras and points if given.

    Tips of unit directions lie on a sphere about a camera, those of unnormalised ones do not.
    """
    starts = as_array("origins", origins, ("n", 3))
    ways = as_array("directions", directions, (len(starts), 3))
    chosen = _spread(len(starts), MOST_RAYS)
    starts, ends = starts[chosen], (starts + length * ways)[chosen]
    figure = _figure(f"{len(ways)} rays in space{_about(title)}")
    stage = Stage(figure, WHOLE, up, view)
    _draw_points(stage, points, colors)
    stage.lines(starts, ends, SKY, width=0.9, alpha=0.8)
    stage.points(ends, BLUE, 9)
    if world_from_camera is not None:
        poses = as_batch("world_from_camera", world_from_camera, ("v", 4, 4))
        for pose, matrix in zip(poses, _per_camera(K, len(poses)), strict=True):
            draw_frustum(stage, pose, matrix, 0.3 * length, GREY)
            stage.camera_axes(pose, 0.2 * length, labels=False)
    stage.finish(title)
    figure.alt += stage.extent()
    return figure


def show_pose_path(
    poses: Any,
    truth: Any = None,
    *,
    K: Any = None,
    points: Any = None,
    colors: Any = None,
    losses: Any = None,
    frames: int = 8,
    title: str = "",
    up: Up = "z",
    view: tuple[float, float] = (-60.0, 22.0),
) -> Picture:
    """How an estimated camera `steps 4 4` travelled, from dark to bright; the true one in blue.

    `losses` (one number per step) is drawn beside it on a logarithmic scale.
    """
    path = as_array("poses", poses, ("steps", 4, 4))
    figure = _figure(f"Path of a camera over {len(path)} steps{_about(title)}")
    stage = Stage(figure, WHOLE if losses is None else (0.0, 0.09, 0.6, 0.82), up, view)
    target = None if truth is None else as_array("truth", truth, (4, 4))
    everyone = path if target is None else np.concatenate([path, target[None]])
    size = 0.8 * _frustum_size(everyone, points)
    matrix = _per_camera(K, 1)[0]
    _draw_points(stage, points, colors)
    shades = colormaps[SEQUENTIAL](np.linspace(0, 0.92, len(path)))
    centres = path[:, :3, 3]
    if len(path) > 1:
        stage.lines(centres[:-1], centres[1:], shades[:-1], width=2.0)
    for step in np.unique(
        np.geomspace(1, len(path), min(frames, len(path))).round().astype(int) - 1
    ):
        draw_frustum(stage, path[step], matrix, size, shades[step])
    if target is not None:
        draw_frustum(stage, target, matrix, 1.15 * size, EXPECTED)
        stage.text(target[:3, 3] - 0.7 * size * target[:3, 2], "true", EXPECTED)
    stage.text(centres[0] - 0.7 * size * path[0, :3, 2], "start", BLACK)
    stage.finish(title)
    figure.alt += stage.extent()
    if losses is not None:
        axes = figure.add_axes((0.7, 0.16, 0.28, 0.68))
        values = as_array("losses", losses, ("steps",))
        axes.semilogy(np.arange(len(values)), np.maximum(values, 1e-300), color=YOURS)
        axes.set(xlabel="step", title="loss")
        axes.grid(alpha=0.3)
    return figure


def _about(title: str) -> str:
    return f": {title.rstrip('.')}." if title else "."


def _figure(alt: str) -> Picture:
    return Picture(HEIGHT, alt.strip(), arranged=False)  # 3D axes then fill their place


def _draw_points(stage: Stage, points: Any, colors: Any, size: float = 4.0) -> None:
    if points is None:
        return
    cloud = as_array("points", points, ("n", 3))
    chosen = _spread(len(cloud), MOST_POINTS)
    shown: Array | str = GREY
    if colors is not None:
        shown = np.clip(as_array("colors", colors, (len(cloud), 3)), 0, 1)[chosen]
    stage.points(cloud[chosen], shown, size)


def _spread(count: int, most: int) -> Array | slice:
    return slice(None) if count <= most else np.linspace(0, count - 1, most).round().astype(int)


def _per_camera(K: Any, count: int) -> Array:
    matrices = DEFAULT_K[None] if K is None else as_batch("K", K, ("v", 3, 3))
    if len(matrices) not in (1, count):
        raise ValueError(
            f"{count} cameras but {len(matrices)} matrices K; give one K or one per camera"
        )
    return np.broadcast_to(matrices, (count, 3, 3))


def _frustum_size(poses: Array, points: Any) -> float:
    """A depth at which frusta neither vanish nor swallow the scene."""
    seen = poses[:, :3, 3]
    if points is not None:
        seen = np.concatenate([seen, as_array("points", points, ("n", 3))])
    extent = float(np.linalg.norm(seen.max(axis=0) - seen.min(axis=0)))
    return 0.16 * extent if extent > 0 else 1.0
