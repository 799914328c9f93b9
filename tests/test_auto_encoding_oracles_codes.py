"""What checks of codes and metrics compare with, held against torch's layers, scikit-image and closed forms."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from autograder.checking.cases import Case
from autograder.checks.auto_encoding import cases_codes, cases_images
from autograder.checks.auto_encoding.check_auto_encoder import right_codes, right_images
from autograder.checks.auto_encoding.exact_layers import sides_of
from autograder.checks.auto_encoding.exact_numbers import decibels, likeness, share_of_majorities
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=10, deadline=None)


def solution() -> dict[str, Any]:
    return solution_of("03_auto_encoding")


def cases(function: str, seed: int) -> dict[str, Case]:
    module = cases_images if function in ("psnr", "ssim") else cases_codes
    return cases_by_name(getattr(module, function), function, seed)


@FEW
@given(seed=SEEDS)
def test_data_has_the_directions_and_variances_it_was_made_of(seed: int) -> None:
    for case in cases("pca_codes", seed).values():
        X, truth = case.inputs["X"].double(), case.truth
        size = truth["spread"].max()
        assert torch.allclose(X.mean(0) / size, truth["mean"] / size, atol=1e-5)
        _, spread, directions = torch.linalg.svd(X - X.mean(0), full_matrices=False)
        rank = len(truth["spread"])
        assert torch.allclose(spread[:rank] / size, truth["spread"] / size, atol=1e-5)
        products = (directions[:rank] * truth["directions"]).sum(1).abs()
        assert torch.allclose(products, torch.ones(rank, dtype=torch.float64), atol=1e-4)
        # No two variances are so close that rounding could exchange their directions.
        assert (truth["spread"][1:] < 0.85 * truth["spread"][:-1]).all()


@FEW
@given(seed=SEEDS)
def test_layers_tap_by_tap_are_torchs_layers(seed: int) -> None:
    for case in cases("auto_encoder", seed).values():
        channels, size, length, width = case.truth["arguments"]
        assert case.inputs["images"].shape[-3:] == (size, size, channels)
        for key, right in (("encoder", torch_codes), ("decoder", torch_images)):
            weights = {name: value.double() for name, value in case.truth[key].items()}
            shapes = [tuple(value.shape) for value in weights.values()]
            assert len(set(shapes)) == len(shapes), "parameters are told by their shapes"
            read = case.inputs["images" if key == "encoder" else "codes"].double()
            if key == "encoder":
                found, expected = right_codes(read, weights), right(read, weights, size)
                assert found.shape == (*read.shape[:-3], length)
            else:
                found, expected = right_images(read, weights, size), right(read, weights, size)
                assert found.shape == (*read.shape[:-1], size, size, channels)
            assert torch.allclose(found, expected, atol=1e-10)
            assert found.std() > 0.01, "weights that die on the way would check nothing"
        assert sides_of(size)[0] == math.ceil(size / 8)
        assert width == len(case.truth["encoder"]["convolution 0.bias"])


def torch_codes(images: Tensor, weights: dict[str, Tensor], size: int) -> Tensor:
    del size
    x = images.reshape(-1, *images.shape[-3:]).permute(0, 3, 1, 2)
    for step in range(3):
        kernel, bias = (weights[f"convolution {step}.{part}"] for part in ("weight", "bias"))
        x = F.conv2d(x, kernel, bias, stride=2, padding=1).relu()
    codes = F.linear(x.flatten(1), weights["linear.weight"], weights["linear.bias"])
    return codes.reshape(*images.shape[:-3], -1)


def torch_images(codes: Tensor, weights: dict[str, Tensor], size: int) -> Tensor:
    sides = [math.ceil(size / 8), math.ceil(size / 4), math.ceil(size / 2), size]
    x = F.linear(codes, weights["linear.weight"], weights["linear.bias"])
    x = x.reshape(-1, x.shape[-1] // sides[0] ** 2, sides[0], sides[0])
    for step in range(3):
        kernel, bias = (weights[f"convolution {step}.{part}"] for part in ("weight", "bias"))
        x = F.interpolate(x.relu(), size=(sides[step + 1], sides[step + 1]))
        x = F.conv2d(x, kernel, bias, padding=1)
    return x.sigmoid().permute(0, 2, 3, 1).reshape(*codes.shape[:-1], size, size, -1)


@FEW
@given(seed=SEEDS)
def test_counted_shares_are_the_solutions(seed: int) -> None:
    for case in cases("neighbour_accuracy", seed).values():
        expected = share_of_majorities(*case.inputs.values())
        assert solution()["neighbour_accuracy"](*case.inputs.values()) == pytest.approx(expected)


def test_shares_of_codes_on_a_line() -> None:
    codes = torch.tensor([[0.0], [1.0], [2.1], [10.0], [11.0], [12.1]])
    labels = torch.tensor([3, 3, 7, 7, 7, 3])
    # One neighbour: 1, 0, 1 and 4, 3, 4. Two: the others of the same three.
    assert share_of_majorities(codes, labels, 1) == 4 / 6
    assert share_of_majorities(codes, labels, 2) == 0 / 6 + 2 / 6
    assert share_of_majorities(codes, labels, 5) == 0.0


@FEW
@given(seed=SEEDS)
def test_every_rule_for_ties_has_its_own_share(seed: int) -> None:
    codes, labels, k = cases("neighbour_accuracy", seed)["clusters of three"].inputs.values()
    assert share_of_majorities(codes, labels, k) == 6 / 15
    assert share_of_majorities(codes, -labels, k) == 4 / 15  # the largest wins
    assert share_of_majorities(codes, labels, 1) == 5 / 15  # the nearest wins


@FEW
@given(seed=SEEDS)
def test_metrics_one_by_one_are_the_solutions(seed: int) -> None:
    for case in cases("psnr", seed).values():
        doubles = {
            name: value.double() if value.is_floating_point() else value
            for name, value in case.inputs.items()
        }
        found = solution()["psnr"](**doubles)
        torch.testing.assert_close(decibels(**case.inputs), found, atol=1e-9, rtol=0)
    for case in cases("ssim", seed).values():
        doubles = {name: value.double() for name, value in case.inputs.items()}
        found = solution()["ssim"](**doubles)
        torch.testing.assert_close(likeness(**case.inputs), found, atol=1e-9, rtol=0)


def test_decibels_of_known_errors() -> None:
    truth = torch.full((4, 2, 3, 3), 0.5)
    error = torch.tensor([0.0, 0.1, 0.01, 0.5]).view(4, 1, 1, 1)
    expected = torch.tensor([math.inf, 20.0, 40.0, 10 * math.log10(4)], dtype=torch.float64)
    torch.testing.assert_close(decibels(truth + error, truth), expected, atol=1e-4, rtol=0)
    mask = torch.tensor([[True, False, False], [False, False, False]])
    image = truth + error
    image[:, 1:] = math.nan
    torch.testing.assert_close(decibels(image, truth, mask), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("resolution", "bright", "dark"),
    [
        ((11, 11), 0.4915578840638443, 0.9545967069453024),
        ((13, 17), -0.5132963806014756, 0.9314742435147059),
        ((24, 12), -0.45486334902833914, 0.9320499416181948),
    ],
)
def test_likeness_is_that_of_scikit_image(
    resolution: tuple[int, int], bright: float, dark: float
) -> None:
    """Numbers of scikit-image 0.26.0: structural_similarity(image, truth, gaussian_weights=True, sigma=1.5,
    data_range=1, use_sample_covariance=False, channel_axis=-1)."""
    i = torch.arange(resolution[0] * resolution[1] * 3, dtype=torch.float64)
    image = 0.5 + 0.3 * torch.sin(0.7 * i) * torch.cos(0.013 * i)
    truth = 0.45 + 0.25 * torch.sin(0.7 * i + 0.3) * torch.cos(0.02 * i)
    image, truth = image.reshape(*resolution, 3), truth.reshape(*resolution, 3)
    assert likeness(image, truth).item() == pytest.approx(bright, abs=1e-9)
    assert likeness(0.02 * image, 0.03 * truth).item() == pytest.approx(dark, abs=1e-9)
