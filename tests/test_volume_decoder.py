"""The volume-rendered auto-decoder: what it composites, and that notebook 4's loss and search work with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from benchmarks import scene_networks
from benchmarks.volume_decoder import CARS, DENSITY, FOG, VolumeConfig, VolumeNetwork
from course_lib.scenes import orbit_poses, posed_views
from course_lib.solved.auto_decoding import explain, picture, step_loss
from course_lib.solved.camera_geometry import world_rays

SMALL = VolumeConfig(code_length=5, width=16, layers=3, hyper_hidden=8, samples=6)
K = torch.tensor([[1.0, 0, 0.5], [0, 1.1, 0.45], [0, 0, 1]])


@pytest.fixture
def network() -> VolumeNetwork:
    torch.manual_seed(3)
    return VolumeNetwork(SMALL)


def cameras(count: int) -> Tensor:
    around = torch.linspace(20, 250, count).double().numpy()
    return orbit_poses(around, around / 8, 1.2)


def bare(network: VolumeNetwork, density: float, rgb: tuple[float, float, float]) -> None:
    """Let the network answer with one density, before DENSITY and FOG, and one colour for all codes and points."""
    last = network.hyper[-1].layers[-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.zero_()
        last.bias[-4:] = torch.tensor([density, *torch.tensor(rgb).logit().tolist()])


def test_fog_of_one_density_darkens_by_the_length_of_the_chord(network: VolumeNetwork) -> None:
    bare(network, FOG - 3.0, (0.2, 0.4, 0.9))  # softplus(−3) · DENSITY
    uv = torch.rand(1, 50, 2, generator=torch.Generator().manual_seed(0))
    pose = cameras(1)
    with torch.no_grad():
        rgb, depths, shares = network.look(network.weights(torch.randn(1, 5)), uv, K[None], pose)
    origins, directions = world_rays(uv[0], K, pose[0])
    miss = torch.linalg.cross(origins, directions).norm(dim=-1)
    hit = miss < SMALL.radius - 0.01
    assert 5 < hit.sum() < 50
    chord = 2 * (SMALL.radius**2 - miss[hit] ** 2).sqrt()
    sigma = DENSITY * torch.nn.functional.softplus(torch.tensor(-3.0))
    through = torch.exp(-sigma * chord)[:, None]
    expected = (1 - through) * torch.tensor([0.2, 0.4, 0.9]) + through
    assert torch.allclose((rgb[0, hit] + 1) / 2, expected, atol=1e-4)
    assert (rgb[0, miss > SMALL.radius] > 0.9).all()  # white beside the ball
    assert shares.shape == (1, 50, SMALL.samples)
    nearest = -(origins * directions).sum(-1) * (directions @ pose[0, :3, 2])
    assert (depths[0, 0, hit] < nearest[hit]).all()  # the light comes from the front half
    assert (depths[0, 0, hit] > nearest[hit] - SMALL.radius).all()


def test_objects_and_cameras_are_not_mixed_up(network: VolumeNetwork) -> None:
    z, poses = 3 * torch.randn(2, 5, generator=torch.Generator().manual_seed(1)), cameras(6)
    for layer in network.hyper:  # so that codes matter
        nn.init.normal_(layer.layers[-1].weight, std=0.3)
    uv = torch.rand(6, 7, 2, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        rgb, depth = network(z, uv, K.expand(6, 3, 3), poses)
        alone = [
            network(z[i // 3][None], uv[i][None], K[None], poses[i][None])[0][0] for i in range(6)
        ]
    assert rgb.shape == (6, 7, 3)
    assert depth.shape == (6, 7)
    assert torch.allclose(rgb, torch.stack(alone), atol=1e-5)
    with torch.no_grad():
        swapped, _ = network(z.flip(0), uv, K.expand(6, 3, 3), poses)
    assert (rgb - swapped).abs().max() > 1e-2


def test_pictures_are_the_same_twice_and_training_looks_elsewhere(network: VolumeNetwork) -> None:
    z, pose, uv = torch.randn(1, 5), cameras(1), torch.rand(1, 9, 2)
    with torch.no_grad():
        one, other = (network(z, uv, K[None], pose)[0] for _ in range(2))
    assert torch.equal(one, other)
    random, again = (network(z, uv, K[None], pose)[0] for _ in range(2))
    assert not torch.equal(random, again)
    weights = network.weights(z)
    assert network.look(weights, uv, K[None], pose)[2].shape[-1] == SMALL.samples // 2


def test_gradients_reach_every_parameter_and_the_code(network: VolumeNetwork) -> None:
    z = torch.randn(2, 5, requires_grad=True)
    rgb, _ = network(z, torch.rand(2, 20, 2), K.expand(2, 3, 3), cameras(2))
    rgb.square().mean().backward()
    assert z.grad is not None
    assert z.grad.any(1).all()
    still = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_notebook_four_trains_searches_and_draws_it() -> None:
    recipe = replace(CARS, objects=2, photographs=2, steps=40, config=SMALL, per_step=(2, 2, 32))
    seen, further = scene_networks.photographs(recipe, held_out=1)
    table = scene_networks.train(replace(recipe, steps=1), 0, seen)
    trained = scene_networks.train(recipe, 0, seen)
    before, after = (
        scene_networks.mean_psnr(one.model, one.codes, further) for one in (table, trained)
    )
    assert after > before + 0.5
    loss = step_loss(trained.model, trained.table, seen)
    assert loss(torch.Generator().manual_seed(0)).isfinite()
    start = trained.codes.mean(0)
    z = explain(trained.model, seen[:1], start, steps=2)
    assert z.shape == (1, 5)
    assert not torch.equal(z[0], start)
    views = posed_views("cars", 1, 1, (12, 20), geometry=False)[0]
    image, depth = picture(trained.model, z[0], views.K[0], views.world_from_camera[0], (12, 20))
    assert image.shape == (12, 20, 3)
    assert (image >= 0).all()
    assert (image <= 1).all()
    assert (depth > 0).all()
