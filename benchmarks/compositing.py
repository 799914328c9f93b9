"""How fast compositing is against the time that moving its numbers through memory takes at least.

`composite` as students write it, and a derivative written by hand that works through the rays in portions that fit
into the processor's cache: what there is to gain, and what it costs to read.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autograder.grading.reference import load_reference
from benchmarks.timing import Figure, least_processor_seconds

ROOT = Path(__file__).parents[1]
RAYS, SAMPLES, CHANNELS = 16384, 128, 3
PORTION = 1024  # rays whose numbers stay in the second-level cache


def figures() -> list[Figure]:
    """Processor seconds for forward and backward on one thread, beside the time that the traffic alone takes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        plain = load_reference(ROOT / "solutions" / "02_rendering.py")["composite"]
        floor = bytes_to_move() / copied_bytes_per_second()
        told = {"floor": floor, "floor_name": "traffic", "limit": 1.5 * floor}
        ways = {"composite": plain, "composite, derivative by hand": composite_in_portions}
        whole = [
            Figure(f"{name}, forward and backward", seconds(way), "s", **told)
            for name, way in ways.items()
        ]
        return [*whole, *_parts()]
    finally:
        torch.set_num_threads(threads)


def _parts() -> list[Figure]:
    """What no formulation in torch operations can leave out, each alone and in the memory that it needs."""
    alpha, values = torch.rand(RAYS, SAMPLES), torch.rand(RAYS, SAMPLES, CHANNELS)
    by_value, scan = torch.rand(RAYS, CHANNELS, 1), torch.empty_like(alpha)
    parts: dict[str, Callable[[], object]] = {
        "product from the front": lambda: torch.cumprod(alpha, -1, out=scan),
        "sum from the back": lambda: torch.cumsum(alpha, -1, out=scan),
        "weights times values": lambda: alpha[:, None] @ values,
        "gradient of the weights": lambda: values @ by_value,
        "gradient of the values": lambda: alpha[..., None] * by_value.mT,
    }
    return [Figure(f"… {name} alone", least_processor_seconds(f)) for name, f in parts.items()]


def bytes_to_move() -> int:
    """What forward and backward read and write at least, in bytes; each number once per pass."""
    one, values = 4 * RAYS * SAMPLES, 4 * RAYS * SAMPLES * CHANNELS
    forward = (one + values) + 2 * one  # opacities and values in, weights and transmittance out
    backward = (3 * one + values) + (one + values)  # all of these in, two gradients out
    return forward + backward


def copied_bytes_per_second() -> float:
    """Bytes read and written per second by copying 64 MB, more than any cache holds."""
    source = torch.rand(2**24)
    target = torch.empty_like(source)
    return 2 * 4 * len(source) / least_processor_seconds(lambda: target.copy_(source))


def seconds(composite: Callable[..., Any]) -> float:
    """Processor seconds of one step: a value per ray and its gradient to opacities and values."""
    generator = torch.Generator().manual_seed(0)
    alpha = (0.1 * torch.rand(RAYS, SAMPLES, generator=generator)).requires_grad_()
    values = torch.rand(RAYS, SAMPLES, CHANNELS, generator=generator).requires_grad_()
    background = torch.ones(CHANNELS)
    cotangent = torch.rand(RAYS, CHANNELS, generator=generator)

    def step() -> None:
        alpha.grad = values.grad = None
        composite(alpha, values, background)[0].backward(cotangent)

    return least_processor_seconds(step)


def composite_in_portions(
    alpha: Tensor, values: Tensor, background: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """`composite` for alpha `rays n` and values `rays n c`, with the derivative of `Portions`."""
    value, weights, transmittance = Portions.apply(alpha, values)
    if background is not None:
        value = value + transmittance[:, -1:] * background
    return value, weights, transmittance


class Portions(torch.autograd.Function):
    """Front to back, and back to front for the derivative, channel after channel, portion after portion."""

    @staticmethod
    def forward(ctx: Any, alpha: Tensor, values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Value, weights and transmittance, as `composite` without a background."""
        rays, samples = alpha.shape
        transmittance = alpha.new_empty(rays, samples + 1)
        transmittance[:, 0] = 1
        weights, value = torch.empty_like(alpha), values.new_empty(rays, values.shape[-1])
        for some in _portions(rays):
            torch.cumprod(1 - alpha[some], dim=-1, out=transmittance[some, 1:])
            torch.mul(transmittance[some, :-1], alpha[some], out=weights[some])
            by_channel = values[some].mT.contiguous()  # rows that vector instructions can use
            value[some] = by_channel.mul_(weights[some, None]).sum(-1)
        ctx.save_for_backward(alpha, values, transmittance, weights)
        return value, weights, transmittance

    @staticmethod
    def backward(
        ctx: Any, by_value: Tensor, by_weights: Tensor, by_transmittance: Tensor
    ) -> tuple[Tensor, Tensor]:
        """dα_i = T_i (h_i − S_i): h_i is what sample i gains by absorbing, S_i what all behind it lose."""
        alpha, values, transmittance, weights = ctx.saved_tensors
        by_alpha, by_values = torch.empty_like(alpha), torch.empty_like(values)
        for some in _portions(len(alpha)):
            gain = torch.einsum("rnc,rc->rn", values[some], by_value[some])
            gain += by_weights[some]
            by_values[some] = (weights[some, None] * by_value[some, :, None]).mT
            lost = _lost(alpha[some], gain, transmittance[some], by_transmittance[some])
            torch.sub(transmittance[some, :-1] * gain, lost, out=by_alpha[some])
        return by_alpha, by_values


def _lost(alpha: Tensor, gain: Tensor, transmittance: Tensor, onward: Tensor) -> Tensor:
    """T_i S_i `r n`. Only behind an opaque sample, where it would be 0/0, does it go sample by sample."""
    through = 1 - alpha
    absorbed = transmittance[:, :-1] * alpha * gain
    passed = transmittance[:, 1:] * onward[:, 1:]
    passed[:, :-1] += absorbed[:, 1:]
    lost = passed.flip(-1).cumsum(-1).flip(-1).div_(through)
    opaque = (through == 0).any(-1)
    if opaque.any():
        rays = (x[opaque] for x in (alpha, gain, transmittance, onward))
        lost[opaque] = _lost_one_by_one(*rays)
    return lost


def _lost_one_by_one(alpha: Tensor, gain: Tensor, transmittance: Tensor, onward: Tensor) -> Tensor:
    """The same without a division: S_{i−1} = α_i h_i + (1 − α_i) S_i, from the last sample to the first."""
    behind, columns = onward[:, -1], []
    for i in reversed(range(alpha.shape[1])):
        columns.append(transmittance[:, i] * behind)
        behind = torch.lerp(behind, gain[:, i], alpha[:, i]) + onward[:, i]
    return torch.stack(columns[::-1], dim=-1)


def _portions(rays: int) -> list[slice]:
    return [slice(first, first + PORTION) for first in range(0, rays, PORTION)]
