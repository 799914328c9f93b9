"""The lower body: a convex side profile with rounded corners, its sills, bumpers and arches."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from course_lib.scenes.cars_labels import BODY, TRIM
from course_lib.scenes.cars_measures import Measures
from course_lib.scenes.cars_paints import BED, RUBBER
from course_lib.scenes.cars_solids import (
    Plane,
    Solid,
    above,
    ahead_of,
    behind,
    below,
    left_of,
    plane,
    slab,
)
from course_lib.scenes.cars_wheels import ARCH, TYRE_WIDTH
from course_lib.scenes.polytopes import Color, Part

CORNER: Final = (0.13, 0.30)  # metres that a corner is cut along x and along y, seen from above
SHOULDER: Final = (0.07, 0.10)  # … that the flank's upper edge is cut along y and along z
PROUD: Final = 0.008  # metres by which trim stands out
WALL: Final = 0.10  # thickness of a pickup's bed walls
FRONT: Final = ("nose", "chin", "front left", "front right")
REAR: Final = ("tail", "skirt", "rear left", "rear right")
FLANKS: Final = ("left", "right")


def side_profile(m: Measures) -> list[tuple[str, float, float]]:
    """The seven vertices (x, z), from the rear bottom forwards, each with its following edge."""
    rise = m.hood - m.clearance
    deck = m.belt - (0.04 if m.kind in ("sedan", "coupe") else 0.0)
    return [
        ("bottom", -m.front + 0.10, m.clearance),
        ("chin", m.front - 0.10, m.clearance),
        ("nose", m.front, m.clearance + 0.42 * rise),
        ("hood", m.front - 0.07, m.hood),
        ("deck", m.windscreen_x, m.belt),
        ("tail", -m.front + 0.05, deck),
        ("skirt", -m.front, m.clearance + 0.45 * rise),
    ]


@lru_cache(maxsize=2)  # every lamp and window starts from it
def body(m: Measures) -> Solid:
    """The body below the windows; its bottom plane is called "bottom", its flanks left and right."""
    vertices = side_profile(m)
    planes: dict[str, Plane] = {}
    for (name, x0, z0), (_, x1, z1) in zip(vertices, vertices[1:] + vertices[:1], strict=True):
        planes[name] = plane(z1 - z0, 0.0, x0 - x1, through=(x0, 0.0, z0))
    along, across = CORNER
    down, high = SHOULDER
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        y = sign * m.side
        planes[side] = (0.0, sign, 0.0, m.side)
        planes[f"shoulder {side}"] = plane(0.0, sign * high, down, through=(0.0, y, m.belt - high))
        for end, x in (("front", m.front), ("rear", -m.front)):
            forward = 1.0 if x > 0 else -1.0
            corner = (x - forward * along, y, 0.0)
            planes[f"{end} {side}"] = plane(forward * across, sign * along, 0.0, through=corner)
    return Solid(planes)


def lower_body(m: Measures, color: Color) -> list[Part]:
    """The body in the car's colour; a pickup's has a bed with walls behind the cabin."""
    whole = body(m)
    return _with_bed(m, whole, color) if m.kind == "pickup" else [whole.part(color, BODY)]


def bed_floor(m: Measures) -> float:
    """Height of a pickup's bed."""
    return m.belt - 0.42


def bed_front(m: Measures) -> float:
    """x of the wall between a pickup's cabin and its bed."""
    return m.rear_x - 0.03


def _with_bed(m: Measures, whole: Solid, color: Color) -> list[Part]:
    """A box behind the cabin that is open above: floor, walls, tailgate, and wells for the wheels."""
    cabin = whole.cut(ahead_of(bed_front(m)))
    ends = ("tail", "skirt", "rear left", "rear right")
    floor = whole.only("bottom", *FLANKS, *ends)
    floor = floor.cut(behind(bed_front(m)), below(bed_floor(m)))
    inside = m.side - WALL + 0.01
    liner = slab(
        (0.12 - m.front, bed_front(m) + 0.02),
        (-inside, inside),
        (bed_floor(m) - 0.05, bed_floor(m) + 0.01),
    )
    wall = whole.only("deck", "left", "shoulder left", "tail", "skirt", "rear left")
    wall = wall.cut(behind(bed_front(m)), above(bed_floor(m)), left_of(m.side - WALL))
    gate = whole.only(*ends, "deck", *FLANKS, "shoulder left", "shoulder right")
    gate = gate.cut(above(bed_floor(m)), behind(-m.front + 0.14))
    arch = ARCH * m.wheel_radius
    well = slab(
        (m.rear_axle - arch, m.rear_axle + arch),
        (m.side - TYRE_WIDTH - 0.05, m.side - WALL + 0.01),
        (bed_floor(m) - 0.01, m.wheel_radius + arch + 0.02),
    )
    return [
        cabin.part(color, BODY),
        floor.part(color, BODY),
        liner.part(BED, TRIM),
        wall.part(color, BODY),
        wall.mirrored().part(color, BODY),
        gate.part(color, BODY),
        well.part(BED, TRIM),
        well.mirrored().part(BED, TRIM),
    ]


def trim(m: Measures, bumper: Color | None) -> list[Part]:
    """The dark skirt along the bottom and, unless `bumper` is None, a bumper at either end."""
    shell = body(m).grown(PROUD)
    top = m.clearance + 0.10
    corners = [name for name in (*FRONT, *REAR) if name not in ("nose", "tail")]
    parts = [shell.only("bottom", *FLANKS, *corners).cut(below(top)).part(RUBBER, TRIM)]
    if bumper is not None:
        band = (above(top - 0.01), below(m.clearance + 0.5 * (m.hood - m.clearance)))
        shell = shell.grown(0.02)
        for names, end in ((FRONT, ahead_of(m.front - 0.3)), (REAR, behind(0.3 - m.front))):
            parts.append(shell.only(*names, *FLANKS).cut(*band, end).part(bumper, TRIM))
    return parts
