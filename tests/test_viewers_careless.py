"""What the viewers of notebook 3 say to a careless caller: which argument is wrong, and what to give instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from course_lib import viewers

CODES = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
LABELS = torch.arange(6)
IMAGES = torch.rand(2, 8, 9, 3, generator=torch.Generator().manual_seed(1))
CURVES = {"voxels": ([0.0, 1.0], [20.0, 19.0])}


def decode(codes: torch.Tensor) -> torch.Tensor:
    return torch.zeros(len(codes), 8, 8)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "one code, not by name": (
        lambda: viewers.show_latent_maps(CODES, LABELS),
        r"codes is a Tensor.*\{'PCA': codes\}.*show_latent_map\(codes, labels\)",
    ),
    "a list of codes": (
        lambda: viewers.show_latent_maps([CODES], LABELS),
        "codes is a list",
    ),
    "pictures of no height": (
        lambda: viewers.show_latent_map(CODES, LABELS, torch.zeros(6, 8, 8), picture=-1),
        "picture is -1; .* inches, > 0",
    ),
    "a number as highlight": (
        lambda: viewers.show_framework(5),
        "highlight has 5, which is no block; there are images, encoder",
    ),
    "nothing as highlight": (
        lambda: viewers.show_framework(None),
        "highlight has None, which is no block",
    ),
    "notes without words": (
        lambda: viewers.show_framework(notes={"loss": None}),
        r"notes\['loss'\] is None; give a few words",
    ),
    "a list of notes": (
        lambda: viewers.show_framework(notes=["loss"]),
        "notes is a list; give words by block, as {'renderer'",
    ),
    "curves without names": (
        lambda: viewers.show_out_of_distribution([CURVES["voxels"]], (0, 1)),
        r"curves is a list; give them by model, as \{'voxels': \(distance, psnr\)\}",
    ),
    "strips without names": (
        lambda: viewers.show_out_of_distribution(CURVES, (0, 1), [IMAGES]),
        "strips is a list; give images by model, as {'voxels': images}",
    ),
    "a training range of one number": (
        lambda: viewers.show_out_of_distribution(CURVES, 25),
        r"training is 25; give finite \(low, high\)",
    ),
    "a training range of three": (
        lambda: viewers.show_out_of_distribution(CURVES, (1, 2, 3)),
        r"training is \(1, 2, 3\); give",
    ),
    "a training range in words": (
        lambda: viewers.show_out_of_distribution(CURVES, "ab"),
        "training is 'ab'; give",
    ),
    "one row as a grid": (
        lambda: viewers.show_grid(IMAGES),
        r"rows has shape \(2, 8, 9, 3\), which is one row; put it in a list, \[images\]",
    ),
    "a text as titles": (
        lambda: viewers.show_grid([IMAGES], None, "ab"),
        "column_titles is the text 'ab'; give a list, with a title per column",
    ),
    "no columns": (
        lambda: viewers.show_basis(torch.ones(3, 8, 8), columns=0),
        "columns is 0; give a whole number in 1…24",
    ),
    "half a column": (
        lambda: viewers.show_basis(torch.ones(3, 8, 8), columns=2.5),
        "columns is 2.5; give",
    ),
    "half a step": (
        lambda: viewers.show_latent_grid(decode, CODES, steps=2.5),
        "steps is 2.5; give 2 to 40",
    ),
    "steps in words": (
        lambda: viewers.show_latent_grid(decode, CODES, steps="3"),
        "steps is '3'; give 2 to 40",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_says_which_argument_is_wrong(wrong: str) -> None:
    call, message = WRONG[wrong]
    with pytest.raises(ValueError, match=message):
        call()


def test_titles_of_a_grid_may_be_numbers() -> None:
    picture = viewers.show_grid([IMAGES], [None], [20, 35.5])
    assert [axes.get_title() for axes in picture.axes] == ["20", "35.5"]
    assert picture.axes[0].get_ylabel() == ""


def test_a_basis_has_no_more_columns_than_pictures() -> None:
    picture = viewers.show_basis(torch.ones(3, 8, 8), columns=20)
    assert sum(bool(axes.images) for axes in picture.axes) == 3
    first, second = (axes.get_position() for axes in picture.axes[:2])
    assert second.x0 > first.x1 > 0.2
