"""Networks that differ from object to object, drawn as lists of their layers, and points for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from autograder.checking.cases import Case, Draw


def layers_and_points(
    draw: Draw,
    function: str,
    name: str,
    objects: int,
    points: int,
    sizes: Sequence[int],
    scale: float = 1.0,
) -> Case:
    """A case of a function of layers (W, b) of every object and of its points; `scale` is that of the first layer."""
    weights = []
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        size = scale if layer == 0 else 1.0
        W = size * draw.normal(objects, outputs, inputs) / math.sqrt(inputs)
        weights.append((W, size * 0.5 * draw.normal(objects, outputs)))
    inputs_of = {"weights": weights, "x": draw.normal(objects, points, sizes[0])}
    return Case(function, name, inputs_of, compare=False)
