"""Whether a parameter starts with normal draws of a spread: by statistics that no right answer misses."""

from __future__ import annotations

import math

from torch import Tensor

from autograder.checking.expect import CheckFailed
from autograder.results import Evidence


def expect_normal(values: Tensor, spread: float, what: str, hint: str) -> None:
    """Draws from N(0, spread²), 700,000 of them or more: their mean, their spread and their tails."""
    count = values.numel()
    seen = f"mean {values.mean():.4g}, standard deviation {values.std():.4g}"
    evidence = Evidence(f"mean 0, standard deviation {spread:.4g}", seen, hint=hint)
    # Six standard errors: no right answer in a hundred million misses, and a spread that is off by 1 % does.
    if not abs(values.std() / spread - 1) < 6 / math.sqrt(2 * count):
        message = f"{what} should start with a standard deviation of {spread:.4g}."
        raise CheckFailed(message, evidence)
    if not abs(values.mean()) < 6 * spread / math.sqrt(count):
        raise CheckFailed(f"{what} should start around 0.", evidence)
    within = (values.abs() < spread).double().mean()
    if not abs(within - math.erf(math.sqrt(0.5))) < 6 * 0.47 / math.sqrt(count):
        usual = "68.3 % within one standard deviation"
        evidence = Evidence(usual, f"{100 * within:.1f} %", hint=hint)
        raise CheckFailed(f"{what} should start as normal draws.", evidence)
