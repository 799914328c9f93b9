"""A camera's walk between photographs: what several models show on the way, and how right each of them is where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from course_lib.viewers.animation import LIMIT, Animation
from course_lib.viewers.arrays import Array, as_array, as_images
from course_lib.viewers.film_page import FilmPage
from course_lib.viewers.model_curves import MARKERS

MOST: Final = 120  # frames
MOST_FILMS: Final = 5  # side by side
HOLD: Final = 0.5  # seconds more where a photograph was taken


def show_film(
    films: Mapping[str, Any],
    angles: Any,
    context: Any = (),
    psnr: Mapping[str, Any] | None = None,
    *,
    labels: tuple[str, str] = ("the camera's angle (°)", "PSNR (dB)"),
    seconds: float = 6.0,
    loops: int = 0,
) -> Animation:
    """Frames `n h w 3` by name, side by side, as a moving picture over the camera's `angles` `n`, which increase.

    `context` are the angles `k` at which the models were shown photographs; they are marked below, and
    the film waits there a little. `psnr` has a curve `n` for each of some films (not for the truth): a
    place where the curve is high at the marks and low between them is one that a model has learned by
    heart. A film takes `seconds` without the waiting and plays `loops` times, 0 for ever. Where
    pictures do not move, a few frames of each film stand above the curves. Frames are left out if all
    would take more than half a megabyte. ValueError names a film or a curve that does not fit.
    """
    if not isinstance(films, Mapping) or not 1 <= len(films) <= MOST_FILMS:
        raise ValueError(
            f"films must be one to {MOST_FILMS} by name, as {{'truth': images, 'mine': images}}; got "
            f"{type(films).__name__} of {len(films)}"
        )
    places = as_array("angles", angles, ("n",))
    if not 2 <= len(places) <= MOST:
        raise ValueError(f"angles has {len(places)} numbers; a film takes 2 to {MOST} frames")
    if not (np.isfinite(places).all() and (np.diff(places) > 0).all()):
        raise ValueError(f"angles must increase from frame to frame; got {_some(places)}")
    if not 0 < seconds < np.inf:
        raise ValueError(f"seconds is {seconds}; give how long the film takes, > 0")
    shots = {
        name: as_images(f"films[{name!r}]", frames, len(places)) for name, frames in films.items()
    }
    first = next(iter(shots))
    for name, images in shots.items():
        if images[0].shape != shots[first][0].shape:
            raise ValueError(
                f"films[{name!r}] has (height, width) {images[0].shape[:2]} but films[{first!r}] has "
                f"{shots[first][0].shape[:2]}; render all at one resolution"
            )
    marks = as_array("context", context, ("k",))
    if not np.isfinite(marks).all():
        raise ValueError(f"context is {_some(marks)}; give the angles of the photographs")
    curves = _curves(psnr, shots, len(places))
    page = FilmPage(shots, places, marks, curves, labels)
    found, kept = _played(page, np.arange(len(places)), seconds, loops), len(places)
    while len(found.png()) > LIMIT and kept > 8:
        kept = max(8, int(0.95 * kept * LIMIT / len(found.png())))
        chosen = np.linspace(0, len(places) - 1, kept).round().astype(int)
        found = _played(page, np.union1d(chosen, page.photographed), seconds, loops)
    return found


def _played(page: FilmPage, chosen: Any, seconds: float, loops: int) -> Animation:
    each = [seconds / len(chosen) + HOLD * (i in page.photographed) for i in chosen]
    frames = [page.frame(int(i)) for i in chosen]
    return Animation(frames, each, page.still(), page.alt, loops=loops)


def _curves(psnr: Any, shots: Mapping[str, Any], count: int) -> dict[str, Array]:
    if psnr is None:
        return {}
    if not isinstance(psnr, Mapping):
        raise ValueError(
            f"psnr is a {type(psnr).__name__}; give curves by the films' names, as {{'mine': decibels}}"
        )
    unknown = next((name for name in psnr if name not in shots), None)
    if unknown is not None:
        raise ValueError(f"psnr has {unknown!r}, which is no film; there are {', '.join(shots)}")
    assert len(psnr) <= len(MARKERS)
    curves = {name: as_array(f"psnr[{name!r}]", curve, (count,)) for name, curve in psnr.items()}
    empty = next((name for name, curve in curves.items() if not np.isfinite(curve).any()), None)
    if empty is not None:
        raise ValueError(
            f"psnr[{empty!r}] has no finite number; leave it out, or compare with the truth"
        )
    return curves


def _some(values: Array) -> str:
    told = ", ".join(f"{value:g}" for value in values[:6])
    return f"[{told}{', …' if len(values) > 6 else ''}]"
