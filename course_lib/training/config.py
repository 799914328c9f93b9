"""How long, how fast and in which precision a run trains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real

from course_lib.training.precision import PRECISIONS


@dataclass(frozen=True)
class FitConfig:
    """How long and how fast to train. Part of a checkpoint's name: another configuration is another run.

    `precision` is "float32"; "auto" for what the GPU at hand is fast in (bfloat16 from compute capability 8 on,
    float16 with a scaled loss before, such as on a T4; on a CPU float32); or "bf16" or "fp16" to insist.
    """

    steps: int
    learning_rate: float = 1e-3
    final_rate: float = 0.1  # the rate falls along a cosine to this share of the first one
    clip_gradient: float | None = None  # largest norm of all gradients together
    seed: int = 0
    evaluate_every: int = 0  # steps; 0: only at the end
    checkpoint_seconds: float = 30.0
    precision: str = "float32"

    def __post_init__(self) -> None:
        clip, share, seconds = self.clip_gradient, self.final_rate, self.checkpoint_seconds
        for name, fits, wanted in (
            ("steps", _whole(self.steps, 1), "a whole number, 1 or more"),
            ("seed", isinstance(self.seed, Integral), "a whole number"),
            ("evaluate_every", _whole(self.evaluate_every, 0), "a whole number of steps, or 0"),
            ("learning_rate", _positive(self.learning_rate), "a positive number"),
            ("clip_gradient", clip is None or _positive(clip), "a positive number or None"),
            (
                "final_rate",
                share == 0 or (_positive(share) and share <= 1),
                "a share of the rate, 0 to 1",
            ),
            ("checkpoint_seconds", seconds == 0 or _positive(seconds), "a number of seconds, or 0"),
            ("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
        ):
            if not fits:
                raise ValueError(f"{name} must be {wanted}, not {getattr(self, name)!r}")

    def rate_at(self, step: int) -> float:
        """The share of the learning rate in force at a step, from 1 down to `final_rate`."""
        swing = 0.5 + 0.5 * math.cos(math.pi * min(step / self.steps, 1.0))
        return self.final_rate + (1 - self.final_rate) * swing


def _whole(value: object, least: int) -> bool:
    return isinstance(value, Integral) and int(value) >= least


def _positive(value: object) -> bool:
    return isinstance(value, Real) and math.isfinite(value) and float(value) > 0
