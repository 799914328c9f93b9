"""A scene and a marcher that checks hand to student code: waves in space, and a walker that watches its memory.

Neither is a network. Each has one number to learn, `strength`, and says what is wrong with how it is called.
"""

from dataclasses import dataclass

import torch

from course_lib.shapes import Float, Tensor


@dataclass(frozen=True)
class Walk:
    """The memory of `walked`: what its rays have seen, and after which call."""

    calls: int
    seen: Float[Tensor, "b p"]


def waves_at(
    strength: Float[Tensor, ""], points: Float[Tensor, "b p 3"], objects: int, features: int
) -> Float[Tensor, "b p f"]:
    """`features` numbers at each point, slow waves in the world's x, y and z; every object has waves of its own.

    So slow that marching does not blow up what float32 rounds off.

    Raises:
        ValueError: what came are not points of that many objects.
    """
    if points.ndim != 3 or len(points) != objects or points.shape[2] != 3:
        raise ValueError(
            f"the scene reads points ({objects}, p, 3), p of each object, and got {tuple(points.shape)}"
        )
    number = torch.arange(1, features + 1).to(points)
    axes = torch.cos(1.7 * number * torch.arange(1, 4).to(points)[:, None])
    phase = 2.1 * number + 1.3 * torch.arange(objects).to(points)[:, None]
    return torch.sin(0.35 * strength * (points @ axes) + phase[:, None])


def walked(
    strength: Float[Tensor, ""],
    features: Float[Tensor, "b p f"],
    memory: Walk | None = None,
    *,
    size: int,
    meter: dict[str, int],
) -> tuple[Float[Tensor, "b p"], Walk]:
    """The next step of every ray, of either sign, from its `size` features and all that it has seen before.

    `meter`, empty at first, counts the calls.

    Raises:
        ValueError: the features are not `size` numbers a ray.
        RuntimeError: the memory is not what the last call returned, or None at the first call.
    """
    if features.ndim != 3 or features.shape[2] != size:
        raise ValueError(
            f"the marcher reads {size} features a ray, (b, p, {size}), and got {tuple(features.shape)}: "
            "hand it what the scene says at the points"
        )
    calls = meter.get("calls", 0)
    meter["calls"] = calls + 1
    if calls == 0 and memory is not None:
        raise RuntimeError(
            f"the first call of the marcher came with a memory, {type(memory).__name__}: let it be None"
        )
    if calls > 0 and not (isinstance(memory, Walk) and memory.calls == calls):
        came = f"that of call {memory.calls}" if isinstance(memory, Walk) else repr(memory)[:60]
        raise RuntimeError(
            f"call {calls + 1} of the marcher came with another memory than call {calls} returned ({came}): "
            "hand over the second of the two things that it answers, as it is"
        )
    number = torch.arange(1, size + 1).to(features)
    seen = torch.zeros_like(features[..., 0]) if memory is None else memory.seen
    seen = 0.7 * seen + torch.tanh(features @ torch.sin(1.9 * number))
    step = 0.2 + 0.6 * torch.tanh(strength * (features @ torch.cos(2.3 * number) + 0.8 * seen))
    return step, Walk(calls + 1, seen)
