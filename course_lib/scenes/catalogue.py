"""All categories of scenes by name, and scenes by category, seed and index."""

from __future__ import annotations

import hashlib
import operator

import numpy as np

from course_lib.scenes import cars, chairs, faces, rooms, shepard_metzler, three_boxes
from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Scene, SceneError

CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        shepard_metzler.CATEGORY,
        three_boxes.CATEGORY,
        cars.CATEGORY,
        chairs.CATEGORY,
        rooms.CATEGORY,
        faces.CATEGORY,
    )
}


def find_category(category: str | Category) -> Category:
    """The category of this name; a Category of your own is given back as it is.

    Raises:
        SceneError: there is none; the message names those there are.
    """
    if isinstance(category, Category):
        return category
    if category not in CATEGORIES:
        raise SceneError(f"unknown category {category!r}; known: {', '.join(CATEGORIES)}")
    return CATEGORIES[category]


def make_scene(category: str | Category, seed: int | str, index: int) -> Scene:
    """Object `index` of a category. It depends on nothing but these three, not on how many are made.

    Raises:
        SceneError: unknown category (the message names the known ones), or a negative index.
    """
    if index < 0:
        raise SceneError(f"objects are counted from 0; there is no object {index}")
    found = find_category(category)
    return found.make(random_generator(found.name, seed, index))


def random_generator(*key: int | str) -> np.random.Generator:
    """A generator that depends on the key alone, such as ("cars", seed, index): Philox, equal everywhere."""
    plain = tuple(part if isinstance(part, str) else operator.index(part) for part in key)
    digest = hashlib.sha256(repr(plain).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
