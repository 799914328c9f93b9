"""A renderer that checks hand to student code: it computes row by row, and a meter watches how it is called."""

from typing import Any

import torch

from course_lib.shapes import Float, Tensor


class Metered(torch.autograd.Function):
    """The identity; on the way back it asks the meter whether its rays were rendered a second time."""

    @staticmethod
    def forward(ctx: Any, rays: Tensor, meter: dict[str, int]) -> Tensor:
        """Keep the rays, as any layer would keep what it needs for its derivative."""
        ctx.save_for_backward(rays)
        ctx.meter = meter
        return rays.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Pass the gradient on, unless the meter objects."""
        (rays,) = ctx.saved_tensors  # under a checkpoint, this is what renders them again
        _expect_rendered_again(ctx.meter, len(rays))
        return gradients[0], None


def metered(
    strength: Float[Tensor, ""],
    origins: Float[Tensor, "r 3"],
    directions: Float[Tensor, "r 3"],
    meter: dict[str, int],
) -> tuple[Float[Tensor, "r 3"], Float[Tensor, "r"], Float[Tensor, "r 2 2"]]:
    """`ripples` of flat lists of rays; `meter` holds the number of all "rays" and of the rays in a "chunk".

    Raises:
        RuntimeError: the rays are no flat list, are more than a chunk, come in crumbs, or are back-propagated
            through without having been rendered again, chunk by chunk.
    """
    if origins.shape != directions.shape or origins.ndim != 2:
        raise RuntimeError(
            "`render` takes flat lists of rays, both of shape (r, 3); it was called with "
            f"{tuple(origins.shape)} and {tuple(directions.shape)}"
        )
    count = len(origins)
    if count > meter["chunk"]:
        raise RuntimeError(
            f"`render` was called with {count} rays at once; a chunk has {meter['chunk']} at most"
        )
    meter["rendered"] = meter.get("rendered", 0) + count
    meter["calls"] = meter.get("calls", 0) + 1
    most = 2 * (
        -(-meter["rays"] // meter["chunk"]) + 1
    )  # once, again for gradients, and a trial each
    if meter["calls"] > most:
        raise RuntimeError(
            f"`render` was called more than {most} times for {meter['rays']} rays in chunks of "
            f"{meter['chunk']}: hand it as many rays at a time as the chunk allows"
        )
    inputs = torch.cat([origins, directions, strength.expand(count, 1)], -1)
    kept = Metered.apply(inputs, meter)  # type: ignore[no-untyped-call]
    return ripples(kept[:, 6:], kept[:, :3], kept[:, 3:6])


def ripples(
    strength: Float[Tensor, "..."], origins: Float[Tensor, "r 3"], directions: Float[Tensor, "r 3"]
) -> tuple[Float[Tensor, "r 3"], Float[Tensor, "r"], Float[Tensor, "r 2 2"]]:
    """Three results per ray that depend on nothing but this ray and the strength, which can be learned.

    A colour, a number and a 2×2 matrix; the strength is one number or has a row for each ray.
    """
    mixed = origins + strength * directions.roll(1, -1) * directions
    color = torch.sigmoid(torch.sin(3 * mixed) + origins * directions)
    number = (mixed * directions).sum(-1).exp()
    rows = torch.stack([mixed[:, :2], directions[:, 1:].square()], dim=1)
    return color, number, rows


def _expect_rendered_again(meter: dict[str, int], count: int) -> None:
    """What the first pass computed must be gone by now, and computed again a chunk at a time."""
    before = meter.get("returned", 0)
    again = meter["rendered"] - meter["rays"] - before
    meter["returned"] = before + count
    if again < count:
        raise RuntimeError(
            "the backward pass used what the forward pass had kept of every chunk, so memory grows with "
            "the number of rays: wrap each call of `render` in torch.utils.checkpoint.checkpoint"
        )
    if again > 2 * meter["chunk"]:
        raise RuntimeError(
            f"{again} rays were rendered again before the first of them was done with, and a chunk has "
            f"{meter['chunk']}: checkpoint every chunk by itself, not the loop over them"
        )
