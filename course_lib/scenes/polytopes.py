"""What a scene is made of: coloured, labelled convex polytopes. Objects are numpy, the same on every machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from course_lib.scenes.errors import SceneError
from course_lib.scenes.extents import Array, Extents, part_extents

Color = tuple[float, float, float]

# Plane coefficients are multiples of this, so that the last digit of some machine's sine cannot make objects differ.
GRID = 2.0**-20
MOST_PLANES = 96

__all__ = ["GRID", "Array", "Color", "Extents", "Part", "Scene", "SceneError", "part_extents"]


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
        if len(normals) > MOST_PLANES:
            raise SceneError(
                f"a part has at most {MOST_PLANES} planes, got {len(normals)}: use fewer sides"
            )
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


def _rounded(part: Part) -> Part:
    return replace(
        part,
        normals=np.round(part.normals / GRID) * GRID + 0.0,  # + 0.0 turns −0 into 0
        offsets=np.round(part.offsets / GRID) * GRID + 0.0,
    )
