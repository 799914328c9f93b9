"""How a surface looks: two lamps and light from above, the same from wherever one looks."""

from __future__ import annotations

import torch

from course_lib.shapes import Float, Tensor

BACKGROUND = 1.0  # white
AMBIENT, FROM_ABOVE = 0.46, 0.10
LAMPS = ((0.50, (0.45, -0.6, 1.0)), (0.16, (-0.7, 0.5, 0.15)))  # strength, direction towards it


def shaded(
    albedo: Float[Tensor, "*#b 3"], normals: Float[Tensor, "*#b 3"]
) -> Float[Tensor, "*b 3"]:
    """Colours in [0, 1] of surfaces with unit normals in the world (z up). View-independent, no shadows."""
    light = AMBIENT + FROM_ABOVE * normals[..., 2]
    for strength, direction in LAMPS:
        towards = torch.tensor(direction, dtype=normals.dtype, device=normals.device)
        light = light + strength * (normals @ (towards / towards.norm())).clamp_min(0)
    return (albedo * light[..., None]).clamp(0, 1)
