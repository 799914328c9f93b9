"""Cases for the networks of notebook 4: tables of codes, layers written from codes, features at points, colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.auto_encoding.cases_networks import linear
from autograder.checks.auto_encoding.drawn_layers import layers_and_points

Parameters = dict[str, torch.Tensor]


@cases_for("LatentTable")
def latent_table(draw: Draw) -> Iterator[Case]:
    """Tables filled with known codes, and the numbers of objects: of any shape, repeated, first and last."""

    def case(name: str, count: int, code_length: int, objects: torch.Tensor) -> Case:
        parameters = {"codes": 2 * draw.normal(count, code_length)}
        truth = {"arguments": [count, code_length], "parameters": parameters}
        return Case("LatentTable", name, {"objects": objects}, truth=truth, compare=False)

    yield case("five objects", 5, 3, draw.permutation(5)[:4])
    yield case("a batch of batches", 9, 4, draw.permutation(9)[:6].reshape(2, 1, 3))
    yield case("one object", 7, 2, draw.permutation(7)[0])
    yield case("no objects", 6, 3, torch.zeros(0, dtype=torch.long))
    # Object 0 and the last are there, two come more than once, and some do not come.
    drawn = draw.permutation(6)[:2] + 1
    numbers = torch.cat([torch.tensor([0, 7]), drawn, drawn, drawn[:1]])
    yield case("twice and never", 8, 3, numbers[draw.permutation(7)].reshape(1, 7))
    fine = draw.permutation(37).repeat(41)
    yield case("37 objects", 37, 2, fine)


@cases_for("HyperLayer")
def hyper_layer(draw: Draw) -> Iterator[Case]:
    """Weights of hypernetworks, and codes. All sizes differ, so that shapes tell parameters apart."""
    for name, arguments, count in [
        ("one hidden layer", [4, 3, 2, 11, 1], 3),
        ("two hidden layers", [5, 2, 4, 13, 2], 4),
        ("four hidden layers", [3, 4, 5, 10, 4], 2),
        ("one code", [6, 3, 4, 9, 2], 1),
        ("as many codes as rows", [3, 5, 4, 14, 2], 4),
        ("one number per point", [7, 4, 1, 12, 2], 3),
    ]:
        code_length, inputs, outputs, hidden, depth = arguments
        sizes = [code_length, *depth * [hidden], (inputs + 1) * outputs]
        truth = {"arguments": arguments, "parameters": normalised(draw, sizes)}
        codes = {"z": draw.normal(count, code_length)}
        yield Case("HyperLayer", name, codes, truth=truth, compare=False)
    # How it starts is judged by statistics, of so many numbers that they are sure.
    many = [draw.integer(3, 7), draw.integer(25, 32), 60, draw.integer(470, 501), 2]
    yield Case("HyperLayer", "many weights", {}, truth={"arguments": many}, compare=False)
    wide = [draw.integer(4, 9), 2, 3, 2000, 1]
    yield Case("HyperLayer", "wide", {}, truth={"arguments": wide}, compare=False)


@cases_for("scene_function")
def scene_function(draw: Draw) -> Iterator[Case]:
    """Layers of every object and its points; numbers of objects, points and features that invite confusion."""

    case = partial(layers_and_points, draw, "scene_function")
    yield case("one layer", 2, 5, [3, 4])
    yield case("two layers", 3, 4, [3, 7, 5])
    yield case("four layers", 2, 6, [3, 6, 5, 8, 4])
    yield case("one object", 1, 5, [3, 6, 5])
    yield case("one point", 4, 1, [3, 5, 4])
    yield case("three of everything", 3, 3, [3, 3, 3])
    yield case("faint features", 2, 5, [3, 6], scale=2e-3)
    yield case("one feature in between", 3, 4, [3, 1, 5])


@cases_for("PixelGenerator")
def pixel_generator(draw: Draw) -> Iterator[Case]:
    """Weights of generators, and rows of features in batches of every shape."""
    for name, arguments, batch in [
        ("one hidden layer", [4, 7, 1], [5]),
        ("five hidden layers", [6, 8, 5], [3, 4]),
        ("two hidden layers", [5, 9, 2], [6]),
        ("a single pixel", [4, 6, 2], []),
        ("an image", [5, 7, 2], [4, 6]),
        ("views of objects", [6, 5, 2], [2, 3, 4]),
        ("as many pixels as features", [7, 6, 2], [7, 7]),
    ]:
        features, hidden, depth = arguments
        parameters = normalised(draw, [features, *depth * [hidden], 3])
        truth = {"arguments": arguments, "parameters": parameters}
        rows = {"features": draw.normal(*batch, features)}
        yield Case("PixelGenerator", name, rows, truth=truth, compare=False)


def normalised(draw: Draw, sizes: list[int]) -> Parameters:
    """Linear layers with layer normalisation between them; parameters of one shape and role are all the same.

    A check cannot know which of a student's equally shaped parameters comes first.
    """
    parameters: Parameters = {}
    shared: dict[tuple[str, tuple[int, ...]], torch.Tensor] = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        made = linear(draw, f"layer {layer}", inputs, outputs)
        if layer < len(sizes) - 2:
            made[f"norm {layer} scale"] = draw.uniform(0.5, 1.5, outputs)
            made[f"norm {layer} shift"] = 0.5 * draw.normal(outputs)
        for name, value in made.items():
            key = (name.replace(str(layer), "", 1), tuple(value.shape))
            parameters[name] = shared.setdefault(key, value)
    return parameters
