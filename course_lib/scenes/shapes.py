"""Convex parts from sizes: boxes, prisms, frusta, cylinders, hulls; how to move them and to fit an object together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from course_lib.scenes.polytopes import Array, Color, Part, SceneError, part_extents


def box(low: ArrayLike, high: ArrayLike, color: Color, label: int) -> Part:
    """The axis-aligned box from corner `low` to corner `high`. Planes: −x, +x, −y, +y, −z, +z."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if not (low < high).all():
        raise SceneError(f"box: low must lie below high on every axis, got {low} and {high}")
    return Part(_BOX_NORMALS, np.stack([-low, high], axis=1).ravel(), color, label)


def oriented_box(
    center: ArrayLike, half_sizes: ArrayLike, rotation: ArrayLike, color: Color, label: int
) -> Part:
    """A box turned by `rotation` (3, 3), world_from_box: its columns are the directions of the box's edges."""
    half = np.asarray(half_sizes, dtype=float)
    return moved(box(-half, half, color, label), rotation, center)


def prism(profile: ArrayLike, axis: int, low: float, high: float, color: Color, label: int) -> Part:
    """A convex polygon (n, 2), in either winding, drawn along `axis` (0, 1, 2: x, y, z) from `low` to `high`.

    The profile's coordinates are the two other axes in their order: (y, z), (x, z) or (x, y).
    Planes: one for each side, from profile[i] to profile[i + 1], then −axis, +axis.
    """
    points = np.asarray(profile, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise SceneError(f"prism: a profile has shape (n ≥ 3, 2), got {points.shape}")
    if not low < high:
        raise SceneError(f"prism: low must be below high, got {low} and {high}")
    edges = np.roll(points, -1, axis=0) - points
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    winding = np.sign(turns.sum())
    if (turns * winding <= 0).any():
        corner = (int((turns * winding).argmin()) + 1) % len(points)
        raise SceneError(f"prism: the profile is not convex at point {corner}, {points[corner]}")
    outwards = winding * np.stack([edges[:, 1], -edges[:, 0]], axis=1)
    outwards /= np.sqrt((outwards * outwards).sum(1, keepdims=True))
    others = [other for other in range(3) if other != axis]
    normals = np.zeros((len(points) + 2, 3))
    normals[:-2, others] = outwards
    normals[-2, axis], normals[-1, axis] = -1, 1
    offsets = np.concatenate([(outwards * points).sum(1), [-low, high]])
    return Part(normals, offsets, color, label)


def frustum(
    base: tuple[ArrayLike, ArrayLike],
    base_z: float,
    top: tuple[ArrayLike, ArrayLike],
    top_z: float,
    color: Color,
    label: int,
) -> Part:
    """A solid between two rectangles, each given by its lowest and highest (x, y), at heights base_z < top_z.

    Planes: −x, +x, −y, +y, −z, +z (the first four slanted).
    """
    if not base_z < top_z:
        raise SceneError(f"frustum: base_z must be below top_z, got {base_z} and {top_z}")
    bottom, lid = (
        np.asarray(base, dtype=float),
        np.asarray(top, dtype=float),
    )  # (low or high, x or y)
    if (bottom[0] >= bottom[1]).any() or (lid[0] > lid[1]).any():
        raise SceneError(f"frustum: rectangles are (lowest, highest) corners, got {base} and {top}")
    normals, offsets = np.zeros((6, 3)), np.zeros(6)
    for axis in (0, 1):
        for side, sign in ((0, -1.0), (1, 1.0)):
            run, rise = sign * (lid[side, axis] - bottom[side, axis]), top_z - base_z
            length = np.sqrt(run * run + rise * rise)
            plane = 2 * axis + side
            normals[plane, axis], normals[plane, 2] = sign * rise / length, -run / length
            offsets[plane] = (sign * bottom[side, axis] * rise - base_z * run) / length
    normals[4, 2], normals[5, 2] = -1, 1
    offsets[4], offsets[5] = -base_z, top_z
    return Part(normals, offsets, color, label)


def cylinder(
    center: ArrayLike,
    axis: ArrayLike,
    radius: float,
    length: float,
    sides: int,
    color: Color,
    label: int,
    *,
    top_radius: float | None = None,
) -> Part:
    """A cylinder with `sides` flat sides whose edges lie on the circle; with `top_radius` a cone's stump.

    `center` is the middle of its axis, `axis` points from its foot to its top and need not be a unit vector.
    Planes: the sides, then foot, then top.
    """
    top_radius = radius if top_radius is None else top_radius
    if sides < 3 or not (radius > 0 and top_radius > 0 and length > 0):
        raise SceneError(
            f"cylinder: three sides at least and positive sizes, got {sides} sides, "
            f"radius {radius}, top_radius {top_radius}, length {length}"
        )
    up = _unit(axis, "cylinder: axis")
    helper = np.eye(3)[int(np.abs(up).argmin())]
    right = _unit(np.cross(helper, up), "cylinder: axis")
    ahead = np.cross(up, right)
    angles = (np.arange(sides) + 0.5) * (2 * np.pi / sides)
    inner = np.cos(np.pi / sides)  # from the circle, where the edges are, to the middle of a side
    slope = np.array((radius - top_radius) * inner / length)
    normals = np.cos(angles)[:, None] * right + np.sin(angles)[:, None] * ahead + slope * up
    normals /= np.sqrt(1 + slope * slope)
    middle = (radius + top_radius) / 2 * inner / np.sqrt(1 + slope * slope)
    normals = np.concatenate([normals, -up[None], up[None]])
    offsets = np.concatenate([np.full(sides, middle), [length / 2, length / 2]])
    return Part(normals, offsets + normals @ np.asarray(center, dtype=float), color, label)


def hull(points: ArrayLike, color: Color, label: int) -> Part:
    """The convex hull of a few points (n, 3), each of which may lie inside: every plane through three is tried."""
    cloud = np.asarray(points, dtype=float)
    if cloud.ndim != 2 or cloud.shape[1] != 3 or len(cloud) < 4:
        raise SceneError(f"hull: points have shape (n ≥ 4, 3), got {cloud.shape}")
    if not np.isfinite(cloud).all():
        bad = int((~np.isfinite(cloud).all(1)).argmax())
        raise SceneError(f"hull: point {bad}, {cloud[bad]}, is not finite")
    scale = float(np.ptp(cloud, axis=0).max())
    i, j, k = np.array(list(combinations(range(len(cloud)), 3))).T
    normals = np.cross(cloud[j] - cloud[i], cloud[k] - cloud[i])
    areas = np.sqrt((normals * normals).sum(1))
    flat = areas <= 1e-9 * scale * scale
    normals = normals[~flat] / areas[~flat, None]
    offsets = (normals * cloud[i][~flat]).sum(1)
    normals, offsets = np.concatenate([normals, -normals]), np.concatenate([offsets, -offsets])
    supports = (cloud @ normals.T).max(0) - offsets <= 1e-9 * scale
    planes = np.concatenate([normals, offsets[:, None] / max(scale, 1e-300)], axis=1)[supports]
    _, first = np.unique(np.round(planes, 6), axis=0, return_index=True)
    planes = planes[np.sort(first)]
    if len(planes) < 4:
        raise SceneError("hull: the points lie in one plane, so they enclose nothing")
    return Part(planes[:, :3], planes[:, 3] * scale, color, label)


def grown(part: Part, outwards: ArrayLike) -> Part:
    """The part with its planes moved outwards (inwards if negative): one distance, or one for each plane."""
    return replace(part, offsets=part.offsets + np.asarray(outwards, dtype=float))


def moved(
    part: Part,
    rotation: ArrayLike | None = None,
    translation: ArrayLike = (0, 0, 0),
    scale: float = 1.0,
) -> Part:
    """The part scaled, then turned, then shifted: x ↦ rotation @ (scale · x) + translation."""
    if not scale > 0:
        raise SceneError(f"moved: scale must be positive, got {scale}; mirror with mirrored(…)")
    turn = np.eye(3) if rotation is None else np.asarray(rotation, dtype=float)
    if turn.shape != (3, 3) or np.abs(turn @ turn.T - np.eye(3)).max() > 1e-6:
        raise SceneError(f"moved: rotation must be a 3×3 rotation, got {turn}")
    normals = part.normals @ turn.T
    offsets = scale * part.offsets + normals @ np.asarray(translation, dtype=float)
    return replace(part, normals=normals, offsets=offsets)


def mirrored(part: Part, axis: int) -> Part:
    """The part's mirror image: its coordinate `axis` (0, 1, 2: x, y, z) changes sign."""
    signs = np.where(np.arange(3) == axis, -1.0, 1.0)
    return replace(part, normals=part.normals * signs)


def rotation_about(axis: int, degrees: float) -> Array:
    """A right-handed turn about a coordinate axis (0, 1, 2: x, y, z), shape (3, 3)."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    turn[first, first] = turn[second, second] = cosine
    turn[first, second], turn[second, first] = -sine, sine
    return turn


def fitted(parts: Sequence[Part], diagonal: float = 1.0) -> tuple[Part, ...]:
    """The parts together, moved so that their bounding box has its centre at 0 and this diagonal."""
    bounds = part_extents(parts).bounds
    low, high = bounds[:, 0].min(0), bounds[:, 1].max(0)
    scale = diagonal / float(np.sqrt(((high - low) ** 2).sum()))
    return tuple(moved(part, translation=-scale * (low + high) / 2, scale=scale) for part in parts)


_BOX_NORMALS: Array = np.array(
    [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]], dtype=np.float64
)


def _unit(vector: ArrayLike, what: str) -> Array:
    direction = np.asarray(vector, dtype=float)
    length = float(np.sqrt((direction * direction).sum()))
    if not length > 0:
        raise SceneError(f"{what} must not be the zero vector, got {direction}")
    return direction / length
