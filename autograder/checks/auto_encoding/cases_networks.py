"""Cases for networks of many objects: their weights, hypernetworks, and the layers that read a code."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.auto_encoding.drawn_layers import layers_and_points

Parameters = dict[str, torch.Tensor]


@cases_for("functional_mlp")
def functional_mlp(draw: Draw) -> Iterator[Case]:
    """Networks of one to four layers; numbers of objects, points and features that invite confusion."""

    case = partial(layers_and_points, draw, "functional_mlp")
    yield case("one layer", 3, 5, [2, 4])
    yield case("two layers", 3, 5, [2, 7, 4])
    yield case("four layers", 2, 4, [3, 6, 5, 8, 1])
    yield case("one object", 1, 6, [3, 5, 2])
    yield case("one point", 4, 1, [3, 5, 2])
    yield case("four of everything", 4, 4, [4, 4, 4])
    yield case("faint features", 2, 5, [3, 6, 2], scale=2e-3)
    yield case("one feature in between", 3, 4, [3, 1, 2])
    # Neither 0, 1 nor 2 is one of these numbers: a message that holds it names a layer.
    yield case("four objects", 4, 9, [3, 5, 6, 7])


@cases_for("HyperNetwork")
def hypernetwork(draw: Draw) -> Iterator[Case]:
    """Weights of a hypernetwork and codes. No two parameters have one shape: so a check can tell which is which."""
    for name, code_length, sizes, hidden, count in [
        ("two layers", 5, [3, 4, 2], 13, 3),
        ("one layer", 3, [4, 2], 11, 2),
        ("four layers", 4, [2, 5, 3, 4, 1], 14, 2),
        ("one code", 6, [2, 6, 3], 11, 1),
    ]:
        parameters = linear(draw, "trunk", code_length, hidden)
        for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
            parameters |= linear(draw, f"head {layer}", hidden, (inputs + 1) * outputs)
        truth = {"arguments": [code_length, sizes, hidden], "parameters": parameters}
        z = draw.normal(count, code_length)
        # A code that no hidden feature answers writes the same network whatever it is: about one seed in 700 has one.
        while not _answered(z, parameters).all():
            z = draw.normal(count, code_length)
        yield Case("HyperNetwork", name, {"z": z}, truth=truth, compare=False)
    # How it starts is judged by statistics, of so many numbers that they are sure.
    start = {"arguments": [draw.integer(4, 9), [draw.integer(4, 8), 320, 50], draw.integer(9, 14)]}
    yield Case("HyperNetwork", "large layers", {}, truth=start, compare=False)


@cases_for("concat_condition")
def concat_condition(draw: Draw) -> Iterator[Case]:
    """Codes longer and shorter than a point, and as long; as many objects as points, and one of each."""
    for name, objects, points, code_length, coordinates, outputs in [
        ("three objects", 3, 5, 4, 2, 3),
        ("codes as long as points", 2, 4, 3, 3, 2),
        ("as many objects as points", 4, 4, 2, 3, 1),
        ("one object", 1, 6, 7, 3, 5),
        ("one point", 5, 1, 1, 2, 4),
    ]:
        inputs = {"z": draw.normal(objects, code_length)}
        inputs["x"] = draw.uniform(-1, 1, objects, points, coordinates)
        truth = {"strength": draw.uniform(0.6, 1.2), "outputs": outputs}
        yield Case("concat_condition", name, inputs, truth=truth, compare=False)


@cases_for("FilmLayer")
def film_layer(draw: Draw) -> Iterator[Case]:
    """Weights of a layer, points and codes. No two parameters have one shape."""
    for name, inputs, outputs, code_length, objects, points in [
        ("three objects", 3, 4, 5, 3, 6),
        ("as many objects as points", 2, 5, 4, 4, 4),
        ("as many points as features", 6, 3, 2, 2, 3),
        ("one object", 5, 2, 3, 1, 4),
        ("one point", 4, 7, 6, 3, 1),
    ]:
        parameters = linear(draw, "linear", inputs, outputs)
        parameters |= linear(draw, "code", code_length, 2 * outputs)
        arguments = [inputs, outputs, code_length]
        inputs_of = {
            "x": draw.normal(objects, points, inputs),
            "z": draw.normal(objects, code_length),
        }
        truth = {"arguments": arguments, "parameters": parameters}
        yield Case("FilmLayer", name, inputs_of, truth=truth, compare=False)


def linear(draw: Draw, name: str, inputs: int, outputs: int) -> Parameters:
    """W and b of a linear layer, both of about the size of what they are applied to."""
    return {
        f"{name} W": draw.normal(outputs, inputs) / math.sqrt(inputs),
        f"{name} b": 0.5 * draw.normal(outputs),
    }


def _answered(z: torch.Tensor, parameters: Parameters) -> torch.Tensor:
    """For each code, whether any hidden feature of the trunk is above zero."""
    return (z @ parameters["trunk W"].T + parameters["trunk b"] > 0).any(1)
