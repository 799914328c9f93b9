"""A volume-rendered auto-decoder: what SRN and light fields are compared with where evaluations are counted.

A hypernetwork writes, from an object's code, a field of density and colour; notebook 2's answers composite it along
rays (Mildenhall et al. 2020, with an auto-decoder's prior instead of pixelNeRF's image features, so that all models of
the comparison get their codes by the same search). It has `weights`, `look` and `forward` as notebook 4's SceneNetwork
has them, so that notebook's loss, search and pictures work with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.scene_networks import Recipe
from course_lib.shapes import Float
from course_lib.solved.auto_decoding import HyperLayer, scene_function, start_plain
from course_lib.solved.camera_geometry import world_rays
from course_lib.solved.rendering import expected_depth, positional_encoding, volume_render

DENSITY = 30.0  # per unit of length, for a network's 1: a voxel of 3 cm is nearly opaque
FOG = 4.0  # subtracted from the network's density: everything begins as thin fog


@dataclass(frozen=True)
class VolumeConfig:
    """The sizes of a volume-rendered auto-decoder; by default those of notebook 4's small network where it has them."""

    code_length: int = 64
    width: int = 64
    layers: int = 5  # the last one, to density and colour, included
    hyper_hidden: int = 32
    hyper_depth: int = 1
    octaves: int = 4  # of positional encoding
    samples: int = (
        64  # of a ray in a picture; in training half as many, at random places of their bins
    )
    radius: float = 0.6  # of the ball around the world's origin in which objects are


class VolumeNetwork(nn.Module):
    """A code becomes a field of density and colour, the field a picture: many evaluations per ray."""

    def __init__(self, config: VolumeConfig) -> None:
        super().__init__()
        self.config = config
        widths = [3 + 6 * config.octaves, *(config.layers - 1) * [config.width], 4]
        self.hyper = nn.ModuleList(
            HyperLayer(config.code_length, a, b, config.hyper_hidden, config.hyper_depth)
            for a, b in pairwise(widths)
        )
        for layer, (a, b) in zip(self.hyper, pairwise(widths), strict=True):
            start_plain(layer, a, b)

    def weights(self, z: Float[Tensor, "b d"]) -> list[tuple[Tensor, Tensor]]:
        """The field's layers for each code: once per object, however many pictures follow."""
        return [layer(z) for layer in self.hyper]

    def look(
        self,
        weights: Sequence[tuple[Tensor, Tensor]],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "1 b*v p"], Float[Tensor, "b*v p n"]]:
        """Colours in [−1, 1] on white, expected depths (∞ where nothing is seen), and the samples' weights.

        Each object may be seen by v cameras: first all those of object 0, then those of object 1, and so on. While
        gradients are recorded, samples lie at random in their bins, half as many as in a picture.
        """
        poses = world_from_camera[:, None]
        origins, directions = world_rays(uv, K[:, None], poses)
        nearest = -(origins * directions).sum(
            -1
        )  # the distance at which a ray is nearest to the origin
        miss = (origins + nearest[..., None] * directions).square().sum(-1)
        half = (self.config.radius**2 - miss).clamp_min(1e-4).sqrt()  # of the chord in the ball
        count, jitter = self.config.samples, None
        if torch.is_grad_enabled():
            count = max(1, count // 2)
            jitter = torch.rand(*nearest.shape, count, device=nearest.device)

        def field(x: Tensor) -> tuple[Tensor, Tensor]:
            points = x.reshape(len(weights[0][0]), -1, 3)
            points = torch.cat([points, positional_encoding(points, self.config.octaves)], dim=-1)
            W, b = weights[-1]
            found = torch.baddbmm(b[:, None], scene_function(weights[:-1], points), W.mT)
            found = found.reshape(*x.shape[:-1], 4)
            return DENSITY * F.softplus(found[..., 0] - FOG), found[..., 1:].sigmoid()

        rgb, shares, distances = volume_render(
            field, origins, directions, nearest - half, nearest + half, count, jitter
        )
        cosine = (directions * poses[..., :3, 2]).sum(-1)
        _, depth = expected_depth(shares, distances, cosine)
        return 2 * rgb - 1, depth[None], shares

    def forward(
        self,
        z: Float[Tensor, "b d"],
        uv: Float[Tensor, "b*v p 2"],
        K: Float[Tensor, "b*v 3 3"],
        world_from_camera: Float[Tensor, "b*v 4 4"],
    ) -> tuple[Float[Tensor, "b*v p 3"], Float[Tensor, "b*v p"]]:
        """Colours in [−1, 1] and expected depths at the points `uv` of each object's images."""
        rgb, depths, _ = self.look(self.weights(z), uv, K, world_from_camera)
        return rgb, depths[-1]


# As long as SRN's 8,000 steps and light fields' 16,000 take: a ray costs 32 evaluations here.
CARS = Recipe(
    "cars",
    objects=300,
    photographs=12,
    steps=4_000,
    config=VolumeConfig(),
    hyper=1.0,
    per_step=(16, 2, 16),
    network=VolumeNetwork,
)
