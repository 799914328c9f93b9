"""Ways to run one light field network: as published, plain with its weights made once, folded, and in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.srn_ways import Weights, keeping_products, mixed_features
from course_lib.shapes import Float
from course_lib.solved.auto_decoding import LatentTable
from course_lib.solved.camera_geometry import world_rays
from course_lib.solved.light_fields import (
    FoldedLightField,
    LightFieldNetwork,
    concat_lines,
    plucker,
)
from course_lib.training import compiled

LEARNING_RATE = 1e-4  # as published, and so are the weights of the two losses
IMAGE_WEIGHT, CODE_WEIGHT = 200.0, 1.0


class Views(NamedTuple):
    """A photograph of each of b objects: pixel centres, cameras, and the height and width."""

    uv: Float[Tensor, "b p 2"]
    K: Float[Tensor, "b 3 3"]
    world_from_camera: Float[Tensor, "b 4 4"]
    pixels: int


class Way(Protocol):
    """What all ways do."""

    fused_optimizer: bool

    def known(self, z: Float[Tensor, "b d"]) -> Any:
        """What can be computed before the camera is known."""

    def look(self, known: Any, views: Views) -> Float[Tensor, "b p 3"]:
        """The colours that these cameras see."""


class AsPublished:
    """An operation after the other, as the formulas of Sitzmann et al. 2021 say, in eager PyTorch.

    Nothing is known before the camera: the hypernetwork runs in every render.
    """

    fused_optimizer = False

    def __init__(self, model: LightFieldNetwork) -> None:
        self._model = model

    def known(self, z: Float[Tensor, "b d"]) -> Tensor:
        """The codes."""
        return z

    def look(self, known: Tensor, views: Views) -> Float[Tensor, "b p 3"]:
        """Colours from codes."""
        lines = plucker(*world_rays(views.uv, views.K[:, None], views.world_from_camera[:, None]))
        if self._model.config.conditioning != "concatenation":
            return plain_colors(self._model.weights(known), lines)
        layers: Any = self._model.hyper
        shared = [(layer.weight[None], layer.bias[None]) for layer in layers]
        together = concat_lines(known, lines).flatten(0, 1)[None]
        return plain_colors(shared, together).reshape((*lines.shape[:-1], 3))


class Plain:
    """The notebook's own code, with a scene's weights made once."""

    fused_optimizer = False

    def __init__(self, model: LightFieldNetwork) -> None:
        self._model = model

    def known(self, z: Float[Tensor, "b d"]) -> Weights:
        """The networks."""
        weights: Weights = self._model.weights(z)
        return weights

    def look(self, known: Weights, views: Views) -> Float[Tensor, "b p 3"]:
        """Colours from networks."""
        rgb: Tensor = self._model.look(known, *views[:3])[0]
        return rgb


class Folded:
    """The notebook's folded light fields, one of each object."""

    fused_optimizer = False

    def __init__(self, model: LightFieldNetwork, dtype: torch.dtype = torch.float32) -> None:
        self._model, self._dtype = model, dtype

    def known(self, z: Float[Tensor, "b d"]) -> list[FoldedLightField]:
        """The networks, folded."""
        weights, octaves = self._model.weights(z), self._model.config.octaves
        return [
            FoldedLightField(
                [(W[i : i + 1], b[i : i + 1]) for W, b in weights], octaves, self._dtype
            )
            for i in range(len(z))
        ]

    def look(self, known: list[FoldedLightField], views: Views) -> Float[Tensor, "b p 3"]:
        """Whole images, one after the other."""
        shape, cameras = (
            (views.pixels, views.pixels),
            zip(views.K, views.world_from_camera, strict=True),
        )
        images = [
            field.image(*camera, shape).flatten(0, 1)
            for field, camera in zip(known, cameras, strict=True)
        ]
        return torch.stack(images)


class Trained:
    """For training: compiled, so that between two products there is one pass over memory, on the way back too.

    In bfloat16, the first layer, which reads the rays, and the hypernetwork stay in float32, as in `srn_ways.Fused`.
    """

    fused_optimizer = True

    def __init__(self, model: LightFieldNetwork, dtype: torch.dtype = torch.float32) -> None:
        self._model, self._dtype = model, dtype
        self._colors: Callable[..., Tensor] = compiled(keeping_products(mixed_colors))

    def known(self, z: Float[Tensor, "b d"]) -> Weights:
        """The networks."""
        weights: Weights = self._model.weights(z)
        return weights

    def look(self, known: Weights, views: Views) -> Float[Tensor, "b p 3"]:
        """Colours from networks."""
        lines = plucker(*world_rays(views.uv, views.K[:, None], views.world_from_camera[:, None]))
        with torch.autocast("cpu", torch.bfloat16, enabled=self._dtype == torch.bfloat16):
            return self._colors(known, lines).float()


def plain_colors(weights: Weights, x: Float[Tensor, "b p i"]) -> Float[Tensor, "b p 3"]:
    """The product, the bias, the normalisation and the ReLU, each by itself; the last layer has only the first two."""
    for W, b in weights[:-1]:
        x = torch.bmm(x, W.mT) + b[:, None]
        x = F.relu(F.layer_norm(x, (x.shape[-1],)))
    W, b = weights[-1]
    return torch.bmm(x, W.mT) + b[:, None]


def mixed_colors(weights: Weights, lines: Float[Tensor, "b p 6"]) -> Float[Tensor, "b p 3"]:
    """The same for a compiler; the first layer is in float32 under autocast too."""
    (W, b), h = weights[-1], mixed_features(weights[:-1], lines)
    return torch.bmm(h, W.mT) + b[:, None]


class TrainingStep:
    """A step on one photograph of each of b objects, as published: two losses and Adam."""

    def __init__(
        self, model: LightFieldNetwork, way: Way, views: Views, truth: Float[Tensor, "b p 3"]
    ) -> None:
        self._way, self._views, self._truth = way, views, truth
        self._objects = torch.arange(len(truth))
        self._codes = LatentTable(len(truth), model.config.code_length)
        self._optimizer = torch.optim.Adam(
            [*model.parameters(), *self._codes.parameters()],
            LEARNING_RATE,
            fused=way.fused_optimizer,
        )

    def loss(self) -> Float[Tensor, ""]:
        """What the step lowers."""
        z = self._codes(self._objects)
        rgb = self._way.look(self._way.known(z), self._views)
        return IMAGE_WEIGHT * F.mse_loss(rgb, self._truth) + CODE_WEIGHT * z.square().mean()

    def __call__(self) -> None:
        """Forward, backward, update."""
        self._optimizer.zero_grad(set_to_none=True)
        self.loss().backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
