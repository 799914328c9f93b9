"""The decoder, the codes and the renderer that checks of notebook 4 hand to student code: what they object to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from autograder.checking.given import given, raised
from course_lib.given.frozen import LinearDecoder, WatchedCodes, decoding_loss, inspection
from course_lib.given.tracing import Renderer, color_and_depth, traced

A = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
a = torch.tensor([0.5, -0.5, 1.0])
Z = torch.tensor([[0.3, -0.2]])
TARGET = torch.ones(1, 2)


def made(name: str, start: Tensor = Z, **options: object) -> tuple[LinearDecoder, Tensor]:
    return LinearDecoder(name, A, a, **options), WatchedCodes(name, start)  # type: ignore[arg-type, return-value]


def test_the_loss_is_that_of_the_decoder_of_its_name() -> None:
    decoder, _ = made("one")
    made("another")[0].a.data += 5
    y = torch.zeros(1, 3)
    by_hand = ((Z @ A.T + a) ** 2).mean() + 0.1 * (Z**2).mean()
    torch.testing.assert_close(decoding_loss(y, Z, name="one", pull=0.1), by_hand)
    torch.testing.assert_close(decoder(Z), Z @ A.T + a)


def test_codes_of_other_shapes_are_refused() -> None:
    made("shapes")
    with pytest.raises(ValueError, match=r"reads codes of shape \(1, 2\), and got \(2,\)"):
        decoding_loss(torch.zeros(1, 3), Z[0], name="shapes", pull=0.1)
    with pytest.raises(ValueError, match=r"reads codes of shape \(1, 2\), and got \(2, 2\)"):
        inspection(TARGET, Z.repeat(2, 1), name="shapes")


@pytest.mark.parametrize("learning", [(True, True), (False, True), (False, False)])
@pytest.mark.parametrize("held", [(None, None), (torch.ones(3, 2), None)])
@pytest.mark.parametrize("training", [True, False])
def test_what_is_left_alone_passes(
    learning: tuple[bool, bool], held: tuple[Tensor | None, None], training: bool
) -> None:
    decoder, _ = made("left alone", learning=learning, held=held, training=training)
    assert decoder.training == training
    assert [p.requires_grad for p in decoder.parameters()] == list(learning)
    torch.testing.assert_close(inspection(TARGET, Z, name="left alone"), ((Z - 1) ** 2).mean())


def learn(decoder: LinearDecoder, start: Tensor) -> None:
    decoder.a.data[1] += 1e-6


def freeze(decoder: LinearDecoder, start: Tensor) -> None:
    decoder.A.requires_grad_(False)


def leave(decoder: LinearDecoder, start: Tensor) -> None:
    decoder.a.grad = torch.zeros(3)


def clear(decoder: LinearDecoder, start: Tensor) -> None:
    decoder.zero_grad()


def add(decoder: LinearDecoder, start: Tensor) -> None:
    assert decoder.A.grad is not None
    decoder.A.grad += 1


def switch(decoder: LinearDecoder, start: Tensor) -> None:
    decoder.eval()


def move(decoder: LinearDecoder, start: Tensor) -> None:
    start += 1e-3


def mark(decoder: LinearDecoder, start: Tensor) -> None:
    start.requires_grad_()


@pytest.mark.parametrize(
    ("touch", "words"),
    [
        (learn, "parameter a has other values than before: optimise the codes only"),
        (freeze, "parameter A has requires_grad=False, and had True before: put it back"),
        (leave, r"the \.grad of its parameter a was None before and is a gradient now"),
        (clear, r"the \.grad of its parameter A was a gradient before and is None now"),
        (add, r"the \.grad of its parameter A holds other numbers than before"),
        (switch, "it is in eval mode, and was in train mode"),
        (move, r"`start`: search from a copy, start\.detach\(\)\.clone\(\)"),
        (mark, "`start`"),
    ],
)
def test_every_touch_is_told(touch: Callable[[LinearDecoder, Tensor], None], words: str) -> None:
    touch(*made("touched", held=(torch.ones(3, 2), None)))
    with pytest.raises(RuntimeError, match=f"infer_latent has touched.*{words}"):
        inspection(TARGET, Z, name="touched")


def test_parts_that_travel_apart_find_each_other() -> None:
    where = "course_lib.given.frozen"
    parts = [
        given(f"{where}:decoding_loss", torch.zeros(1, 3), name="apart", pull=0.0),
        given(f"{where}:LinearDecoder", "apart", A, a, learning=(False, True)),
        given(f"{where}:WatchedCodes", "apart", Z),
    ]
    loss, decoder, start = (raised(part.lowered()) for part in parts)
    assert isinstance(decoder, LinearDecoder)
    assert type(start) is Tensor
    assert torch.equal(start, Z)
    assert isinstance(loss, partial)
    torch.testing.assert_close(loss(start), decoder(start).square().mean())
    start.zero_()
    with pytest.raises(RuntimeError, match="start"):
        inspection(TARGET, Z, name="apart")


def test_a_renderer_minds_portions_and_gradients() -> None:
    uv = torch.rand(5, 2, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        rgb, depth = traced(uv, portion=5)
        torch.testing.assert_close((rgb, depth), color_and_depth(uv))
        with pytest.raises(RuntimeError, match="5 pixels at once, and a portion has 4 at most"):
            traced(uv, portion=4)
        with pytest.raises(ValueError, match=r"of shape \(p, 2\), and got \(1, 5, 2\): flatten"):
            traced(uv[None], portion=5)
        with pytest.raises(ValueError, match=r"got \(2, 5\)"):
            traced(uv.T, portion=5)
    with pytest.raises(RuntimeError, match=r"gradients are recorded.*torch\.no_grad"):
        traced(uv, portion=5)
    with torch.inference_mode():
        traced(uv, portion=5)


def test_the_renderer_notices_that_gradients_were_off_when_it_was_made() -> None:
    uv = torch.rand(5, 2)
    fresh, narrow = Renderer(5), Renderer(4)
    with torch.no_grad():
        torch.testing.assert_close(fresh(uv), color_and_depth(uv))
        with pytest.raises(RuntimeError, match="5 pixels at once, and a portion has 4 at most"):
            narrow(uv)
        with pytest.raises(RuntimeError, match=r"off already when this call began.*no_grad"):
            Renderer(5)(uv)


def test_pixels_look_different_from_each_other() -> None:
    uv = torch.cartesian_prod(torch.linspace(0, 1, 7), torch.linspace(0, 1, 7))
    rgb, depth = color_and_depth(uv)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    assert torch.pdist(torch.cat([rgb, depth[:, None]], 1)).min() > 0.01
