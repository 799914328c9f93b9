"""The parameters of the best evaluation so far: training may overshoot, what it found is not lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from course_lib.shapes import Tensor


class Best:
    """A copy of the parameters as they were when one metric was best."""

    def __init__(self, metric: str | None, tensors: Sequence[Tensor]) -> None:
        """Keep the parameters with the largest `metric`, or the smallest if its name follows a minus: "-mse".

        Raises:
            ValueError: `metric` is no name.
        """
        if metric is not None and not (isinstance(metric, str) and metric.removeprefix("-")):
            raise ValueError(
                f"fit: keep_best is the name of a metric, such as 'psnr', not {metric!r}"
            )
        self.metric = metric
        self.step: int | None = None
        self.value: float | None = None
        self._live = tensors
        self._kept: list[Tensor] = []

    def consider(self, step: int, metrics: Mapping[str, float]) -> None:
        """Copy the parameters if this evaluation is better than all before; NaN never is.

        Raises:
            ValueError: the metric to judge by was not evaluated; the message lists those that were.
        """
        if self.metric is None:
            return
        name = self.metric.removeprefix("-")
        if name not in metrics:
            known = ", ".join(metrics) or "nothing"
            raise ValueError(f"fit: keep_best is {self.metric!r}, but evaluate returned {known}")
        sign = -1.0 if self.metric != name else 1.0
        before = float("-inf") if self.value is None else sign * self.value
        if sign * metrics[name] > before:
            self.step, self.value = step, metrics[name]
            self._kept = [tensor.detach().clone() for tensor in self._live]

    def restore(self) -> None:
        """Put the kept parameters into the model; nothing happens before the first evaluation."""
        with torch.no_grad():
            for live, kept in zip(self._live, self._kept, strict=bool(self._kept)):
                live.copy_(kept)

    def tensors(self) -> dict[str, Tensor]:
        """The kept parameters, for a checkpoint."""
        return {f"best {i}": tensor for i, tensor in enumerate(self._kept)}

    def numbers(self) -> dict[str, Any]:
        """When they were kept and why, for a checkpoint."""
        return {"metric": self.metric, "step": self.step, "value": self.value}

    def load(self, saved: Mapping[str, Any], tensor: Callable[[str], Tensor]) -> None:
        """Go on with what a checkpoint kept; the best by another metric is no candidate."""
        if self.metric is None or saved.get("metric") != self.metric or saved["step"] is None:
            return
        self.step, self.value = saved["step"], saved["value"]
        self._kept = [tensor(f"best {i}").to(live.device) for i, live in enumerate(self._live)]
