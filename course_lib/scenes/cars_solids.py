"""Convex solids whose planes have names, so that lamps and windows can follow the body's faces.

A lamp is the body moved out by a few millimetres and cut to a box: it is flush, whatever the shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from course_lib.scenes.polytopes import Color, Part

Plane: TypeAlias = tuple[float, float, float, float]  # (nx, ny, nz, d): n·x ≤ d, n of unit length


def plane(x: float, y: float, z: float, through: tuple[float, float, float]) -> Plane:
    """The half-space behind a point, its normal along (x, y, z)."""
    norm = math.sqrt(x * x + y * y + z * z)
    offset = x * through[0] + y * through[1] + z * through[2]
    return (x / norm, y / norm, z / norm, offset / norm)


def ahead_of(x: float) -> Plane:
    """All that lies in front of x."""
    return (-1.0, 0.0, 0.0, -x)


def behind(x: float) -> Plane:
    """All that lies behind x."""
    return (1.0, 0.0, 0.0, x)


def left_of(y: float) -> Plane:
    """All that lies to the left of y."""
    return (0.0, -1.0, 0.0, -y)


def right_of(y: float) -> Plane:
    """All that lies to the right of y."""
    return (0.0, 1.0, 0.0, y)


def above(z: float) -> Plane:
    """All that lies above z."""
    return (0.0, 0.0, -1.0, -z)


def below(z: float) -> Plane:
    """All that lies below z."""
    return (0.0, 0.0, 1.0, z)


@dataclass(frozen=True)
class Solid:
    """The intersection of named half-spaces, in metres."""

    planes: dict[str, Plane]

    def grown(self, by: float) -> Solid:
        """All planes moved out by `by`, in if it is negative."""
        return Solid({name: (x, y, z, d + by) for name, (x, y, z, d) in self.planes.items()})

    def moved_out(self, **distances: float) -> Solid:
        """Some planes moved out along their normals; KeyError for one that is not there."""
        moved = dict(self.planes)
        for name, by in distances.items():
            x, y, z, d = moved[name]
            moved[name] = (x, y, z, d + by)
        return Solid(moved)

    def only(self, *names: str) -> Solid:
        """The named planes alone: those that bound what a cut leaves; the rest costs time."""
        return Solid({name: self.planes[name] for name in names})

    def cut(self, *planes: Plane) -> Solid:
        """What lies within further half-spaces."""
        extra = {f"cut {len(self.planes) + i}": one for i, one in enumerate(planes)}
        return Solid(self.planes | extra)

    def mirrored(self) -> Solid:
        """The other side's twin: y becomes -y."""
        return Solid({name: (x, -y, z, d) for name, (x, y, z, d) in self.planes.items()})

    def part(self, color: Color, label: int) -> Part:
        """The solid as a part of a scene."""
        planes = np.array(list(self.planes.values()), dtype=np.float64)
        return Part(planes[:, :3], planes[:, 3], color, label)


def slab(x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Solid:
    """A box between two values along each axis."""
    return Solid({}).cut(
        ahead_of(x[0]), behind(x[1]), left_of(y[0]), right_of(y[1]), above(z[0]), below(z[1])
    )
