"""Two ways to run one scene representation network: plainly, as it was published, and fast. The same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.shapes import Float
from course_lib.training import compiled

Weights = Sequence[tuple[Tensor, Tensor]]
Answers = Mapping[str, Callable[..., Any]]


class Plain:
    """One operation after the other, as the formulas of Sitzmann et al. 2019 stand there, in eager PyTorch.

    Products per object, biases, normalisation and ReLU are operations of their own; bias and ReLU work in place,
    which is the best that can be said for it. There is no renderer of a known scene: the hypernetwork runs in every
    call.
    """

    fused_optimizer = False

    def __init__(self, answers: Answers, model: nn.Module) -> None:
        self._march, self._model = answers["find_intersection"], model

    def known(self, z: Float[Tensor, "b d"]) -> Tensor:
        """What can be computed before the camera is known: nothing."""
        return z

    def look(
        self,
        known: Tensor,
        uv: Float[Tensor, "b p 2"],
        K: Float[Tensor, "b 3 3"],
        world_from_camera: Float[Tensor, "b 4 4"],
    ) -> tuple[Float[Tensor, "b p 3"], Float[Tensor, "b p"]]:
        """Colours and depths."""
        model = self._model
        scene = partial(plain_scene, model.weights(known))
        points, depths = self._march(
            scene, model.walk, uv, K, world_from_camera, model.config.steps, model.config.start
        )
        return model.generator(scene(points)), depths[-1]


class Fused:
    """The same functions, compiled: what stands between two products is one pass over memory, on the way back too.

    The weights of a scene are made once, before the camera is known. Under autocast they are float32 all the same,
    for a row of millions of numbers is read once and multiplied once: rounding it first would take longer.
    """

    fused_optimizer = True

    def __init__(self, answers: Answers, model: nn.Module) -> None:
        self._march, self._model = answers["find_intersection"], model
        self._scene = compiled(answers["scene_function"])
        self._marcher, self._generator = compiled(model.marcher), compiled(model.generator)

    def known(self, z: Float[Tensor, "b d"]) -> list[tuple[Tensor, Tensor]]:
        """Φ's layers."""
        with torch.autocast(z.device.type, enabled=False):
            weights: list[tuple[Tensor, Tensor]] = self._model.weights(z)
        return weights

    def look(
        self,
        known: Weights,
        uv: Float[Tensor, "b p 2"],
        K: Float[Tensor, "b 3 3"],
        world_from_camera: Float[Tensor, "b 4 4"],
    ) -> tuple[Float[Tensor, "b p 3"], Float[Tensor, "b p"]]:
        """Colours and depths."""
        config, scene = self._model.config, partial(self._scene, known)
        points, depths = self._march(
            scene, self._walk, uv, K, world_from_camera, config.steps, config.start
        )
        return self._generator(scene(points)), depths[-1]

    def _walk(self, features: Tensor, memory: Any) -> tuple[Tensor, Any]:
        # As in the model: what flows back into the memory is cut to ±10. Hooks are not compiled.
        step, (h, c) = self._marcher(features, memory)
        if h.requires_grad:
            h.register_hook(lambda gradient: gradient.clamp(-10, 10))
        return step, (h, c)


def plain_scene(weights: Weights, x: Float[Tensor, "b n 3"]) -> Float[Tensor, "b n f"]:
    """Φ, an operation at a time."""
    for W, b in weights:
        x = torch.bmm(x, W.mT).add_(b[:, None])
        x = F.relu(F.layer_norm(x, (x.shape[-1],)), inplace=True)
    return x


def in_precision(dtype: torch.dtype) -> torch.autocast:
    """A context in which products are computed in this type."""
    reduced = dtype != torch.float32
    return torch.autocast("cpu", dtype if reduced else torch.bfloat16, enabled=reduced)


class TrainingStep:
    """A step on one photograph of each of b objects, as published: three losses, Adam.

    `cameras` are uv, K and world_from_camera; `dtype` is what the forward pass multiplies in.
    """

    def __init__(
        self,
        answers: Answers,
        model: nn.Module,
        way: Plain | Fused,
        cameras: tuple[Tensor, Tensor, Tensor],
        truth: Float[Tensor, "b p 3"],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self._loss, self._way, self._dtype = answers["srn_loss"], way, dtype
        self._cameras, self._truth = cameras, truth
        self._objects = torch.arange(len(truth))
        self._codes = answers["LatentTable"](len(truth), model.config.code_length)
        self._optimizer = torch.optim.Adam(
            [*model.parameters(), *self._codes.parameters()], 5e-5, fused=way.fused_optimizer
        )

    def loss(self) -> Float[Tensor, ""]:
        """What the step lowers."""
        with in_precision(self._dtype):
            z = self._codes(self._objects)
            rgb, depth = self._way.look(self._way.known(z), *self._cameras)
            loss: Tensor = self._loss(rgb, self._truth, depth, z)
        return loss

    def __call__(self) -> None:
        """Forward, backward, update."""
        self._optimizer.zero_grad(set_to_none=True)
        self.loss().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
