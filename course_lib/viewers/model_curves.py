"""Curves of PSNR by model: read, put in order, and made to look unlike each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from course_lib.style import CYCLE
from course_lib.viewers.arrays import Array, as_array

Curve = tuple[Any, Any]
# Told apart without colours too: every model has its own marker and kind of line.
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
STYLES: Final = (
    "-",
    (0, (6, 2)),
    (0, (2, 1.5)),
    (0, (7, 2, 1.5, 2)),
    (0, (1, 1)),
    (0, (4, 1, 1, 1, 1, 1)),
    (0, (9, 4)),
)


@dataclass(frozen=True)
class ModelCurve:
    """One model's curve, in order of distance, and how it is drawn."""

    name: str
    distance: Array
    psnr: Array  # NaN where it is not finite
    look: dict[str, Any]  # of its marks, as matplotlib's plot takes it
    style: Any  # of its line

    def end(self) -> tuple[float, float] | None:
        """The last point that is drawn, if any is."""
        known = np.flatnonzero(np.isfinite(self.psnr))
        return (self.distance[known[-1]], self.psnr[known[-1]]) if len(known) else None


def model_curves(curves: Mapping[str, Curve]) -> list[ModelCurve]:
    """Curves (distance `k`, PSNR `k`) by model, sorted by distance; ValueError names one that is none."""
    if not isinstance(curves, Mapping):
        raise ValueError(
            f"curves is a {type(curves).__name__}; give them by model, as {{'voxels': (distance, psnr)}}"
        )
    if not 1 <= len(curves) <= len(MARKERS):
        raise ValueError(
            f"curves has {len(curves)} models; give 1 to {len(MARKERS)}, as {{'voxels': (distance, psnr)}}"
        )
    models = []
    for i, (name, curve) in enumerate(curves.items()):
        if not isinstance(curve, tuple | list) or len(curve) != 2:
            raise ValueError(f"curves[{name!r}] must be a pair (distance, psnr), each of length k")
        distance = as_array(f"distance of curves[{name!r}]", curve[0], ("k",))
        psnr = as_array(f"PSNR of curves[{name!r}]", curve[1], (len(distance),))
        if not len(distance) or not np.isfinite(distance).all():
            raise ValueError(
                f"distance of curves[{name!r}] must be finite numbers, at least one; got {distance.tolist()}"
            )
        order = np.argsort(distance, kind="stable")
        known = np.where(np.isfinite(psnr), psnr, np.nan)
        look = {"color": CYCLE[i], "marker": MARKERS[i], "markersize": 5.5}
        models.append(ModelCurve(name, distance[order], known[order], look, STYLES[i]))
    return models
