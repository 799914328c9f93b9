"""Two kinds of inputs for each of the six functions: a plain one, and the one that goes wrong first."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("normalize_rows")
def normalize_rows(draw: Draw) -> Iterator[Case]:
    """Rows, and one of zeros among them."""
    x = draw.normal(5, 3)
    yield Case("normalize_rows", "plain", {"x": x})
    yield Case("normalize_rows", "hard", {"x": torch.cat([x, torch.zeros(1, 3)])})


@cases_for("pairwise_distances")
def pairwise_distances(draw: Draw) -> Iterator[Case]:
    """Different counts; and points that coincide."""
    a, b = draw.normal(6, 3), draw.normal(4, 3)
    yield Case("pairwise_distances", "plain", {"a": a, "b": b})
    yield Case("pairwise_distances", "hard", {"a": a, "b": a})


@cases_for("softmax")
def softmax(draw: Draw) -> Iterator[Case]:
    """Small scores; and scores whose exponential overflows."""
    yield Case("softmax", "plain", {"scores": draw.normal(4, 7)})
    yield Case("softmax", "hard", {"scores": 1000 * draw.normal(2, 3, 5)})


@cases_for("bilinear_lookup")
def bilinear_lookup(draw: Draw) -> Iterator[Case]:
    """Positions inside; and positions beyond the border."""
    image = draw.uniform(0, 1, 8, 5)
    inside = {"row": draw.uniform(0, 7, 20), "column": draw.uniform(0, 4, 20)}
    yield Case("bilinear_lookup", "plain", {"image": image, **inside})
    outside = {"row": draw.uniform(-3, 10, 20), "column": draw.uniform(-3, 8, 20)}
    yield Case("bilinear_lookup", "hard", {"image": image, **outside})


@cases_for("rotate")
def rotate(draw: Draw) -> Iterator[Case]:
    """One rotation; and as many as there are points, where a wrong broadcast still runs."""
    for name, batch, count in (("plain", 1, 5), ("hard", 4, 4)):
        rotations = torch.linalg.qr(draw.normal(batch, 3, 3)).Q
        points = draw.normal(batch, count, 3)
        yield Case("rotate", name, {"rotations": rotations, "points": points})


@cases_for("solve_ridge")
def solve_ridge(draw: Draw) -> Iterator[Case]:
    """An ordinary problem; and one with fewer equations than unknowns."""
    for name, count, weight in (("plain", 12, 0.0), ("hard", 3, 0.5)):
        inputs = {"a": draw.normal(count, 4), "y": draw.normal(count), "weight": weight}
        yield Case("solve_ridge", name, inputs)
