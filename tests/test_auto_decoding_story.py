"""What notebook 4 tells of the features of a network that comes with the course."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grading.reference import load_reference
from course_lib.data import PosedViews
from course_lib.scenes import posed_views
from course_lib.solved.camera_geometry import pixel_centers
from course_lib.training import load_pretrained

SOURCE = Path(__file__).parents[1] / "solutions" / "04_auto_decoding.py"


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """The reference solutions of notebook 4 by name."""
    return load_reference(SOURCE)


def test_features_name_the_parts_of_a_chair_and_colours_do_not(answers: dict[str, Any]) -> None:
    found = load_pretrained("chairs")
    network = answers["SceneNetwork"](answers["SceneConfig"](**found.about["config"]))
    table = answers["LatentTable"](found.about["objects"], network.config.code_length)
    modules = {part: getattr(network, part) for part in ("hyper", "marcher", "generator")}
    found.fill(table=table, **modules)
    codes = table.codes.detach()
    taught, others = [2, 1, 8], list(range(24, 32))
    lessons, judged = (
        posed_views("chairs", 32, 1, (64, 64))[numbers].flat() for numbers in (taught, others)
    )
    centers = pixel_centers((64, 64)).reshape(1, -1, 2)

    def features(numbers: list[int], views: PosedViews) -> Tensor:
        weights = network.weights(codes[numbers])
        uv = centers.expand(len(numbers), -1, -1)
        with torch.no_grad():
            found: Tensor = network.look(weights, uv, views.K, views.world_from_camera)[2]
        return found.flatten(0, 1)

    def right(known: Tensor, asked: Tensor, decay: float) -> float:
        W, b = answers["semantic_head"](known, lessons.labels.flatten().long(), 5, decay)
        found, truth = (asked @ W.T + b).argmax(-1), judged.labels.flatten()
        return (found == truth)[truth > 0].float().mean().item()

    assert lessons.labels is not None
    assert judged.labels is not None
    by_features = right(features(taught, lessons), features(others, judged), 1e-3)
    by_colours = right(lessons.images.flatten(0, 2), judged.images.flatten(0, 2), 1e-5)
    assert by_features > 0.65
    assert by_features > by_colours + 0.2
