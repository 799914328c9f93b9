"""What tests of notebook 2's pictures draw: small, and nowhere degenerate."""

from __future__ import annotations

from typing import Final

import torch

RANDOM: Final = torch.Generator().manual_seed(1)
N: Final = 12
EDGES: Final = torch.linspace(0.5, 2.0, N + 1) ** 1.2  # of unequal length
PLACES: Final = (EDGES[1:] + EDGES[:-1]) / 2
FOUR: Final = list(torch.rand(4, N, generator=RANDOM))
COLORS: Final = torch.rand(N, 3, generator=RANDOM)
IMAGE: Final = torch.rand(20, 30, 3, generator=RANDOM)
DEPTH: Final = torch.rand(20, 30, generator=RANDOM) + 1
TRUTH: Final = (IMAGE, DEPTH)
Y, X = torch.meshgrid(torch.linspace(-1, 1, 21), torch.linspace(-2, 2, 41), indexing="ij")
DISC: Final = torch.sqrt(X**2 + Y**2) - 0.5
WALK: Final = torch.cumsum(torch.rand(3, 6, 2, generator=RANDOM), dim=1) - 2
TETRAHEDRON: Final = (torch.eye(4, 3), [[0, 1, 2], [1, 0, 3], [2, 3, 0], [3, 2, 1]])
