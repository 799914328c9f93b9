"""Fewer bits where the device is faster with them, and as many as before where they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor

PRECISIONS = ("float32", "auto", "bf16", "fp16")
_BFLOAT16_SINCE = (8, 0)  # compute capability: Ampere; a T4 has 7.5
_HOPELESS = 2.0**-20  # a scale at which no sound gradient overflows; the first one is 2¹⁶


def chosen_dtype(precision: str, device: torch.device) -> torch.dtype | None:
    """What autocast computes in on this device; None for float32 throughout.

    Raises:
        ValueError: bfloat16 was insisted on, and this GPU has no arithmetic for it.
    """
    capability = torch.cuda.get_device_capability(device) if device.type == "cuda" else None
    able = capability is None or capability >= _BFLOAT16_SINCE
    if precision == "bf16" and not able:
        raise ValueError(
            f"precision is 'bf16', but {torch.cuda.get_device_name(device)} has no arithmetic for it (compute "
            f"capability {capability}); precision='auto' takes float16 there"
        )
    if precision == "auto" and capability is not None:
        return torch.bfloat16 if able else torch.float16
    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)


class Precision:
    """How a step computes: loss under autocast; parameters, moments and updates always in float32.

    float16 has no room for small gradients, so there the loss is scaled up before the backward pass, and a step
    whose gradients overflow changes nothing but the scale (Micikevicius et al. 2018, "Mixed precision training").
    """

    def __init__(self, wanted: str, device: torch.device) -> None:
        self.dtype = chosen_dtype(wanted, device)
        self._device = device.type
        scaled = self.dtype is torch.float16
        self.scaler = torch.amp.GradScaler(device.type) if scaled else None

    def autocast(self) -> AbstractContextManager[Any]:
        """Where the loss is computed; a caller's own autocast stays in force if this asks for float32."""
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self._device, self.dtype)

    def update(
        self,
        loss: Tensor,
        optimizer: torch.optim.Optimizer,
        tensors: Sequence[Tensor],
        clip: float | None,
    ) -> None:
        """Backward pass and a step of the optimiser, gradients clipped to the norm `clip` in between.

        Raises:
            FloatingPointError: the gradients overflow however small the scale is.
        """
        scaler = self.scaler
        if scaler is None:
            loss.backward()  # type: ignore[no-untyped-call]
        else:
            scaler.scale(loss.float()).backward()  # type: ignore[no-untyped-call]
            scaler.unscale_(optimizer)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(tensors, clip)
        if scaler is None:
            optimizer.step()
            return
        scaler.step(optimizer)
        scaler.update()
        if scaler.get_scale() < _HOPELESS:
            raise FloatingPointError("gradients are NaN or infinite at every scale of the loss")

    def state(self) -> dict[str, Any]:
        """The scale and its history, for a checkpoint; empty without one."""
        return {} if self.scaler is None else self.scaler.state_dict()

    def load(self, state: dict[str, Any]) -> None:
        """Go on with a saved scale; a run that moved to a device without one leaves it."""
        if self.scaler is not None and state:
            self.scaler.load_state_dict(state)
