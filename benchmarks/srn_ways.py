"""Two ways to run one scene representation network: plainly, as it was published, and fused. The same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint, create_selective_checkpoint_contexts

from course_lib.shapes import Float
from course_lib.solved.auto_decoding import LatentTable, SceneNetwork, find_intersection, srn_loss
from course_lib.training import compiled

PRODUCTS = (torch.ops.aten.bmm.default, torch.ops.aten.mm.default, torch.ops.aten.addmm.default)
Weights = Sequence[tuple[Tensor, Tensor]]
Cameras = tuple[Tensor, Tensor, Tensor]  # uv `b p 2`, K `b 3 3`, world_from_camera `b 4 4`
Seen = tuple[Float[Tensor, "b p 3"], Float[Tensor, "b p"]]  # colours and depths


class Plain:
    """An operation after the other, as the formulas of Sitzmann et al. 2019 say, in eager PyTorch.

    Nothing is known before the camera: the hypernetwork runs in every render.
    """

    fused_optimizer = False

    def __init__(self, model: SceneNetwork) -> None:
        self._model = model

    def known(self, z: Float[Tensor, "b d"]) -> Tensor:
        """What can be computed before the camera is known."""
        return z

    def look(self, known: Tensor, cameras: Cameras) -> Seen:
        """What these cameras see."""
        model, config = self._model, self._model.config
        scene = partial(plain_features, model.weights(known))
        points, depths = find_intersection(scene, model.walk, *cameras, config.steps, config.start)
        return model.generator(scene(points)), depths[-1]


class Fused:
    """The same operations, compiled: between two products there is one pass over memory, on the way back too.

    For the way back it keeps what products made, and nothing else: that one pass is cheap enough to be made again. A
    scene's weights are made once, before the camera is known. In bfloat16, float32 stays where rounding would move
    things or would take longer than it saves: points and their depths, Φ's first layer, which reads the points, and
    the hypernetwork, each of whose millions of weights is multiplied with one number per object.
    """

    fused_optimizer = True

    def __init__(self, model: SceneNetwork, dtype: torch.dtype = torch.float32) -> None:
        self._model, self._dtype = model, dtype
        self._scene = self._reduced(compiled(keeping_products(mixed_features)))
        self._marcher = self._reduced(compiled(model.marcher))
        self._generator = self._reduced(compiled(keeping_products(model.generator)))

    def known(self, z: Float[Tensor, "b d"]) -> Weights:
        """Φ's layers."""
        weights: Weights = self._model.weights(z)
        return weights

    def look(self, known: Weights, cameras: Cameras) -> Seen:
        """What these cameras see."""
        config, scene = self._model.config, partial(self._scene, known)
        points, depths = find_intersection(scene, self._walk, *cameras, config.steps, config.start)
        return self._generator(scene(points)).float(), depths[-1]

    def _walk(self, features: Tensor, memory: Any) -> tuple[Tensor, Any]:
        # As in the model: what flows back into the memory is cut to ±10. Hooks are not compiled.
        if memory is not None and memory[0].requires_grad:
            memory[0].register_hook(lambda gradient: gradient.clamp(-10, 10))
        found: tuple[Tensor, Any] = self._marcher(features, memory)
        return found

    def _reduced(self, part: Callable[..., Any]) -> Callable[..., Any]:
        def run(*inputs: Any) -> Any:
            with torch.autocast("cpu", torch.bfloat16, enabled=self._dtype == torch.bfloat16):
                return part(*inputs)

        return run


def plain_features(weights: Weights, x: Float[Tensor, "b n i"]) -> Float[Tensor, "b n f"]:
    """Layers of Φ: the product, the bias, the normalisation and the ReLU, each by itself; in place where one can."""
    for W, b in weights:
        x = torch.bmm(x, W.mT).add_(b[:, None])
        x = F.relu(F.layer_norm(x, (x.shape[-1],)), inplace=True)
    return x


def features(weights: Weights, x: Float[Tensor, "b n i"]) -> Float[Tensor, "b n f"]:
    """The same for a compiler, which wants nothing in place, and adds the bias where it normalises.

    `torch.baddbmm`, faster in eager PyTorch, fills its result with the bias first: a pass that nothing can fuse.
    """
    for W, b in weights:
        x = F.layer_norm(torch.bmm(x, W.mT) + b[:, None], (W.shape[1],)).relu()
    return x


def mixed_features(weights: Weights, x: Float[Tensor, "b n 3"]) -> Float[Tensor, "b n f"]:
    """Φ, with its first layer in float32 under autocast too."""
    with torch.autocast(x.device.type, enabled=False):
        first = features(weights[:1], x)
    return features(weights[1:], first)


def keeping_products(part: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function, keeping the results of its products for its backward pass and computing the rest again."""
    contexts = partial(create_selective_checkpoint_contexts, list(PRODUCTS))

    def run(*inputs: Any) -> Tensor:
        if not torch.is_grad_enabled():
            return part(*inputs)
        kept: Tensor = checkpoint(part, *inputs, use_reentrant=False, context_fn=contexts)
        return kept

    return run


class TrainingStep:
    """A step on one photograph of each of b objects, as published: three losses and Adam."""

    def __init__(
        self,
        model: SceneNetwork,
        way: Plain | Fused,
        cameras: Cameras,
        truth: Float[Tensor, "b p 3"],
    ) -> None:
        self._way, self._cameras, self._truth = way, cameras, truth
        self._objects = torch.arange(len(truth))
        self._codes = LatentTable(len(truth), model.config.code_length)
        self._optimizer = torch.optim.Adam(
            [*model.parameters(), *self._codes.parameters()], 5e-5, fused=way.fused_optimizer
        )

    def loss(self) -> Float[Tensor, ""]:
        """What the step lowers."""
        z = self._codes(self._objects)
        known: Any = self._way.known(z)
        rgb, depth = self._way.look(known, self._cameras)
        return srn_loss(rgb, self._truth, depth, z)

    def __call__(self) -> None:
        """Forward, backward, update."""
        self._optimizer.zero_grad(set_to_none=True)
        self.loss().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
