"""Small pictures of a difference as plain data, and as SVG that a page draws itself: no torch, no matplotlib."""

from autograder.sketches.draw import sketch_html
from autograder.sketches.sketch import Counts, Curve, Grid, Points, Sketch
from autograder.sketches.stored import sketch_from_raw, sketch_to_raw

__all__ = [
    "Counts",
    "Curve",
    "Grid",
    "Points",
    "Sketch",
    "sketch_from_raw",
    "sketch_html",
    "sketch_to_raw",
]
