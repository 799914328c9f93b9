"""A decoder that must not learn while codes are searched for, and losses that look after it.

All objects that watch each other bear one name, since a check hands them over separately.
"""

from collections.abc import Sequence

import torch
from torch import nn

from course_lib.shapes import Float, Tensor

_DECODERS: dict[str, "LinearDecoder"] = {}
_STARTS: dict[str, tuple[Tensor, Tensor]] = {}  # the tensor handed over, and a copy of its values


class LinearDecoder(nn.Module):
    """y = A z + a, which remembers how it was made.

    Args:
        name: Under which its loss finds it.
        A, a: What it holds.
        learning: For A and for a, whether it asks for gradients.
        held: What A's and a's .grad hold beforehand; None for nothing.
        training: Whether it is in train mode.
    """

    def __init__(
        self,
        name: str,
        A: Float[Tensor, "m d"],
        a: Float[Tensor, "m"],
        learning: Sequence[bool] = (True, True),
        held: Sequence[Tensor | None] = (None, None),
        training: bool = True,
    ) -> None:
        super().__init__()
        self.A, self.a = nn.Parameter(A.clone()), nn.Parameter(a.clone())
        for parameter, learns, gradient in zip((self.A, self.a), learning, held, strict=True):
            parameter.requires_grad_(learns)
            parameter.grad = None if gradient is None else gradient.clone()
        self.train(training)
        self.values = A.clone(), a.clone()
        self.learning, self.held, self.mode = tuple(learning), tuple(held), training
        _DECODERS[name] = self

    def forward(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b m"]:
        """What the codes look like."""
        return z @ self.A.T + self.a

    def complaint(self) -> str:
        """What has become of it, in words; nothing if it is as it was made."""
        rows = zip(("A", "a"), (self.A, self.a), self.values, self.learning, self.held, strict=True)
        for name, parameter, value, learns, gradient in rows:
            if not torch.equal(parameter, value):
                return f"its parameter {name} has other values than before: optimise the codes only"
            if parameter.requires_grad != learns:
                return (
                    f"its parameter {name} has requires_grad={parameter.requires_grad}, and had "
                    f"{learns} before: put it back"
                )
            if (gradient is None) != (parameter.grad is None):
                was, is_now = ("None", "a gradient") if gradient is None else ("a gradient", "None")
                return (
                    f"the .grad of its parameter {name} was {was} before and is {is_now} now: "
                    "ask for gradients of the codes only"
                )
            now = parameter.grad
            if gradient is not None and now is not None and not torch.equal(gradient, now):
                return (
                    f"the .grad of its parameter {name} holds other numbers than before: "
                    "ask for gradients of the codes only"
                )
        if self.training != self.mode:
            modes = {True: "train", False: "eval"}
            return f"it is in {modes[self.training]} mode, and was in {modes[self.mode]} mode"
        return ""


class WatchedCodes:
    """Makes a tensor of codes, not an object: one that `inspection` can look at afterwards."""

    def __new__(cls, name: str, codes: Float[Tensor, "b d"]) -> Tensor:  # type: ignore[misc]
        """A copy of these codes, kept under this name."""
        made = codes.clone()
        _STARTS[name] = made, codes.clone()
        return made


def decoding_loss(
    y: Float[Tensor, "b m"], z: Float[Tensor, "b d"], name: str, pull: float
) -> Float[Tensor, ""]:
    """mean (A z + a − y)² + pull · mean z², by the decoder of that name.

    Raises:
        ValueError: what came are no codes of all the objects.
    """
    decoder = _DECODERS[name]
    _expect_shape(z, (len(y), decoder.A.shape[1]))
    images: Tensor = decoder(z)
    return (images - y).square().mean() + pull * z.square().mean()


def inspection(y: Float[Tensor, "b d"], z: Float[Tensor, "b d"], name: str) -> Float[Tensor, ""]:
    """mean (z − y)², if the decoder and the codes of that name are as they were: they belong to an earlier search.

    Raises:
        ValueError: what came are no codes of all the objects.
        RuntimeError: something was touched, and what.
    """
    complaint = _DECODERS[name].complaint()
    if complaint:
        raise RuntimeError(f"infer_latent has touched the model: {complaint}")
    start, values = _STARTS[name]
    if not torch.equal(start, values) or start.requires_grad:
        raise RuntimeError(
            "infer_latent has touched `start`: search from a copy, start.detach().clone()"
        )
    _expect_shape(z, tuple(y.shape))
    return (z - y).square().mean()


def _expect_shape(z: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(z.shape) != shape:
        raise ValueError(f"the loss reads codes of shape {shape}, and got {tuple(z.shape)}")
