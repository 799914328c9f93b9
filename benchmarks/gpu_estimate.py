"""Notebook 3: what gpu mode would take on a T4, estimated from the arithmetic and the launches of its steps."""

from __future__ import annotations

import re

from benchmarks.executed import MARK, ROOT, executed, numbers
from benchmarks.timing import Figure

NOTEBOOK = "03_auto_encoding"
RATE = 8.1e12 * 0.35  # float32 FLOP a second of a T4, and the share that such layers reach of it
LAUNCH = 10e-6  # seconds from one small operation to the next
LIMIT = 8.0  # minutes
# Operations are those that PyTorch dispatches; about as many kernels run, one after the other.
ASK = f"""
import json
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

class Operations(TorchDispatchMode):
    count = 0
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += 1
        return function(*args, **(kwargs or {{}}))

measured = {{}}
for name, model in models.items():
    batch = {{"pixels": None}} if name == "2D baseline" else {{"pixels": 96}}
    loss = novel_views(model, 8 if name == "lifted" else 16, **batch)
    generator = torch.Generator().manual_seed(0)
    with FlopCounterMode(display=False) as flops, Operations() as operations:
        loss(generator).backward()
    measured[name] = {{"flop": flops.get_total_flops(), "operations": operations.count}}
print({MARK!r} + json.dumps(measured))
"""


def figures() -> list[Figure]:
    """Estimates, not measurements: per model the arithmetic of a step, then the minutes of all steps together."""
    steps = _steps()
    found, seconds = [], 0.0
    for name, step in numbers(executed(NOTEBOOK, ASK, mode="smoke")).items():
        arithmetic, launches = step["flop"] / RATE, step["operations"] * LAUNCH
        seconds += steps[name] * max(arithmetic, launches)
        found += [
            Figure(f"{name}: arithmetic of a step", step["flop"] / 1e9, "GFLOP"),
            Figure(f"{name}: operations of a step", step["operations"], ""),
        ]
    return [*found, Figure("estimate of all training, T4", seconds / 60, "min", LIMIT)]


def _steps() -> dict[str, int]:
    """Steps of every model in gpu mode, as the source says."""
    text = (ROOT / "solutions" / f"{NOTEBOOK}.py").read_text(encoding="utf-8")
    calls = re.findall(r'train_model\(\s*"([^"]+)",[^,]+, budget\(\w+, \w+, (\w+)\)', text)
    return {name: int(steps) for name, steps in calls}
