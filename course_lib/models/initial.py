"""Initial weights: they depend on a seed alone, and signals keep their size from layer to layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

SLOPE = 0.2  # of leaky ReLUs on their negative side, as in Tatarchenko et al. 2016


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, torch draws on the CPU as this seed says; afterwards it goes on as if nothing had been drawn."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def channels_last(network: nn.Module) -> None:
    """Keep the channels of a pixel side by side: convolutions on a CPU, and in half precision on a GPU, like it."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def kaiming(network: nn.Module) -> None:
    """Weights for leaky ReLUs after He et al. 2015, biases 0: torch's own start shrinks signals threefold a layer."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, SLOPE)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
