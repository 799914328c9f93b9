"""Places on a line moved apart as little as possible, for labels and columns that must not overlap."""

from __future__ import annotations

import numpy as np

from course_lib.viewers.arrays import Array


def spread(places: Array, least: float, low: float, high: float) -> Array:
    """The `n` places, in any order, moved to be at least `least` apart and within [low, high].

    The sum of squared moves is the smallest possible, and nothing changes order. Where there is no
    room for all, they are evenly spaced over the whole. By isotonic regression (Ayer et al. 1955).
    """
    n = len(places)
    if n > 1 and least * (n - 1) > high - low:
        least = (high - low) / (n - 1)
    order = np.argsort(places, kind="stable")
    steps = least * np.arange(n)
    blocks: list[tuple[float, int]] = []  # mean and size of places that move as one
    for value in (places[order] - steps).tolist():
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    moved = np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])
    result = np.empty(n)
    result[order] = np.clip(moved, low, max(low, high - least * max(n - 1, 0))) + steps
    return result
