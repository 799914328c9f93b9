"""CUDA-only code on a machine without a GPU: whatever asks for a cuda device gets the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_QUIET = (
    "synchronize", "empty_cache", "manual_seed", "manual_seed_all", "reset_peak_memory_stats",
    "set_device", "init", "ipc_collect",
)  # fmt: skip
_NUMBERS = {
    "device_count": 1,
    "current_device": 0,
    "memory_allocated": 0,
    "max_memory_allocated": 0,
}


class OnCpu(TorchFunctionMode):
    """Rewrites cuda devices in every torch call to cpu."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Called by torch in place of each of its functions."""
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.cuda:
            return args[0]
        if func == torch.Tensor.is_cuda.__get__:  # type: ignore[attr-defined]
            return True
        if func is torch.Tensor.pin_memory:
            return args[0]
        if "device" in kwargs:
            kwargs["device"] = _cpu(kwargs["device"])
        texts = func is torch.Tensor.to
        args = tuple(_cpu(a) if texts or isinstance(a, torch.device) else a for a in args)
        return func(*args, **kwargs)


def _cpu(device: Any) -> Any:
    """The same device unless it is a cuda one. Numbers name cuda devices too."""
    if isinstance(device, torch.device):
        return torch.device("cpu") if device.type == "cuda" else device
    if isinstance(device, str) and device.partition(":")[0] == "cuda":
        return "cpu"
    return "cpu" if type(device) is int else device


def pretend() -> None:
    """Engage the rewriting for this process, and make `torch.cuda`'s own questions answer as if there were one GPU."""
    OnCpu().__enter__()  # type: ignore[no-untyped-call]
    generator = torch.Generator
    torch.Generator = lambda device="cpu": generator(_cpu(device))  # type: ignore[misc, assignment]
    default_device = torch.set_default_device
    torch.set_default_device = lambda device: default_device(_cpu(device))
    torch.cuda.is_available = lambda: True
    for name in _QUIET:
        setattr(torch.cuda, name, lambda *_, **__: None)
    for name, number in _NUMBERS.items():
        setattr(torch.cuda, name, lambda *_, _number=number, **__: _number)
    torch.cuda.get_device_name = lambda *_: "CPU in place of a GPU"
