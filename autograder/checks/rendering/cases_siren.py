"""Cases for layers of sines: inputs and weights of small layers. How layers start is judged by statistics."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("SirenLayer")
def siren_layer(draw: Draw) -> Iterator[Case]:
    """Layers with given weights, of the usual ω₀ and of another; input of no, one and two batch dimensions."""
    for name, omega, batch in [
        ("five inputs", 30.0, (5,)),
        ("one input", 30.0, ()),
        ("a grid, another omega", float(draw.uniform(3, 9)), (2, 4)),
    ]:
        weights = {
            "linear.weight": draw.normal(4, 3) / omega,
            "linear.bias": draw.normal(4) / omega,
        }
        truth = {"omega": omega, "parameters": weights}
        yield Case(
            "SirenLayer", name, {"x": draw.uniform(-1, 1, *batch, 3)}, truth=truth, compare=False
        )
    inputs = {"x": draw.uniform(-1, 1, 512, 2)}
    yield Case("SirenLayer", "many points of the plane", inputs, compare=False)
    hidden = {"inputs": torch.tensor([48, 150, 300])[draw.permutation(3)].tolist()}
    omegas = [30.0, float(draw.uniform(5, 12)), float(draw.uniform(40, 60))]
    yield Case("SirenLayer", "sizes", hidden, truth={"omegas": omegas}, compare=False)
