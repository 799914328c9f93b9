"""The networks that checks of notebook 3 hand to student code: what they compute, and what they complain about."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from autograder.checking.given import given, raised
from course_lib.given.networks import Painter, code_of_view, colors_of_pixels, painted

STRENGTH = torch.tensor(0.9)


def numbers(*shape: int, speed: float = 1.3) -> Tensor:
    """Numbers between 0 and 1 that repeat nowhere."""
    return 0.5 + 0.5 * torch.sin(speed * torch.arange(math.prod(shape))).reshape(shape)


IMAGES, POSES = numbers(5, 2, 3, 3), numbers(5, 4, 4, speed=0.7)


def test_no_view_knows_of_another() -> None:
    codes = code_of_view(STRENGTH, IMAGES, POSES, 6)
    assert codes.shape == (5, 6)
    for i in range(5):
        alone = code_of_view(STRENGTH, IMAGES[[i]], POSES[[i]], 6)
        torch.testing.assert_close(alone[0], codes[i])
    holes = IMAGES.clone()
    holes[1] = math.nan
    kept = code_of_view(STRENGTH, holes, POSES, 6)
    assert kept[1].isnan().all()
    torch.testing.assert_close(kept[[0, 2, 3, 4]], codes[[0, 2, 3, 4]])


def test_every_number_of_a_view_and_the_strength_matter_to_its_code() -> None:
    leaves = [x.clone().double().requires_grad_() for x in (STRENGTH, IMAGES, POSES)]
    codes = code_of_view(*leaves, 6)
    gradients = torch.autograd.grad((codes * numbers(5, 6)).sum(), leaves)
    assert all((gradient.abs() > 1e-9).all() for gradient in gradients)
    whole, half = code_of_view(STRENGTH, 2 * IMAGES, 2 * POSES, 6), 2 * codes
    assert (whole - half).abs().mean() > 0.01  # no mean of images gives the mean of codes


def test_no_views_give_no_codes() -> None:
    assert code_of_view(STRENGTH, IMAGES[:0], POSES[:0], 6).shape == (0, 6)


@pytest.mark.parametrize(
    ("images", "poses", "words"),
    [
        (IMAGES[None], POSES[None], r"got \(1, 5, 2, 3, 3\) and \(1, 5, 4, 4\): make one list"),
        (IMAGES, POSES[:3], r"got \(5, 2, 3, 3\) and \(3, 4, 4\)"),
        (IMAGES, POSES[:, :3], r"got \(5, 2, 3, 3\) and \(5, 3, 4\)"),
        (POSES, IMAGES, r"got \(5, 4, 4\) and \(5, 2, 3, 3\)"),
    ],
)
def test_what_is_no_list_of_views_is_refused(images: Tensor, poses: Tensor, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        code_of_view(STRENGTH, images, poses, 6)


def test_the_painter_takes_any_batch_and_bends() -> None:
    features = 4 * numbers(3, 2, 7)
    images = painted(features, 7, (2, 3))
    assert images.shape == (3, 2, 2, 3, 3)
    torch.testing.assert_close(painted(features[1, 0], 7, (2, 3)), images[1, 0])
    assert images.flatten(0, 1).flatten(1).unique(dim=1).shape == (6, 18)
    with pytest.raises(
        ValueError, match=r"reads 7 features an image, and got \(3, 2, 6\): .*second"
    ):
        painted(features[..., :6], 7, (2, 3))
    with pytest.raises(ValueError, match=r"got \(\)"):
        painted(features[0, 0, 0], 1, (2, 3))


def test_a_given_painter_is_a_module_of_its_own_each_time() -> None:
    painter = given("course_lib.given.networks:Painter", 7, resolution=(2, 3))
    lowered = painter.lowered()
    here, there = painter.resolve(), raised(lowered)
    assert all(isinstance(made, Painter) for made in (here, there))
    assert here is not there
    assert not list(here.parameters())
    features = 4 * numbers(2, 7)
    expected = painted(features, 7, (2, 3))
    for made in (painter, here, there, torch.nn.Sequential(here)):
        torch.testing.assert_close(made(features), expected)


def asked(*, b: int = 2, v: int = 3, t: int = 1, p: int = 4) -> tuple[Tensor, ...]:
    """Context images and poses, uv and target poses."""
    context = numbers(b, v, 2, 3, 3), numbers(b, v, 4, 4, speed=0.9)
    return *context, numbers(b, t, p, 2, speed=2.1), numbers(b, t, 4, 4, speed=0.6)


def test_colors_depend_on_all_that_a_model_may_know() -> None:
    leaves = [x.double().requires_grad_() for x in (STRENGTH.clone(), *asked())]
    colors = colors_of_pixels(*leaves, meter={})
    assert colors.shape == (2, 1, 4, 3)
    gradients = torch.autograd.grad((colors * numbers(2, 1, 4, 3)).sum(), leaves)
    assert all((gradient.abs() > 1e-12).all() for gradient in gradients)


def test_colors_always_ask_for_a_gradient() -> None:
    assert colors_of_pixels(STRENGTH, *asked(), meter={}).requires_grad


def test_the_order_of_context_views_does_not_matter_to_colors() -> None:
    images, poses, uv, targets = asked()
    colors = colors_of_pixels(STRENGTH, images, poses, uv, targets, meter={})
    turned = colors_of_pixels(STRENGTH, images.flip(1), poses.flip(1), uv, targets, meter={})
    torch.testing.assert_close(turned, colors)


def test_a_second_call_is_refused_and_a_new_check_starts_anew() -> None:
    model = given("course_lib.given.networks:colors_of_pixels", STRENGTH, meter={})
    for _ in range(2):  # a check calls the student twice: each gets a model of its own
        predict = model.resolve()
        predict(*asked())
        with pytest.raises(RuntimeError, match="called twice: call it once, with all pixels"):
            predict(*asked())
    travelled = raised(model.lowered())
    assert travelled(*asked()).shape == (2, 1, 4, 3)


@pytest.mark.parametrize("place", range(4))
def test_arguments_in_another_order_or_shape_are_refused(place: int) -> None:
    right = asked()
    wrong = list(right)
    wrong[place] = wrong[place].flatten(0, 1)
    with pytest.raises(ValueError, match=r"in this order, and got \("):
        colors_of_pixels(STRENGTH, *wrong, meter={})
    exchanged = [right[i] for i in (2, 3, 0, 1)]
    with pytest.raises(ValueError, match=r"in this order, and got \(2, 1, 4, 2\), \(2, 1, 4, 4\)"):
        colors_of_pixels(STRENGTH, *exchanged, meter={})
