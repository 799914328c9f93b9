"""What furniture a kind of room has, and where it tends to stand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.scenes import rooms_furniture as furniture
from course_lib.scenes.polytopes import Part
from course_lib.scenes.rooms_layout import Layout, joint_box
from course_lib.scenes.shapes import moved, rotation_about

# Each puts its furniture into the layout, large things first; False if something found no place.
Furnish = Callable[[Layout, np.random.Generator, list[int]], bool]


def _living(layout: Layout, rng: np.random.Generator, walls: list[int]) -> bool:
    """A sofa, a low table on a rug, a shelf, a lamp."""
    color = furniture.wood(rng)
    low_table = furniture.rug(rng, (rng.uniform(1.3, 1.6), rng.uniform(0.9, 1.2)))
    on_rug = furniture.round_table(rng.uniform(0.3, 0.4), rng.uniform(0.36, 0.44), color)
    on_rug += furniture.vase(rng, (0, 0, joint_box(on_rug)[1, 2]))
    low_table += _lifted(on_rug, low_table)
    sofa = furniture.sofa(rng, rng.uniform(1.5, 1.9), furniture.fabric(rng))
    return (
        layout.put_against_wall(sofa, walls)
        and layout.put_against_wall(_shelf(rng, 1.2, 1.8), walls)
        and layout.put_in_the_open(low_table, 0.6)
        and layout.put_in_a_corner(furniture.floor_lamp(rng))
    )


def _dining(layout: Layout, rng: np.random.Generator, walls: list[int]) -> bool:
    """A table with two chairs under a lamp, a cabinet, a plant."""
    color, seats = furniture.wood(rng), furniture.fabric(rng)
    size, height = (rng.uniform(1.1, 1.4), rng.uniform(0.75, 0.85)), rng.uniform(0.72, 0.76)
    group = (
        furniture.round_table(size[0] / 2, height, color)
        if rng.random() < 0.4
        else furniture.table(rng, size, height, color)
    )
    group += furniture.vase(rng, (rng.uniform(-0.3, 0.3), rng.uniform(-0.15, 0.15), height))
    group += furniture.pendant_lamp(rng, layout.room.height)
    around = joint_box(group)[1]
    for turn, edge in ((0.0, around[0]), (rng.choice([90.0, 180.0, -90.0]), around[1])):
        edge = around[0] if turn % 180 == 0 else edge
        turned = rotation_about(2, turn + rng.uniform(-6, 6))
        place = rotation_about(2, turn) @ np.array([-edge - 0.32, rng.uniform(-0.1, 0.1), 0.0])
        group += [moved(part, turned, place) for part in furniture.chair(rng, color, seats)]
    cabinet = furniture.cabinet(rng, rng.uniform(0.9, 1.3), furniture.wood(rng))
    return (
        layout.put_in_the_open(group, 0.6)
        and layout.put_against_wall(cabinet, walls)
        and layout.put_in_a_corner(furniture.plant(rng))
    )


def _study(layout: Layout, rng: np.random.Generator, walls: list[int]) -> bool:
    """A desk with a chair, a shelf, an armchair, a lamp."""
    color, width = furniture.wood(rng), rng.uniform(1.2, 1.5)
    desk = furniture.desk((0.65, width), 0.74, color)
    desk += furniture.screen((-0.12, rng.uniform(-0.2, 0.2), 0.74))
    seat = furniture.chair(rng, furniture.wood(rng), furniture.fabric(rng))
    facing = rotation_about(2, 180.0 + rng.uniform(-15, 15))
    desk += [moved(part, facing, (0.72, rng.uniform(-0.3, 0.3), 0)) for part in seat]
    return (
        layout.put_against_wall(desk, walls)
        and layout.put_against_wall(_shelf(rng, 1.4, 1.9), walls)
        and layout.put_against_wall(furniture.sofa(rng, 0.85, furniture.fabric(rng)), walls)
        and layout.put_in_a_corner(furniture.floor_lamp(rng))
    )


def _playroom(layout: Layout, rng: np.random.Generator, walls: list[int]) -> bool:
    """A low table with stools on a rug, crates, a shelf, a plant."""
    corner = furniture.rug(rng, (1.7, 1.4))
    on_rug = furniture.table(rng, (0.8, 0.6), 0.48, furniture.wood(rng))
    on_rug += furniture.vase(rng, (rng.uniform(-0.2, 0.2), 0, 0.48))
    for side in (-1, 1):
        place = (side * 0.6, rng.uniform(-0.3, 0.3), 0)
        on_rug += [
            moved(part, None, place) for part in furniture.stool(0.16, 0.3, furniture.fabric(rng))
        ]
    corner += _lifted(on_rug, corner)
    return (
        layout.put_in_the_open(corner, 0.6)
        and layout.put_against_wall(_shelf(rng, 0.9, 1.3), walls)
        and layout.put_in_a_corner(furniture.crates(rng))
        and layout.put_in_a_corner(furniture.plant(rng))
    )


def _shelf(rng: np.random.Generator, lowest: float, highest: float) -> list[Part]:
    """A shelf of a height between these, metres."""
    width, height = rng.uniform(0.7, 1.1), rng.uniform(lowest, highest)
    return furniture.shelf(rng, width, height, furniture.wood(rng))


def _lifted(pieces: list[Part], rug: list[Part]) -> list[Part]:
    """Pieces that stand on a rug instead of in it."""
    return [moved(part, translation=(0, 0, joint_box(rug)[1, 2])) for part in pieces]


KINDS: dict[str, Furnish] = {
    "dining": _dining,
    "living": _living,
    "playroom": _playroom,
    "study": _study,
}
