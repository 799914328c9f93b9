"""The baselines: shapes, seeds, gradients, and what each of them promises about views and cameras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from course_lib.models import (
    Baseline,
    DeterministicGqn,
    DeterministicGqnConfig,
    Disentangling,
    DisentanglingConfig,
    PoseConditioned,
    PoseConditionedConfig,
)
from course_lib.models.disentangling import turned

SIZE = (16, 32)  # not square
MAKERS: dict[str, Callable[..., Baseline]] = {
    "pose conditioned": lambda **more: PoseConditioned(
        PoseConditionedConfig(**({"resolution": SIZE, "code_length": 5, "width": 4} | more))
    ),
    "disentangling": lambda **more: Disentangling(
        DisentanglingConfig(**({"resolution": SIZE, "vectors": 3, "width": 4} | more))
    ),
    "deterministic GQN": lambda **more: DeterministicGqn(
        DeterministicGqnConfig(
            **({"resolution": SIZE, "code_length": 5, "width": 4, "channels": 6, "steps": 3} | more)
        )
    ),
}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[..., Baseline]:
    return MAKERS[request.param]


def rotations(count: int, seed: int) -> Tensor:
    """Uniform rotations, by Gram–Schmidt."""
    q = torch.linalg.qr(torch.randn(count, 3, 3, generator=torch.Generator().manual_seed(seed))).Q
    return q * torch.linalg.det(q)[:, None, None]


def photographs(batch: tuple[int, ...], seed: int = 0, size: tuple[int, int] = SIZE) -> Tensor:
    return torch.rand(*batch, *size, 3, generator=torch.Generator().manual_seed(seed))


def poses(batch: tuple[int, ...], seed: int = 0) -> Tensor:
    count = torch.Size(batch).numel()
    found = torch.eye(4).repeat(count, 1, 1)
    found[:, :3, :3] = rotations(count, seed)
    found[:, :3, 3] = torch.randn(count, 3, generator=torch.Generator().manual_seed(seed + 1))
    return found.reshape(*batch, 4, 4)


def test_shapes(make: Callable[..., Baseline]) -> None:
    model = make()
    z = model.encode(photographs((2, 3)), poses((2, 3)))
    assert z.shape == (2, model.code_length)
    assert model.decode(z, poses((2,))).shape == (2, *SIZE, 3)
    pictures = model(photographs((2, 3)), poses((2, 3)), poses((2, 4)))
    assert pictures.shape == (2, 4, *SIZE, 3)
    assert pictures.min() >= 0
    assert pictures.max() <= 1


def test_every_target_is_painted_for_its_own_object_and_camera(
    make: Callable[..., Baseline],
) -> None:
    model = make()
    images, cameras, asked = photographs((2, 3)), poses((2, 3)), poses((2, 4), 5)
    pictures = model(images, cameras, asked)
    for b in range(2):
        z = model.encode(images[b : b + 1], cameras[b : b + 1])
        for t in range(4):
            alone = model.decode(z, asked[b, t][None])[0]
            assert torch.allclose(pictures[b, t], alone, atol=1e-5)
    spread = (pictures.flatten(0, 1)[:, None] - pictures.flatten(0, 1)).abs().amax((-1, -2, -3))
    assert (spread + torch.eye(8) > 1e-5).all()  # no two alike


def test_gradients_reach_every_parameter(make: Callable[..., Baseline]) -> None:
    model = make()
    target = photographs((2, 1), 7)
    (
        model(photographs((2, 2)), poses((2, 2)), poses((2, 1), 3)) - target
    ).square().mean().backward()
    still = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert still == []


def test_the_seed_alone_decides_the_weights(make: Callable[..., Baseline]) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = make(seed=1)
    assert torch.equal(torch.rand(3), expected)  # nobody else's chance is touched
    again, other = make(seed=1), make(seed=2)
    assert all(
        torch.equal(*pair) for pair in zip(one.parameters(), again.parameters(), strict=True)
    )
    assert not any(
        torch.equal(a, b)
        for a, b in zip(one.parameters(), other.parameters(), strict=True)
        if a.ndim > 1
    )


def test_the_order_of_views_does_not_matter(make: Callable[..., Baseline]) -> None:
    model, images, cameras = make(), photographs((2, 4)), poses((2, 4))
    order = torch.tensor([2, 0, 3, 1])
    z = model.encode(images, cameras)
    assert torch.allclose(model.encode(images[:, order], cameras[:, order]), z, atol=1e-6)


def test_views_add_up_as_their_papers_say() -> None:
    for name, make in MAKERS.items():
        model, images, cameras = make(), photographs((2, 3)), poses((2, 3))
        codes = torch.stack([model.encode(images[:, [i]], cameras[:, [i]]) for i in range(3)])
        expected = codes.sum(0) if name == "deterministic GQN" else codes.mean(0)
        assert torch.allclose(model.encode(images, cameras), expected, atol=1e-6), name


def test_the_camera_changes_the_picture(make: Callable[..., Baseline]) -> None:
    model, z = make(), torch.randn(1, make().code_length)
    one, other = model.decode(z, poses((1,), 1)), model.decode(z, poses((1,), 2))
    assert (one - other).abs().max() > 1e-4


def test_a_photograph_says_something_else_from_elsewhere(make: Callable[..., Baseline]) -> None:
    here, there = (make().encode(photographs((1, 1)), poses((1, 1), seed)) for seed in (1, 2))
    assert (here - there).abs().max() > 1e-3


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_turning_the_camera_is_turning_the_code_back(seed: int) -> None:
    model, turn = MAKERS["disentangling"](), rotations(2, seed)
    whole = torch.eye(4).repeat(2, 1, 1)
    whole[:, :3, :3] = turn
    z, cameras = (
        torch.randn(2, 9, generator=torch.Generator().manual_seed(seed)),
        poses((2,), seed + 1),
    )
    moved = model.decode(z, whole @ cameras)
    assert torch.allclose(moved, model.decode(turned(z, turn.mT), cameras), atol=1e-5)
    images, shown = photographs((2, 3), seed), poses((2, 3), seed + 2)
    code = model.encode(images, shown)
    assert torch.allclose(
        model.encode(images, whole[:, None] @ shown), turned(code, turn), atol=1e-5
    )


def test_turning_keeps_lengths_and_angles_vector_by_vector() -> None:
    z, turn = torch.randn(4, 6), rotations(4, 0)
    for row, rotation, after in zip(z, turn, turned(z, turn), strict=True):
        assert torch.allclose(after[:3], rotation @ row[:3], atol=1e-6)
        assert torch.allclose(after[3:], rotation @ row[3:], atol=1e-6)


def test_the_disentangling_network_knows_directions_only() -> None:
    model, cameras = MAKERS["disentangling"](), poses((1, 1))
    moved = cameras.clone()
    moved[..., :3, 3] += 5
    images = photographs((1, 1))
    assert torch.equal(model.encode(images, cameras), model.encode(images, moved))
    assert torch.equal(
        model.decode(torch.ones(1, 9), cameras[0]), model.decode(torch.ones(1, 9), moved[0])
    )


def test_more_strokes_change_the_picture() -> None:
    few, many = (MAKERS["deterministic GQN"](steps=steps) for steps in (1, 4))
    z = torch.ones(1, 5)
    assert (few.decode(z, poses((1,))) - many.decode(z, poses((1,)))).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        (
            {"resolution": (64, 60)},
            r"resolution must be .* multiples of 16, such as \(64, 64\), not \(64, 60\)",
        ),
        ({"resolution": 64}, "resolution must be .* not 64"),
        ({"resolution": (0, 16)}, r"resolution must be .* not \(0, 16\)"),
        ({"width": 0}, "width must be a whole number, 1 or more, not 0"),
        ({"width": 2.5}, "width must be a whole number, 1 or more, not 2.5"),
        ({"seed": -1}, "seed must be a whole number, 0 or more, not -1"),
        ({"seed": None}, "seed must be a whole number, 0 or more, not None"),
    ],
)
def test_sizes_that_make_no_sense_are_named(
    make: Callable[..., Baseline], settings_: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=rf"Config: {message}"):
        make(**settings_)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("pose conditioned", "code_length"),
        ("pose conditioned", "hidden"),
        ("disentangling", "vectors"),
        ("deterministic GQN", "code_length"),
        ("deterministic GQN", "channels"),
        ("deterministic GQN", "steps"),
    ],
)
def test_sizes_of_one_model_are_named(name: str, field: str) -> None:
    for value in (0, True, "3"):
        with pytest.raises(
            ValueError, match=f"{field} must be a whole number, 1 or more, not {value!r}"
        ):
            MAKERS[name](**{field: value})


def test_other_shapes_are_named(make: Callable[..., Baseline]) -> None:
    model, name = make(), type(make()).__name__
    images, cameras = photographs((2, 3)), poses((2, 3))
    for bad in (images[0], images[..., :1], images.transpose(2, 3), images[:, :0]):
        with pytest.raises(
            ValueError, match=rf"{name}.encode reads images \(objects, views, 16, 32, 3\)"
        ):
            model.encode(bad, cameras)
    for bad in (cameras[0], cameras[:, :2], cameras[..., :3, :]):
        with pytest.raises(ValueError, match=rf"{name}.encode needs a pose .*\(2, 3, 4, 4\), not"):
            model.encode(images, bad)
    z = model.encode(images, cameras)
    for bad in (z[0], z[:, 1:]):
        with pytest.raises(
            ValueError, match=rf"{name}.decode reads codes \(objects, {z.shape[1]}\)"
        ):
            model.decode(bad, cameras[:, 0])
    with pytest.raises(
        ValueError, match=rf"{name}.decode needs a pose .*\(2, 4, 4\), not \(1, 4, 4\)"
    ):
        model.decode(z, cameras[:1, 0])
    with pytest.raises(
        ValueError, match=rf"{name}.forward needs a pose .*\(2, 4, 4, 4\), not \(4, 4, 4\)"
    ):
        model(images, cameras, torch.eye(4).repeat(4, 1, 1))
