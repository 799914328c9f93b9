"""What a category of scenes is: how to make one, where its cameras stand, and between which distances it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.scenes.cameras import CameraPlacement
from course_lib.scenes.polytopes import Scene


@dataclass(frozen=True)
class Category:
    """A family of scenes. `make` draws one from its own generator, so no scene depends on another."""

    name: str
    make: Callable[[np.random.Generator], Scene]
    cameras: CameraPlacement
    near: float = 0.7  # distances along a ray between which every scene lies
    far: float = 1.7
