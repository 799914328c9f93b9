"""A renderer of single pixels that checks put where a trained network would stand; it minds how it is called."""

import torch

from course_lib.shapes import Float, Tensor


class Renderer:
    """`traced`, as an object: it knows whether gradients were recorded when it was made, before student code ran.

    Args:
        portion: The most pixels that it may be asked for at a time.
    """

    def __init__(self, portion: int) -> None:
        self.portion = portion
        self.was_recording = torch.is_grad_enabled()

    def __call__(self, uv: Float[Tensor, "p 2"]) -> tuple[Float[Tensor, "p 3"], Float[Tensor, "p"]]:
        """What `traced` says; RuntimeError, too, if an earlier call has left gradients switched off."""
        if not self.was_recording:
            raise RuntimeError(
                "gradients were off already when this call began: an earlier one switched them off for all that "
                "follows, and nothing can be trained after it. Switch them off inside only, by a block `with "
                "torch.no_grad():`; in this session torch.set_grad_enabled(True) brings them back"
            )
        return traced(uv, self.portion)


def traced(
    uv: Float[Tensor, "p 2"], portion: int
) -> tuple[Float[Tensor, "p 3"], Float[Tensor, "p"]]:
    """Colours and depths at `uv`, for no more than `portion` pixels at a time and without gradients.

    Raises:
        ValueError: what came is no list of uv.
        RuntimeError: there are too many of them, or gradients are recorded.
    """
    if uv.ndim != 2 or uv.shape[1] != 2:
        raise ValueError(
            f"`trace` reads a list of uv, of shape (p, 2), and got {tuple(uv.shape)}: "
            "flatten rows and columns first"
        )
    if len(uv) > portion:
        raise RuntimeError(
            f"`trace` was asked for {len(uv)} pixels at once, and a portion has {portion} at most"
        )
    if torch.is_grad_enabled():
        raise RuntimeError(
            "`trace` was called while gradients are recorded, which costs memory for every pixel: "
            "call it under torch.no_grad()"
        )
    return color_and_depth(uv)


def color_and_depth(uv: Float[Tensor, "p 2"]) -> tuple[Float[Tensor, "p 3"], Float[Tensor, "p"]]:
    """Four numbers that differ from pixel to pixel, and between (u, v) and (v, u)."""
    u, v = uv.unbind(-1)
    phase = torch.stack([5 * u + 2 * v * v, 3 * v - u * v + 1, 4 * u - 3 * v + 2], -1)
    return 0.5 + 0.5 * phase.sin(), 1 + u + 2.5 * v * v + u * v
