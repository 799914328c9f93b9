"""Hair: six styles, each a few blocks around the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from course_lib.scenes.faces_code import HAIR, Identity, along
from course_lib.scenes.faces_head import FRONT, LABEL, Ring, block
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import cylinder, frustum, hull, mirrored

STYLES = ("short", "fringe", "bob", "long", "bun", "crest")
OUT = 0.035  # how far hair stands out from the head


def style_of(identity: Identity) -> str:
    """The style's name: hair_style falls into one of as many bins."""
    return STYLES[min(int(identity.hair_style * len(STYLES)), len(STYLES) - 1)]


def hair(identity: Identity, outline: Sequence[Ring]) -> list[Part]:
    """The hair on a head with these outlines, from its chin to its crown."""
    color, style = along(HAIR, identity.hair_color), style_of(identity)
    temple, forehead, crown = outline[3:]
    if style == "crest":
        return [_crest(forehead, crown, color)]
    parts = _cap(temple, forehead, crown, color)
    if style == "fringe":
        parts.append(_fringe(forehead, color))
    elif style == "bob":
        parts += [
            _curtain(temple, forehead.z, -0.36, 0.10, color),
            *_locks(temple, forehead.z, -0.36, color),
        ]
    elif style == "long":
        parts += [_curtain(temple, forehead.z, -0.62, -0.02, color), _fringe(forehead, color)]
    elif style == "bun":
        parts.append(_bun(crown, color))
    return parts


def _cap(temple: Ring, forehead: Ring, crown: Ring, color: Color) -> list[Part]:
    """The top of the head above the forehead, and its back down to the ears."""
    low = replace(_outside(forehead), z=forehead.z - 0.02)
    high = replace(_outside(crown), z=crown.z + OUT)
    return [
        block(low, high, color, LABEL["hair"]),
        _curtain(temple, forehead.z, temple.z - 0.16, -0.13, color),
    ]


def _curtain(temple: Ring, top: float, low: float, front: float, color: Color) -> Part:
    """Hair around the back of the head, from `top` down to `low`; its front edge is at x = front."""
    ring = replace(_outside(temple), front=front, cut=0.06)
    hem = replace(ring, z=low, side=ring.side - 0.12 * (top - low), back=ring.back + 0.06)
    return block(hem, replace(ring, z=top), color, LABEL["hair"])


def _fringe(forehead: Ring, color: Color) -> Part:
    """Hair that falls onto the forehead."""
    y, x, z = forehead.side - 0.55 * forehead.cut, FRONT + OUT, forehead.z
    points = [
        *((x, sign * 0.9 * y, z - 0.11) for sign in (-1, 1)),
        *((x - 0.02, sign * y, z) for sign in (-1, 1)),
        *((x - 0.12, sign * (forehead.side + OUT), z) for sign in (-1, 1)),
        *((x - 0.16, sign * (forehead.side + OUT), z - 0.13) for sign in (-1, 1)),
    ]
    return hull(points, color, LABEL["hair"])


def _bun(crown: Ring, color: Color) -> Part:
    """A knot at the back of the crown."""
    center, axis = (-0.42, 0, crown.z - 0.07), (-1, 0, 1)
    return cylinder(center, axis, 0.17, 0.2, 8, color, LABEL["hair"], top_radius=0.11)


def _locks(temple: Ring, top: float, low: float, color: Color) -> list[Part]:
    """Hair that hangs beside the cheeks."""
    inner, outer = temple.side - 0.02, temple.side + 0.07
    left = frustum(
        ((-0.10, inner - 0.05), (0.16, outer - 0.03)),
        low,
        ((-0.10, inner), (0.22, outer)),
        top,
        color,
        LABEL["hair"],
    )
    return [left, mirrored(left, 1)]


def _crest(forehead: Ring, crown: Ring, color: Color) -> Part:
    """A ridge from the forehead over the crown to the nape."""
    points = [
        *((FRONT - 0.04, sign * 0.05, forehead.z) for sign in (-1, 1)),
        *((0.24, sign * 0.035, crown.z + 0.11) for sign in (-1, 1)),
        *((-0.22, sign * 0.035, crown.z + 0.13) for sign in (-1, 1)),
        *((-0.52, sign * 0.05, forehead.z - 0.05) for sign in (-1, 1)),
        *((-0.40, sign * 0.05, forehead.z - 0.35) for sign in (-1, 1)),
    ]
    return hull(points, color, LABEL["hair"])


def _outside(ring: Ring) -> Ring:
    return replace(ring, side=ring.side + OUT, front=ring.front + OUT, back=ring.back - OUT)
