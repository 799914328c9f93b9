"""The cars of a task: of each kind about as many as the category has, so that no seed draws nothing but vans."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_lib.scenes import Scene

KINDS = {"sedan": 3, "hatchback": 3, "SUV": 2, "coupe": 2, "pickup": 1, "van": 1}
CARS = sum(KINDS.values())


def cars_of(task: str, seed: str) -> list[Scene]:
    """The first cars of a task's seed that make up the numbers of each kind, in the order in which they come."""
    from course_lib.scenes import make_scene

    missing, index = dict(KINDS), 0
    cars: list[Scene] = []
    while len(cars) < CARS:
        car = make_scene("cars", f"{task} {seed}", index)
        index += 1
        if missing[car.kind]:
            missing[car.kind] -= 1
            cars.append(car)
    return cars
