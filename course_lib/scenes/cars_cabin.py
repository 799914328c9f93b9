"""The cabin above the belt, its roof, and its windows."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from course_lib.scenes.cars_body import SHOULDER, body
from course_lib.scenes.cars_labels import BODY, GLASS
from course_lib.scenes.cars_measures import Measures
from course_lib.scenes.cars_paints import GLASS as GLASS_COLOR
from course_lib.scenes.cars_solids import (
    Plane,
    Solid,
    above,
    ahead_of,
    behind,
    below,
    left_of,
    plane,
    right_of,
)
from course_lib.scenes.polytopes import Color, Part

PROUD: Final = 0.012  # metres by which glass stands out from the sheet metal around it
EDGE: Final = (0.09, 0.15)  # the roof's rounded edge: metres down, metres inwards
HEADER: Final = 0.12  # sheet metal between the top of the windows and the roof
PILLAR: Final = 0.07  # half of what stands at a corner between two windows
POST: Final = 0.04  # half of what stands between two doors
ROOF_TRIM: Final = 0.004

# Where the posts between the side windows stand, as shares of the way from front to rear.
POSTS: Final[dict[str, tuple[float, ...]]] = {
    "sedan": (0.52,),
    "hatchback": (0.55,),
    "SUV": (0.42, 0.74),
    "coupe": (0.66,),
    "pickup": (0.56,),
    "van": (0.30, 0.64),
}


@lru_cache(maxsize=2)  # every lamp and window starts from it
def cabin(m: Measures) -> Solid:
    """A frustum that starts a little below the belt, inside the body, with rounded roof edges."""
    planes: dict[str, Plane] = {
        "front": plane(1.0, 0.0, m.windscreen_slope, through=(m.windscreen_x, 0.0, m.belt)),
        "rear": plane(-1.0, 0.0, m.rear_slope, through=(m.rear_x, 0.0, m.belt)),
        "bottom": above(m.belt - 0.06),
        "roof": below(m.height),
    }
    rise = m.height - m.belt
    down, inwards = EDGE
    foot = m.side - SHOULDER[0]
    head = foot - m.lean * (rise - down)  # where the rounding starts
    for sign, side in ((1.0, "left"), (-1.0, "right")):
        planes[side] = plane(0.0, sign, m.lean, through=(0.0, sign * foot, m.belt))
        edge = (0.0, sign * head, m.height - down)
        planes[f"edge {side}"] = plane(0.0, sign * down, inwards, through=edge)
    for sign, end, x, slope in (
        (1.0, "front", m.windscreen_x, m.windscreen_slope),
        (-1.0, "rear", m.rear_x, m.rear_slope),
    ):
        top = x - sign * slope * (rise - 0.04)
        planes[f"brow {end}"] = plane(sign * 0.04, 0.0, 0.16, through=(top, 0.0, m.height - 0.04))
    if m.rear_x < 0.12 - m.front:  # the cabin ends where the body does: it shares its corners
        lower = body(m).planes
        planes |= {f"corner {side}": lower[f"rear {side}"] for side in ("left", "right")}
    return Solid(planes)


def roof_cap(m: Measures, color: Color) -> Part:
    """The roof in a colour of its own."""
    shell = cabin(m).grown(ROOF_TRIM)
    names = [name for name in shell.planes if name != "bottom"]
    return shell.only(*names).cut(above(m.height - HEADER + 0.01)).part(color, BODY)


def windows(m: Measures, *, panel_van: bool = False) -> list[Part]:
    """Windscreen with rear window, and the side windows: each part shows at both ends or sides.

    `panel_van` has windows in the front doors only, and a blind back.
    """
    whole = cabin(m)
    band = (above(m.belt + 0.02), below(m.height - HEADER))
    # The windscreen lies on the front plane and ends short of the flanks; side windows conversely.
    across = {"left": -PILLAR, "right": -PILLAR}
    ends = whole.only("front", "rear", "left", "right").moved_out(
        front=PROUD, rear=-PILLAR if panel_van else PROUD, **across
    )
    sides = whole.moved_out(left=PROUD, right=PROUD, front=-PILLAR, rear=-PILLAR - 0.03)
    corners = [name for name in whole.planes if name.startswith("corner")]
    sides = sides.moved_out(**dict.fromkeys(corners, -PILLAR))
    parts = [ends.cut(*band).part(GLASS_COLOR, GLASS)]
    panes = side_panes(m)
    for i, (rear, front) in enumerate(panes[:1] if panel_van else panes):
        names = ["left", "right"]
        cuts = [above(m.belt + 0.03), below(m.height - HEADER - 0.01)]
        if i == 0:
            names.append("front")
        else:
            cuts.append(behind(front))
        if i == len(panes) - 1:
            names += ["rear", *corners]
        else:
            cuts.append(ahead_of(rear))
        parts.append(sides.only(*names).cut(*cuts).part(GLASS_COLOR, GLASS))
    return parts


def side_panes(m: Measures) -> list[tuple[float, float]]:
    """x of the rear and the front edge of each side window, the foremost first."""
    middle = (m.height - m.belt) / 2
    front = m.windscreen_x - m.windscreen_slope * middle
    rear = m.rear_x + m.rear_slope * middle
    posts = [front + share * (rear - front) for share in POSTS[m.kind]]
    fronts = [front, *(x - POST for x in posts)]
    rears = [*(x + POST for x in posts), rear]
    return list(zip(rears, fronts, strict=True))


def sunroof(m: Measures) -> Part:
    """A dark window in the middle of the roof."""
    front, rear = roof_span(m)
    width = 0.55 * (m.side - SHOULDER[0] - m.lean * (m.height - m.belt))
    middle = front - 0.32 * (front - rear)
    lid = Solid({}).cut(
        above(m.height - 0.05), below(m.height + PROUD), left_of(-width), right_of(width)
    )
    return lid.cut(ahead_of(middle - 0.25), behind(middle + 0.25)).part(GLASS_COLOR, GLASS)


def roof_span(m: Measures) -> tuple[float, float]:
    """x of the front and of the rear edge of the roof's flat part."""
    rise = m.height - m.belt
    front = m.windscreen_x - m.windscreen_slope * rise - 0.12
    rear = m.rear_x + m.rear_slope * rise + 0.12
    return front, rear
