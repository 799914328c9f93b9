"""A folded light field has the colours of the plain one: whatever its weights, its rays and its camera."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from course_lib.solved.light_fields import (
    FoldedLightField,
    LightFieldConfig,
    LightFieldNetwork,
    light_field,
    plucker,
    render_light_field,
)
from course_lib.solved.rendering import positional_encoding

Weights = list[tuple[Tensor, Tensor]]
K = torch.tensor([[1.1, 0.07, 0.45], [0.0, 1.4, 0.56], [0.0, 0.0, 1.0]])  # skewed, fx ≠ fy


def weights_of(widths: list[int], gain: float = 1.0, octaves: int = 0, seed: int = 0) -> Weights:
    """Layers whose outputs' mean is far from 0, of one object."""
    g = torch.Generator().manual_seed(seed)
    sizes = [6 + 12 * octaves, *widths, 3]
    return [
        (
            gain * (0.3 + torch.randn(1, b, a, generator=g)) / a**0.5,
            gain * (0.2 + 0.5 * torch.randn(1, b, generator=g)),
        )
        for a, b in pairwise(sizes)
    ]


def some_lines(count: int, seed: int = 0) -> Tensor:
    """Lines that pass within about 1 of the origin."""
    g = torch.Generator().manual_seed(seed)
    return plucker(torch.randn(count, 3, generator=g), torch.randn(count, 3, generator=g))


def plain(weights: Weights, lines: Tensor, octaves: int = 0) -> Tensor:
    """The formula as the notebook has it, in float64."""
    if octaves:
        lines = torch.cat([lines, positional_encoding(lines, octaves)], dim=-1)
    exact = [(W.double(), b.double()) for W, b in weights]
    return light_field(exact, lines[None].double())[0]


def pose() -> Tensor:
    """A camera that is turned about all axes, off the origin."""
    turned, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(5)))
    matrix = torch.eye(4)
    matrix[:3, :3] = turned * turned.det().sign()
    matrix[:3, 3] = torch.tensor([0.4, -1.3, 0.8])
    return matrix


@settings(max_examples=40, deadline=None)
@given(
    widths=st.lists(st.integers(2, 40), min_size=1, max_size=6),
    gain=st.sampled_from([0.03, 0.3, 1.0, 30.0]),
    octaves=st.integers(0, 2),
    rays=st.integers(1, 50),
    portion=st.integers(1, 20),
    seed=st.integers(0, 1000),
)
def test_folded_is_plain(
    widths: list[int], gain: float, octaves: int, rays: int, portion: int, seed: int
) -> None:
    weights, lines = weights_of(widths, gain, octaves, seed), some_lines(rays, seed)
    expected = plain(weights, lines, octaves)
    found = FoldedLightField(weights, octaves, portion=portion)(lines)
    assert found.shape == (rays, 3)
    assert torch.allclose(found.double(), expected, rtol=1e-4, atol=2e-4 * gain)


def test_the_published_size() -> None:
    weights, lines = weights_of([256] * 7), some_lines(2000)
    found = FoldedLightField(weights)(lines).double()
    assert (found - plain(weights, lines)).abs().max() < 2e-5


def test_epsilon_is_where_it_was() -> None:
    """Layers so quiet that ε decides: without it, ten times as loud would be the same."""
    *hidden, last = weights_of([16, 16, 16])
    quiet = [*((3e-4 * W, 3e-4 * b) for W, b in hidden), last]
    louder = [*((3e-3 * W, 3e-3 * b) for W, b in hidden), last]
    lines = some_lines(30)
    assert (plain(quiet, lines) - plain(louder, lines)).abs().max() > 0.05
    for weights in (quiet, louder):
        found = FoldedLightField(weights)(lines).double()
        assert torch.allclose(found, plain(weights, lines), atol=1e-5)


@pytest.mark.parametrize("gain", [1e-6, 1e6])
def test_forty_layers_neither_overflow_nor_vanish(gain: float) -> None:
    """Not divided by, r would leave the numbers of float32 in ten layers."""
    weights, lines = weights_of([12] * 40, gain), some_lines(20)
    found, expected = FoldedLightField(weights)(lines).double(), plain(weights, lines)
    assert found.isfinite().all()
    assert torch.allclose(found, expected, rtol=1e-2, atol=1e-3 * gain)


def test_a_layer_of_zeros_leaves_the_next_ones_bias() -> None:
    weights = weights_of([8, 8])
    weights[1] = torch.zeros(1, 8, 8), torch.zeros(1, 8)
    found = FoldedLightField(weights)(some_lines(5))
    assert torch.allclose(found, weights[-1][1].expand(5, 3))


@pytest.mark.parametrize("octaves", [0, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_image_needs_no_rays(octaves: int, dtype: torch.dtype) -> None:
    weights = weights_of([32, 32, 32], octaves=octaves)
    field = FoldedLightField(weights, octaves, dtype, portion=50)
    expected = render_light_field(
        lambda lines: plain(weights, lines, octaves).float(), K, pose(), (9, 14)
    )
    found = field.image(K, pose(), (9, 14))
    assert found.shape == (9, 14, 3)
    off = 1e-4 if dtype == torch.float32 else 0.05
    assert (found - expected).abs().max() < off * expected.abs().max()
    assert (render_light_field(field, K, pose(), (9, 14)) - found).abs().max() < 2 * off


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_the_bits_are_a_little_off(dtype: torch.dtype) -> None:
    weights, lines = weights_of([64] * 6), some_lines(300)
    expected = plain(weights, lines).float()
    found = FoldedLightField(weights, dtype=dtype)(lines)
    assert found.dtype == torch.float32
    assert 0 < (found - expected).square().mean().sqrt() < 0.02 * expected.std()


def test_rays_are_read_to_the_last_digit() -> None:
    """Lines that bfloat16 does not tell apart differ in colour."""
    lines = some_lines(1).bfloat16().float().repeat(100, 1)
    lines[:, 3:] *= 1 + 2**-10 * torch.linspace(0, 1, 100)[:, None]
    assert len(lines.bfloat16().unique(dim=0)) == 1
    weights = weights_of([64, 64])
    weights[0] = 100 * weights[0][0], weights[0][1]
    found = FoldedLightField(weights, dtype=torch.bfloat16)(lines)
    assert len(found.unique(dim=0)) > 4


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_no_number_stays_none(dtype: torch.dtype) -> None:
    weights = weights_of([8, 8])
    weights[0][0][0, 3, 2] = -torch.nan
    assert FoldedLightField(weights, dtype=dtype)(some_lines(4)).isnan().all()


def test_it_serves_a_network_with_its_own_weights_unchanged() -> None:
    torch.manual_seed(0)
    model = LightFieldNetwork(LightFieldConfig(5, 24, 4, hyper_hidden=9, octaves=1))
    z = torch.randn(2, 5)
    weights = model.weights(z)
    before = [W.clone() for W, _ in weights]
    second = FoldedLightField([(W[1:], b[1:]) for W, b in weights], octaves=1)
    lines = some_lines(7)
    found = second(lines)
    assert not found.requires_grad
    assert torch.allclose(found, model.colors(weights, lines.expand(2, 7, 6))[1], atol=1e-5)
    assert all(torch.equal(W, kept) for (W, _), kept in zip(weights, before, strict=True))
    assert torch.equal(second(lines), found)  # nothing is left over from the first time


def test_no_ray_has_no_color() -> None:
    assert FoldedLightField(weights_of([8, 8]))(torch.zeros(0, 6)).shape == (0, 3)


def test_a_ray_of_length_zero_is_six_zeros_here_too() -> None:
    weights, nowhere = weights_of([8, 8]), torch.zeros(1, 6)
    found = FoldedLightField(weights)(nowhere).double()
    assert torch.allclose(found, plain(weights, nowhere), atol=1e-5)


def test_weights_of_several_objects_are_refused() -> None:
    weights = [(W.repeat(3, 1, 1), b.repeat(3, 1)) for W, b in weights_of([8])]
    with pytest.raises(ValueError, match=r"one object and was given those of 3; make one for each"):
        FoldedLightField(weights)


def test_an_encoding_that_the_weights_do_not_read_is_refused() -> None:
    message = r"reads 6 numbers, and lines with octaves=2 .* are 30; give octaves as in"
    with pytest.raises(ValueError, match=message):
        FoldedLightField(weights_of([8]), octaves=2)
