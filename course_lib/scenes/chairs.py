"""Chairs of six kinds, from a ladder-back to an office chair: convex parts of wood, metal and fabric."""

from __future__ import annotations

from typing import Final

import numpy as np

from course_lib.scenes.cameras import CameraRange
from course_lib.scenes.category import Category
from course_lib.scenes.chairs_arms import arm_rests
from course_lib.scenes.chairs_backs import ladder_back, panel_back, slat_back
from course_lib.scenes.chairs_colors import BLACK, STEEL, Colors, draw_colors
from course_lib.scenes.chairs_frame import legs, seat, stretchers
from course_lib.scenes.chairs_labels import LABELS
from course_lib.scenes.chairs_lounge import lounge_chair
from course_lib.scenes.chairs_measures import Measures, draw_kind, draw_measures
from course_lib.scenes.chairs_office import office_chair
from course_lib.scenes.polytopes import Part, Scene
from course_lib.scenes.shapes import fitted

BACKS: Final = {"dining": panel_back, "slat": slat_back, "ladder": ladder_back}
PANEL_WITH_ARMS: Final = 0.6  # the share of arm chairs with a panel; the others have slats
OFFICE_ARMS: Final = 0.5
STEEL_BASE: Final = 0.5  # of office chairs; the others are black


def make_chair(rng: np.random.Generator) -> Scene:
    """A chair whose box has its centre at 0 and a diagonal of 1; its front points along +x, z is up.

    The kind is drawn with the probabilities of `chairs_measures.KINDS`.
    """
    kind = draw_kind(rng)
    measures, colors = draw_measures(rng, kind), draw_colors(rng)
    panel, arms, steel = rng.random(3).tolist()
    if kind == "lounge":
        parts = lounge_chair(measures, colors)
    elif kind == "office":
        metal = STEEL if steel < STEEL_BASE else BLACK
        parts = office_chair(measures, colors, metal, with_arms=arms < OFFICE_ARMS)
    else:
        back = "dining" if panel < PANEL_WITH_ARMS else "slat"
        parts = wooden_chair(measures, colors, back if kind == "arm" else kind)
    return Scene("chairs", kind, fitted(parts), LABELS)


def wooden_chair(m: Measures, colors: Colors, back: str) -> list[Part]:
    """A chair on four legs with one of the `BACKS`; of the kind "arm", with rests for the arms."""
    parts = [*seat(m, colors), *legs(m, colors.frame), *BACKS[back](m, colors)]
    if m.stretchers:
        parts += stretchers(m, colors.frame)
    if m.kind == "arm":
        parts += arm_rests(m, colors.frame)
    return parts


CATEGORY: Final = Category("chairs", make_chair, CameraRange(elevation_low=4, elevation_high=65))
