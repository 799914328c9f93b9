"""What a scene is made of: coloured, labelled convex polytopes. Objects are numpy, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np

Color = tuple[float, float, float]
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

# Plane coefficients are multiples of this, so that the last digit of some machine's sine cannot make objects differ.
GRID = 2.0**-20


class SceneError(ValueError):
    """A part, a scene or a view of it makes no sense; the message says which and what to do."""


@dataclass(frozen=True, eq=False)
class Part:
    """A convex polytope {x : normals @ x <= offsets} of one colour, in world coordinates (z up)."""

    normals: Array  # (k, 3) float64, unit, outwards
    offsets: Array  # (k,) float64: signed distances of the planes from the origin
    color: Color  # albedo, rgb in [0, 1]
    label: int  # index into Scene.label_names; 0 is the background, so at least 1

    def __post_init__(self) -> None:
        normals = np.asarray(self.normals, dtype=np.float64)
        offsets = np.asarray(self.offsets, dtype=np.float64)
        if normals.ndim != 2 or normals.shape[1] != 3 or offsets.shape != normals.shape[:1]:
            raise SceneError(
                f"a part needs normals (k, 3) and offsets (k,), got {normals.shape} and {offsets.shape}"
            )
        if len(normals) < 4:
            raise SceneError(f"a part is bounded by four planes at least, got {len(normals)}")
        if not (np.isfinite(normals).all() and np.isfinite(offsets).all()):
            raise SceneError(
                "a part's planes must be finite: look for a division by zero in its sizes"
            )
        lengths = np.sqrt((normals * normals).sum(1))
        if (wrong := np.abs(lengths - 1) > 1e-5).any():
            raise SceneError(
                f"a part's normals must be unit vectors: normal {wrong.argmax()} "
                f"has length {lengths[wrong.argmax()]:.6g}"
            )
        if len(self.color) != 3 or not all(0 <= channel <= 1 for channel in self.color):
            raise SceneError(f"a part's color is three numbers in [0, 1], got {self.color}")
        if self.label < 1:
            raise SceneError(
                f"a part's label is at least 1 (0 is the background), got {self.label}"
            )
        object.__setattr__(self, "normals", normals)
        object.__setattr__(self, "offsets", offsets)
        red, green, blue = self.color
        object.__setattr__(self, "color", (float(red), float(green), float(blue)))
        object.__setattr__(self, "label", int(self.label))


@dataclass(frozen=True, eq=False, repr=False)
class Scene:
    """An object or a room: parts and what their labels mean. Planes are rounded to a grid when it is made."""

    category: str  # "cars"
    kind: str  # "sedan"
    parts: tuple[Part, ...]
    label_names: tuple[str, ...]  # ("background", "body", …)
    code: Array | None = None  # numbers that describe it (faces: identity and expression)

    def __post_init__(self) -> None:
        if not self.parts:
            raise SceneError(f"the scene {self.category}/{self.kind} is empty: give it a part")
        if self.label_names[:1] != ("background",):
            raise SceneError(f'label_names must begin with "background", got {self.label_names}')
        for index, part in enumerate(self.parts):
            if part.label >= len(self.label_names):
                raise SceneError(
                    f"part {index} of {self.category}/{self.kind} has label {part.label}, "
                    f"but there are only {len(self.label_names)} label names"
                )
        object.__setattr__(self, "parts", tuple(_rounded(part) for part in self.parts))

    def __repr__(self) -> str:
        return f"Scene({self.category}/{self.kind}, {len(self.parts)} parts)"

    @cached_property
    def extents(self) -> Extents:
        """Each part's box and faces.

        Raises:
            SceneError: a part is empty or unbounded; the message names it.
        """
        return part_extents(self.parts)

    def part_name(self, index: int) -> str:
        """How messages name a part."""
        return f"part {index} ({self.label_names[self.parts[index].label]})"

    def fingerprint(self) -> str:
        """SHA-256 of planes, colours and labels: equal on every machine for the same category, seed and index."""
        digest = hashlib.sha256(repr((self.category, self.kind, self.label_names)).encode())
        for part in self.parts:
            numbers = np.concatenate([part.normals.ravel(), part.offsets, np.round(part.color, 9)])
            digest.update((numbers + 0.0).astype("<f8").tobytes() + bytes([part.label]))
        return digest.hexdigest()


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
    for count, indices in by_count.items():
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


def _rounded(part: Part) -> Part:
    return replace(
        part,
        normals=np.round(part.normals / GRID) * GRID + 0.0,  # + 0.0 turns −0 into 0
        offsets=np.round(part.offsets / GRID) * GRID + 0.0,
    )
