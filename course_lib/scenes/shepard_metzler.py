"""Shepard–Metzler objects: chains of cubes with bends, each cube of its own colour.

After the figures of Shepard & Metzler, "Mental rotation of three-dimensional objects" (Science, 1971), and the data
set of Eslami et al. 2018 (GQN).
"""

from __future__ import annotations

import colorsys
from dataclasses import replace
from typing import Final

import numpy as np

from course_lib.scenes.cameras import CameraRange
from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Color, Scene, SceneError
from course_lib.scenes.shapes import box, mirrored

SIDE: Final = 0.17  # of a cube
STRAIGHT: Final = 0.45  # probability that a step goes on in the direction of the one before
CUBES: Final = 7
LABELS: Final = ("background", "cube")
MOST_CUBES: Final = 7  # of this size: a longer chain leaves the picture
TRIES: Final = 10_000  # walks; about one in three is kept

Cell = tuple[int, int, int]


def make_shepard_metzler(
    rng: np.random.Generator, *, cubes: int = CUBES, arms: int | None = None
) -> Scene:
    """A chain of cubes that turns at right angles, twice at least, and lies in no plane; its box is centred.

    Args:
        arms: as in the original figures, exactly so many straight arms (4: three bends); by default as many
            as come about when each step goes straight on with probability 0.45.
        cubes: more than 7 are made smaller, so that the object keeps its size.

    Raises:
        SceneError: fewer than four cubes, or more arms than they can form.
    """
    fewest, most = 3, cubes - 1
    if cubes < 4 or not (arms is None or fewest <= arms <= most):
        raise SceneError(
            f"a chain that lies in no plane has 4 cubes or more, and 3…{max(most, 3)} arms "
            f"for {cubes} cubes; got {cubes} cubes and {arms} arms"
        )
    for _ in range(TRIES):
        cells = _free_walk(rng, cubes) if arms is None else _armed_walk(rng, cubes, arms)
        if _is_good(cells):
            return _built(np.array(cells), rng)
    raise SceneError(
        f"found no chain of {cubes} cubes with {arms} arms that touches itself nowhere"
    )


def mirrored_twin(scene: Scene) -> Scene:
    """The object as a mirror shows it: the same colours, and no rotation turns one shape into the other."""
    parts = tuple(mirrored(part, axis=0) for part in scene.parts)
    return replace(scene, kind=f"{scene.kind}, mirrored", parts=parts)


def random_color(rng: np.random.Generator, hue: float | None = None) -> Color:
    """A clear colour: any hue unless one is given (in turns), saturation 0.55–0.95, value 0.7–1."""
    any_hue, saturation, value = rng.uniform((0, 0.55, 0.7), (1, 0.95, 1)).tolist()
    return colorsys.hsv_to_rgb(any_hue if hue is None else hue % 1, saturation, value)


def _free_walk(rng: np.random.Generator, cubes: int) -> list[Cell]:
    step = _perpendicular(rng, None)
    steps = [step]
    for _ in range(cubes - 2):
        step = step if rng.random() < STRAIGHT else _perpendicular(rng, step)
        steps.append(step)
    return _cells(steps)


def _armed_walk(rng: np.random.Generator, cubes: int, arms: int) -> list[Cell]:
    """A chain with exactly this many straight arms; where it bends is drawn first."""
    bends = {0, *(1 + rng.choice(cubes - 2, arms - 1, replace=False)).tolist()}
    steps: list[Cell] = []
    for place in range(cubes - 1):
        before = steps[-1] if steps else None
        steps.append(_perpendicular(rng, before) if place in bends or not before else before)
    return _cells(steps)


def _perpendicular(rng: np.random.Generator, to: Cell | None) -> Cell:
    """A random step along an axis, at a right angle to another."""
    axes = [axis for axis in range(3) if to is None or to[axis] == 0]
    axis, sign = axes[int(rng.integers(len(axes)))], 1 - 2 * int(rng.integers(2))
    x, y, z = (sign if other == axis else 0 for other in range(3))
    return x, y, z


def _cells(steps: list[Cell]) -> list[Cell]:
    cells = [(0, 0, 0)]
    for dx, dy, dz in steps:
        x, y, z = cells[-1]
        cells.append((x + dx, y + dy, z + dz))
    return cells


def _is_good(cells: list[Cell]) -> bool:
    """Touches itself nowhere and extends along all three axes; then it has two bends at least."""
    grid = np.array(cells)
    apart = np.abs(grid[:, None] - grid).sum(-1)
    index = np.arange(len(cells))
    strangers = np.abs(index[:, None] - index) > 1
    return bool((apart[strangers] > 1).all() and (np.ptp(grid, axis=0) > 0).all())


def _built(cells: np.ndarray, rng: np.random.Generator) -> Scene:
    side = SIDE * min(1.0, MOST_CUBES / len(cells))
    low, high = cells.min(0), cells.max(0)
    centers = side * (cells - (low + high) / 2)
    parts = [box(c - side / 2, c + side / 2, random_color(rng), label=1) for c in centers]
    steps = np.diff(cells, axis=0)
    bends = int((steps[1:] != steps[:-1]).any(1).sum())
    return Scene("shepard_metzler", f"{bends} bends", tuple(parts), LABELS)


CATEGORY: Final = Category(
    "shepard_metzler", make_shepard_metzler, CameraRange(elevation_low=-85, elevation_high=85)
)
