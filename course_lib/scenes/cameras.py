"""Where the cameras of a category stand: on a sphere around the object, all directions equally likely."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.scenes.rays import camera_answers
from course_lib.shapes import Float, Resolution, Tensor

FOCAL = 131.25 / 128  # of the image's width, as in the published ShapeNet renders of SRN


class CameraPlacement(Protocol):
    """How a category places its cameras."""

    @property
    def focal(self) -> float:
        """Focal length in widths of the image."""

    def poses(
        self, scene: Scene, rng: np.random.Generator, views: int
    ) -> Float[Tensor, "views 4 4"]:
        """world_from_camera, float32. The first poses do not depend on how many follow."""


@dataclass(frozen=True)
class CameraRange:
    """Cameras `radius` from `target`, which they look at: any azimuth, elevations uniform in their sine.

    Directions of view are then spread evenly over this zone of the sphere. Elevations in degrees.
    """

    elevation_low: float
    elevation_high: float
    radius: float = 1.2
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)
    focal: float = FOCAL  # in widths of the image

    def __post_init__(self) -> None:
        if not -90 <= self.elevation_low <= self.elevation_high <= 90:
            raise SceneError(
                "elevations are degrees with −90 ≤ low ≤ high ≤ 90, got "
                f"{self.elevation_low} and {self.elevation_high}"
            )
        if not (self.radius > 0 and self.focal > 0):
            raise SceneError(
                f"radius and focal must be positive, got {self.radius} and {self.focal}"
            )

    def poses(
        self, scene: Scene, rng: np.random.Generator, views: int
    ) -> Float[Tensor, "views 4 4"]:
        """world_from_camera of random views, float32; they are the same for every scene."""
        low, high = np.sin(np.deg2rad([self.elevation_low, self.elevation_high]))
        turn, height = rng.random((views, 2)).T
        elevation = np.rad2deg(np.arcsin(low + (high - low) * height))
        return orbit_poses(360 * turn, elevation, self.radius, self.target)


def orbit_poses(
    azimuth: np.ndarray,
    elevation: np.ndarray,
    radius: float = 1.2,
    target: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> Float[Tensor, "views 4 4"]:
    """world_from_camera, float32, of cameras around `target`; degrees, broadcast against each other.

    Azimuth 0 looks from +x, 90 from +y; elevation 90 looks straight down. The world's z points upwards in the
    image, and straight above or below the image turns on without a jump: `up` is never parallel to the view.
    """
    a, e = np.broadcast_arrays(np.deg2rad(azimuth), np.deg2rad(elevation))
    outwards = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=-1)
    up = np.stack([-np.sin(e) * np.cos(a), -np.sin(e) * np.sin(a), np.cos(e)], axis=-1)
    center = torch.tensor(target, dtype=torch.float64)
    eye = center + radius * torch.from_numpy(outwards)
    poses: Tensor = camera_answers().look_at(eye, center, torch.from_numpy(up))
    return poses.float()


def intrinsics(focal: float, resolution: Resolution) -> Float[Tensor, "3 3"]:
    """Normalised K, float32, of square pixels: `focal` in widths, the axis through the image's middle.

    Raises:
        SceneError: an impossible resolution.
    """
    height, width = checked_resolution(resolution)
    return torch.tensor([[focal, 0, 0.5], [0, focal * width / height, 0.5], [0, 0, 1]])


def checked_resolution(resolution: Resolution) -> Resolution:
    """The resolution, if there can be an image of it.

    Raises:
        SceneError: it is no pair of whole numbers from 1 on.
    """
    try:
        height, width = (operator.index(pixels) for pixels in resolution)
    except (TypeError, ValueError):
        height, width = 0, 0
    if height < 1 or width < 1:
        raise SceneError(
            f"resolution is (height, width), whole numbers of pixels from 1 on, got {resolution}"
        )
    return height, width
