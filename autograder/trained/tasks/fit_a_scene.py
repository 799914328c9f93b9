"""Fit a scene: 60 photographs of one procedural car; predict how 24 other cameras see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.catalogue.bands import Band
from autograder.trained.task import Drawn, Task

if TYPE_CHECKING:
    import numpy as np

    from course_lib.data import PosedViews
    from course_lib.scenes import CameraRange, Category, Scene
    from course_lib.shapes import Float, Tensor

Angles = tuple[float, float]  # azimuth and elevation, degrees

RESOLUTION = (64, 64)
TRAINING, BETWEEN, BEYOND = 60, 18, 6  # views
SEEN = (10.0, 50.0)  # degrees of elevation that training views are taken from, and most hidden ones
ABOVE = (50.0, 56.0)  # and where the others look from: a little beyond


def draw(seed: str) -> Drawn:
    """The car and all cameras of a seed; poses are spread over the hemisphere, so no seed is a hard one."""
    from course_lib.scenes import find_category, make_scene, random_generator

    cars, rng = find_category("cars"), random_generator(TASK.id, seed, "cameras")
    scene = make_scene("cars", f"{TASK.id} {seed}", 0)
    train = _spiral(rng, TRAINING, SEEN)
    hidden = [*_spiral(rng, BETWEEN, SEEN), *_spiral(rng, BEYOND, ABOVE)]
    return Drawn(_photographed(scene, cars, train), _photographed(scene, cars, hidden))


def _spiral(rng: np.random.Generator, count: int, elevations: tuple[float, float]) -> list[Angles]:
    """Azimuth and elevation in degrees, evenly over the band: a golden spiral, turned and jittered."""
    from math import asin, degrees, radians, sin

    low, high = (sin(radians(angle)) for angle in elevations)
    start = rng.uniform(0, 360)
    angles = []
    for i in range(count):
        height = low + (high - low) * (i + rng.uniform(0, 1)) / count  # uniform on the sphere
        angles.append((start + i * 137.507764 + rng.uniform(-4, 4), degrees(asin(height))))
    return angles


def _photographed(scene: Scene, cars: Category, angles: list[Angles]) -> PosedViews:
    import torch

    from course_lib.scenes.photograph import photograph

    focal = cars.cameras.focal
    K = torch.tensor([[focal, 0.0, 0.5], [0.0, focal, 0.5], [0.0, 0.0, 1.0]])  # square pixels
    return photograph(
        scene,
        K,
        _poses(cars.cameras, angles),
        RESOLUTION,
        geometry=False,
        near=cars.near,
        far=cars.far,
    )


def _poses(lens: CameraRange, angles: list[Angles]) -> Float[Tensor, "n 4 4"]:
    from math import cos, radians, sin

    import torch

    from course_lib.scenes.rays import camera_answers

    target = torch.tensor(lens.target, dtype=torch.float64)
    up = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
    directions = [
        (cos(radians(e)) * cos(radians(a)), cos(radians(e)) * sin(radians(a)), sin(radians(e)))
        for a, e in angles
    ]
    eyes = target + lens.radius * torch.tensor(directions, dtype=torch.float64)
    poses: Tensor = camera_answers().look_at(eyes, target.expand_as(eyes), up.expand_as(eyes))
    return poses.float()


TASK = Task(
    id="fit_a_scene",
    version=1,
    views=(BETWEEN + BEYOND, *RESOLUTION),
    bands=(Band(psnr=18), Band(psnr=22), Band(psnr=25, ssim=0.85), Band(psnr=28)),
    draw=draw,
)
