"""Procedural scenes with exact colours, depth, normals and labels: same seed, same scene, on every machine."""

from __future__ import annotations

import hashlib

import numpy as np

from course_lib.scenes import cars, chairs
from course_lib.scenes.cameras import CameraRange
from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Part, Scene, SceneError

CATEGORIES: dict[str, Category] = {
    one.name: one
    for one in (
        cars.CATEGORY,
        chairs.CATEGORY,
    )
}


def make_scene(category: str, seed: int | str, index: int) -> Scene:
    """Object `index` of a category. It depends on nothing but these three, not on how many are made.

    Raises:
        SceneError: unknown category; the message names the known ones.
    """
    return find_category(category).make(random_generator(category, seed, index))


def find_category(name: str) -> Category:
    """The category of this name.

    Raises:
        SceneError: there is none; the message names those there are.
    """
    if name not in CATEGORIES:
        raise SceneError(f"unknown category {name!r}; known: {', '.join(sorted(CATEGORIES))}")
    return CATEGORIES[name]


def random_generator(*key: int | str) -> np.random.Generator:
    """A generator that depends on the key alone, such as ("cars", seed, index): Philox, equal everywhere."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


__all__ = [
    "CATEGORIES",
    "CameraRange",
    "Category",
    "Part",
    "Scene",
    "SceneError",
    "find_category",
    "make_scene",
    "random_generator",
]
