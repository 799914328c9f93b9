"""Lines in space and what Plücker coordinates say about them: direction, moment, plane, distance."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from course_lib.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.picture import Picture
from course_lib.viewers.stage import Stage

HEIGHT: Final = 5.2  # inches
WHOLE: Final = (0.0, 0.09, 1.0, 0.81)  # of the figure
ELEVATION: Final = 24.0  # of the onlooker, degrees
View = tuple[float, float]
HEAD: Final = 0.16  # of an arrow's length


def show_plucker(
    line: Any,
    nearest: Any,
    points: Any = None,
    *,
    title: str = "",
    view: View | None = None,
) -> Picture:
    """One line in Plücker coordinates (d, m) `6`: its direction, its moment, and the plane through the origin.

    `nearest` `3` is the line's point that is nearest to the origin, where d begins; m begins in the
    origin and stands upright on the plane. `points` `n 3`, if given, are places on the line that all
    have this one name, as o + t d. Both arrows are as long as d and m are. `view` is the onlooker's
    (azimuth, elevation) in degrees, by default from where none of it is seen edge-on. ValueError if
    a number is not finite or d is zero.
    """
    coordinates = _finite("line", line, (6,))
    d, m = coordinates[:3], coordinates[3:]
    foot = _finite("nearest", nearest, (3,))
    slid = np.zeros((0, 3)) if points is None else _finite("points", points, ("n", 3))
    if not np.linalg.norm(d) > 0:
        raise ValueError("line has the direction d = 0, so it is none; give (d, m) with d ≠ 0")
    figure = _figure(
        f"A line in space with its direction d = {_words(d)}, its moment m = {_words(m)}, which stands "
        f"upright on the plane of the line and the origin, and its point {_words(foot)} nearest to the "
        f"origin, at the distance {np.linalg.norm(foot):.3g}.",
        title,
    )
    stage = Stage(figure, WHOLE, "z", view or _onlooker([d, foot, m], np.cross(d, foot)))
    low, high = _reach(d, np.concatenate([np.stack([foot, foot + d]), slid]), foot)
    origin, ends = np.zeros(3), (foot + low * d, foot + high * d)
    stage.faces(np.stack([origin, *ends])[None], SKY, 0.28)
    # The line leaves d out: matplotlib would draw it over the arrow.
    stage.lines(np.stack([ends[0], foot + d]), np.stack([foot, ends[1]]), BLACK, width=1.6)
    stage.lines(origin[None], foot[None], GREY, width=1.6)
    _arrow(stage, foot, d, BLUE)
    if np.linalg.norm(m) > 0:
        _arrow(stage, origin, m, VERMILION)
        stage.text(1.12 * m, "m", VERMILION)
    aside = 0.09 * max(float(np.linalg.norm(ends[1] - ends[0])), float(np.linalg.norm(m)))
    outward = np.array([0.0, 0, -1])
    if np.linalg.norm(foot) > 0:
        outward = foot / np.linalg.norm(foot)
        _right_angle(stage, foot, -outward, -d / np.linalg.norm(d), 0.7 * aside)
        if np.linalg.norm(m) > 0:
            _right_angle(stage, origin, outward, m / np.linalg.norm(m), 0.7 * aside)
    if len(slid):
        stage.points(slid, ORANGE, 42)
        words = "start anywhere on the line, as at the orange points: (d, m) stays the same"
        figure.text(0.5, 0.92, words, ha="center", color=GREY)
    stage.points(np.stack([origin, foot]), BLACK, 36)
    stage.text(foot + 0.62 * d + aside * outward, "d", BLUE)
    stage.text(foot + 1.1 * aside * outward, "nearest", BLACK)
    stage.text(-aside * outward, "origin", BLACK)
    stage.finish(title)
    return figure


def show_line_distance(
    nearest: Any,
    directions: Any,
    distance: float | None = None,
    *,
    title: str = "",
    view: View | None = None,
) -> Picture:
    """Two lines and the piece between them that is perpendicular to both.

    `nearest` `2 3` has the point of each line that is nearest to the other line, `directions` `2 3`
    where the lines go. `distance` is written beside the piece; by default the distance of the two
    points; `view` is as in `show_plucker`. ValueError if a number is not finite or a direction is zero.
    """
    feet = _finite("nearest", nearest, (2, 3))
    ways = _finite("directions", directions, (2, 3))
    lengths = np.linalg.norm(ways, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise ValueError(
            f"directions[{int(np.argmin(lengths))}] is zero, so it leads nowhere; give two directions"
        )
    between = float(np.linalg.norm(feet[1] - feet[0]))
    written = between if distance is None else float(distance)
    ways = ways / lengths
    cosine = abs(float(ways[0] @ ways[1]))
    angle = np.degrees(np.arccos(min(cosine, 1.0)))
    figure = _figure(
        f"Two lines in space, {written:.3g} apart, at an angle of {angle:.0f}°, and the piece between "
        f"{_words(feet[0])} and {_words(feet[1])} that is perpendicular to both.",
        title,
    )
    stage = Stage(
        figure, WHOLE, "z", view or _onlooker([*ways, feet[1] - feet[0]], np.cross(*ways))
    )
    reach = max(1.1 * between, 1.0)
    for foot, way, color, name in zip(feet, ways, (BLUE, GREEN), ("first", "second"), strict=True):
        stage.lines((foot - reach * way)[None], (foot + reach * way)[None], color, width=2.4)
        stage.text(foot + 1.1 * reach * way, name, color)
    if between > 0:
        stage.lines(feet[:1], feet[1:], VERMILION, width=2.4)
        for at, along in ((feet[0], feet[1] - feet[0]), (feet[1], feet[0] - feet[1])):
            way = ways[0] if at is feet[0] else ways[1]
            _right_angle(stage, at, along / between, way, 0.09 * reach)
    stage.points(feet, BLACK, 36)
    stage.text(feet.mean(axis=0) + 0.16 * reach * ways[0], f"{written:.3g}", VERMILION)
    stage.finish(title)
    return figure


def _figure(alt: str, title: str) -> Picture:
    return Picture(HEIGHT, f"{title}: {alt}" if title else alt, arranged=False)


def _finite(name: str, value: Any, shape: tuple[int | str, ...]) -> Array:
    array = as_array(name, value, shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} is {np.round(array, 4).tolist()}; all of it must be finite")
    return array


def _reach(d: Array, on_line: Array, foot: Array) -> tuple[float, float]:
    """How far the drawn line goes from its nearest point, in lengths of d, to show all of `on_line`."""
    along = (on_line - foot) @ d / (d @ d)
    low, high = min(float(along.min()), -0.6), max(float(along.max()), 1.6)
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def _arrow(stage: Stage, start: Array, way: Array, color: str) -> None:
    x, y, z = stage.page(start)
    stage.page(start + way)
    stage.axes.quiver(x, y, z, *way, color=color, linewidth=3, arrow_length_ratio=HEAD)


def _right_angle(stage: Stage, at: Array, one: Array, other: Array, side: float) -> None:
    """The small square that says: these two are perpendicular."""
    corners = at + side * np.stack([one, one + other, other])
    stage.lines(corners[:-1], corners[1:], PURPLE, width=1.2)


def _onlooker(vectors: list[Array], normal: Array | None = None) -> View:
    """From where no vector points at the eye, and a plane with that normal is not seen from its edge."""
    azimuths = np.arange(-180.0, 180, 15)
    turned, raised = np.radians(azimuths), np.radians(ELEVATION)
    level = np.cos(raised)
    towards = np.stack(
        [level * np.cos(turned), level * np.sin(turned), np.full(24, np.sin(raised))], -1
    )
    seen = np.ones(len(azimuths))
    for vector in vectors:
        length = float(np.linalg.norm(vector))
        if length > 0:
            seen *= np.linalg.norm(np.cross(towards, vector / length), axis=1)
    if normal is not None and np.linalg.norm(normal) > 0:
        seen *= np.abs(towards @ (normal / np.linalg.norm(normal)))
    return float(azimuths[np.argmax(seen)]), ELEVATION


def _words(vector: Array) -> str:
    return "(" + ", ".join(f"{number:.3g}" for number in vector + 0.0) + ")"
