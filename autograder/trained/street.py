"""The objects of a task: of each kind as many as it says, so that no seed draws nothing but vans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from course_lib.scenes import Scene

# Of cars, about as many as the category has.
KINDS = {"sedan": 3, "hatchback": 3, "SUV": 2, "coupe": 2, "pickup": 1, "van": 1}
CARS = sum(KINDS.values())


def cars_of(task: str, seed: str) -> list[Scene]:
    """The first cars of a task's seed that make up the numbers of each kind, in the order in which they come."""
    return objects_of("cars", KINDS, task, seed)


def objects_of(category: str, kinds: Mapping[str, int], task: str, seed: str) -> list[Scene]:
    """The first objects of a task's seed that make up the numbers of each kind, in the order in which they come.

    Never returns for a kind that the category does not have.
    """
    from course_lib.scenes import make_scene

    missing, index = dict(kinds), 0
    found: list[Scene] = []
    while any(missing.values()):
        candidate = make_scene(category, f"{task} {seed}", index)
        index += 1
        if missing.get(candidate.kind):
            missing[candidate.kind] -= 1
            found.append(candidate)
    return found
