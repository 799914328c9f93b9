"""Where one can stand in a room, and cameras that stand there and look around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from course_lib.scenes.polytopes import Array, Scene, SceneError
from course_lib.scenes.rays import camera_answers
from course_lib.scenes.rooms_shell import LABEL, THICKNESS
from course_lib.shapes import Float, Tensor

BODY = (0.03, 1.9)  # metres above the floor: what reaches between these is in the way; a rug is not
CANDIDATES = 256  # drawn at a time, for one view


@dataclass(frozen=True)
class RoomCameras:
    """Eyes of people who stand in free space and look across the room, roughly level. Metres, degrees."""

    eye_low: float = 1.2
    eye_high: float = 1.7
    clearance: float = (
        0.3  # to anything between knee and ceiling, so that nothing is nearer than `near`
    )
    sight: float = 1.5  # what they look towards is at least so far away
    at_furniture: float = 0.75  # share of the views that look towards a part of the furniture
    pitch_low: float = -18.0
    pitch_high: float = 4.0
    focal: float = 0.7  # in widths of the image: 71° across

    def poses(
        self, scene: Scene, rng: np.random.Generator, views: int
    ) -> Float[Tensor, "views 4 4"]:
        """world_from_camera of each view, float32. The first ones do not depend on how many follow.

        Raises:
            SceneError: the room has no free place.
        """
        look_at = camera_answers().look_at
        eyes_targets = np.array([self._eye_and_target(scene, rng) for _ in range(views)])
        eyes, targets = torch.from_numpy(eyes_targets.reshape(-1, 2, 3)).unbind(dim=1)
        up = torch.tensor([0.0, 0.0, 1.0], dtype=eyes.dtype).expand_as(eyes)
        poses: Tensor = look_at(eyes, targets, up)
        return poses.float()

    def _eye_and_target(self, scene: Scene, rng: np.random.Generator) -> tuple[Array, Array]:
        low, high = interior(scene)
        bounds = scene.extents.bounds
        furniture = bounds[[part.label >= LABEL["table"] for part in scene.parts], :, :2].mean(1)
        for _ in range(100):
            eyes = rng.uniform((*low, self.eye_low), (*high, self.eye_high), (CANDIDATES, 3))
            targets = rng.uniform(low, high, (CANDIDATES, 2))
            if rng.random() < self.at_furniture and len(furniture):
                targets = furniture[rng.integers(len(furniture), size=CANDIDATES)]
            pitch = np.tan(np.deg2rad(rng.uniform(self.pitch_low, self.pitch_high)))
            away = np.sqrt(((targets - eyes[:, :2]) ** 2).sum(-1))
            good = is_free(bounds, eyes[:, :2], self.clearance) & (away > self.sight)
            if good.any():
                first = int(good.argmax())
                height = eyes[first, 2] + pitch * away[first]
                return eyes[first], np.array([*targets[first], height])
        raise SceneError(
            f"no free place for an eye in the room {scene.kind!r}: its furniture fills it, or sight "
            f"{self.sight} and clearance {self.clearance} are larger than the room"
        )


def interior(scene: Scene) -> tuple[Array, Array]:
    """Lowest and highest (x, y) between the walls of a room, metres."""
    floor = next(i for i, part in enumerate(scene.parts) if part.label == LABEL["floor"])
    low, high = scene.extents.bounds[floor, :, :2]
    return low + THICKNESS, high - THICKNESS


def is_free(bounds: Array, xy: Array, clearance: float) -> np.ndarray:
    """Which of the places (n, 2) are further than `clearance` from the box of every part in the way."""
    blocking = bounds[(bounds[:, 0, 2] < BODY[1]) & (bounds[:, 1, 2] > BODY[0])]
    gap = np.maximum(blocking[:, 0, :2] - xy[:, None], xy[:, None] - blocking[:, 1, :2])
    outside = np.clip(gap, 0, None)
    distance_squared: Array = (outside**2).sum(-1).min(axis=1, initial=np.inf)
    return distance_squared > clearance**2


def walkable_share(
    bounds: Array, size: tuple[float, float], start: Array, body: float = 0.25
) -> float:
    """Share of a room's floor (width, depth) that somebody of this radius reaches from `start`.

    The room is centred at the origin; places are visited on a grid of 0.1 m, four neighbours each.
    """
    axes = [np.arange(-length / 2 + 0.05, length / 2, 0.1) for length in size]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    free = is_free(bounds, grid.reshape(-1, 2), body).reshape(grid.shape[:2])
    nearest = int(((grid - start) ** 2).sum(-1).argmin())
    reached = np.zeros(free.size, bool)
    reached[nearest] = free.ravel()[nearest]
    region = reached.reshape(free.shape)
    while True:
        spread = region.copy()
        spread[1:] |= region[:-1]
        spread[:-1] |= region[1:]
        spread[:, 1:] |= region[:, :-1]
        spread[:, :-1] |= region[:, 1:]
        spread &= free
        if (spread == region).all():
            return float(region.mean())
        region = spread
