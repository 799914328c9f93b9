"""What a training step keeps in memory, counted exactly: the same number on every machine."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def bytes_kept(loss: Callable[[], Tensor]) -> int:
    """Bytes that computing `loss()` leaves behind for its backward pass; storage that is shared counts once.

    This is what grows with batch, samples and width, and what checkpointing lowers. Temporary arrays and the
    parameters themselves do not count.
    """
    kept: dict[int, int] = {}
    alive: list[Tensor] = []  # so that no address is used twice while counting

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        source = tensor if tensor._base is None else tensor._base  # W.T is a view of W
        if not (source.is_leaf and source.requires_grad):
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        value = loss()
    del value
    return sum(kept.values())
