"""Cases for views of objects: sets of them, cameras with codes, and pixels of views to be predicted."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import random_poses


@cases_for("encode_set")
def encode_set(draw: Draw) -> Iterator[Case]:
    """Objects with one view and with many, with all of them seen and with few."""

    def case(name: str, objects: int, views: int, seen: Tensor | None = None) -> Case:
        inputs = {
            "images": draw.uniform(0, 1, objects, views, 4, 5, 3),
            "world_from_camera": random_poses(draw, objects, views),
        }
        inputs |= {} if seen is None else {"seen": seen}
        truth = {"strength": draw.uniform(0.8, 1.2), "outputs": draw.integer(5, 8)}
        return Case("encode_set", name, inputs, truth=truth, compare=False)

    def rows(*texts: str) -> Tensor:
        """A view for each letter: x where it is seen. The objects' views are shuffled."""
        mask = torch.tensor([[letter == "x" for letter in text] for text in texts])
        return torch.stack([row[draw.permutation(len(row))] for row in mask])

    yield case("three views each", 2, 3)
    yield case("one view each", 3, 1)
    yield case("a single object", 1, 4)
    yield case("all seen", 2, 3, rows("xxx", "xxx"))
    yield case("some seen", 4, 4, rows("x...", "xxxx", "xx..", "xxx."))
    yield case("one of many", 2, 6, rows("x.....", "x....."))
    holes = case("holes", 3, 3, rows("xx.", "x..", "xxx"))
    seen = holes.inputs["seen"][..., None, None, None]
    holes.inputs["images"] = torch.where(seen, holes.inputs["images"], math.nan)
    yield holes


@cases_for("PoseConditionedDecoder")
def pose_conditioned_decoder(draw: Draw) -> Iterator[Case]:
    """Codes and cameras whose batches are alike, are missing on one side, and meet like rows and columns."""
    for name, code_length, hidden, codes, cameras in [
        ("four codes, four cameras", 5, 10, (4,), (4,)),
        ("one code, one camera", 3, 13, (), ()),
        ("one code, many cameras", 6, 12, (), (3,)),
        ("many codes, one camera", 4, 11, (3,), ()),
        ("every code with every camera", 5, 9, (2, 1), (1, 3)),
        ("a row of cameras for all", 2, 13, (2, 1), (3,)),
    ]:
        bias = draw.uniform(0, 0.6, hidden)  # few features should die
        inputs = code_length + 12
        weights = {
            "first.weight": draw.normal(hidden, inputs) / inputs**0.5,
            "first.bias": bias,
            "second.weight": draw.normal(hidden, hidden) * (2 / hidden) ** 0.5,
            "second.bias": bias,  # the same: two biases of one shape cannot be told apart
        }
        truth = {"code_length": code_length, "hidden": hidden, "parameters": weights}
        given = {
            "z": draw.normal(*codes, code_length),
            "world_from_camera": random_poses(draw, *cameras),
        }
        yield Case("PoseConditionedDecoder", name, given, truth=truth, compare=False)


@cases_for("novel_view_loss")
def novel_view_loss(draw: Draw) -> Iterator[Case]:
    """Wide and tall images; as many target views as context views and not; pixels that come twice."""

    def case(name: str, counts: tuple[int, int, int, int], resolution: tuple[int, int]) -> Case:
        objects, views, targets, count = counts
        pixels = draw.uniform(0, 1, objects, targets, count) * (resolution[0] * resolution[1])
        inputs = {
            "context_images": draw.uniform(0, 1, objects, views, *resolution, 3),
            "context_poses": random_poses(draw, objects, views),
            "target_images": draw.uniform(0, 1, objects, targets, *resolution, 3),
            "target_poses": random_poses(draw, objects, targets),
            "pixels": pixels.long(),
        }
        truth = {"strength": draw.uniform(0.8, 1.2)}
        return Case("novel_view_loss", name, inputs, truth=truth, compare=False)

    yield case("wide images", (2, 2, 2, 6), (3, 5))
    yield case("tall images", (2, 1, 3, 5), (7, 2))
    yield case("one target", (3, 3, 1, 4), (4, 6))
    yield case("one pixel", (1, 2, 2, 1), (5, 3))
    yield case("more pixels than there are", (1, 1, 2, 40), (3, 4))
