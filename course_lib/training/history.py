"""What a training run left behind: losses and held-out metrics over steps and seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class History:
    """Losses of every step; metrics of every evaluation with its step and the seconds of training until then."""

    losses: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    metrics: list[dict[str, float]] = field(default_factory=list)
    trained_seconds: float = 0.0  # over all sittings; evaluations and pictures do not count
    best_step: int | None = None  # after which the parameters were as `keep_best` left them

    def add(self, step: int, metrics: dict[str, float]) -> None:
        """Keep an evaluation made after `step` steps."""
        self.steps.append(step)
        self.seconds.append(self.trained_seconds)
        self.metrics.append(dict(metrics))

    def curve(self, name: str) -> list[float]:
        """One metric over the evaluations; KeyError lists those there are."""
        if self.metrics and name not in self.metrics[-1]:
            known = ", ".join(self.metrics[-1])
            raise KeyError(f"no metric {name!r} was evaluated; there are: {known}")
        return [metrics[name] for metrics in self.metrics]

    def last(self, name: str) -> float:
        """The metric at the end; ValueError if nothing was evaluated."""
        if not self.metrics:
            raise ValueError("nothing was evaluated: pass evaluate=… to fit")
        return self.curve(name)[-1]

    def state(self) -> dict[str, Any]:
        """Plain numbers, for a checkpoint."""
        return dict(vars(self))
