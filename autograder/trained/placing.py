"""Cameras of trained tasks, spread so evenly that no seed is a hard one: one of each kind for every object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from course_lib.shapes import Float, Tensor


def spread(rng: np.random.Generator, count: int, low: float, high: float) -> NDArray[np.float64]:
    """`count` random numbers, one in each of as many equal parts of the range, in random order."""
    return low + (high - low) * (rng.permutation(count) + rng.random(count)) / count


def orbiting(
    rng: np.random.Generator,
    azimuth: NDArray[np.float64],
    elevations: tuple[float, float],
    radius: float,
) -> Float[Tensor, "objects 4 4"]:
    """world_from_camera for each azimuth, between two elevations (degrees): even on the sphere."""
    import numpy as np

    from course_lib.scenes import orbit_poses

    height = spread(rng, len(azimuth), *np.sin(np.deg2rad(elevations)))
    return orbit_poses(azimuth, np.rad2deg(np.arcsin(height)), radius)


def rolled(
    rng: np.random.Generator,
    poses: Float[Tensor, "objects 4 4"],
    degrees: tuple[float, float],
) -> Float[Tensor, "objects 4 4"]:
    """The cameras turned about their optical axes, by an angle of this range, to either side."""
    import numpy as np
    import torch

    count = len(poses)
    angle = np.deg2rad(spread(rng, count, *degrees)) * rng.choice([-1, 1], count)
    turn = np.tile(np.eye(4), (count, 1, 1))
    turn[:, 0, 0] = turn[:, 1, 1] = np.cos(angle)
    turn[:, 1, 0] = np.sin(angle)
    turn[:, 0, 1] = -turn[:, 1, 0]
    return poses @ torch.from_numpy(turn).float()


def four_views(
    rng: np.random.Generator,
    around: Callable[..., Float[Tensor, "objects 4 4"]],
    *,
    usual: tuple[float, float],
    above: tuple[float, float],
    roll: tuple[float, float],
    close: float,
) -> list[Float[Tensor, "objects 4 4"]]:
    """Two usual cameras for every object, one above it, and one that is rolled or, every other time, close.

    `around(elevations)` and `around(elevations, radius)` place a camera for each object; ranges are in degrees.
    """
    import torch

    views = [around(usual), around(usual), around(above)]
    leaning, near = rolled(rng, around(usual), roll), around(usual, close)
    every_other = (torch.arange(len(near)) % 2 == 0)[:, None, None]
    return [*views, torch.where(every_other, leaning, near)]
