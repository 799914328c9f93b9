"""Cases for light fields that are networks: layers and lines, pictures in portions, layers changed at low rank."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.auto_encoding.cases_networks import linear
from autograder.checks.auto_encoding.drawn_layers import layers_and_points
from autograder.checks.camera_geometry.sampling import random_intrinsics, random_poses


@cases_for("light_field")
def light_field(draw: Draw) -> Iterator[Case]:
    """Layers of every object and its lines; numbers of objects, lines and features that invite confusion."""

    case = partial(layers_and_points, draw, "light_field")
    yield case("two layers", 2, 5, [6, 7, 3])
    yield case("three layers", 3, 4, [6, 8, 5, 3])
    yield case("five layers", 2, 4, [6, 7, 9, 5, 8, 3])
    yield case("a bare layer", 2, 6, [6, 3], 2.0)
    yield case("one object", 1, 5, [6, 8, 3])
    yield case("one line", 4, 1, [6, 5, 3])
    yield case("six of everything", 6, 6, [6, 6, 6, 3])
    yield case("three of everything", 3, 3, [6, 3, 3, 3])
    yield case("faint features", 2, 5, [6, 9, 3], 2e-3)
    yield case("one feature in between", 3, 4, [6, 1, 3])


@cases_for("render_light_field")
def render_light_field(draw: Draw) -> Iterator[Case]:
    """Cameras with skewed K and pictures whose sides differ, in portions that divide them and that do not."""

    def case(name: str, resolution: tuple[int, int], portion: int | None) -> Case:
        inputs: dict[str, torch.Tensor | tuple[int, int] | int] = {
            "K": random_intrinsics(draw),
            "world_from_camera": random_poses(draw),
            "resolution": resolution,
        }
        if portion is not None:
            inputs["portion"] = portion
        return Case("render_light_field", name, inputs, compare=False)

    wide = draw.integer(3, 6), draw.integer(7, 10)
    pixels = wide[0] * wide[1]
    yield case("at once", wide, pixels)
    yield case("with a remainder", wide, pixels // 2 + 1)
    yield case("single rays", wide, 1)
    yield case("less than a row", wide, wide[1] - 2)
    yield case("two rows at a time", wide, 2 * wide[1])
    yield case("more than there is", wide, 10 * pixels)
    yield case("a tall picture", (draw.integer(9, 13), draw.integer(2, 5)), 16)
    yield case("one row", (1, 6), 4)
    yield case("one column", (5, 1), 2)
    yield case("one pixel", (1, 1), 7)
    yield case("without a portion", (263, 251), None)  # 66,013 rays, more than 65,536


@cases_for("LowRankLayer")
def low_rank_layer(draw: Draw) -> Iterator[Case]:
    """Weights of a base and of what reads its change off a code. All shapes of a case differ, to tell them apart."""
    for name, arguments, count in [
        ("rank 1", [4, 3, 5, 1], 3),
        ("rank 2", [5, 4, 3, 2], 4),
        ("rank 3", [4, 2, 7, 3], 3),
        ("as many inputs as outputs", [3, 4, 4, 2], 3),
        ("one code", [6, 3, 4, 2], 1),
        ("one output", [5, 4, 1, 3], 2),
        ("one input", [4, 1, 5, 2], 3),
        ("as many codes as outputs", [3, 2, 5, 3], 5),
        ("rank above both sides", [4, 2, 3, 6], 2),
    ]:
        code_length, inputs, outputs, rank = arguments
        numbers = (outputs + inputs) * rank + outputs
        parameters = linear(draw, "base", inputs, outputs)
        parameters |= linear(draw, "change", code_length, numbers)
        truth = {"arguments": arguments, "parameters": parameters}
        codes = {"z": draw.normal(count, code_length)}
        yield Case("LowRankLayer", name, codes, truth=truth, compare=False)
    # How it starts is judged by statistics: 700,000 numbers or more of A, and 1,600 weights of the base.
    many = [2, draw.integer(3, 6), draw.integer(800, 820), draw.integer(900, 920)]
    yield Case("LowRankLayer", "many numbers", {}, truth={"arguments": many}, compare=False)
    start = {"z": 3 * draw.normal(4, 5)}
    usual = {"arguments": [5, 4, 7]}  # the rank by default
    yield Case("LowRankLayer", "at the start", start, truth=usual, compare=False)
