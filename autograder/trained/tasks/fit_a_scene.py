"""Fit a scene: 60 photographs of one procedural car; predict how 24 other cameras see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.catalogue.bands import Band
from autograder.trained.task import Drawn, Task

if TYPE_CHECKING:
    import numpy as np

    from course_lib.data import PosedViews
    from course_lib.scenes import Category, Scene
    from course_lib.shapes import Float, Tensor

RESOLUTION = (64, 64)
TRAINING, BETWEEN, BEYOND = 60, 18, 6  # views
SEEN = (10.0, 50.0)  # degrees of elevation that training views are taken from, and most hidden ones
ABOVE = (50.0, 56.0)  # and where the others look from: a little beyond
GOLDEN = 137.507764  # degrees of azimuth from a view to the next: they never line up


def draw(seed: str) -> Drawn:
    """The car and all cameras of a seed. Poses are spread evenly, so that no seed is a hard one."""
    from course_lib.scenes import find_category, make_scene, random_generator

    cars, rng = find_category("cars"), random_generator(TASK.id, seed, "cameras")
    scene = make_scene("cars", f"{TASK.id} {seed}", 0)
    train = _poses(rng, TRAINING, SEEN)
    hidden = [_poses(rng, BETWEEN, SEEN), _poses(rng, BEYOND, ABOVE)]
    return Drawn(_photographs(scene, cars, [train]), _photographs(scene, cars, hidden))


def _poses(
    rng: np.random.Generator, count: int, elevations: tuple[float, float]
) -> Float[Tensor, "n 4 4"]:
    """A spiral over the zone between two elevations, turned and jittered at random."""
    import numpy as np

    from course_lib.scenes import orbit_poses

    low, high = np.sin(np.deg2rad(elevations))
    step = np.arange(count)
    azimuth = rng.uniform(0, 360) + GOLDEN * step + rng.uniform(-4, 4, count)
    height = low + (high - low) * (step + rng.uniform(0, 1, count)) / count  # even on the sphere
    return orbit_poses(azimuth, np.rad2deg(np.arcsin(height)))


def _photographs(scene: Scene, cars: Category, poses: list[Float[Tensor, "n 4 4"]]) -> PosedViews:
    import torch

    from course_lib.scenes import intrinsics, photograph

    K = intrinsics(cars.cameras.focal, RESOLUTION)
    near, far = cars.near, cars.far
    views = torch.cat(poses)
    return photograph(scene, K, views, RESOLUTION, geometry=False, near=near, far=far)


TASK = Task(
    id="fit_a_scene",
    version=1,
    views=(BETWEEN + BEYOND, *RESOLUTION),
    # Measured on three scenes: the nearest training view 20–22 dB, the recipe that the notebook hands out 26–27.5 dB
    # (SSIM 0.93), a grid of 64³ after 600 steps 31.7–32.5 dB (0.98).
    bands=(Band(psnr=22.5), Band(psnr=25), Band(psnr=28, ssim=0.94), Band(psnr=30.5, ssim=0.96)),
    draw=draw,
)
