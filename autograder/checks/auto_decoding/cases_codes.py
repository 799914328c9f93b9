"""Cases for codes: frozen decoders to search with, ways from one code to another, and a few labelled features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("infer_latent")
def infer_latent(draw: Draw) -> Iterator[Case]:
    """Linear decoders y = A z + a, images that they explain but for some noise, and where to start."""

    def case(name: str, b: int, d: int, m: int, *options: float, far: float = 1.0) -> Case:
        # Singular values between 0.8 and 1.2: every direction of a code matters about as much as the others.
        left, right = (torch.linalg.qr(draw.normal(n, d)).Q for n in (m, d))
        A = left @ torch.diag(draw.uniform(0.8, 1.2, d)) @ right.T
        a = 0.5 * draw.normal(m)
        z = (
            far
            * draw.uniform(0.3, 0.8, b, d)
            * (2.0 * (draw.permutation(b * d) % 2).reshape(b, d) - 1)
        )
        truth = {"A": A, "a": a, "y": z @ A.T + a + 0.05 * draw.normal(b, m), "pull": 0.05}
        truth["target"] = draw.normal(2, 3)
        inputs: dict[str, Any] = {"start": 0.05 * draw.normal(b, d)}
        inputs |= dict(zip(("steps", "learning_rate"), options, strict=False))
        return Case("infer_latent", name, inputs, truth=truth, compare=False)

    yield case("three codes", 3, 4, 6, 150, 0.05)
    yield case("one code", 1, 5, 8, 20, 0.03)
    yield case("without options", 2, 3, 5, far=8.0)  # so far that 200 steps of 0.01 do not arrive
    yield case("no step", 2, 3, 7, 0, 0.1)
    yield case("one step", 2, 4, 5, 1, 0.05)
    yield case("two steps", 4, 2, 3, 2, 0.1)
    yield case("seven steps", 3, 4, 6, 7, 0.02)
    # The very first step goes far beyond the target: the loss rises, and the search goes on all the same.
    yield case("long steps", 2, 3, 5, 6, 3.0)


@cases_for("interpolate_codes")
def interpolate_codes(draw: Draw) -> Iterator[Case]:
    """Codes near and far, in two steps and in many; lengths that differ, so that arcs and lines do."""

    def case(name: str, count: int, start: Tensor, end: Tensor) -> Case:
        inputs = {"start": start, "end": end, "count": count}
        return Case("interpolate_codes", name, inputs, compare=False)

    yield case("five codes", 5, draw.normal(6), 3 * draw.normal(6))
    yield case("the two given", 2, draw.normal(7), draw.normal(7))
    yield case("three codes", 3, draw.normal(2), draw.normal(2))
    yield case("many codes", 48, draw.normal(4), -2 * draw.normal(4))
    yield case("short codes", 8, 0.01 * draw.normal(64), 0.01 * draw.normal(64))
    # start + (end − start) is not end in float32 where the two differ much in size.
    yield case("large and small", 6, 1e4 * draw.normal(9), 0.01 * draw.normal(9))
    yield case("small and large", 6, 0.01 * draw.normal(9), 1e4 * draw.normal(9))
    yield case("one number", 4, draw.normal(1), draw.normal(1))
    same = draw.normal(5)
    yield case("the same twice", 7, same, same.clone())


@cases_for("semantic_head")
def semantic_head(draw: Draw) -> Iterator[Case]:
    """Features in clouds that overlap, each class among the labels, in even and in very uneven numbers."""

    def case(
        name: str,
        counts: list[int],
        f: int,
        decay: float | None,
        far: float = 0.0,
        apart: float = 1.0,
    ) -> Case:
        labels = torch.cat([torch.full((n,), k) for k, n in enumerate(counts)])
        labels = labels[draw.permutation(len(labels))]
        centers = apart * draw.normal(len(counts), f)
        features = centers[labels] + draw.normal(len(labels), f) + far * draw.normal(f)
        inputs: dict[str, Any] = {"features": features, "labels": labels, "classes": len(counts)}
        if decay is not None:
            inputs["decay"] = decay
        return Case("semantic_head", name, inputs, compare=False)

    yield case("three classes", [14, 12, 10], 4, None)
    yield case("two classes", [9, 12], 5, 0.01)
    yield case("uneven classes", [40, 6, 3], 3, 0.3)
    yield case("strong decay", [10, 11, 9, 12], 6, 0.1)
    yield case("far from zero", [20, 9, 4], 3, 0.02, far=2.0)
    yield case("more features than pixels", [5, 3, 4], 20, 0.003)
    yield case("clear clouds", [12, 10, 11], 6, 0.02, apart=2.0)
