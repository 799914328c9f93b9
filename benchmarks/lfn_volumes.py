"""What volume rendering asks for a ray's colour: many evaluations of a field, of the sizes that two papers use."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.shapes import Float
from course_lib.solved.rendering import (
    alpha_from_density,
    composite,
    positional_encoding,
    stratified_samples,
)

SAMPLES = 196  # on a ray
NEAR, FAR = 0.7, 1.8
POINT_OCTAVES = 10


class DeepField(nn.Module):
    """Eight layers of 256, the encoded point once more before the sixth (Mildenhall et al. 2020, figure 7)."""

    def __init__(self, width: int = 256, layers: int = 8, again: int = 5) -> None:
        super().__init__()
        self._again = again
        encoded = 3 + 6 * POINT_OCTAVES
        inputs = [encoded, *(width + encoded * (i == again) for i in range(1, layers))]
        self.layers = nn.ModuleList(nn.Linear(n, width) for n in inputs)
        self.last = nn.Linear(width, 4)

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 4"]:
        """Colour and density, before their squashing."""
        encoded = torch.cat([x, positional_encoding(x, POINT_OCTAVES)], dim=-1)
        h = encoded
        for i, layer in enumerate(self.layers):
            if i == self._again:
                h = torch.cat([h, encoded], dim=-1)
            h = F.relu(layer(h), inplace=True)
        found: Tensor = self.last(h)
        return found


class ResidualField(nn.Module):
    """Five residual blocks of 512, a pixel's features added before the first three (Yu et al. 2021, pixelNeRF)."""

    def __init__(self, width: int = 512, blocks: int = 5, reading: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(3 + 6 * POINT_OCTAVES, width)
        self.readers = nn.ModuleList(nn.Linear(width, width) for _ in range(reading))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(), nn.Linear(width, width), nn.ReLU(inplace=True), nn.Linear(width, width)
            )
            for _ in range(blocks)
        )
        self.last = nn.Linear(width, 4)
        self.width = width

    def forward(self, x: Float[Tensor, "n 3"]) -> Float[Tensor, "n 4"]:
        """Colour and density, before their squashing; the features, which an image would give, are ones."""
        h = self.first(torch.cat([x, positional_encoding(x, POINT_OCTAVES)], dim=-1))
        features = torch.ones(len(x), self.width)
        for i, block in enumerate(self.blocks):
            if i < len(self.readers):
                h += self.readers[i](features)
            h += block(h)
        found: Tensor = self.last(F.relu(h, inplace=True))
        return found


def volume_colors(
    field: nn.Module, origins: Float[Tensor, "p 3"], directions: Float[Tensor, "p 3"]
) -> Float[Tensor, "p 3"]:
    """The colours of rays, by quadrature of `SAMPLES` evaluations each (notebook 2)."""
    near, far = torch.full_like(origins[:, 0], NEAR), torch.full_like(origins[:, 0], FAR)
    t, edges = stratified_samples(near, far, SAMPLES)
    x = origins[:, None] + t[..., None] * directions[:, None]
    rgb, sigma = field(x.reshape(-1, 3)).reshape(*t.shape, 4).split([3, 1], dim=-1)
    alpha = alpha_from_density(F.softplus(sigma[..., 0]), edges.diff(dim=-1))
    return composite(alpha, rgb.sigmoid())[0]
