"""Faces from two codes, identity and expression: the stand-in for the face model in SRN's face experiment.

Low-poly heads of convex parts (Sitzmann et al. 2019, section 4 uses renders of a morphable model instead).
The same identity can be given many expressions: nothing but eyes, brows, mouth and chin moves then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from course_lib.scenes.cameras import FOCAL, orbit_poses
from course_lib.scenes.category import Category
from course_lib.scenes.faces_code import EXPRESSIONS, Expression, Identity
from course_lib.scenes.faces_features import brows, eyes, mouth
from course_lib.scenes.faces_hair import hair, style_of
from course_lib.scenes.faces_head import LABELS, head, rings
from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.scenes.shapes import moved
from course_lib.shapes import Float, Tensor

SCALE, LIFT = 0.6, 0.11  # one for all faces, so that wide ones look wide: into a ball of radius 0.5
CODE = (*Identity.names(), *Expression.names())  # what Scene.code holds


def make_face(identity: ArrayLike, expression: ArrayLike | str = "neutral") -> Scene:
    """The face with these codes: 12 numbers of Identity, and 5 of Expression or the name of a known one.

    `Scene.code` holds both, in the order of CODE. The face looks along +x; z is up.

    Raises:
        SceneError: a number outside its range, too many or too few, or an unknown name.
    """
    who, what = Identity.of(identity), Expression.of(_numbers(expression))
    parts = [
        *head(who, what),
        *hair(who, rings(who, what)),
        *eyes(who, what),
        *brows(who, what),
        *mouth(who, what),
    ]
    placed = tuple(moved(part, translation=(0, 0, SCALE * LIFT), scale=SCALE) for part in parts)
    code = np.concatenate([who.numbers(), what.numbers()])
    return Scene("faces", style_of(who), placed, LABELS, code)


def split_code(code: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Identity and expression from the numbers of `Scene.code`."""
    numbers = np.asarray(code, dtype=float)
    if numbers.shape != (len(CODE),):
        raise SceneError(f"a face's code has {len(CODE)} numbers, got shape {numbers.shape}")
    who = len(Identity.names())
    return numbers[:who], numbers[who:]


def make(rng: np.random.Generator) -> Scene:
    """A face with an identity and an expression drawn evenly from their ranges."""
    return make_face(Identity.draw(rng), Expression.draw(rng))


@dataclass(frozen=True)
class FrontalCameras:
    """Cameras around the front of the head. Degrees; directions are spread evenly over that piece of the sphere."""

    azimuth: float = 75.0  # to either side
    elevation_low: float = -20.0
    elevation_high: float = 40.0
    radius: float = 1.2
    focal: float = FOCAL  # in widths of the image

    def poses(
        self, scene: Scene, rng: np.random.Generator, views: int
    ) -> Float[Tensor, "views 4 4"]:
        """world_from_camera of random views, float32; the same for every scene."""
        low, high = np.sin(np.deg2rad([self.elevation_low, self.elevation_high]))
        turn, height = rng.random((views, 2)).T
        elevation = np.rad2deg(np.arcsin(low + (high - low) * height))
        return orbit_poses(self.azimuth * (2 * turn - 1), elevation, self.radius)


def _numbers(expression: ArrayLike | str) -> ArrayLike:
    if not isinstance(expression, str):
        return expression
    if expression not in EXPRESSIONS:
        raise SceneError(f"unknown expression {expression!r}; known: {', '.join(EXPRESSIONS)}")
    return EXPRESSIONS[expression]


CATEGORY: Final = Category("faces", make, FrontalCameras())
