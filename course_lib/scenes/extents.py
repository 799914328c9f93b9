"""How far convex parts reach: their corners, found where three planes meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from course_lib.scenes.errors import SceneError

if TYPE_CHECKING:
    from course_lib.scenes.polytopes import Part

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
AT_ONCE = 2**24  # coordinates, about, while corners are sought


@dataclass(frozen=True, eq=False)
class Extents:
    """How far parts reach, and which of their planes bound them."""

    bounds: Array  # (parts, 2, 3): lowest and highest x, y, z of each part
    faces: tuple[np.ndarray, ...]  # per part, a bool for each plane: False where others cut it off


def part_extents(parts: Sequence[Part]) -> Extents:
    """Boxes and faces of parts; a corner is where three planes meet and no other cuts it off.

    Raises:
        SceneError: a part is empty (its planes leave nothing), flat, or unbounded.
    """
    bounds = np.empty((len(parts), 2, 3))
    faces: list[np.ndarray] = [np.empty(0)] * len(parts)
    by_count: dict[int, list[int]] = {}
    for index, part in enumerate(parts):
        by_count.setdefault(len(part.offsets), []).append(index)
    for count, indices in _portions(by_count):
        normals = np.stack([parts[index].normals for index in indices])
        offsets = np.stack([parts[index].offsets for index in indices])
        points, inside, on_plane = _vertices(normals, offsets)
        for row, index in enumerate(indices):
            faces[index] = on_plane[row] >= 3
            if inside[row].sum() < 4:
                raise SceneError(
                    f"part {index} (label {parts[index].label}, {count} planes) is empty or has no volume: "
                    "its planes have fewer than four common corners"
                )
        bounds[indices, 0] = np.where(inside[..., None], points, np.inf).min(1)
        bounds[indices, 1] = np.where(inside[..., None], points, -np.inf).max(1)
        _must_be_bounded(normals, indices)
    return Extents(bounds, tuple(faces))


def _portions(by_count: dict[int, list[int]]) -> Iterator[tuple[int, list[int]]]:
    """As many parts at a time as keep memory small: the work grows with the fourth power of the planes."""
    for count, indices in by_count.items():
        at_once = max(1, AT_ONCE // count**4)
        for start in range(0, len(indices), at_once):
            yield count, indices[start : start + at_once]


def _vertices(normals: Array, offsets: Array) -> tuple[Array, np.ndarray, np.ndarray]:
    """Meeting points (parts, triples, 3) of all triples of planes, which are corners, corners per plane."""
    i, j, k = _triples(normals.shape[1])
    across = np.cross(normals[:, j], normals[:, k])
    volume = (normals[:, i] * across).sum(-1)
    meet = np.abs(volume) > 1e-6  # a hair's breadth between parallel planes is no corner
    points = offsets[:, i, None] * across
    points += offsets[:, j, None] * np.cross(normals[:, k], normals[:, i])
    points += offsets[:, k, None] * np.cross(normals[:, i], normals[:, j])
    points /= np.where(meet, volume, 1.0)[..., None]
    extent = 1 + np.abs(offsets).max(1)[:, None]
    beyond = points @ normals.transpose(0, 2, 1) - offsets[:, None]
    corner = meet & (beyond.max(-1) <= 1e-5 * extent)
    on_plane = ((beyond >= -1e-5 * extent[..., None]) & corner[..., None]).sum(1)
    return points, corner, on_plane


@lru_cache
def _triples(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    triples = np.array(list(combinations(range(count), 3)))
    return triples[:, 0], triples[:, 1], triples[:, 2]


def _must_be_bounded(normals: Array, indices: Sequence[int]) -> None:
    """A polytope with a corner is unbounded just if some direction along an edge leaves through no plane."""
    count = normals.shape[1]
    i, j = np.triu_indices(count, 1)
    edges = np.cross(normals[:, i], normals[:, j])
    edges = np.concatenate([edges, -edges], axis=1)
    length = np.sqrt((edges * edges).sum(-1))
    edges /= np.where(length > 1e-6, length, 1.0)[..., None]
    free = (edges @ normals.transpose(0, 2, 1)).max(-1) < 1e-6
    wrong = (free & (length > 1e-6)).any(1)
    if wrong.any():
        raise SceneError(f"part {indices[int(wrong.argmax())]} is unbounded: a side has no plane")
